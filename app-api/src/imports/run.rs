//! `POST /api/v1/imports/{import}/run` and `…/cancel`: beginning to read a file, and ending it.

use axum::extract;
use serde::Deserialize;
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, Path},
};
use utoipa::ToSchema;

use super::{
    begin::must_have_proved,
    model::{Import, State},
    store::{self, Runner},
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    people::PersonId,
    permissions::Permission,
    session::Session,
};

/// Whether it is only checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunImport {
    /// Reads all of the file and says what would be wrong, without bringing anything.
    #[serde(default)]
    dry_run: bool,
}

/// Checks an import, or runs it: the answer comes at once, and the import says how far it is. A run goes on from line to
/// line until its end, also over a restart; imports are read one after the other. It is run in the name of whoever asks, and
/// waits again with the reason `forbidden` when they are no admin any more or their key has ended. A key needs `tickets:write`, too.
/// `403 email_not_verified` for an admin who has not proved their own address.
#[utoipa::path(post, path = "/api/v1/imports/{import}/run", tag = "imports", request_body = RunImport,
    params(("import" = i64, Path, description = "Its id")), responses((status = 200, body = Import)))]
pub(super) async fn run_import(
    session: Session,
    extract::State(app): extract::State<App>,
    Path(id): Path<i64>,
    Json(how): Json<RunImport>,
) -> Result<Json<Import>> {
    session.may(Permission::ImportTickets)?;
    session.may(Permission::OpenForOthers)?;
    must_have_proved(&app, &session).await?;
    let me = Runner { person: session.person.id, key: session.credential.key() };
    session.act(async |act| run(act, me, id, how.dry_run).await).await.map(Json)
}

async fn run(act: &mut Act, me: Runner, id: i64, is_dry: bool) -> Result<Import> {
    let (now, stored) = (act.now(), store::lock(act.db(), id).await?);
    let import = &stored.import;
    if !import.state.waits() {
        return Err(Error::conflict("conflict", "It is not waiting to be checked or run."));
    }
    import.mapping.check(import.kind, &import.columns)?;
    import.mapping.is_enough(import.kind)?;
    let state = if is_dry { State::Checking } else { State::Running };
    store::begin(act.db(), &stored, state, me, now).await?;
    let what = json!({ "state": state, "mapping": import.mapping });
    act.record(&Setting::kept(Noun::Import, Deed::Changed, id, me.person, what)).await?;
    store::find(act.db(), id).await
}

/// Ends an import, wherever it is. What a run has brought stays here; the file is forgotten.
#[utoipa::path(post, path = "/api/v1/imports/{import}/cancel", tag = "imports", params(("import" = i64, Path, description = "Its id")),
    responses((status = 200, body = Import)))]
pub(super) async fn cancel_import(session: Session, Path(id): Path<i64>) -> Result<Json<Import>> {
    session.may(Permission::ImportTickets)?;
    let me = session.person.id;
    session.act(async |act| cancel(act, Some(me), (id, None)).await).await.map(Json)
}

/// Ends an import by somebody's word or, without anybody, for a reason.
pub(super) async fn cancel(act: &mut Act, me: Option<PersonId>, (id, reason): (i64, Option<&str>)) -> Result<Import> {
    let (now, before) = (act.now(), store::lock(act.db(), id).await?.import);
    if before.state.is_over() {
        return Err(Error::conflict("conflict", "It is over already."));
    }
    store::end(act.db(), id, State::Cancelled, reason, now).await?;
    let after = store::find(act.db(), id).await?;
    let mut what = store::told(&after);
    what["changed_by"] = json!(me);
    act.record(&Setting::new(Noun::Import, Deed::Deleted, id, what)).await?;
    Ok(after)
}
