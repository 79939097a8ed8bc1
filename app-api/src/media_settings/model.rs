//! A category of files, and numbers that have bounds.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::media;

/// The most endings of a category.
const ENDINGS: usize = 20;
/// The most letters of an ending.
const LETTERS: usize = 10;

/// A category of files as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MediaCategory {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// The endings of names that belong to it.
    pub extensions: Vec<String>,
    /// The most bytes of a file.
    pub max_bytes: i64,
    /// Whether small pictures are made.
    pub previews: bool,
    /// Not from customers.
    pub staff_only: bool,
    /// Whether such files are taken.
    pub enabled: bool,
    /// Grows with each change; the `ETag`.
    pub version: i64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// How much of files one person may have, and how long is kept who had to do with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct MediaSettings {
    /// The most bytes of one person's files.
    pub bytes_per_user: i64,
    /// The most files of one person.
    pub files_per_user: i64,
    /// The most files that one person sends a day (UTC).
    pub uploads_a_day: i64,
    /// For how many months is kept who was given a file, and who took it.
    pub access_log_months: i32,
}

/// Endings of names: 1 to 20, each of 1 to 10 small letters and digits, none that nobody may send. Each counts once.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = Vec<String>, min_items = 1, max_items = 20)]
pub struct Extensions(Vec<String>);

impl Extensions {
    /// As texts.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    fn parse(sent: Vec<String>) -> Result<Self, String> {
        let mut seen = BTreeSet::new();
        let endings: Vec<String> = sent.into_iter().filter(|ending| seen.insert(ending.clone())).collect();
        if endings.is_empty() {
            return Err("required: At least one ending.".into());
        }
        if endings.len() > ENDINGS {
            return Err(format!("too_long: At most {ENDINGS} endings."));
        }
        let is_plain = |ending: &String| {
            (1..=LETTERS).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if !endings.iter().all(is_plain) {
            return Err(format!("invalid: Small letters and digits, {LETTERS} at most each."));
        }
        match endings.iter().find(|ending| media::is_blocked(ending)) {
            Some(blocked) => Err(format!("not_allowed: Files that end in {blocked} are taken by nobody.")),
            None => Ok(Self(endings)),
        }
    }
}

impl<'de> Deserialize<'de> for Extensions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(Vec::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// A whole number from `LEAST` to `MOST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = i64)]
pub struct Within<const LEAST: i64, const MOST: i64>(i64);

impl<const LEAST: i64, const MOST: i64> Within<LEAST, MOST> {
    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl<'de, const LEAST: i64, const MOST: i64> Deserialize<'de> for Within<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(from)?;
        if (LEAST..=MOST).contains(&number) {
            Ok(Self(number))
        } else {
            Err(serde::de::Error::custom(format!("out_of_range: A whole number from {LEAST} to {MOST}.")))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn endings_are_small_and_none_is_one_that_nobody_may_send() {
        let many: Vec<String> = (0..21).map(|n| format!("e{n}")).collect();
        for (sent, taken) in [
            (json!(["log"]), Some(vec!["log"])),
            (json!(["log", "7z", "log"]), Some(vec!["log", "7z"])),
            (json!([]), None),
            (json!([""]), None),
            (json!(["LOG"]), None),
            (json!([".log"]), None),
            (json!(["tar.gz"]), None),
            (json!(["lóg"]), None),
            (json!(["elevenchars"]), None),
            (json!(["log", "exe"]), None),
            (json!(["svg"]), None),
            (json!(["php"]), None),
            (json!(many), None),
        ] {
            let read = serde_json::from_value::<Extensions>(sent.clone()).ok();
            let taken = taken.map(|taken| taken.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(read.map(|endings| endings.0), taken, "{sent}");
        }
    }

    #[test]
    fn a_number_is_within_its_bounds() {
        for (sent, fits) in
            [(json!(0), false), (json!(1), true), (json!(9), true), (json!(10), false), (json!(1.5), false), (json!("1"), false)]
        {
            assert_eq!(serde_json::from_value::<Within<1, 9>>(sent.clone()).is_ok(), fits, "{sent}");
        }
    }
}
