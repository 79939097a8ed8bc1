//! A category and a custom field.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use shared::line::Line;
use utoipa::ToSchema;

use crate::people::TeamId;

/// What people read, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Labels {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

/// What people shall read, in both languages.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabels {
    /// In French.
    #[schema(value_type = String, max_length = 120)]
    fr: Line<120>,
    /// In English.
    #[schema(value_type = String, max_length = 120)]
    en: Line<120>,
}

impl NewLabels {
    /// As they are read.
    pub fn shown(&self) -> Labels {
        Labels { fr: self.fr.as_str().to_owned(), en: self.en.as_str().to_owned() }
    }
}

/// A category as it is read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Category {
    /// Its id.
    pub id: i64,
    /// What a ticket's `category` says; it never changes.
    pub name: String,
    /// What people read.
    pub labels: Labels,
    /// Whether new tickets may have it.
    pub active: bool,
    /// Where it stands among the others.
    pub position: i32,
    /// Whose queue its new tickets wait in; null for customers.
    pub team_id: Option<TeamId>,
    /// What somebody must know to be given one; empty for customers.
    pub skills: Vec<String>,
    /// Grows with each change; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Of which kind a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// A text of at most 4000 characters.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A day, as `2026-03-02`.
    Date,
    /// One of the options.
    Select,
    /// Some of the options, each once.
    MultiSelect,
}

impl FieldType {
    /// Every type.
    pub const ALL: [Self; 6] = [Self::Text, Self::Number, Self::Boolean, Self::Date, Self::Select, Self::MultiSelect];

    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Select => "select",
            Self::MultiSelect => "multi_select",
        }
    }

    /// The type of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether its values are options.
    pub fn has_options(self) -> bool {
        matches!(self, Self::Select | Self::MultiSelect)
    }
}

/// A custom field as it is read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Field {
    /// Its id.
    pub id: i64,
    /// The key in a ticket's `custom_fields`; it never changes.
    pub key: String,
    /// What people read.
    pub labels: Labels,
    /// Of which kind its values are; that never changes.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// What may be chosen, in this order.
    pub options: Vec<String>,
    /// Whether customers must give it.
    pub required_for_customers: bool,
    /// Whether the staff must give it; false for customers.
    pub required_for_agents: bool,
    /// Whether customers give and read it.
    pub visible_to_customers: bool,
    /// Whether its values are sealed; once true it stays so.
    pub sensitive: bool,
    /// Of which category's tickets it is; null for all.
    pub category_id: Option<i64>,
    /// Where it stands among the others.
    pub position: i32,
    /// Grows with each change; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A field's key: a small letter, then small letters, digits and `_`, 64 at most.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^[a-z][a-z0-9_]{0,63}$")]
pub struct Key(String);

impl Key {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let right = text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if right { Ok(Self(text)) } else { Err(serde::de::Error::custom("invalid: Small letters, digits and _, a letter first.")) }
    }
}

/// What may be chosen: at most 200 texts, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToSchema)]
#[schema(value_type = Vec<String>, max_items = 200)]
pub struct Options(Vec<String>);

impl Options {
    /// As texts.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut options: Vec<String> = Vec::<Line<120>>::deserialize(from)?.into_iter().map(Line::into_text).collect();
        let mut seen = std::collections::HashSet::new();
        options.retain(|option| seen.insert(option.clone()));
        if options.len() > 200 {
            return Err(serde::de::Error::custom("too_long: At most 200 options."));
        }
        Ok(Self(options))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_a_small_word() {
        for (text, right) in [
            ("serial", true),
            ("a1_b", true),
            ("", false),
            ("1a", false),
            ("_a", false),
            ("Serial", false),
            ("sérial", false),
            ("a b", false),
            ("a.b", false),
        ] {
            assert_eq!(serde_json::from_value::<Key>(json!(text)).is_ok(), right, "{text:?}");
        }
        assert!(serde_json::from_value::<Key>(json!("a".repeat(65))).is_err());
    }

    #[test]
    fn every_type_is_read_back() {
        for kind in FieldType::ALL {
            assert_eq!((FieldType::parse(kind.as_str()), serde_json::to_value(kind).expect("a word")), (Some(kind), kind.as_str().into()));
        }
        assert_eq!(serde_json::from_value::<Options>(json!(["b", "a", "b"])).expect("options").as_slice(), ["b", "a"]);
    }
}
