//! Errors as RFC 9457 problems. The only place that knows status codes.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Error, error::FieldError};

tokio::task_local! {
    /// The id of the request that is being answered.
    pub static REQUEST_ID: String;
}

/// An error as every client gets it, `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, for a person.
    pub detail: String,
    /// Stable code for programs.
    pub code: String,
    /// The request's id, as in `X-Request-Id`.
    pub request_id: Option<String>,
    /// With `quota_exceeded`: of what there is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// With `validation_failed` and codes of single fields: each field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldError>>,
}

/// What an organisation may have, and has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Quota {
    /// Of what: `agents`, `tickets_a_month`, `storage_bytes`, `storage_files`, `uploads_a_day`; `import_bytes`, whatever the plan; of a
    /// person `user_bytes`, `user_files`, `user_uploads_a_day`.
    pub limit: String,
    /// How many it may have.
    pub allowed: i64,
    /// How many it has.
    pub used: i64,
}

/// What went wrong inside, for the one log line of the request; never sent to a client.
#[derive(Clone, Debug)]
pub struct Fault(pub String);

/// The status of what an answer leads a browser away from, to a page that says it.
#[derive(Clone, Copy)]
pub struct Meant(pub StatusCode);

/// The answer's code, for whoever writes down that something was refused.
#[derive(Clone, Copy)]
pub(super) struct Code(pub &'static str);

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Conflict { .. } => StatusCode::CONFLICT,
        Error::VersionMismatch => StatusCode::PRECONDITION_FAILED,
        Error::Invalid(_) | Error::Unknown { .. } | Error::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Malformed { .. } => StatusCode::BAD_REQUEST,
        Error::PayloadTooLarge | Error::Quota { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::UnsupportedMediaType | Error::File { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::Range { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
        Error::Gone => StatusCode::GONE,
        Error::Checksum => checksum_mismatch(),
        Error::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) | Error::Contended | Error::Moved | Error::Wanted(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What clients of resumable uploads know it by (tus 1.0, checksum).
fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
}

fn code(error: &Error) -> &'static str {
    match error {
        // Which of the two was wrong is nobody's business, in the code neither.
        Error::Unauthenticated("invalid_credentials" | "invalid_code" | "invalid_passkey" | "sso_refused") => "unauthenticated",
        Error::Unauthenticated(code) | Error::Forbidden(code) | Error::NotFound(code) => code,
        Error::Conflict { code, .. } | Error::Malformed { code, .. } | Error::Unknown { code, .. } | Error::File { code, .. } => code,
        Error::VersionMismatch => "version_mismatch",
        Error::Invalid(_) => "validation_failed",
        Error::IdempotencyKeyReused => "idempotency_key_reused",
        Error::PayloadTooLarge => "payload_too_large",
        Error::Quota { .. } => "quota_exceeded",
        Error::UnsupportedMediaType => "unsupported_media_type",
        Error::Range { .. } => "range_not_satisfiable",
        Error::Gone => "gone",
        Error::Checksum => "checksum_mismatch",
        Error::MethodNotAllowed => "method_not_allowed",
        Error::TooMany { .. } => "rate_limited",
        Error::Unavailable(_) | Error::Contended | Error::Moved | Error::Wanted(_) => "unavailable",
        Error::Internal { .. } => "internal",
    }
}

fn detail(error: &Error) -> String {
    match error {
        Error::Unauthenticated("token_expired") => "This token has ended; refresh it, or sign in again.".into(),
        Error::Unauthenticated("invalid_credentials") => "E-mail or password is wrong.".into(),
        Error::Unauthenticated("invalid_code") => "This code is wrong, or was used already.".into(),
        Error::Unauthenticated("sso_refused") => "Your organisation's identity provider did not let you in; try again.".into(),
        Error::Unauthenticated("invalid_passkey") => "This passkey was not accepted.".into(),
        Error::Unauthenticated(_) => "Sign in first.".into(),
        Error::Forbidden("tenant_mismatch") => "This token belongs to another organisation.".into(),
        Error::Forbidden("tenant_suspended") => "This organisation is suspended.".into(),
        Error::Forbidden("tenant_deleting") => "This organisation is being deleted.".into(),
        Error::Forbidden("step_up_required") => "Prove again who you are, and then repeat this.".into(),
        Error::Forbidden("two_factor_required") => "Sign in with a second factor.".into(),
        Error::Forbidden("email_not_verified") => {
            "Confirm your e-mail address first; the mail that we sent to it says how to go on.".into()
        }
        Error::Forbidden("password_change_required") => {
            "This password is too short for your role; the mail that we sent you leads to a new one.".into()
        }
        Error::Forbidden(_) => "You may not do this.".into(),
        Error::NotFound("tenant_not_found") => "There is no such organisation.".into(),
        Error::NotFound(_) => "There is nothing here.".into(),
        Error::Conflict { detail, .. } | Error::Malformed { detail, .. } => detail.clone(),
        Error::Unknown { error, .. } => error.message.clone(),
        Error::VersionMismatch => "It was changed in the meantime; read it again.".into(),
        Error::Invalid(_) => "The input is not valid; see errors.".into(),
        Error::IdempotencyKeyReused => "This Idempotency-Key was used with another body.".into(),
        Error::PayloadTooLarge => "The body is larger than allowed.".into(),
        Error::Quota { limit: "import_bytes", allowed, used } => {
            format!("Files of imports have {allowed} bytes at most, {used} are here; those of imports that are over go within the hour.")
        }
        Error::Quota { limit, allowed, used } if limit.starts_with("user_") => {
            format!("Nobody may have more than this: {}, {used} of {allowed}.", limit["user_".len()..].replace('_', " "))
        }
        Error::Quota { limit, allowed, used } => {
            format!("The organisation's plan allows no more: {}, {used} of {allowed}.", limit.replace('_', " "))
        }
        Error::File { detail, .. } => (*detail).into(),
        Error::UnsupportedMediaType => "Send application/json.".into(),
        Error::Range { .. } => "The file has no such part.".into(),
        Error::Gone => "This has ended; begin anew.".into(),
        Error::Checksum => "What came is not what its checksum says; send it again.".into(),
        Error::MethodNotAllowed => "This path does not know this method.".into(),
        Error::TooMany { .. } => "Too many requests; wait a little.".into(),
        Error::Contended => "Others did the same at the same time; try again.".into(),
        Error::Unavailable(_) | Error::Moved | Error::Wanted(_) => "A part of the service does not answer; try again.".into(),
        Error::Internal { .. } => "Something went wrong on our side.".into(),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = status(&self);
        let errors = match &self {
            Self::Invalid(errors) => Some(errors.clone()),
            Self::Unknown { error, .. } => Some(vec![error.clone()]),
            _ => None,
        };
        let quota = match &self {
            Self::Quota { limit, allowed, used } => Some(Quota { limit: (*limit).to_owned(), allowed: *allowed, used: *used }),
            _ => None,
        };
        let problem = Problem {
            kind: format!("urn:helpdeskly:problem:{}", code(&self)),
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            detail: detail(&self),
            code: code(&self).into(),
            request_id: REQUEST_ID.try_with(Clone::clone).ok(),
            quota,
            errors,
        };
        let mut response = (status, Json(problem)).into_response();
        response.extensions_mut().insert(Code(code(&self)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after(&self) {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        match self {
            Self::Range { size } => drop(headers.insert(header::CONTENT_RANGE, of_all(size))),
            Self::Contended => note(&mut response, "others were in the way".into()),
            Self::Moved => note(&mut response, "the tenant has moved".into()),
            Self::Wanted(_) => note(&mut response, "vault unavailable".into()),
            Self::Internal { source, at } => note(&mut response, format!("{source:#} at {at}")),
            Self::Unavailable(what) => note(&mut response, format!("{what} unavailable")),
            _ => {}
        }
        response
    }
}

/// How many bytes there are, for whoever asked for others (RFC 9110, 15.5.17).
fn of_all(size: u64) -> HeaderValue {
    HeaderValue::try_from(format!("bytes */{size}")).expect("digits are a header's value")
}

fn note(response: &mut Response, fault: String) {
    response.extensions_mut().insert(Fault(fault));
}

fn retry_after(error: &Error) -> Option<u64> {
    match error {
        Error::TooMany { retry_after } => Some(retry_after.as_secs().max(1)),
        Error::Unavailable(_) | Error::Contended | Error::Moved | Error::Wanted(_) => Some(2),
        _ => None,
    }
}
