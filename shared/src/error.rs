//! What can go wrong, said in the product's words; `http::problem` alone knows status codes.

use std::{panic::Location, time::Duration};

/// The result of anything that may fail with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One field of the input that is wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field, as `subject` or `items[0].id`; empty for the whole body.
    pub field: String,
    /// Stable code, as `required`, `too_long`, `unknown_field`.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
}

impl FieldError {
    /// Says what is wrong with `field`.
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// Says what is wrong, not which status that is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody we know; the code is `unauthenticated` or `token_expired`.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// Known, but may not; the code says why (`forbidden`, `tenant_mismatch`, …).
    #[error("{0}")]
    Forbidden(&'static str),
    /// Not there, or not for this one to know; `not_found` or `tenant_not_found`.
    #[error("{0}")]
    NotFound(&'static str),
    /// The state does not allow it.
    #[error("{code}: {detail}")]
    Conflict {
        /// Stable code, as `illegal_transition`.
        code: &'static str,
        /// A sentence for a person.
        detail: String,
    },
    /// `If-Match` names another version.
    #[error("the version has changed")]
    VersionMismatch,
    /// The input does not hold what it should.
    #[error("the input is not valid")]
    Invalid(Vec<FieldError>),
    /// An `Idempotency-Key` came again with another body.
    #[error("the idempotency key was used with another body")]
    IdempotencyKeyReused,
    /// Not readable at all; the code is `malformed_json` or `bad_request`.
    #[error("{code}: {detail}")]
    Malformed {
        /// Stable code.
        code: &'static str,
        /// A sentence for a person.
        detail: String,
    },
    /// The body is larger than its route allows.
    #[error("the body is too large")]
    PayloadTooLarge,
    /// The body is not of a type that the route reads.
    #[error("the media type is not supported")]
    UnsupportedMediaType,
    /// The path exists, the method does not.
    #[error("the method is not allowed")]
    MethodNotAllowed,
    /// Too often.
    #[error("too many requests")]
    TooMany {
        /// After which time it may go.
        retry_after: Duration,
    },
    /// A part that we depend on does not answer; trying again helps.
    #[error("{0} is unavailable")]
    Unavailable(&'static str),
    /// Our own fault.
    #[error("{source:#}")]
    Internal {
        /// What happened, for an engineer.
        source: anyhow::Error,
        /// Where it was noticed.
        at: &'static Location<'static>,
    },
}

impl Error {
    /// One wrong field.
    pub fn field(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    /// A state that does not allow what was asked.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }

    /// Our own fault, noticed where this is called.
    #[track_caller]
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self::Internal { source: source.into(), at: Location::caller() }
    }
}

impl From<anyhow::Error> for Error {
    #[track_caller]
    fn from(source: anyhow::Error) -> Self {
        Self::internal(source)
    }
}

impl From<serde_json::Error> for Error {
    #[track_caller]
    fn from(source: serde_json::Error) -> Self {
        Self::internal(source)
    }
}

impl From<sqlx::Error> for Error {
    #[track_caller]
    fn from(source: sqlx::Error) -> Self {
        if is_outage(&source) {
            tracing::warn!(error = %source, at = %Location::caller(), "database unavailable");
            return Self::Unavailable("database");
        }
        Self::Internal { source: source.into(), at: Location::caller() }
    }
}

/// True for failures of the connection or of the server as a whole, which pass by themselves:
/// connection exceptions (08), resources (53), operator intervention and shut-down (57),
/// read-only after a failover (25006), lock and deadlock time-outs (55P03, 40001, 40P01).
pub fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(e) => e.code().is_some_and(|c| {
            c.starts_with("08") || c.starts_with("53") || c.starts_with("57") || matches!(&*c, "25006" | "55P03" | "40001" | "40P01")
        }),
        _ => false,
    }
}

/// Names the constraint whose violation is expected.
pub trait OnConstraint<T> {
    /// Turns a violation of `name` into what it means to the caller.
    fn on_constraint(self, name: &str, meaning: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OnConstraint<T> for std::result::Result<T, sqlx::Error> {
    #[track_caller]
    fn on_constraint(self, name: &str, meaning: impl FnOnce() -> Error) -> Result<T> {
        match self {
            Err(sqlx::Error::Database(e)) if e.constraint() == Some(name) => Err(meaning()),
            other => Ok(other?),
        }
    }
}
