//! A circuit breaker: whoever has failed to answer several times in a row is left alone for a while, so that nobody waits
//! for them in vain. Then one question tries whether they are back.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

/// Says whether to ask somebody who may be away.
#[derive(Debug)]
pub struct Breaker {
    most: u32,
    rest: TimeDelta,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Failures since the last answer.
    failures: u32,
    /// Nobody asks before then.
    until: Option<DateTime<Utc>>,
}

impl Breaker {
    /// Opens after `most` failures without an answer between them, for `rest`.
    pub fn new(most: u32, rest: TimeDelta) -> Self {
        Self { most, rest, state: Mutex::default() }
    }

    /// Whether to ask now. Once the rest is over one may; the others rest on until that one has an answer. Whoever may and
    /// never says how it went delays the next try by one more rest, no longer.
    pub fn lets(&self, now: DateTime<Utc>) -> bool {
        let mut state = self.state();
        // A rest that is longer than any was begun before the clock was set back.
        let rests = state.until.is_some_and(|until| now < until && until - now <= self.rest);
        if state.until.is_some() && !rests {
            state.until = Some(now + self.rest);
        }
        !rests
    }

    /// They have answered.
    pub fn answered(&self) {
        *self.state() = State::default();
    }

    /// They have not.
    pub fn failed(&self, now: DateTime<Utc>) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= self.most {
            state.until = Some(now + self.rest);
        }
    }

    /// Whether they are left alone, or only tried.
    pub fn is_open(&self) -> bool {
        self.state().until.is_some()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding the breaker")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Happens {
        Asks(bool),
        Answers,
        Fails,
        Passes(i64),
    }

    #[test]
    fn who_does_not_answer_is_left_alone_and_tried_again_one_at_a_time() {
        use Happens::{Answers, Asks, Fails, Passes};
        let table: [(&str, &[Happens], bool); 8] = [
            ("an answer in between begins the count anew", &[Fails, Fails, Answers, Fails, Fails, Asks(true)], false),
            ("three failures open it", &[Fails, Fails, Asks(true), Fails, Asks(false)], true),
            ("it rests for its time", &[Fails, Fails, Fails, Passes(29), Asks(false), Passes(1), Asks(true)], true),
            ("one tries, the others wait", &[Fails, Fails, Fails, Passes(30), Asks(true), Asks(false), Passes(29), Asks(false)], true),
            ("an answer closes it", &[Fails, Fails, Fails, Passes(30), Asks(true), Answers, Asks(true), Asks(true)], false),
            ("a failure opens it again", &[Fails, Fails, Fails, Passes(30), Asks(true), Fails, Passes(29), Asks(false)], true),
            (
                "who never says how it went is followed by another",
                &[Fails, Fails, Fails, Passes(30), Asks(true), Passes(30), Asks(true)],
                true,
            ),
            ("a clock that was set back keeps nobody waiting", &[Fails, Fails, Fails, Passes(-3600), Asks(true), Asks(false)], true),
        ];
        for (why, walk, open) in table {
            let breaker = Breaker::new(3, TimeDelta::seconds(30));
            let mut now = DateTime::<Utc>::UNIX_EPOCH;
            for (n, step) in walk.iter().enumerate() {
                match step {
                    Asks(expected) => assert_eq!(breaker.lets(now), *expected, "{why}, step {n}"),
                    Answers => breaker.answered(),
                    Fails => breaker.failed(now),
                    Passes(seconds) => now += TimeDelta::seconds(*seconds),
                }
            }
            assert_eq!(breaker.is_open(), open, "{why}");
        }
    }
}
