//! An answer and its parts, and what a link says.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// For so long after a resolution it may be rated, and the rating changed.
const OPEN_FOR: TimeDelta = TimeDelta::days(30);
/// Characters of a comment.
const LONGEST: usize = 2000;

/// Points, 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = i16, minimum = 1, maximum = 5)]
pub struct Rating(i16);

impl Rating {
    /// As a number.
    pub fn get(self) -> i16 {
        self.0
    }
}

impl TryFrom<i64> for Rating {
    type Error = &'static str;

    fn try_from(points: i64) -> Result<Self, Self::Error> {
        match points {
            1..=5 => Ok(Self(points as i16)),
            _ => Err("out_of_range: 1 to 5."),
        }
    }
}

/// A few words of a customer's: plain text of at most 2000 characters; an empty one says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, max_length = 2000)]
pub struct Comment(String);

impl Comment {
    /// The words, if there are any.
    pub fn text(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

impl<'de> Deserialize<'de> for Comment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let text = text.trim();
        let wrong = |why| Err(serde::de::Error::custom(why));
        match text.chars().count() {
            n if n > LONGEST => wrong("too_long: At most 2000 characters."),
            _ if text.chars().any(|c| c.is_control() && !['\n', '\r', '\t'].contains(&c)) => {
                wrong("invalid: Control characters are not allowed.")
            }
            _ => Ok(Self(text.to_owned())),
        }
    }
}

/// What a link says besides its tenant: which resolution of which ticket it lets one rate, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The ticket.
    pub ticket_id: i64,
    /// The step of its history that resolved it.
    pub solving_id: i64,
    /// When it ends.
    pub until: DateTime<Utc>,
}

impl Claim {
    /// To rate a resolution of that time.
    pub fn of(ticket_id: i64, solving_id: i64, solved_at: DateTime<Utc>) -> Self {
        Self { ticket_id, solving_id, until: solved_at + OPEN_FOR }
    }

    /// Whether it may still be used.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        now < self.until
    }
}

/// How a resolution was rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CsatGiven {
    /// 1 to 5 points.
    pub rating: i16,
    /// What the customer wrote.
    pub comment: Option<String>,
    /// When it was rated first.
    pub answered_at: DateTime<Utc>,
    /// When the answer was last changed.
    pub changed_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn points_are_one_to_five() {
        for (points, code) in
            [(json!(0), "out_of_range"), (json!(6), "out_of_range"), (json!(-1), "out_of_range"), (json!(2.5), "invalid type")]
        {
            let refused = serde_json::from_value::<Rating>(points.clone()).expect_err("refused").to_string();
            assert!(refused.starts_with(code), "{points}: {refused}");
        }
        for points in 1..=5 {
            assert_eq!(serde_json::from_value::<Rating>(json!(points)).expect("points").get(), points);
        }
    }

    #[test]
    fn a_comment_is_plain_text_and_may_be_empty() {
        let read = |text: &str| serde_json::from_value::<Comment>(Value::from(text));
        for (text, kept) in [("", None), ("  \n", None), (" Thanks\nAnd bye ", Some("Thanks\nAnd bye")), ("=1+1", Some("=1+1"))] {
            assert_eq!(read(text).expect(text).text(), kept, "{text:?}");
        }
        for (text, code) in [("x".repeat(2001), "too_long"), ("a\0b".into(), "invalid"), ("a\u{7}b".into(), "invalid")] {
            assert!(read(&text).expect_err("refused").to_string().starts_with(code), "{text:?}");
        }
        assert!(read(&"é".repeat(2000)).is_ok());
    }

    #[test]
    fn a_link_is_good_for_thirty_days() {
        let claim = Claim::of(1, 2, DateTime::UNIX_EPOCH);
        let end = DateTime::UNIX_EPOCH + TimeDelta::days(30);
        assert!(claim.is_good(DateTime::UNIX_EPOCH) && claim.is_good(end - TimeDelta::microseconds(1)) && !claim.is_good(end));
    }
}
