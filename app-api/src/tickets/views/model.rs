//! A view and its parts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use shared::{Error, Result};
use utoipa::ToSchema;

use super::super::{
    clocks::Worse,
    list::{Asked, Filter},
    model::Line,
    status::Status,
    syntax::Wrong,
    visibility::Viewer,
};
use crate::{people::PersonId, permissions::Permission};

/// A view that everybody of the staff has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuiltIn {
    /// What is assigned to the reader and not over.
    Mine,
    /// What nobody has taken yet.
    Unassigned,
    /// Everything that the reader sees.
    All,
    /// What waits for its customer.
    Waiting,
    /// What is out of sight of the queue.
    Snoozed,
    /// What is late, or soon will be.
    Breaching,
}

impl BuiltIn {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::Mine, Self::Unassigned, Self::All, Self::Waiting, Self::Snoozed, Self::Breaching];

    /// The word in JSON and queries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Unassigned => "unassigned",
            Self::All => "all",
            Self::Waiting => "waiting",
            Self::Snoozed => "snoozed",
            Self::Breaching => "breaching",
        }
    }

    /// What it narrows a list to.
    pub(in crate::tickets) fn filter(self, me: PersonId) -> Filter {
        let words = |statuses: &[Status]| statuses.iter().map(|status| status.as_str()).collect();
        let going_on = words(&[Status::Open, Status::InProgress, Status::WaitingCustomer]);
        let queue = Filter { snoozed: Some(false), ..Filter::default() };
        match self {
            Self::Mine => Filter { assigned_to: Some(Some(me)), status: going_on, ..queue },
            Self::Unassigned => Filter { assigned_to: Some(None), status: words(&[Status::Open]), ..queue },
            Self::All => Filter::default(),
            Self::Waiting => Filter { status: words(&[Status::WaitingCustomer]), ..queue },
            Self::Snoozed => Filter { snoozed: Some(true), ..Filter::default() },
            Self::Breaching => Filter { sla: vec![Worse::Warning.as_str(), Worse::Breached.as_str()], status: going_on, ..queue },
        }
    }
}

/// A view as a query names it: the key of a built-in one, or the id of a saved one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKey {
    /// By its key.
    BuiltIn(BuiltIn),
    /// By its id.
    Saved(i64),
}

impl<'de> Deserialize<'de> for ViewKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if let Some(known) = BuiltIn::ALL.into_iter().find(|view| view.as_str() == text) {
            return Ok(Self::BuiltIn(known));
        }
        text.parse().map(Self::Saved).map_err(|_| serde::de::Error::custom("unknown_value: There is no such view."))
    }
}

/// Whose something is that people keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One's own.
    Own,
    /// Everybody's; managers and admins keep those.
    Everybody,
}

impl Scope {
    /// What it takes to keep something in this scope.
    pub fn permission(self) -> Permission {
        match self {
            Self::Own => Permission::KeepDesk,
            Self::Everybody => Permission::KeepForAll,
        }
    }

    /// Whose it is, when `me` keeps it: nobody's is everybody's.
    pub fn owner(self, me: PersonId) -> Option<PersonId> {
        (self == Self::Own).then_some(me)
    }

    /// The scope of what `owner` has.
    pub fn of(owner: Option<PersonId>) -> Self {
        if owner.is_some() { Self::Own } else { Self::Everybody }
    }
}

/// Words of a list that say how it is read, not what it is narrowed to.
const OF_THE_READER: [&str; 2] = ["sort", "view"];
const LONGEST: usize = 4096;

/// Filters of `GET /api/v1/tickets` by their names, with the values that they take there.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(value_type = Object)]
pub struct SavedFilter(Map<String, Value>);

impl SavedFilter {
    /// These words, if a list takes them.
    pub fn parse(words: Map<String, Value>) -> Result<Self, String> {
        if let Some(name) = words.keys().find(|name| OF_THE_READER.contains(&name.as_str())) {
            return Err(format!("unknown_field: There is no filter {name}."));
        }
        let words = Value::Object(words);
        if words.to_string().len() > LONGEST {
            return Err(format!("too_long: At most {LONGEST} characters."));
        }
        Asked::deserialize(&words).map_err(|error| error.to_string())?;
        match words {
            Value::Object(words) => Ok(Self(words)),
            _ => Err("invalid: An object.".into()),
        }
    }

    /// As it is stored.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// What it narrows a list to, for `me` who asks; `422` on `view` where its words would not be kept any more.
    pub(super) fn for_reader(&self, me: PersonId, viewer: Viewer) -> Result<Filter> {
        Asked::deserialize(&self.to_json()).map_err(Error::internal)?.filter(me, viewer).map_err(|wrong| wrong.of("view"))
    }
}

impl<'de> Deserialize<'de> for SavedFilter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let filter = Self::parse(Map::deserialize(from)?).map_err(D::Error::custom)?;
        // Only of what is to be saved: whatever was saved before is shown as it is.
        let asked = Asked::deserialize(&filter.to_json()).map_err(D::Error::custom)?;
        let refused = |wrong: Wrong| D::Error::custom(format!("{}: {}", wrong.code, wrong.message));
        asked.q.must_be_narrow().map_err(refused)?;
        Ok(filter)
    }
}

/// What somebody calls a view, a canned reply or a macro.
pub type Name = Line<100>;

/// A saved view.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct View {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub scope: Scope,
    /// What it narrows the list of tickets to.
    pub filter: SavedFilter,
    /// Where it stands among its like; the smallest first.
    pub position: i32,
    /// Grows with each change; the `ETag`.
    pub version: i64,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_view_takes_the_words_of_the_list_and_no_others() {
        for (filter, refused) in [
            (json!({}), None),
            (json!({ "status": "open,in_progress", "assigned_to": "me", "tag": "vip", "user_id": 7 }), None),
            (json!({ "created_from": "2026-01-01T00:00:00Z", "snoozed": false }), None),
            (json!({ "snoozed": "maybe" }), Some("invalid type")),
            (json!({ "status": "asleep" }), Some("unknown variant")),
            (json!({ "assigned_to": "you" }), Some("invalid: ")),
            (json!({ "user_id": "7 or true" }), Some("invalid type")),
            (json!({ "metadata": "x" }), Some("unknown field")),
            (json!({ "sort": "created_at" }), Some("unknown_field: ")),
            (json!({ "view": "mine" }), Some("unknown_field: ")),
            (json!({ "category": "x".repeat(5000) }), Some("too_long: ")),
        ] {
            let told = SavedFilter::parse(filter.as_object().expect("an object").clone()).err();
            assert_eq!(told.is_some(), refused.is_some(), "{filter} {told:?}");
            assert!(told.unwrap_or_default().starts_with(refused.unwrap_or_default()), "{filter}");
        }
    }

    #[test]
    fn what_is_snoozed_is_in_no_built_in_view_but_two() {
        for view in BuiltIn::ALL {
            let shown = match view {
                BuiltIn::All => None,
                BuiltIn::Snoozed => Some(true),
                BuiltIn::Mine | BuiltIn::Unassigned | BuiltIn::Waiting | BuiltIn::Breaching => Some(false),
            };
            assert_eq!(view.filter(1).snoozed, shown, "{view:?}");
            assert_eq!(serde_json::to_value(view).expect("a word"), view.as_str());
        }
    }
}
