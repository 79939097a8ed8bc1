//! What can go wrong, said in the product's words; `http::problem` alone knows status codes.

use std::{panic::Location, time::Duration};

use crate::seal::{VAULT, Wanted};

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

/// What was lacking where something was ended because it took too long.
pub const TIME: &str = "time in the database";

/// Says what is wrong, not which status that is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody we know; the code is `unauthenticated` or `token_expired`. `invalid_credentials` and
    /// `invalid_code` say the former to a person in other words.
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
    /// The input names something that is not there, for which there is a code of its own.
    #[error("{code}: {}", error.message)]
    Unknown {
        /// Stable code, as `unknown_order`.
        code: &'static str,
        /// The field that names it.
        error: FieldError,
    },
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
    /// One more than the tenant may have.
    #[error("{limit}: {used} of {allowed}")]
    Quota {
        /// Of what, as `agents`.
        limit: &'static str,
        /// How many it may have.
        allowed: i64,
        /// How many it has.
        used: i64,
    },
    /// A file that is not taken.
    #[error("{code}: {detail}")]
    File {
        /// Stable code: `file_type_blocked` or `content_mismatch`.
        code: &'static str,
        /// A sentence for a person.
        detail: &'static str,
    },
    /// The body is not of a type that the route reads.
    #[error("the media type is not supported")]
    UnsupportedMediaType,
    /// A file has no such part.
    #[error("the file has no such part")]
    Range {
        /// How many bytes it has.
        size: u64,
    },
    /// It was there, and has ended.
    #[error("it has ended")]
    Gone,
    /// What came is not what its checksum says.
    #[error("the checksum is another one")]
    Checksum,
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
    /// Others did the same at the same time, and the database chose this one to give way: doing it
    /// anew helps.
    #[error("others were in the way")]
    Contended,
    /// The tenant's data is at another place by now, and what was under way at this one was not done: doing it
    /// there helps.
    #[error("the tenant has moved")]
    Moved,
    /// A key that only Vault gives, for which no transaction waits: doing it anew when it was fetched helps.
    #[error("a key is wanted from vault")]
    Wanted(Box<Wanted>),
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

    /// Something that a field names is not there.
    pub fn unknown(code: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Unknown { code, error: FieldError::new(field, code, message) }
    }

    /// The same where one field is wrong, under the name that this request has for it.
    #[must_use]
    pub fn at_field(self, field: &str) -> Self {
        match self {
            Self::Invalid(errors) => Self::Invalid(errors.into_iter().map(|e| FieldError { field: field.to_owned(), ..e }).collect()),
            other => other,
        }
    }

    /// Whether it is Vault that does not answer. Jobs wait for it, however long it takes.
    pub fn is_vaults(&self) -> bool {
        matches!(self, Self::Unavailable(VAULT) | Self::Wanted(_))
    }

    /// Whether it took too long, which may be its own fault: everything else that is unavailable is so to everybody.
    pub fn is_out_of_time(&self) -> bool {
        matches!(self, Self::Unavailable(TIME))
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
        if is_contention(&source) {
            return Self::Contended;
        }
        if has_moved(&source) {
            return Self::Moved;
        }
        if is_unwritable(&source) {
            return Self::field("", "invalid", "NUL is not allowed.");
        }
        if is_outage(&source) {
            tracing::warn!(error = %source, at = %Location::caller(), "database unavailable");
            return Self::Unavailable(if was_too_long(&source) { TIME } else { "database" });
        }
        Self::Internal { source: source.into(), at: Location::caller() }
    }
}

/// True when the transaction gave way to another one (40001, 40P01).
fn is_contention(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(e) if e.code().is_some_and(|c| gives_way(&c)))
}

fn gives_way(code: &str) -> bool {
    matches!(code, "40001" | "40P01")
}

/// What a database says that its tenant has left, to whoever would write into it.
pub const MOVED: &str = "HD001";

/// True when the database refused a change because its tenant has left it. It was asked before the change was
/// made, so the transaction is surely undone.
fn has_moved(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(e) if e.code().is_some_and(|code| code == MOVED))
}

/// True when a text has a character that no text or JSON of the database can have (22021, 22P05): of those that Rust lets
/// in that is NUL alone, which somebody has sent.
fn is_unwritable(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(e) if e.code().is_some_and(|code| matches!(code.as_ref(), "22021" | "22P05")))
}

/// True for failures of the connection or of the server as a whole, which pass by themselves or by
/// an operator's hand, and are no fault of the request.
pub fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(e) => e.code().is_some_and(|c| stands_for_outage(&c)),
        _ => false,
    }
}

/// What it means that words were looked for in vain: whoever asks in that parameter for what the server cannot find in its
/// time hears so; that is no outage.
pub fn too_broad(parameter: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |error| if was_too_long(&error) { Error::field(parameter, "too_broad", "This finds too much. Say more.") } else { error.into() }
}

/// True when the server ended a statement that took longer than it may (57014).
pub fn was_too_long(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(e) if e.code().is_some_and(|code| code == "57014"))
}

/// Connection exceptions (08), resources (53), operator intervention, statement time-out and
/// shut-down (57); refused by password or role (28), no such database (3D000); read-only after a
/// failover (25006), a transaction that stood still (25P03), a lock that did not come (55P03).
fn stands_for_outage(code: &str) -> bool {
    matches!(code.get(..2), Some("08" | "28" | "53" | "57")) || matches!(code, "3D000" | "25006" | "25P03" | "55P03")
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

#[cfg(test)]
mod tests {
    use super::{gives_way, stands_for_outage};

    #[test]
    fn a_sqlstate_says_whether_to_try_again_to_wait_or_to_mend_the_code() {
        for (code, again, outage) in [
            ("40001", true, false),
            ("40P01", true, false),
            ("57014", false, true),
            ("57P01", false, true),
            ("28P01", false, true),
            ("28000", false, true),
            ("3D000", false, true),
            ("25P03", false, true),
            ("25006", false, true),
            ("53300", false, true),
            ("08006", false, true),
            ("55P03", false, true),
            ("23505", false, false),
            ("42P01", false, false),
            ("25P02", false, false),
            (super::MOVED, false, false),
        ] {
            assert_eq!((gives_way(code), stands_for_outage(code)), (again, outage), "{code}");
        }
    }
}
