//! `GET /api/v1/files/{attachment}` and `…/preview`: a file's bytes, or a small picture of it, for whoever has an address that we
//! have signed.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    Error, Result,
    http::{Path, Query},
    storage::{Object, Part},
};
use sqlx::PgConnection;

use super::{
    model::What,
    shares,
    store::{self, Access},
    wanted::Wanted,
};
use crate::{
    app::App,
    media::{self, Attachment, Eyes, For, Link, ScanStatus},
    people::{self, PersonId},
    tickets::{self, Viewer},
    visitor::Visitor,
};

/// What is shown for a file. It stands behind the question mark, which no log repeats.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    link: String,
}

/// A file's bytes, or some of them (`Range`). The address is that of the file; `403` for one that is not ours, or has ended.
/// Each time that any of it is taken is written down. Browsers show pictures and save everything else.
#[utoipa::path(get, path = "/api/v1/files/{attachment}", tag = "attachments", security(()),
    params(("attachment" = i64, Path, description = "Its id"),
        ("link" = String, Query, description = "What we have signed"),
        ("Range" = Option<String>, Header, description = "Which bytes, as bytes=0-99"),
        ("If-Range" = Option<String>, Header, description = "The ETag of what is there already: of another file, all is sent"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of what is there already")),
    responses((status = 200, body = String, content_type = "application/octet-stream"),
        (status = 206, body = String, content_type = "application/octet-stream"),
        (status = 304, description = "It is there already")))]
pub(super) async fn fetch_file(
    visitor: Visitor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response> {
    let link = app.media.links.read(visitor.tenant.id, &shown.link, visitor.now());
    let (link, file) = opened(&visitor, link, id).await?;
    let range = match Wanted::of(&headers, &file.sha256, file.file_size.unsigned_abs())? {
        Wanted::Nothing => return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, format!("\"{}\"", file.sha256))]).into_response()),
        Wanted::All => None,
        Wanted::Part(range) => Some(range),
    };
    let part = app.outside.storage.get_range(&file.file_path, range.as_deref()).await?.ok_or_else(|| lost(&visitor, id))?;
    note(&visitor, &link, &file, What::Downloaded).await?;
    answer(&file, part)
}

/// A small picture of a file, WebP, where there is one: `404` otherwise. The address is that of the preview; `403` for one that is not
/// ours, or has ended. That it was looked at is written down.
#[utoipa::path(get, path = "/api/v1/files/{attachment}/preview", tag = "attachments", security(()),
    params(("attachment" = i64, Path, description = "Its id"),
        ("link" = String, Query, description = "What we have signed")),
    responses((status = 200, body = String, content_type = "image/webp")))]
pub(super) async fn fetch_preview(
    visitor: Visitor,
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(shown): Query<Shown>,
) -> Result<Response> {
    let link = app.media.links.read_preview(visitor.tenant.id, &shown.link, visitor.now());
    let (link, file) = opened(&visitor, link, id).await?;
    let path = file.preview_path.as_deref().ok_or(Error::NotFound("not_found"))?;
    let object = app.outside.storage.get_range(path, None).await?.ok_or_else(|| lost(&visitor, id))?.object;
    note(&visitor, &link, &file, What::Previewed).await?;
    let headers = headers("image/webp", "inline", &format!("{}-preview", file.sha256), &object)?;
    Ok((headers, Body::from_stream(object.stream())).into_response())
}

/// For whom a file is opened: a person, or a share with the member that it was made for.
struct Opened {
    person: Option<PersonId>,
    share: Option<i64>,
}

