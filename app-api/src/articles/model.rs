//! An article, its parts, and which of its texts somebody reads.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use shared::{Error, Result, line::Line};
use utoipa::ToSchema;

use crate::messages::Body;

/// Characters of a slug.
const LONGEST_SLUG: usize = 80;
/// Addresses beneath `/articles` that are no article's.
const RESERVED: [&str; 3] = ["preview", "sections", "suggestions"];
/// Characters that somebody looks for.
const LONGEST_SEARCH: usize = 255;
/// So many words are looked for, the first ones.
const MOST_WORDS: usize = 20;

/// Where an article stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ArticleState)]
pub enum State {
    /// Being written.
    Draft,
    /// For everybody.
    Published,
    /// Put away.
    Archived,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Archived];

    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether an article of this state may get that one. What was put away is looked through as a draft before it is
    /// published again.
    pub fn may_become(self, to: Self) -> bool {
        match (self, to) {
            (Self::Archived, Self::Published) => false,
            (Self::Draft | Self::Published | Self::Archived, _) => true,
        }
    }
}

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ArticleLocale)]
pub enum Locale {
    /// French.
    Fr,
    /// English.
    En,
}

impl Locale {
    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Fr, Self::En].into_iter().find(|locale| locale.as_str() == word)
    }
}

/// What an article's address says: small letters, digits and hyphens, at most 80, a letter first.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 80, pattern = "^[a-z][a-z0-9-]*$")]
pub struct Slug(String);

impl Slug {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        match text.len() {
            0 => Err("required: This must not be empty."),
            n if n > LONGEST_SLUG => Err("too_long: At most 80 characters."),
            _ if !is_plain || !text.starts_with(|c: char| c.is_ascii_lowercase()) => {
                Err("invalid: Small letters, digits and hyphens, a letter first.")
            }
            _ if RESERVED.contains(&text) => Err("invalid: This address is taken by the help centre itself."),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// How a path names an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArticleRef {
    /// By its id.
    Id(i64),
    /// By what its address says.
    Slug(Slug),
}

impl<'de> Deserialize<'de> for ArticleRef {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let is_id = text.bytes().all(|byte| byte.is_ascii_digit());
        let id = if is_id { text.parse().ok().map(Self::Id) } else { None };
        id.or_else(|| Slug::parse(&text).ok().map(Self::Slug)).ok_or_else(|| serde::de::Error::custom("no article"))
    }
}

/// What somebody looks for: at most 255 characters, of which the first twenty words count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// One by one.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if text.chars().count() > LONGEST_SEARCH {
            return Err(serde::de::Error::custom("too_long: At most 255 characters."));
        }
        Ok(Self(text.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()))
    }
}

/// A text to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewArticleText {
    /// Its language.
    pub locale: Locale,
    /// The title.
    #[schema(value_type = String, max_length = 200)]
    pub title: Line<200>,
    /// What it says, in Markdown.
    pub body: Body,
}

/// `422` unless there is one text at least, and none of a language twice.
pub fn check_texts(texts: &[NewArticleText]) -> Result<()> {
    let is_told_twice = |(n, text): (usize, &NewArticleText)| texts[..n].iter().any(|other| other.locale == text.locale);
    if texts.is_empty() {
        return Err(Error::field("texts", "required", "An article has a text in one language at least."));
    }
    if texts.iter().enumerate().any(is_told_twice) {
        return Err(Error::field("texts", "duplicate", "Each language once."));
    }
    Ok(())
}

/// An article in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ArticleText {
    /// The language.
    pub locale: Locale,
    /// The title.
    pub title: String,
    /// What it says, in Markdown.
    pub body: String,
    /// The same as safe HTML.
    pub body_html: String,
}

/// The text for somebody who reads that language, or else the organisation's; of an article that has neither, the other one.
pub fn chosen(texts: &[ArticleText], wanted: Locale, fallback: Locale) -> Option<&ArticleText> {
    let of = |locale: Locale| texts.iter().find(|text| text.locale == locale);
    of(wanted).or_else(|| of(fallback)).or_else(|| texts.first())
}

