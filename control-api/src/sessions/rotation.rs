//! What showing a refresh token leads to (I-4; page 11, A4 to A6). Each token is good for one
//! exchange. Showing it again is a stolen token, or an answer that never arrived: it is the latter
//! as long as nobody has used the token that the lost answer carried.

use chrono::{DateTime, TimeDelta, Utc};

use super::LONGEST;

/// How long after its issue a superseded token may be shown by a second tab that lost the race.
pub const RACE: TimeDelta = TimeDelta::seconds(60);

/// Everything that the rule needs to know about the token that was shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The family has been ended.
    pub revoked: bool,
    /// When the family began.
    pub opened_at: DateTime<Utc>,
    /// When the token was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// It has been exchanged.
    pub used: bool,
    /// A sibling has taken its place.
    pub superseded: bool,
    /// One of the tokens it was exchanged for has itself been exchanged.
    pub successor_used: bool,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A new pair; a living successor of an earlier exchange dies.
    Exchange,
    /// `401`, and nothing changes.
    Refuse,
    /// `401`, and the whole family ends: two hold what one should.
    RevokeFamily,
}

/// The rule.
pub fn judge(shown: Shown, now: DateTime<Utc>) -> Verdict {
    if shown.revoked || shown.expires_at <= now || now - shown.opened_at >= LONGEST {
        return Verdict::Refuse;
    }
    match (shown.used, shown.superseded) {
        (true, _) if shown.successor_used => Verdict::RevokeFamily,
        (true, false) | (false, false) => Verdict::Exchange,
        (_, true) if now - shown.issued_at < RACE => Verdict::Refuse,
        (_, true) => Verdict::RevokeFamily,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_the_rule() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let fresh = Shown {
            revoked: false,
            opened_at: now - TimeDelta::days(89),
            issued_at: now - TimeDelta::minutes(14),
            expires_at: now + TimeDelta::days(6),
            used: false,
            superseded: false,
            successor_used: false,
        };
        let young = Shown { issued_at: now - TimeDelta::seconds(59), ..fresh };
        for (name, shown, verdict) in [
            ("the living one", fresh, Verdict::Exchange),
            ("an expired one", Shown { expires_at: now, ..fresh }, Verdict::Refuse),
            ("of a family of 90 days", Shown { opened_at: now - TimeDelta::days(90), ..fresh }, Verdict::Refuse),
            ("of an ended family", Shown { revoked: true, ..fresh }, Verdict::Refuse),
            ("of an ended family, reused", Shown { revoked: true, used: true, successor_used: true, ..fresh }, Verdict::Refuse),
            ("the answer was lost", Shown { used: true, ..fresh }, Verdict::Exchange),
            ("stolen", Shown { used: true, successor_used: true, ..fresh }, Verdict::RevokeFamily),
            ("stolen, at once", Shown { used: true, successor_used: true, ..young }, Verdict::RevokeFamily),
            ("a second tab's", Shown { superseded: true, ..young }, Verdict::Refuse),
            ("superseded long ago", Shown { superseded: true, ..fresh }, Verdict::RevokeFamily),
        ] {
            assert_eq!(judge(shown, now), verdict, "{name}");
        }
    }
}
