//! The order of a move, and what becomes of a step that fails. No IO.

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    jobs::{Patience, Unit},
    lease::{BRIEF, LONG},
};

/// The first step: an empty database with the tenant's schema and role, at the new place.
pub const FIRST: &str = PREPARE;
/// See [`FIRST`].
pub(super) const PREPARE: &str = "prepare";
/// What happens in the old database is told from now on, and the new one follows.
pub(super) const PUBLISH: &str = "publish";
/// Wait until every table has come.
pub(super) const COPY: &str = "copy";
/// Prove that both hold the same, row by row.
pub(super) const VERIFY: &str = "verify";
/// Hold the writers, bring the rest over, and name the new place.
pub(super) const SWITCH: &str = "switch";
/// The new database follows no more; the old one tells nothing.
pub(super) const PART: &str = "part";
/// Nobody may enter the old database.
pub(super) const CLOSE: &str = "close";
/// Take back whatever was made.
pub(super) const UNDO: &str = "undo";

/// After the switch, whoever still knows the old place reads there until this has passed: longer than a route is
/// remembered.
pub(super) const FAREWELL: TimeDelta = TimeDelta::seconds(6);
/// How long the old database is kept.
pub(super) const KEPT: TimeDelta = TimeDelta::hours(24);
/// How often a step that holds writers is tried before the move is taken back: about a minute.
pub(super) const TRIES: u32 = 20;

/// What becomes of a step that fails again and again: until the switch it is all taken back; afterwards, and once it is
/// being taken back, half done would be worse than late.
pub fn patience(step: &str) -> Patience {
    match step {
        PREPARE | PUBLISH | COPY | VERIFY | SWITCH => Patience::Then(UNDO),
        _ => Patience::Endless,
    }
}

/// What a step counts.
pub fn unit(step: &str) -> Option<Unit> {
    (step == COPY).then_some(Unit::Bytes)
}

/// How long a try of a step may take at most: copying and reading all that there is takes its time.
pub fn limit(step: &str) -> Duration {
    if matches!(step, COPY | VERIFY) { LONG } else { BRIEF }
}

/// What it leads to that writers could not be held for a moment only: a later try, after a longer and longer pause; none
/// after the last.
pub(super) fn pause(tries: u32) -> Option<TimeDelta> {
    (tries < TRIES).then(|| TimeDelta::milliseconds(i64::from(tries.min(10)) * 500))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_taken_back_until_the_switch_and_goes_forward_from_there() {
        for (step, patience_is) in [
            (PREPARE, Patience::Then(UNDO)),
            (PUBLISH, Patience::Then(UNDO)),
            (COPY, Patience::Then(UNDO)),
            (VERIFY, Patience::Then(UNDO)),
            (SWITCH, Patience::Then(UNDO)),
            (PART, Patience::Endless),
            (CLOSE, Patience::Endless),
            (UNDO, Patience::Endless),
        ] {
            assert_eq!(patience(step), patience_is, "{step}");
        }
        let pauses: Vec<i64> = (1..).map_while(pause).map(|pause| pause.num_milliseconds()).collect();
        assert_eq!((pauses.len(), pauses[0], pauses[18]), (19, 500, 5000));
    }
}
