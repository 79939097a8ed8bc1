//! What a base backup is, which one a moment needs, and how long each is kept. No IO.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

/// A copy of a whole server, from which its log goes on.
#[derive(Debug, Clone, Serialize)]
pub struct BaseBackup {
    /// Its id.
    pub id: Uuid,
    /// The archive that the log is in.
    pub archive_id: Uuid,
    /// The server's name; none: it was removed.
    pub cluster: Option<String>,
    /// When it began, by the server's clock.
    pub started_at: DateTime<Utc>,
    /// When it ended: no moment before can be reached from it.
    pub finished_at: DateTime<Utc>,
    /// The server's timeline.
    pub timeline: i32,
    /// Where in the log it begins, or a little before.
    pub start_lsn: String,
    /// Where it ends, or a little behind.
    pub stop_lsn: String,
    /// The segment of that beginning.
    pub start_file: String,
    /// How long it is.
    pub bytes: i64,
    /// How much room it takes when it is unpacked.
    pub size: i64,
    /// `ready`, or `deleting` while its objects are taken away.
    pub state: String,
    #[serde(skip)]
    pub(in crate::backups) folder: String,
    #[serde(skip)]
    pub(in crate::backups) sealed_key: Vec<u8>,
}

/// Which of a server's base backups leads to a moment: the last one that was complete by then, so that the least of
/// the log is read.
pub fn choose(all: &[BaseBackup], at: DateTime<Utc>) -> Option<&BaseBackup> {
    all.iter().filter(|base| base.finished_at <= at).max_by_key(|base| base.finished_at)
}

/// The last one of the same archive that was complete before another one.
pub fn before<'a>(all: &'a [BaseBackup], other: &BaseBackup) -> Option<&'a BaseBackup> {
    let earlier = all.iter().filter(|base| base.archive_id == other.archive_id && base.finished_at < other.finished_at);
    earlier.max_by_key(|base| base.finished_at)
}

/// Which of these, the newest first, are kept so that each moment of the last `window` can be reached: those that
/// ended within it, and the one before. The newest is kept however old it is.
pub fn kept(finished: &[DateTime<Utc>], now: DateTime<Utc>, window: TimeDelta) -> Vec<bool> {
    let begins = now - window;
    let mut reaches = false;
    let keeps = |at: &DateTime<Utc>| {
        let keeps = !reaches;
        reaches |= *at <= begins;
        keeps
    };
    finished.iter().map(keeps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-{text}:00Z").parse().expect("a time")
    }

    fn base(id: u128, finished: &str) -> BaseBackup {
        BaseBackup {
            id: Uuid::from_u128(id),
            archive_id: Uuid::nil(),
            cluster: None,
            started_at: at(finished) - TimeDelta::minutes(5),
            finished_at: at(finished),
            timeline: 1,
            start_lsn: "0/2000028".into(),
            stop_lsn: "0/2000100".into(),
            start_file: "000000010000000000000002".into(),
            bytes: 1,
            size: 1,
            state: "ready".into(),
            folder: String::new(),
            sealed_key: vec![],
        }
    }

    #[test]
    fn the_last_one_that_was_complete_leads_to_a_moment() {
        let all = [base(1, "20T02:00"), base(3, "22T02:00"), base(2, "21T02:00")];
        for (moment, expected) in [
            ("20T01:59", None),
            ("20T02:00", Some(1)),
            ("21T01:58", Some(1)),
            ("21T02:00", Some(2)),
            ("22T01:59", Some(2)),
            ("22T02:00", Some(3)),
            ("29T00:00", Some(3)),
        ] {
            assert_eq!(choose(&all, at(moment)).map(|base| base.id.as_u128()), expected, "{moment}");
        }
        assert!(choose(&[], at("22T02:00")).is_none());
        let mut elsewhere = base(9, "21T03:00");
        elsewhere.archive_id = Uuid::from_u128(1);
        let all = [&all[..], &[elsewhere]].concat();
        for (of, expected) in [(1, Some(2)), (2, Some(1)), (0, None), (3, None)] {
            assert_eq!(before(&all, &all[of]).map(|base| base.id.as_u128()), expected, "before {:?}", all[of].id);
        }
    }

    #[test]
    fn each_moment_of_the_window_can_be_reached() {
        let now = at("22T12:00");
        for (finished, expected) in [
            (vec![], vec![]),
            (vec!["01T02:00"], vec![true]),
            (vec!["22T02:00", "21T02:00", "20T02:00", "19T02:00", "18T02:00"], vec![true, true, true, true, false]),
            (vec!["22T02:00", "10T02:00", "09T02:00"], vec![true, true, false]),
            (vec!["19T12:00", "18T02:00"], vec![true, false]),
            (vec!["19T12:01", "18T02:00"], vec![true, true]),
        ] {
            let finished: Vec<_> = finished.into_iter().map(at).collect();
            assert_eq!(kept(&finished, now, TimeDelta::days(3)), expected, "{finished:?}");
        }
    }
}
