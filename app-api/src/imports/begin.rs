//! `POST /api/v1/imports`: a file is about to come.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    idempotency::{Keyed, Once},
    line::Line,
};
use utoipa::ToSchema;

use super::{
    mapping::Mapping,
    model::{Delimiter, Encoding, Import, Kind, MOST_BYTES, MOST_KEPT, MOST_OPEN},
    store,
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    media::room,
    people::PersonId,
    permissions::Permission,
    session::Session,
};

/// A file that is about to come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginImport {
    /// What it is.
    kind: Kind,
    /// What it is called.
    #[schema(value_type = String, max_length = 255)]
    file_name: Line<255>,
    /// Its bytes, 512 MiB at most.
    #[schema(minimum = 1, maximum = 536_870_912)]
    file_size: i64,
    /// Whose the ids in it are; `csv` or `zendesk` unless told. A ticket of one source is brought once.
    #[schema(value_type = Option<String>, max_length = 64)]
    source: Option<Line<64>>,
    /// How its letters are written. Unless told it is UTF-8, or Windows-1252 where it cannot be that.
    encoding: Option<Encoding>,
    /// What stands between a table's cells: `,`, `;`, a tab or `|`. Unless told, whatever stands most often in its first line.
    #[schema(value_type = Option<String>)]
    delimiter: Option<Delimiter>,
    /// What each column is, by its name: `external_id`, `subject`, `description`, `status`, `priority`, `category`, `order_id`,
    /// `tags`, `channel`, `requester_email`, `requester_name`, `requester_firstname`, `requester_lastname`, `assignee_email`,
    /// `created_at`, `updated_at`, `resolved_at`, `closed_at`, `messages`, `custom_fields` or `custom_fields.{key}`. Unless told,
    /// whatever it sounds like.
    #[serde(default)]
    mapping: Mapping,
}

/// Begins an import. Its file comes in parts of 1 MiB at most, then it is checked and run. `409` while three are not over,
/// `413 quota_exceeded` where the plan has no room for the file, or 1 GiB of them is here.
/// With an `Idempotency-Key` a retry gets the same import.
/// An API key needs `tickets:write`, too. `403 email_not_verified` for an admin who has not proved their own address.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", request_body = BeginImport,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Import, headers(("Location" = String, description = "The import")))))]
pub(super) async fn begin_import(session: Session, State(app): State<App>, Keyed { body: new, key }: Keyed<BeginImport>) -> Result<Once> {
    session.may(Permission::ImportTickets)?;
    session.may(Permission::OpenForOthers)?;
    must_have_proved(&app, &session).await?;
    if !(1..=MOST_BYTES).contains(&new.file_size) {
        return Err(Error::field("file_size", "out_of_range", format!("1 to {MOST_BYTES} bytes.")));
    }
    let (me, storage) = (session.person.id, session.tenant.bounds.storage_bytes);
    session
        .once(key.as_ref(), "imports", async |act| {
            let import = begin(act, (me, storage), &new).await?;
            Once::created(format!("/api/v1/imports/{}", import.id), &import)
        })
        .await
}

/// Refuses whoever has not proved their own address: anybody founds an organisation, and a file is full of others' addresses (E4).
pub(super) async fn must_have_proved(app: &App, session: &Session) -> Result<()> {
    let proved = app.people.has_proved(session.tenant.id, session.person.id).await?;
    if proved { Ok(()) } else { Err(Error::Forbidden("email_not_verified")) }
}

/// Refuses more bytes of files than the plan allows, and than any organisation may have here: what is over counts until it is
/// forgotten, so whoever sends and cancels fills no disk. Nobody else brings files or imports until the act ends.
pub(super) async fn must_have_room(act: &mut Act, storage: Option<i64>, more: i64) -> Result<()> {
    let (files, used) = room::hold_all(act).await?;
    let all = files.bytes + used;
    match storage {
        Some(allowed) if all + more > allowed => Err(Error::Quota { limit: "storage_bytes", allowed, used: all }),
        _ if used + more > MOST_KEPT => Err(Error::Quota { limit: "import_bytes", allowed: MOST_KEPT, used }),
        _ => Ok(()),
    }
}

async fn begin(act: &mut Act, (me, storage): (PersonId, Option<i64>), new: &BeginImport) -> Result<Import> {
    if store::count_open(act.db()).await? >= MOST_OPEN {
        return Err(Error::conflict("conflict", format!("There are {MOST_OPEN} imports that are not over. End one of them first.")));
    }
    must_have_room(act, storage, new.file_size).await?;
    let (now, source) = (act.now(), new.source.as_ref().map_or(new.kind.as_str(), Line::as_str));
    let row = store::NewImport {
        kind: new.kind,
        source,
        file_name: new.file_name.as_str(),
        file_size: new.file_size,
        encoding: new.encoding,
        delimiter: new.delimiter,
        mapping: &new.mapping,
    };
    let id = store::insert(act.db(), me, &row, now).await?;
    let what = json!({ "kind": new.kind, "source": source, "file_name": new.file_name, "file_size": new.file_size });
    act.record(&Setting::kept(Noun::Import, Deed::Created, id, me, what)).await?;
    store::find(act.db(), id).await
}
