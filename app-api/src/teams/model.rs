//! A team and its members.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use shared::line::Line;
use utoipa::ToSchema;

use crate::people::{PersonId, TeamId};

/// A team's name.
pub type Name = Line<64>;

/// How a team's new tickets are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Somebody takes them.
    #[default]
    Manual,
    /// Each member in turn.
    RoundRobin,
    /// Whoever has the fewest open tickets.
    LeastLoaded,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Manual, Self::RoundRobin, Self::LeastLoaded];

    /// The word in JSON, history and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::RoundRobin => "round_robin",
            Self::LeastLoaded => "least_loaded",
        }
    }

    /// The way of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }
}

/// What somebody knows, or a category asks for: at most 20 words, in small letters, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = Vec<String>, max_items = 20)]
pub struct Skills(Vec<String>);

impl Skills {
    /// As texts.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Skills {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words: BTreeSet<String> = Vec::<Line<64>>::deserialize(from)?.iter().map(|word| word.as_str().to_lowercase()).collect();
        if words.len() > 20 {
            return Err(serde::de::Error::custom("too_long: At most 20 skills."));
        }
        Ok(Self(words.into_iter().collect()))
    }
}

/// Somebody who shall belong to a team.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// Their id.
    pub user_id: PersonId,
    /// What they know.
    #[serde(default)]
    pub skills: Skills,
}

/// Somebody who belongs to a team.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Their id.
    pub user_id: PersonId,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
    /// What they know.
    pub skills: Vec<String>,
}

/// A team as it is read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// How its new tickets are given out.
    pub assignment: Way,
    /// Who belongs to it, by id.
    pub members: Vec<Member>,
    /// Grows with each change; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn skills_are_words_in_small_letters_each_once() {
        let read = |value| serde_json::from_value::<Skills>(value);
        assert_eq!(read(json!(["Français", " sql ", "SQL"])).expect("skills").as_slice(), ["français", "sql"]);
        for (wrong, code) in [(json!([""]), "required"), (json!(["a\nb"]), "invalid"), (json!(["x".repeat(65)]), "too_long")] {
            assert!(read(wrong).expect_err(code).to_string().starts_with(code));
        }
        let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
        assert!(read(json!(many)).is_err() && read(json!(many[1..])).is_ok());
    }
}
