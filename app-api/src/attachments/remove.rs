//! `DELETE /api/v1/attachments/{attachment}`.

use axum::extract::State;
use shared::{
    Error, Result,
    act::Act,
    http::{NoContent, Path},
    session::Role,
};

use super::{room, show::eyes, upload::must_be_open, work::ticket_of};
use crate::{
    app::App,
    events::FileEvent,
    media::{self, Attachment, ScanStatus},
    people::PersonId,
    permissions::Permission,
    session::Session,
    tickets::{self, Facts, TicketRef},
};

/// Takes a file away: one's own, and for managers and admins anybody's. Nobody sees it from then on; after thirty days it goes for
/// good. `409 ticket_closed`.
#[utoipa::path(delete, path = "/api/v1/attachments/{attachment}", tag = "attachments",
    params(("attachment" = i64, Path, description = "Its id")), responses((status = 204)))]
pub(super) async fn remove_attachment(session: Session, State(app): State<App>, Path(id): Path<i64>) -> Result<NoContent> {
    session.may(Permission::Converse)?;
    let sender = session.scoped_act(async |act| remove(act, &session, id).await).await?;
    room::changed(&app, &session.tenant, sender).await;
    Ok(NoContent)
}

async fn remove(act: &mut Act, session: &Session, id: i64) -> Result<PersonId> {
    let found = media::find(act.db(), id).await?.ok_or(Error::NotFound("not_found"))?;
    // The ticket before the file, as everybody locks them.
    let ticket = tickets::hold(act, session.viewer(), &TicketRef::Id(found.ticket_id)).await?;
    let file = media::lock(act.db(), id).await?.ok_or(Error::NotFound("not_found"))?;
    if !file.facts.are_seen_by(eyes(session)) || file.ticket_id != ticket.id {
        return Err(Error::NotFound("not_found"));
    }
    let is_theirs = file.uploaded_by == session.person.id || matches!(session.role(), Role::Manager | Role::Admin);
    if !is_theirs {
        return Err(Error::Forbidden("forbidden"));
    }
    must_be_open(&ticket)?;
    let ticket = ticket_of(act, &file).await?;
    take_away(act, &file, Some(session.person.id), &ticket).await?;
    Ok(file.uploaded_by)
}

/// Takes a locked file away, and gives room back. Its shares end by a trigger.
pub(super) async fn take_away(act: &mut Act, file: &Attachment, by: Option<PersonId>, ticket: &Facts) -> Result<()> {
    let now = act.now();
    if media::remove(act.db(), file.id, by, now).await? {
        // What was infected has given its room back.
        if file.scan_status != ScanStatus::Infected {
            media::room::give_back(act, file).await?;
        }
        act.record(&FileEvent::removed(file, by, ticket)).await?;
    }
    Ok(())
}
