//! What of a file's bytes somebody wants who may have some of them already (RFC 9110, 13.1.2, 13.1.5 and 14.2). A file's content never
//! changes: its hash names it for ever.

use axum::http::{HeaderMap, HeaderName, header};
use shared::{Error, Result};

/// Which bytes to answer with.
#[derive(Debug, PartialEq)]
pub(super) enum Wanted {
    /// None: they are there already.
    Nothing,
    /// All of them.
    All,
    /// Some, as `bytes=0-99`.
    Part(String),
}

impl Wanted {
    /// What a request's headers ask of a file of `size` bytes whose hash is `sha256`; [`Error::Range`] for a part that it has not.
    pub(super) fn of(headers: &HeaderMap, sha256: &str, size: u64) -> Result<Self> {
        let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if said(header::IF_NONE_MATCH).is_some_and(|tags| names(tags, sha256)) {
            return Ok(Self::Nothing);
        }
        // Of another content, only all of this one is of use.
        let is_same = said(header::IF_RANGE).is_none_or(|tag| tag == format!("\"{sha256}\""));
        said(header::RANGE).filter(|_| is_same).map_or(Ok(Self::All), |range| part(range, size))
    }
}

/// Whether a list of tags has this one, or takes any.
fn names(tags: &str, sha256: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/").trim_matches('"') == sha256)
}

/// One range of bytes; whoever asks for several, or for what is none, gets all of it.
fn part(range: &str, size: u64) -> Result<Wanted> {
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else { return Ok(Wanted::All) };
    let is_there = match (number(from), number(to)) {
        (Some(from), Some(to)) if from > to => return Ok(Wanted::All),
        (Some(from), Some(_)) => from < size,
        (Some(from), None) if to.is_empty() => from < size,
        (None, Some(last)) if from.is_empty() => last.min(size) > 0,
        _ => return Ok(Wanted::All),
    };
    if is_there { Ok(Wanted::Part(range.to_owned())) } else { Err(Error::Range { size }) }
}

/// A number of at most 15 digits.
fn number(text: &str) -> Option<u64> {
    let is_number = text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn wanted(said: &[(HeaderName, &'static str)], size: u64) -> Result<Wanted> {
        let headers = said.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        Wanted::of(&headers, "abc", size)
    }

    #[test]
    fn one_range_of_bytes_that_is_there_is_wanted_and_all_of_it_otherwise() {
        for (range, of_ten) in [
            ("bytes=0-3", Some(true)),
            ("bytes=0-99", Some(true)),
            ("bytes=9-", Some(true)),
            ("bytes=-5", Some(true)),
            ("bytes=-50", Some(true)),
            ("bytes=10-", None),
            ("bytes=10-12", None),
            ("bytes=-0", None),
            ("bytes=3-0", Some(false)),
            ("bytes=-", Some(false)),
            ("bytes=0-1,5-6", Some(false)),
            ("bytes=a-b", Some(false)),
            ("bytes=5-b", Some(false)),
            ("items=0-1", Some(false)),
            ("bytes=99999999999999999999-", Some(false)),
        ] {
            match (wanted(&[(header::RANGE, range)], 10), of_ten) {
                (Ok(Wanted::Part(part)), Some(true)) => assert_eq!(part, range),
                (Ok(Wanted::All), Some(false)) | (Err(Error::Range { size: 10 }), None) => {}
                (got, _) => panic!("{range}: {got:?}"),
            }
        }
        assert!(wanted(&[(header::RANGE, "bytes=-5")], 0).is_err(), "there is nothing in it");
    }

    #[test]
    fn what_somebody_has_already_is_not_sent_and_a_part_of_another_content_neither() {
        let range = (header::RANGE, "bytes=4-");
        for (said, expected) in [
            (&[(header::IF_NONE_MATCH, "\"abc\"")][..], Wanted::Nothing),
            (&[(header::IF_NONE_MATCH, "\"old\", W/\"abc\"")], Wanted::Nothing),
            (&[(header::IF_NONE_MATCH, "*"), range.clone()], Wanted::Nothing),
            (&[(header::IF_NONE_MATCH, "\"old\"")], Wanted::All),
            (&[(header::IF_RANGE, "\"abc\""), range.clone()], Wanted::Part("bytes=4-".into())),
            (&[(header::IF_RANGE, "\"old\""), range.clone()], Wanted::All),
            (&[(header::IF_RANGE, "W/\"abc\""), range.clone()], Wanted::All),
            (&[(header::IF_RANGE, "Wed, 25 Nov 2026 08:00:00 GMT"), range], Wanted::All),
            (&[], Wanted::All),
        ] {
            assert_eq!(wanted(said, 10).expect("what it is"), expected, "{said:?}");
        }
    }
}
