//! `ETag` and `If-Match`: a change that builds on an older version than the ticket has is refused
//! with `412` (T-8).

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Response},
};
use shared::{Error, Result, http::Json};

use super::model::Ticket;

/// The version that a change builds on, if the client says so.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(Option<i64>);

impl IfMatch {
    /// `412` when the ticket has moved on.
    pub fn check(self, ticket: &Ticket) -> Result<()> {
        match self.0 {
            Some(version) if version != ticket.version => Err(Error::VersionMismatch),
            _ => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse().ok());
        // A tag that is none of ours matches no version (RFC 9110, 13.1.1).
        version.map(|v| Self(Some(v))).ok_or(Error::VersionMismatch)
    }
}

/// A ticket with its `ETag`.
pub struct Tagged(pub Ticket);

impl IntoResponse for Tagged {
    fn into_response(self) -> Response {
        (AppendHeaders([etag(self.0.version)]), Json(self.0)).into_response()
    }
}

/// The `ETag` of a version.
pub fn etag(version: i64) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"0\""));
    (header::ETAG, value)
}
