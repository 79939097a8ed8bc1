//! `ETag` and `If-Match`: a change that builds on an older version than there is, is refused with `412` (T-8).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::Serialize;

use crate::{Error, Result, http::Json};

/// The versions that a change may build on, if the client names any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<i64>>);

impl IfMatch {
    /// Any version will do.
    pub const ANY: Self = Self(None);

    /// Only this one.
    pub fn only(version: i64) -> Self {
        Self(Some(vec![version]))
    }

    /// `412` unless the client takes any version or names this one.
    pub fn check(&self, version: i64) -> Result<()> {
        match &self.0 {
            Some(named) if !named.contains(&version) => Err(Error::VersionMismatch),
            _ => Ok(()),
        }
    }

    /// A tag that is none of ours matches no version (RFC 9110, 13.1.1).
    fn of(headers: &HeaderMap) -> Self {
        let given: Vec<&HeaderValue> = headers.get_all(header::IF_MATCH).iter().collect();
        if given.is_empty() || given.iter().all(|value| value.as_bytes() == b"*") {
            return Self(None);
        }
        let tags = given.iter().flat_map(|value| value.to_str().unwrap_or_default().split(','));
        Self(Some(tags.filter_map(version).collect()))
    }
}

/// The version that a tag names. A weak tag counts like a strong one, although RFC 9110 (13.1.1) compares strongly:
/// ours name a version and never bytes, and nginx makes `W/"3"` of `"3"` in every answer that it compresses. A
/// client that gives back what it got would not get on otherwise.
fn version(tag: &str) -> Option<i64> {
    let tag = tag.trim();
    let digits = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    digits.parse().ok().filter(|version: &i64| version.to_string() == digits)
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self::of(&parts.headers))
    }
}

/// The `ETag` of a version.
pub fn etag(version: i64) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::try_from(format!("\"{version}\"")).expect("digits in quotes are a header's value");
    (header::ETAG, value)
}

/// `200` with a thing, and its version as `ETag`.
pub struct Tagged<T>(pub i64, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        (AppendHeaders([etag(self.0)]), Json(self.1)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_matches_nothing_and_is_never_taken_for_absent() {
        let accepts = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::IF_MATCH, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
            }
            IfMatch::of(&headers).check(2).is_ok()
        };
        for (values, accepted) in [
            (&[][..], true),
            (&["*"], true),
            (&[r#""2""#], true),
            (&[r#""1", "2""#], true),
            (&[r#""1""#, r#""2""#], true),
            (&[r#""1""#], false),
            (&[r#""1", "3""#], false),
            (&["2"], false),
            (&[r#"W/"2""#], true),
            (&[r#"W/"1", W/"2""#], true),
            (&[r#""1", W/"2""#], true),
            (&[r#"W/"3""#], false),
            (&[r#"w/"2""#], false),
            (&[r#"W/W/"2""#], false),
            (&[r#"W/ "2""#], false),
            (&["W/2"], false),
            (&["W/*"], false),
            (&[r#""+2""#], false),
            (&[r#""02""#], false),
            (&[r#""2"#], false),
            (&[""], false),
            (&["\u{ff}"], false),
            (&["*", r#""1""#], false),
        ] {
            assert_eq!(accepts(values), accepted, "{values:?}");
        }
    }
}
