//! `/api/v1/tickets/{ticket}/draft`: what somebody has begun to write, a reply and a note each, until they send it.
//! It is theirs alone, and no change of the ticket: no version, no event.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, NoContent, NoQuery, Path, Query},
};
use utoipa::{IntoParams, ToSchema};

use super::{model::TicketRef, show, store};
use crate::{messages::Body, permissions::Permission, session::Session};

/// What is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// An answer that the customer reads.
    Reply,
    /// A word among colleagues.
    Note,
}

impl Mode {
    /// What a message is written as.
    pub fn of(is_internal: bool) -> Self {
        if is_internal { Self::Note } else { Self::Reply }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
        }
    }

    /// The mode of a word that the database holds.
    pub(super) fn parse(word: &str) -> Self {
        Self::of(word == "note")
    }
}

/// Something begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Draft {
    /// What there is of it, in Markdown.
    pub message: String,
    /// When it was last kept.
    pub updated_at: DateTime<Utc>,
}

/// What somebody has begun to write at a ticket.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Drafts {
    /// Their reply.
    pub reply: Option<Draft>,
    /// Their note.
    pub note: Option<Draft>,
}

/// A draft to be kept in the place of the one before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepDraft {
    /// What is being written.
    mode: Mode,
    /// What there is of it, in Markdown.
    message: Body,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// `reply` or `note`; both unless told.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

/// Shows what one has begun to write at a ticket.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/draft", tag = "messages",
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 200, body = Drafts)))]
pub(super) async fn show_draft(session: Session, Path(ticket): Path<TicketRef>, _: NoQuery) -> Result<Json<Drafts>> {
    session.may(Permission::UseDesk)?;
    let mut db = session.read().await?;
    let ticket = store::find(&mut db, session.viewer(), &ticket, session.clock().now()).await?;
    let mut drafts = Drafts::default();
    for (mode, draft) in store::drafts(&mut db, ticket.id, session.person.id).await? {
        match mode {
            Mode::Reply => drafts.reply = Some(draft),
            Mode::Note => drafts.note = Some(draft),
        }
    }
    Ok(Json(drafts))
}

/// Keeps a draft.
#[utoipa::path(put, path = "/api/v1/tickets/{ticket}/draft", tag = "messages", request_body = KeepDraft,
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 204)))]
pub(super) async fn keep_draft(session: Session, Path(ticket): Path<TicketRef>, Json(draft): Json<KeepDraft>) -> Result<NoContent> {
    session.may(Permission::KeepDesk)?;
    let (me, viewer) = (session.person.id, session.viewer());
    session
        .act(async |act| {
            let (ticket, now) = (show::find(act, viewer, &ticket).await?, act.now());
            store::keep_draft(act.db(), (ticket.id, me, draft.mode), draft.message.as_str(), now).await
        })
        .await?;
    Ok(NoContent)
}

/// Forgets a draft.
#[utoipa::path(delete, path = "/api/v1/tickets/{ticket}/draft", tag = "messages",
    params(("ticket" = String, Path, description = "Id or number"), Which), responses((status = 204)))]
pub(super) async fn drop_draft(session: Session, Path(ticket): Path<TicketRef>, Query(which): Query<Which>) -> Result<NoContent> {
    session.may(Permission::KeepDesk)?;
    let (me, viewer) = (session.person.id, session.viewer());
    session
        .act(async |act| {
            let ticket = show::find(act, viewer, &ticket).await?;
            store::drop_draft(act.db(), ticket.id, me, which.mode).await
        })
        .await?;
    Ok(NoContent)
}
