//! What the protocol says in headers.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use shared::{Error, Result};

use super::model::{MOST_BYTES, Progress, State};

/// The version that we speak.
pub(super) const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,expiration,checksum,termination";
const ALGORITHMS: &str = "sha1,sha256";
/// The type of bytes of a file.
const BYTES: &str = "application/offset+octet-stream";

/// What we know of the protocol; asked for without a token.
#[utoipa::path(options, path = "/api/v1/uploads", tag = "attachments", security(()),
    responses((status = 204, headers(
        ("Tus-Version" = String, description = "1.0.0"),
        ("Tus-Extension" = String, description = "creation, expiration, checksum, termination"),
        ("Tus-Max-Size" = i64, description = "Bytes of the longest file"),
        ("Tus-Checksum-Algorithm" = String, description = "sha1, sha256")))))]
pub(super) async fn tell_options() -> Response {
    let most = HeaderValue::from(MOST_BYTES);
    let told = [
        (named("tus-version"), HeaderValue::from_static(VERSION)),
        (named("tus-extension"), HeaderValue::from_static(EXTENSIONS)),
        (named("tus-max-size"), most),
        (named("tus-checksum-algorithm"), HeaderValue::from_static(ALGORITHMS)),
    ];
    (StatusCode::NO_CONTENT, told.into_iter().collect::<HeaderMap>()).into_response()
}

/// A header of the protocol, whose name is in small letters.
pub(super) fn named(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

/// `412 version_mismatch` for a client that speaks another version.
pub(super) fn must_be_spoken(headers: &HeaderMap) -> Result<()> {
    match text(headers, "tus-resumable") {
        Some(VERSION) => Ok(()),
        _ => Err(Error::VersionMismatch),
    }
}

/// A header's text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A header that is a count of bytes; `400` for what is none.
pub(super) fn bytes(headers: &HeaderMap, name: &'static str) -> Result<i64> {
    let digits = text(headers, name).filter(|text| (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| malformed(format!("{name} is a number of bytes.")))
}

/// `415` unless the body is bytes of a file.
pub(super) fn must_be_bytes(headers: &HeaderMap) -> Result<()> {
    if text(headers, header::CONTENT_TYPE.as_str()) == Some(BYTES) { Ok(()) } else { Err(Error::UnsupportedMediaType) }
}

/// Where an upload stands, as headers say it.
pub(super) fn told(progress: &Progress) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(named("upload-offset"), progress.offset.into());
    headers.insert(named("upload-length"), progress.length.into());
    if let Some(file) = progress.attachment_id {
        headers.insert(named("attachment-id"), file.into());
    }
    // A date as HTTP writes it (RFC 9110, 5.6.7).
    let until = progress.expires_at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if progress.state == State::Coming
        && let Ok(until) = HeaderValue::from_str(&until)
    {
        headers.insert(named("upload-expires"), until);
    }
    headers
}

/// What a client says that its bytes add up to.
pub(super) enum Checksum {
    /// SHA-1.
    Sha1(Sha1, Vec<u8>),
    /// SHA-256.
    Sha256(Sha256, Vec<u8>),
}

impl Checksum {
    /// What `Upload-Checksum` says; none where it is missing, `400` for what we do not know.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let Some(said) = headers.get("upload-checksum") else { return Ok(None) };
        let unknown = || malformed(format!("Upload-Checksum is one of {ALGORITHMS}, a space, and its value in base64."));
        let (algorithm, value) = said.to_str().ok().and_then(|said| said.split_once(' ')).ok_or_else(unknown)?;
        let value = STANDARD.decode(value).map_err(|_| unknown())?;
        match algorithm {
            "sha1" => Ok(Some(Self::Sha1(Sha1::new(), value))),
            "sha256" => Ok(Some(Self::Sha256(Sha256::new(), value))),
            _ => Err(unknown()),
        }
    }

    /// More bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash, _) => hash.update(bytes),
            Self::Sha256(hash, _) => hash.update(bytes),
        }
    }

    /// `460 checksum_mismatch` unless they add up.
    pub(super) fn must_fit(self) -> Result<()> {
        let fits = match self {
            Self::Sha1(hash, said) => hash.finalize().as_slice() == said,
            Self::Sha256(hash, said) => hash.finalize().as_slice() == said,
        };
        if fits { Ok(()) } else { Err(Error::Checksum) }
    }
}

/// What nobody can read.
pub(super) fn malformed(detail: String) -> Error {
    Error::Malformed { code: "bad_request", detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(named(name), HeaderValue::from_str(value).expect("a value"))])
    }

    #[test]
    fn a_count_is_digits_and_nothing_else() {
        for (value, expected) in [
            ("0", Some(0)),
            ("104857600", Some(104_857_600)),
            ("-1", None),
            ("+1", None),
            ("1.0", None),
            ("", None),
            ("1 ", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(bytes(&headers("upload-offset", value), "upload-offset").ok(), expected, "{value:?}");
        }
        assert!(bytes(&HeaderMap::new(), "upload-offset").is_err());
    }

    #[test]
    fn one_version_is_spoken() {
        for (value, spoken) in [("1.0.0", true), ("0.2.2", false), ("1.0", false)] {
            assert_eq!(must_be_spoken(&headers("tus-resumable", value)).is_ok(), spoken, "{value}");
        }
        assert!(matches!(must_be_spoken(&HeaderMap::new()), Err(Error::VersionMismatch)));
    }

    #[test]
    fn a_checksum_is_of_a_kind_that_we_know_and_fits() {
        for (said, fits) in [
            ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", Some(true)),
            ("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=", Some(false)),
            ("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", Some(true)),
            ("sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", Some(false)),
            ("md5 XrY7u+Ae7tCTyyK7j1rNww==", None),
            ("sha1", None),
            ("sha1 no-base64!", None),
        ] {
            let outcome = Checksum::of(&headers("upload-checksum", said)).map(|checksum| {
                let mut checksum = checksum.expect("a checksum");
                checksum.take(b"hello ");
                checksum.take(b"world");
                checksum.must_fit().is_ok()
            });
            assert_eq!(outcome.ok(), fits, "{said}");
        }
        assert!(Checksum::of(&HeaderMap::new()).expect("none").is_none());
    }
}