/// How many say that an article has helped, and how many that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ArticleVotes {
    /// It has.
    pub helpful: i64,
    /// It has not.
    pub unhelpful: i64,
}

/// An article as it is read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Article {
    /// Its id.
    pub id: i64,
    /// The section that it stands in.
    pub section_id: i64,
    /// What its address says.
    pub slug: String,
    /// Where it stands.
    pub state: State,
    /// Where it stands among the others of its section.
    pub position: i32,
    /// The language of `title` and `body_html`.
    pub locale: Locale,
    /// The languages that there are.
    pub locales: Vec<Locale>,
    /// The title.
    pub title: String,
    /// What it says, as safe HTML.
    pub body_html: String,
    /// Whether it has helped the reader; null until they say so.
    pub vote: Option<bool>,
    /// What everybody says; null for whoever does not keep articles.
    pub votes: Option<ArticleVotes>,
    /// All its texts with their Markdown; empty for whoever does not keep articles.
    pub texts: Vec<ArticleText>,
    /// When it was last published.
    pub published_at: Option<DateTime<Utc>>,
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
    fn the_grid_of_states() {
        let mut grid = String::new();
        for from in State::ALL {
            let may: Vec<&str> = State::ALL.into_iter().filter(|to| from.may_become(*to)).map(State::as_str).collect();
            grid += &format!("{}: {}\n", from.as_str(), may.join(" "));
        }
        insta::assert_snapshot!(grid, @r"
        draft: draft published archived
        published: draft published archived
        archived: draft archived
        ");
    }

    #[test]
    fn a_slug_is_an_address_and_never_an_id() {
        for (text, code) in [
            ("", "required"),
            ("7", "invalid"),
            ("7-days", "invalid"),
            ("-a", "invalid"),
            ("Refund", "invalid"),
            ("été", "invalid"),
            ("a b", "invalid"),
            ("a/b", "invalid"),
            ("preview", "invalid"),
            ("sections", "invalid"),
            ("suggestions", "invalid"),
            ("a".repeat(81).as_str(), "too_long"),
        ] {
            let refused = serde_json::from_value::<Slug>(json!(text)).expect_err(text).to_string();
            assert!(refused.starts_with(code), "{text}: {refused}");
        }
        for text in ["a", "refunds-2026", "a".repeat(80).as_str()] {
            assert_eq!(serde_json::from_value::<Slug>(json!(text)).expect("a slug").as_str(), text);
        }
    }

    #[test]
    fn a_reader_gets_their_language_or_the_organisations_or_what_there_is() {
        let text = |locale| ArticleText { locale, title: "x".into(), body: "x".into(), body_html: "x".into() };
        let read = |texts: &[ArticleText], wanted, fallback| chosen(texts, wanted, fallback).map(|text| text.locale);
        let (french, both) = ([text(Locale::Fr)], [text(Locale::En), text(Locale::Fr)]);
        assert_eq!(read(&both, Locale::Fr, Locale::En), Some(Locale::Fr));
        assert_eq!(read(&both, Locale::En, Locale::Fr), Some(Locale::En));
        assert_eq!(read(&french, Locale::En, Locale::Fr), Some(Locale::Fr));
        assert_eq!(read(&french, Locale::En, Locale::En), Some(Locale::Fr));
        assert_eq!(read(&[], Locale::En, Locale::En), None);
    }

    #[test]
    fn what_is_looked_for_is_words_and_not_too_many() {
        let read = |text: &str| serde_json::from_value::<Words>(json!(text));
        assert_eq!(read("  refund\tmy  order ").expect("words").as_slice(), ["refund", "my", "order"]);
        assert_eq!(read("").expect("none"), Words::default());
        assert_eq!(read(&"a ".repeat(100)).expect("many").as_slice().len(), 20);
        assert!(read(&"a".repeat(256)).expect_err("refused").to_string().starts_with("too_long"));
    }
}
