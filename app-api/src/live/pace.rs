//! How long a reader waits before it looks by itself.

use std::time::Duration;

/// While announcements come through, it looks only to be sure.
const SURE: Duration = Duration::from_secs(10);
/// While they do not, this is how late a stream may be.
const ALONE: Duration = Duration::from_millis(700);
/// How soon it looks again while a running transaction hides something, at first.
const AGAIN: Duration = Duration::from_millis(20);

/// What a look has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// Everything there is.
    All,
    /// A running transaction hides more; `moved` when there was something new before it.
    Hidden { moved: bool },
    /// Nothing: the database could not be asked.
    Failed,
}

/// Remembers how the last looks went.
#[derive(Debug, Default)]
pub struct Pace {
    last: Option<Looked>,
    in_vain: u32,
}

impl Pace {
    /// Takes note of a look.
    pub fn after(&mut self, looked: Looked) {
        let in_vain = matches!(looked, Looked::Hidden { moved: false } | Looked::Failed);
        self.in_vain = if in_vain { self.in_vain + 1 } else { 0 };
        self.last = Some(looked);
    }

    /// How long to wait now. `carried` says whether announcements of other instances come through.
    pub fn pause(&self, carried: bool) -> Duration {
        let doubled = |first: Duration| first * (1 << self.in_vain.min(10));
        match self.last {
            // What was announced before the first look, nobody has heard.
            None => Duration::ZERO,
            Some(Looked::All) if carried => SURE,
            Some(Looked::All) => ALONE,
            Some(Looked::Hidden { .. }) => doubled(AGAIN).min(ALONE),
            Some(Looked::Failed) => doubled(ALONE).min(SURE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_often_only_while_that_helps() {
        let ms = |pace: &Pace| [true, false].map(|carried| pace.pause(carried).as_millis());
        let hidden = Looked::Hidden { moved: false };
        let mut pace = Pace::default();
        assert_eq!(ms(&pace), [0, 0]);
        for (looked, expected) in [
            (Looked::All, [10_000, 700]),
            (hidden, [40, 40]),
            (hidden, [80, 80]),
            (hidden, [160, 160]),
            (Looked::Hidden { moved: true }, [20, 20]),
            (hidden, [40, 40]),
            (Looked::All, [10_000, 700]),
            (Looked::Failed, [1_400, 1_400]),
            (Looked::Failed, [2_800, 2_800]),
        ] {
            pace.after(looked);
            assert_eq!(ms(&pace), expected, "{looked:?}");
        }
        (0..100).for_each(|_| pace.after(hidden));
        assert_eq!(ms(&pace), [700, 700]);
        (0..100).for_each(|_| pace.after(Looked::Failed));
        assert_eq!(ms(&pace), [10_000, 10_000]);
    }
}