/// The file that a link opens, if it may be given away.
async fn opened(visitor: &Visitor, link: Option<Link>, id: i64) -> Result<(Opened, Attachment)> {
    let link = link.filter(|link| link.file == id).ok_or(Error::Forbidden("forbidden"))?;
    let (mut db, now) = (visitor.read().await?, visitor.now());
    let file = media::find(&mut db, link.file).await?.ok_or(Error::NotFound("not_found"))?;
    must_be_sound(file.scan_status)?;
    let opened = match link.whose {
        // Who has left, or sees it no more, has nothing of an address.
        For::Person(id) => sees(&mut db, id, &file, now).await?.then_some(Opened { person: Some(id), share: None }),
        // What is taken back is taken back at once, whatever addresses there are.
        For::Share(id) => {
            let living = shares::living(&mut db, id, now).await?.filter(|living| living.attachment_id == file.id);
            living.map(|living| Opened { person: living.member_id, share: Some(id) })
        }
    };
    Ok((opened.ok_or(Error::Forbidden("forbidden"))?, file))
}

/// Whether somebody sees a file by now.
async fn sees(db: &mut PgConnection, id: PersonId, file: &Attachment, now: DateTime<Utc>) -> Result<bool> {
    let Some(person) = people::find(db, id).await?.filter(|person| person.active) else { return Ok(false) };
    let eyes = Eyes { id, is_staff: Viewer::of(&person).is_staff() };
    Ok(file.facts.are_seen_by(eyes) && tickets::is_seen_by(db, &person, file.ticket_id, now).await?)
}

/// What there should be is not in the store: whoever runs us is told, and a visitor that it may come back.
fn lost(visitor: &Visitor, id: i64) -> Error {
    tracing::error!(tenant = %visitor.tenant.id, attachment = id, "a file has no object");
    Error::Unavailable("storage")
}

async fn note(visitor: &Visitor, opened: &Opened, file: &Attachment, what: What) -> Result<()> {
    let access = Access { file: file.id, ticket: file.ticket_id, person: opened.person, share: opened.share, what };
    let (author, now) = (visitor.author(), visitor.now());
    visitor.tenant.db.apply(async |db| store::note(db, &access, &author, now).await).await
}

/// `409 scan_pending` or `409 infected` for a file that nobody gets.
pub(super) fn must_be_sound(status: ScanStatus) -> Result<()> {
    match status {
        ScanStatus::Clean | ScanStatus::Skipped => Ok(()),
        ScanStatus::Pending => Err(Error::conflict("scan_pending", "This file is yet to be looked at for malware.")),
        ScanStatus::Infected => Err(Error::conflict("infected", "Malware was found in this file, and it is gone.")),
    }
}

fn answer(file: &Attachment, part: Part) -> Result<Response> {
    let status = if part.range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut headers = headers(&file.mime_type, &disposition(file), &file.sha256, &part.object)?;
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(range) = part.range {
        headers.insert(header::CONTENT_RANGE, HeaderValue::from_str(&range).map_err(Error::internal)?);
    }
    Ok((status, headers, Body::from_stream(part.object.stream())).into_response())
}

/// What is said of whatever comes from the store: what it is, and that nothing in it may do anything.
fn headers(mime: &str, disposition: &str, tag: &str, object: &Object) -> Result<HeaderMap> {
    let said = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_LENGTH, object.size.to_string()),
        (header::CONTENT_DISPOSITION, disposition.to_owned()),
        (header::ETAG, format!("\"{tag}\"")),
        (header::CACHE_CONTROL, "private, max-age=900, immutable".into()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'".into()),
    ];
    said.into_iter().map(|(name, value)| Ok((name, HeaderValue::from_str(&value).map_err(Error::internal)?))).collect()
}

/// What a browser is to do with it (RFC 6266): show pictures, save everything else. The name stands in it in letters that every
/// browser knows, and as it is.
fn disposition(file: &Attachment) -> String {
    let is_shown = media::is_shown(&file.mime_type);
    let plain: String =
        file.filename.chars().map(|c| if c.is_ascii_graphic() && !"\"\\".contains(c) || c == ' ' { c } else { '_' }).collect();
    let whole: String =
        file.filename
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            })
            .collect();
    format!("{}; filename=\"{plain}\"; filename*=UTF-8''{whole}", if is_shown { "inline" } else { "attachment" })
}
