//! A file as a form sends it (RFC 7578): the file itself, and before or behind it what it belongs to.

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field},
};
use shared::{Error, Result};

use super::{
    bounded::{Room, bounded},
    pace::Pace,
};
use crate::media::{Category, Name, Spool, Spooled, Taken, accept};

/// What is not the file.
const SHORT: usize = 64;
/// Bytes of all that is said around a field, with the beginning of what follows. Whoever reads it looks through it anew with each
/// piece that comes.
const AROUND: u64 = 32 << 10;
/// The file, and one thing to say of it; of two they would be told what is wrong.
const MOST_FIELDS: usize = 3;

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
    let (mut form, mut coming) = begun(request).await?;
    let (mut file, mut message_id, mut awaits_message, mut fields) = (None, None, false, 0);
    while let Some(field) = coming.around(form.next_field()).await? {
        fields += 1;
        if fields > MOST_FIELDS {
            return Err(Error::Malformed { code: "bad_request", detail: "The form has too many fields.".into() });
        }
        match field.name() {
            Some("file") if file.is_none() => file = Some(coming.take(field, categories, is_staff).await?),
            Some("message_id") => {
                let id = coming.short(field).await?.parse().ok().filter(|id| *id > 0);
                message_id = Some(id.ok_or_else(|| Error::field("message_id", "invalid", "A message's id."))?);
            }
            Some("awaits_message") => {
                awaits_message =
                    coming.short(field).await?.parse().map_err(|_| Error::field("awaits_message", "invalid", "true or false."))?
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

async fn begun(request: Request) -> Result<(Multipart, Coming)> {
    let (parts, body) = request.into_parts();
    let (body, room) = bounded(body);
    let mut request = Request::from_parts(parts, body);
    // This one body is read as it comes: the file in it is bounded by its category.
    DefaultBodyLimit::disable().apply(&mut request);
    let form = Multipart::from_request(request, &()).await.map_err(|_| Error::UnsupportedMediaType)?;
    Ok((form, Coming { room, pace: Pace::new() }))
}

/// What bounds a form that is coming.
struct Coming {
    room: Room,
    pace: Pace,
}

impl Coming {
    /// What is said around a field.
    async fn around<T, E>(&mut self, next: impl Future<Output = Result<T, E>>) -> Result<T> {
        self.room.set(AROUND);
        self.within(next).await
    }

    async fn take(&mut self, mut field: Field<'_>, categories: &[Category], is_staff: bool) -> Result<(Name, Taken, Spooled)> {
        let Some(sent) = field.file_name() else { return Err(Error::field("file", "invalid", "Say what the file is called.")) };
        let name = Name::of(sent);
        let taken = accept(categories, &name, field.content_type(), is_staff)?;
        let most = taken.max_bytes.try_into().unwrap_or_default();
        self.room.set(AROUND + most);
        let mut spool = Spool::new(most).await?;
        while let Some(bytes) = self.some_of(&mut field).await? {
            spool.take(&bytes).await?;
        }
        Ok((name, taken, spool.done().await?))
    }

    async fn short(&mut self, mut field: Field<'_>) -> Result<String> {
        let mut text = Vec::new();
        while let Some(bytes) = self.some_of(&mut field).await? {
            text.extend_from_slice(&bytes);
            if text.len() > SHORT {
                return Err(Error::PayloadTooLarge);
            }
        }
        Ok(String::from_utf8_lossy(&text).trim().to_owned())
    }

    async fn some_of(&mut self, field: &mut Field<'_>) -> Result<Option<Bytes>> {
        let bytes = self.within(field.chunk()).await?;
        self.pace.came(bytes.as_ref().map_or(0, Bytes::len));
        Ok(bytes)
    }

    /// Waits for what comes next; a client that falls silent or is too slow, or whose form breaks off, has sent nothing.
    async fn within<T, E>(&mut self, next: impl Future<Output = Result<T, E>>) -> Result<T> {
        match self.pace.next(next).await {
            Some(Ok(next)) => Ok(next),
            _ if self.room.is_over() => Err(Error::PayloadTooLarge),
            _ => Err(Error::Malformed { code: "bad_request", detail: "The form is not complete.".into() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::Relaxed},
        },
        time::{Duration, Instant},
    };

    use axum::{body::Body, http::header};

    use super::*;

    fn text() -> [Category; 1] {
        [Category { name: "text".into(), extensions: vec!["txt".into()], max_bytes: 2 << 20, previews: false, staff_only: false }]
    }

    fn form(body: Body) -> Request {
        Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge").body(body).expect("a request")
    }

    fn field(said: &str, content: &str) -> String {
        format!("--edge\r\nContent-Disposition: form-data; {said}\r\n\r\n{content}\r\n")
    }

    /// What is said of a form that begins so and goes on without an end, in pieces, and how much of that was read.
    async fn endless(begins: &str, piece: &'static [u8]) -> (&'static str, usize) {
        let read = Arc::new(AtomicUsize::new(0));
        let begins = futures::stream::iter([begins.to_owned().into_bytes()]);
        let counted = {
            let read = read.clone();
            futures::stream::repeat_with(move || {
                read.fetch_add(piece.len(), Relaxed);
                piece.to_vec()
            })
        };
        let body = Body::from_stream(futures::StreamExt::map(futures::StreamExt::chain(begins, counted), Ok::<_, std::io::Error>));
        let said = match super::read(form(body), &text(), true).await {
            Err(Error::PayloadTooLarge) => "too large",
            Err(Error::Malformed { .. }) => "malformed",
            Err(Error::Invalid(_)) => "invalid",
            Err(error) => panic!("{error}"),
            Ok(_) => "taken",
        };
        (said, read.load(Relaxed))
    }

    #[tokio::test]
    async fn of_a_form_that_never_ends_little_is_read_and_that_in_a_moment() {
        let (begun, a_lot) = (Instant::now(), &[b'a'; 256 << 10]);
        let (file, id) = (field("name=\"file\"; filename=\"a.txt\"", ""), field("name=\"message_id\"", ""));
        let (file, id) = (file.trim_end(), id.trim_end());
        for (begins, most) in [
            ("", AROUND),
            ("--edge\r\nX-Long: ", AROUND),
            ("--edge", AROUND),
            (&format!("{}--edge\r\nX: ", field("name=\"awaits_message\"", "true")), AROUND),
            (&format!("{id}\r\n\r\n"), AROUND),
            (&format!("{file}\r\n\r\n"), AROUND + (2 << 20)),
        ] {
            for piece in [&a_lot[..], b"a"] {
                // One at a time the file itself would take long enough.
                if most > AROUND && piece.len() == 1 {
                    continue;
                }
                let (said, read) = endless(begins, piece).await;
                assert!(["too large", "malformed"].contains(&said), "{begins} {said}");
                assert!(read as u64 <= most + a_lot.len() as u64, "{begins} {read}");
            }
        }
        let many = field("name=\"awaits_message\"", "true").repeat(1000);
        assert_eq!(endless(&many, b"a").await.0, "malformed");
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_file_of_any_length_that_is_taken_comes_whole_wherever_it_stands_in_its_form() {
        for length in [1, (16 << 10) - 80, 32 << 10, (64 << 10) + 1, 2 << 20] {
            let (content, waits) = ("a".repeat(length), field("name=\"awaits_message\"", "true"));
            let file = field("name=\"file\"; filename=\"a.txt\"", &content);
            for body in [format!("{file}--edge--\r\n"), format!("{waits}{file}--edge--"), format!("{file}{waits}--edge--\r\n")] {
                let read = super::read(form(body.into()), &text(), true).await.expect("taken");
                assert_eq!((read.file.length, read.name.shown.as_str()), (length as u64, "a.txt"));
            }
        }
    }
}
