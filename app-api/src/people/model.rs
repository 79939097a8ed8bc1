//! A person as the tenant knows them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::session::Role;
use utoipa::ToSchema;

/// A person's id, the same in all tenants.
pub type PersonId = i64;

/// A team's id.
pub type TeamId = i64;

/// Whether a part of a name or address says enough to look for somebody: three letters or digits, for an index finds no fewer; or two
/// that are not ASCII, for whole names are as short in some scripts.
pub fn says_enough(part: &str) -> bool {
    let letters = || part.chars().filter(|letter| letter.is_alphanumeric());
    letters().count() >= 3 || letters().filter(|letter| !letter.is_ascii()).count() >= 2
}

/// How far agents see, as their organisation has set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// What is assigned to them, and everything unassigned.
    #[default]
    Own,
    /// What is assigned to them, everything of their teams, and what is unassigned and of no team.
    Team,
    /// Everything.
    All,
}

impl Reach {
    /// Every reach, the shortest first.
    pub const ALL: [Self; 3] = [Self::Own, Self::Team, Self::All];

    /// The word in database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Team => "team",
            Self::All => "all",
        }
    }

    /// The reach of that word; of any other the shortest.
    pub fn of(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|reach| word == Some(reach.as_str())).unwrap_or_default()
    }
}

/// A customer or member of this tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their address.
    pub email: String,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
    /// `fr` or `en`.
    pub locale: String,
    /// What they are here.
    pub role: Role,
    /// False once they have left.
    pub active: bool,
    /// Whether their tickets press more; none where whoever tells does not say, and it stays.
    pub vip: Option<bool>,
    /// The control plane's number for this state; a higher one is newer.
    pub version: i64,
    /// How far agents see here.
    pub reach: Reach,
    /// The teams that they belong to, by id.
    pub teams: Vec<TeamId>,
}

/// Somebody as a file of another helpdesk names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addressee {
    /// Their address, in its one spelling.
    pub email: String,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
}

/// Who has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Their id.
    pub id: PersonId,
    /// Whether tickets may be given to them.
    pub works_here: bool,
}

/// Whether somebody who said that they are away is so at that time: whoever named an end is back by then.
pub fn is_away(available: bool, away_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    !available && away_until.is_none_or(|until| now < until)
}

/// What a user event says (`auth.user.*`).
#[derive(Debug, Deserialize)]
pub struct UserEvent {
    pub user_id: PersonId,
    pub email: String,
    pub firstname: String,
    pub lastname: String,
    pub locale: String,
    pub role: Role,
    pub active: bool,
    /// Left out by a release that knows nothing of it.
    pub vip: Option<bool>,
    pub version: i64,
}

impl From<UserEvent> for Person {
    fn from(e: UserEvent) -> Self {
        Self {
            id: e.user_id,
            email: e.email,
            firstname: e.firstname,
            lastname: e.lastname,
            locale: e.locale,
            role: e.role,
            active: e.active,
            vip: e.vip,
            version: e.version,
            reach: Reach::default(),
            teams: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_away_is_back_at_the_time_that_they_named() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        let now = at(100).expect("a time");
        for (available, until, away) in [
            (true, None, false),
            (true, at(200), false),
            (false, None, true),
            (false, at(101), true),
            (false, at(100), false),
            (false, at(5), false),
        ] {
            assert_eq!(is_away(available, until, now), away, "{available} {until:?}");
        }
    }

    #[test]
    fn three_letters_say_enough_and_two_where_names_are_as_short() {
        for (part, enough) in [
            ("ann", true),
            ("ng a", true),
            ("a@b.c", true),
            ("007", true),
            ("李明", true),
            ("éé", true),
            ("", false),
            ("li", false),
            ("李", false),
            ("李a", false),
            ("a_b", false),
            ("@@@", false),
            ("%%%%", false),
            ("。。。", false),
        ] {
            assert_eq!(says_enough(part), enough, "{part}");
        }
    }

    #[test]
    fn a_word_that_is_none_widens_nothing() {
        for reach in Reach::ALL {
            assert_eq!((Reach::of(Some(reach.as_str())), serde_json::to_value(reach).expect("a word")), (reach, reach.as_str().into()));
        }
        assert_eq!([Reach::of(None), Reach::of(Some("ALL")), Reach::of(Some(""))], [Reach::Own; 3]);
    }
}
