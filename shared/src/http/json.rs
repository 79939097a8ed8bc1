//! What comes in and goes out as JSON. Bad input becomes a problem that names the field.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Error, Result, error::FieldError};

/// A body, parsed into a type that cannot hold nonsense; or an answer of `200`.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let is_json = request.headers().get(header::CONTENT_TYPE).is_some_and(names_json);
        if !is_json {
            return Err(Error::UnsupportedMediaType);
        }
        let body = Bytes::from_request(request, state).await.map_err(unread)?;
        parse(&body).map(Self)
    }
}

fn names_json(value: &HeaderValue) -> bool {
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
}

fn unread(rejection: BytesRejection) -> Error {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Error::PayloadTooLarge;
    }
    Error::Malformed { code: "bad_request", detail: "The body could not be read.".into() }
}

/// Reads JSON into `T`: `400` when it is no JSON, `422` naming the field when it is not a `T`.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let mut from = serde_json::Deserializer::from_slice(body);
    let parsed: Result<T, _> = serde_path_to_error::deserialize(&mut from);
    match parsed {
        Ok(value) => {
            from.end().map_err(|e| malformed(&e))?;
            Ok(value)
        }
        Err(error) => {
            let path = error.path().to_string();
            let inner = error.into_inner();
            // A type error may hide that the rest is no JSON at all: then 400 is the truth.
            if !inner.is_data() || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err() {
                return Err(malformed(&inner));
            }
            Err(Error::Invalid(vec![field_error(&path, &inner.to_string())]))
        }
    }
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::Malformed { code: "malformed_json", detail: format!("Line {}, column {} is not valid JSON.", error.line(), error.column()) }
}

/// Turns serde's sentence into a field and a code. Our newtypes fail with `code: sentence`.
fn field_error(path: &str, sentence: &str) -> FieldError {
    let sentence = sentence.split(" at line ").next().unwrap_or(sentence);
    let quoted = || sentence.split('`').nth(1).unwrap_or_default();
    let within = |name: &str| if path == "." { name.to_owned() } else { format!("{path}.{name}") };
    if sentence.starts_with("missing field") {
        return FieldError::new(within(quoted()), "required", "This is required.");
    }
    if sentence.starts_with("duplicate field") {
        return FieldError::new(within(quoted()), "duplicate_field", "This field stands twice.");
    }
    let path = if path == "." { "" } else { path };
    if sentence.starts_with("unknown field") {
        return FieldError::new(path, "unknown_field", "There is no such field.");
    }
    match sentence.split_once(": ") {
        Some((code, rest)) if code.chars().all(|c| c.is_ascii_lowercase() || c == '_') => FieldError::new(path, code, rest),
        _ if sentence.starts_with("unknown variant") => FieldError::new(path, "unknown_value", sentence),
        _ => FieldError::new(path, "invalid", sentence),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response(),
            Err(error) => Error::internal(error).into_response(),
        }
    }
}

/// Query parameters, parsed like a body.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// The query parameters whose names are wanted, read into `T`: each half of a question refuses what it does not know, which
/// serde cannot do for a struct within another.
pub fn query_of<T: DeserializeOwned>(parts: &Parts, is_wanted: impl Fn(&str) -> bool) -> Result<T> {
    let asked = parts.uri.query().unwrap_or_default();
    let pairs = form_urlencoded::parse(asked.as_bytes()).filter(|(name, _)| is_wanted(name));
    query(&form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// For whoever takes no query parameter: there is none by any name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        query(parts.uri.query().unwrap_or_default())
    }
}

/// Reads a query string into `T`: `422` naming the parameter when it is none.
fn query<T: DeserializeOwned>(text: &str) -> Result<T> {
    if text.contains("%00") {
        return Err(Error::field("", "invalid", "NUL is not allowed."));
    }
    let parsed = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes())));
    parsed.map_err(|error| {
        let path = error.path().to_string();
        Error::Invalid(vec![field_error(&path, &error.into_inner().to_string())])
    })
}

/// The variable parts of the path. What does not parse cannot exist: `404`.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        // Nothing has a name with NUL in it.
        if parts.uri.path().contains("%00") {
            return Err(Error::NotFound("not_found"));
        }
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Error::NotFound("not_found")),
        }
    }
}

/// `201` with `Location` and the new thing.
pub struct Created<T> {
    location: String,
    body: T,
}

impl<T> Created<T> {
    /// The new thing and where it is.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self { location: location.into(), body }
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let written = Json(self.body).into_response();
        // What could not be written down is an error, and stays one: a status beside it would cover it.
        if written.status() != StatusCode::OK {
            return written;
        }
        (StatusCode::CREATED, [(header::LOCATION, self.location)], written).into_response()
    }
}

/// `204`.
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no JSON can hold.
    struct Unspeakable;

    impl Serialize for Unspeakable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no words"))
        }
    }

    #[test]
    fn what_was_made_is_answered_with_its_place_and_what_cannot_be_written_with_an_error() {
        let made = Created::at("/there", 7).into_response();
        assert_eq!((made.status(), &made.headers()[header::LOCATION]), (StatusCode::CREATED, &"/there".parse().expect("a value")));
        let broken = Created::at("/there", Unspeakable).into_response();
        assert_eq!((broken.status(), broken.headers().get(header::LOCATION)), (StatusCode::INTERNAL_SERVER_ERROR, None));
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wish {
        #[expect(dead_code, reason = "only parsed")]
        subject: String,
        #[expect(dead_code, reason = "only parsed")]
        count: Option<u8>,
    }

    #[test]
    fn bad_bodies_are_told_apart() {
        let deep = "[".repeat(100_000);
        let cases: [(&str, &str, &str); 8] = [
            (r#"{"subject""#, "malformed_json", ""),
            (r#"{"subject":"x"} {"#, "malformed_json", ""),
            (r#"{"subject":1, "count":"#, "malformed_json", ""),
            (&deep, "malformed_json", ""),
            (r"{}", "required", "subject"),
            (r#"{"subject":"x","colour":1}"#, "unknown_field", "colour"),
            (r#"{"subject":"x","subject":"y"}"#, "duplicate_field", "subject"),
            (r#"{"subject":"x","count":300}"#, "invalid", "count"),
        ];
        for (body, code, field) in cases {
            match parse::<Wish>(body.as_bytes()) {
                Err(Error::Malformed { code: got, .. }) => assert_eq!(got, code),
                Err(Error::Invalid(errors)) => assert_eq!((&*errors[0].code, &*errors[0].field), (code, field)),
                other => panic!("{body:.40}: {other:?}"),
            }
        }
    }
}
