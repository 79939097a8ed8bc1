//! A text of one line, as people name things.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A text of one line: trimmed, without control characters, 1 to `MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, min_length = 1)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, owned.
    pub fn into_text(self) -> String {
        self.0
    }

    /// The line in `text`, or why it is none, as `code: sentence`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err("required: This must not be empty.".into()),
            n if n > MAX => Err(format!("too_long: At most {MAX} characters.")),
            _ if text.chars().any(char::is_control) => Err("invalid: Control characters are not allowed.".into()),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Line<MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
