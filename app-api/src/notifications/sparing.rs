//! How much is mailed: nobody's mailbox is ours to fill, and no organisation mails without end from the platform's domain, to
//! addresses that nobody has proved least of all (page 11, E4). Beyond an organisation's bounds a mail waits for its turn, so
//! that no answer is lost; that a request has arrived is not worth waiting for, and has a share of its own, so that whoever asks much
//! takes nobody's answer away.

use chrono::{DateTime, TimeDelta, Utc};
use prometheus::{IntCounterVec, Opts};
use shared::{Result, act::Act, mail};

use super::text::{RECEIVED, UNPROVED};

/// Mails within a time, to one address and of the whole organisation.
type Most = (TimeDelta, i64, i64);

/// Of all kinds together.
const OF_ALL: [Most; 2] = [(TimeDelta::hours(1), 60, 2_000), (TimeDelta::days(1), 300, 10_000)];
/// That a request has arrived: half of it.
const OF_RECEIVED: [Most; 2] = [(TimeDelta::hours(1), 60, 1_000), (TimeDelta::days(1), 300, 5_000)];
/// To addresses that nobody has proved.
const OF_UNPROVED: [Most; 1] = [(TimeDelta::days(1), 1, 200)];

/// How far those that wait are apart: about 10 000 a day.
const APART: TimeDelta = TimeDelta::seconds(9);
/// Those to addresses that nobody has proved: 200 a day.
const APART_UNPROVED: TimeDelta = TimeDelta::seconds(432);
/// How long a mail waits at most: what is older is no news.
const LONGEST: TimeDelta = TimeDelta::days(2);

/// How many mails were spared, since the process began.
#[derive(Clone)]
pub struct Spared(IntCounterVec);

impl Default for Spared {
    fn default() -> Self {
        let opts = Opts::new("ticket_mails_spared_total", "Mails about tickets that were held back, or left out");
        Self(IntCounterVec::new(opts, &["what", "template"]).expect("the name and its labels are sound"))
    }
}

impl Spared {
    /// By what became of them (`held_back`, `left_out`), and by which text they were.
    pub fn counter(&self) -> IntCounterVec {
        self.0.clone()
    }

    /// Counts one whose turn is not now, if it ever is.
    pub(super) fn note(&self, turn: Option<DateTime<Utc>>, template: &str) {
        let what = if turn.is_some() { "held_back" } else { "left_out" };
        self.0.with_label_values(&[what, template]).inc();
    }
}

/// When one more mail of that kind may go to an address; none is to be written where the answer is none. Two that are written to it at
/// once wait for each other, so what was counted still holds; those of an organisation may be a few more. `is_counted` is
/// false for load tests: then only addresses that nobody has proved are spared.
pub(super) async fn turn(act: &mut Act, to_address: &str, template: &str, is_counted: bool) -> Result<Option<DateTime<Utc>>> {
    let now = act.now();
    mail::lock(act.db(), to_address, "ticket").await?;
    let mut is_full = false;
    for (kind, (span, of_address, of_all)) in bounds(template, is_counted) {
        let recent = mail::volume(act.db(), to_address, kind, now - span, of_all).await?;
        if recent.to_address >= of_address {
            return Ok(None);
        }
        is_full |= recent.all >= of_all;
    }
    match (is_full, template) {
        (false, _) => Ok(Some(now)),
        (true, RECEIVED) => Ok(None),
        (true, _) => {
            let is_unproved = template == UNPROVED;
            let last = mail::last_held(act.db(), (UNPROVED, is_unproved), now).await?;
            Ok(after(last, if is_unproved { APART_UNPROVED } else { APART }, now))
        }
    }
}

/// What a mail of that kind is counted by; of one kind, or of all.
fn bounds(template: &str, is_counted: bool) -> Vec<(Option<&'static str>, Most)> {
    let of_all = OF_ALL.into_iter().filter(|_| is_counted).map(|most| (None, most));
    let of_received = OF_RECEIVED.into_iter().filter(|_| is_counted && template == RECEIVED).map(|most| (Some(RECEIVED), most));
    let of_unproved = OF_UNPROVED.into_iter().filter(|_| template == UNPROVED).map(|most| (Some(UNPROVED), most));
    of_all.chain(of_received).chain(of_unproved).collect()
}

/// The turn after the last one, unless that is too long from now.
fn after(last: Option<DateTime<Utc>>, apart: TimeDelta, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = last.unwrap_or(now) + apart;
    (at - now <= LONGEST).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_follow_each_other_and_end_after_two_days() {
        let now = DateTime::UNIX_EPOCH;
        let seconds = |n| now + TimeDelta::seconds(n);
        for (last, expected) in [
            (None, Some(seconds(9))),
            (Some(seconds(9)), Some(seconds(18))),
            (Some(seconds(172_791)), Some(seconds(172_800))),
            (Some(seconds(172_792)), None),
        ] {
            assert_eq!(after(last, APART, now), expected, "{last:?}");
        }
    }
}
