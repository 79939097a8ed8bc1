//! A file as a form sends it (RFC 7578): the file itself, and before or behind it what it belongs to.

use std::time::Duration;

use axum::extract::{FromRequest, Multipart, Request, multipart::Field};
use shared::{Error, Result};

use crate::media::{Category, Name, Spool, Spooled, Taken, accept};

/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(15);
/// What is not the file.
const SHORT: usize = 64;

/// What a form said.
pub(super) struct Form {
    /// What the file was called.
    pub name: Name,
    /// What it is taken as.
    pub taken: Taken,
    /// The file.
    pub file: Spooled,
    /// The message that it belongs to.
    pub message_id: Option<i64>,
    /// Whether it waits for one.
    pub awaits_message: bool,
}

/// Reads a form; nothing of a file that is refused is kept.
pub(super) async fn read(request: Request, categories: &[Category], is_staff: bool) -> Result<Form> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Error::UnsupportedMediaType)?;
    let (mut file, mut message_id, mut awaits_message) = (None, None, false);
    while let Some(field) = within(form.next_field()).await? {
        match field.name() {
            Some("file") if file.is_none() => file = Some(take(field, categories, is_staff).await?),
            Some("message_id") => {
                let id = short(field).await?.parse().ok().filter(|id| *id > 0);
                message_id = Some(id.ok_or_else(|| Error::field("message_id", "invalid", "A message's id."))?);
            }
            Some("awaits_message") => {
                awaits_message = short(field).await?.parse().map_err(|_| Error::field("awaits_message", "invalid", "true or false."))?
            }
            other => {
                return Err(Error::field(
                    other.unwrap_or_default().chars().take(SHORT).collect::<String>(),
                    "unknown_field",
                    "There is no such field.",
                ));
            }
        }
    }
    let Some((name, taken, file)) = file else { return Err(Error::field("file", "required", "Send a file.")) };
    if awaits_message && message_id.is_some() {
        return Err(Error::field("awaits_message", "invalid", "It belongs to a message already."));
    }
    Ok(Form { name, taken, file, message_id, awaits_message })
}

async fn take(mut field: Field<'_>, categories: &[Category], is_staff: bool) -> Result<(Name, Taken, Spooled)> {
    let Some(sent) = field.file_name() else { return Err(Error::field("file", "invalid", "Say what the file is called.")) };
    let name = Name::of(sent);
    let taken = accept(categories, &name, field.content_type(), is_staff)?;
    let mut spool = Spool::new(taken.max_bytes.try_into().unwrap_or_default()).await?;
    while let Some(bytes) = within(field.chunk()).await? {
        spool.take(&bytes).await?;
    }
    Ok((name, taken, spool.done().await?))
}

async fn short(mut field: Field<'_>) -> Result<String> {
    let mut text = Vec::new();
    while let Some(bytes) = within(field.chunk()).await? {
        text.extend_from_slice(&bytes);
        if text.len() > SHORT {
            return Err(Error::PayloadTooLarge);
        }
    }
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}

/// Waits for what comes next; a client that falls silent, or whose form breaks off, has sent nothing.
async fn within<T, E: std::fmt::Display>(next: impl Future<Output = Result<T, E>>) -> Result<T> {
    let broken = || Error::Malformed { code: "bad_request", detail: "The form is not complete.".into() };
    match tokio::time::timeout(SILENCE, next).await {
        Ok(Ok(next)) => Ok(next),
        _ => Err(broken()),
    }
}
