//! `PUT /api/v1/imports/{import}/file/{offset}`: the file, part by part. A part that is sent again changes nothing; whoever
//! does not know how far they came asks the import. When the last part is here, the file's head is read.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, Path},
};

use super::{
    begin::must_have_room,
    head::{self, Said},
    mapping::Mapping,
    model::{Import, LEAST_PART, PART, State},
    store,
};
use crate::{
    events::{Deed, Noun, Setting},
    permissions::Permission,
    session::Session,
};

/// Bytes of a file, as they are: nothing is unpacked.
pub(super) struct FilePart(Bytes);

impl<S: Send + Sync> FromRequest<S> for FilePart {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if request.headers().contains_key(header::CONTENT_ENCODING) {
            return Err(Error::UnsupportedMediaType);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::PayloadTooLarge,
            _ => Error::Malformed { code: "bad_request", detail: "The body could not be read.".into() },
        })?;
        if bytes.is_empty() { Err(Error::field("", "required", "Send some bytes of the file.")) } else { Ok(Self(bytes)) }
    }
}

/// Sends a part of the file, of 1 MiB at most, which begins at that byte; parts come in their order, and each but the last one
/// has 64 KiB at least. A part that is there already is passed over. `409` for one that begins behind what is there: `received`
/// of the import says where to go on.
/// `413 quota_exceeded` where the plan has less room by now than what was announced.
/// After the last part the import is `ready`, with its columns, or `failed`, with the reason.
#[utoipa::path(put, path = "/api/v1/imports/{import}/file/{offset}", tag = "imports",
    params(("import" = i64, Path, description = "Its id"), ("offset" = i64, Path, description = "The byte with which the part begins")),
    request_body(content = String, content_type = "application/octet-stream"), responses((status = 200, body = Import)))]
pub(super) async fn upload_import_file(
    session: Session,
    Path((id, offset)): Path<(i64, i64)>,
    FilePart(bytes): FilePart,
) -> Result<Json<Import>> {
    session.may(Permission::ImportTickets)?;
    let storage = session.tenant.bounds.storage_bytes;
    session.act(async |act| take(act, id, (offset, &*bytes), storage).await).await.map(Json)
}

async fn take(act: &mut Act, id: i64, (offset, bytes): (i64, &[u8]), storage: Option<i64>) -> Result<Import> {
    let (now, stored) = (act.now(), store::lock(act.db(), id).await?);
    let import = stored.import;
    let end = offset.checked_add(bytes.len() as i64).filter(|end| offset >= 0 && *end <= import.file_size);
    let Some(end) = end else { return Err(Error::PayloadTooLarge) };
    if end <= import.received {
        return Ok(import);
    }
    if import.state != State::Uploading {
        return Err(Error::conflict("conflict", "The file is not being sent any more."));
    }
    if offset != import.received {
        return Err(Error::conflict("conflict", format!("The next byte is {}.", import.received)));
    }
    if bytes.len() < LEAST_PART && end < import.file_size {
        return Err(Error::field("", "too_short", format!("A part that is not the last one has {LEAST_PART} bytes at least.")));
    }
    // What was announced counts already.
    must_have_room(act, storage, 0).await?;
    store::add_part(act.db(), id, (offset, bytes), now).await?;
    if end == import.file_size
        && let Err(reason) = read_head(act, &import).await?
    {
        store::end(act.db(), id, State::Failed, Some(reason), now).await?;
        let what = json!({ "state": State::Failed, "reason": reason });
        act.record(&Setting::new(Noun::Import, Deed::Changed, id, what)).await?;
    }
    store::find(act.db(), id).await
}

/// Reads the head of a file that is all here; or says why it cannot be read, and writes nothing.
pub(super) async fn read_head(act: &mut Act, import: &Import) -> Result<Result<(), &'static str>> {
    let now = act.now();
    let first = first_bytes(act, import.id).await?;
    let said = Said { encoding: import.encoding, delimiter: import.delimiter };
    let head = match head::read(import.kind, &first, said) {
        Ok(head) => head,
        Err(reason) => return Ok(Err(reason)),
    };
    let is_told = import.mapping != Mapping::default();
    let mapping = if is_told { import.mapping.clone() } else { Mapping::guess(import.kind, &head.columns) };
    store::set_head(act.db(), import.id, &head, &mapping, now).await?;
    Ok(Ok(()))
}

/// So much of the file as says how it is written, however small its parts were.
async fn first_bytes(act: &mut Act, id: i64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < PART {
        match store::part_at(act.db(), id, bytes.len() as i64).await? {
            Some((_, part)) => bytes.extend(part),
            None => break,
        }
    }
    Ok(bytes)
}
