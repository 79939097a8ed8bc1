//! `POST /api/v1/tickets/{ticket}/presence`: who of the staff is at a ticket just now, and who is writing (T-35), so that two do
//! not answer at once. Whoever is there says so every ten seconds; whoever does not for thirty is gone. It lives in Redis
//! alone: without it nobody is shown, and nothing else changes.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::{
    Result,
    cache::PRESENT,
    http::{Json, Path},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    model::{Party, Ticket, TicketRef},
    store,
    visibility::Audience,
    watch::seeing,
};
use crate::{app::App, people::PersonId, permissions::Permission, session::Session};

/// So long a word counts.
const COUNTS_FOR: Duration = Duration::from_secs(30);

/// What somebody does at a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// They read it.
    Viewing,
    /// They write an answer or a note.
    Typing,
    /// They have gone.
    Gone,
}

impl Presence {
    fn mark(self) -> Option<u32> {
        match self {
            Self::Viewing => Some(0),
            Self::Typing => Some(1),
            Self::Gone => None,
        }
    }

    fn of(mark: u32) -> Self {
        if mark == 1 { Self::Typing } else { Self::Viewing }
    }
}

/// What one does at a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BePresent {
    /// What one does now.
    state: Presence,
}

/// Somebody at a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Somebody {
    /// Who.
    #[serde(flatten)]
    pub person: Party,
    /// What they do.
    pub state: Presence,
}

/// Who else is at a ticket.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Present {
    /// At most fifty; none while it cannot be known.
    pub data: Vec<Somebody>,
}

/// At a ticket somebody came, went, or does something else.
#[derive(Debug, Serialize, Deserialize)]
pub struct Moved {
    /// Whose ticket it is.
    pub tenant: Uuid,
    /// Which.
    pub ticket_id: i64,
    /// Who may hear of it.
    pub audience: Audience,
}

/// Says what one does at a ticket, and shows who else is there. Say it again every ten seconds: after thirty it no longer
/// counts. Streams hint at it by `presence` events.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/presence", tag = "tickets", request_body = BePresent,
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 200, body = Present)))]
pub(super) async fn be_present(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    Json(now): Json<BePresent>,
) -> Result<Json<Present>> {
    session.must_belong()?;
    session.may(Permission::KeepDesk)?;
    let ticket = store::find(&mut session.read().await?, session.viewer(), &ticket, app.clock.now()).await?;
    let (cache, tenant) = (&app.outside.cache, session.tenant.id);
    let key = format!("t:{{{tenant}}}:present:{}", ticket.id);
    let Some(roll) = cache.call(&key, (session.person.id, now.state.mark()), COUNTS_FOR).await else {
        return Ok(Json(Present::default()));
    };
    if roll.changed {
        let audience = Audience { after: ticket.sight(), before: None, internal: true };
        let moved = Moved { tenant, ticket_id: ticket.id, audience };
        // Whoever does not hear it learns it from their own next word.
        cache.tell(PRESENT, &serde_json::to_string(&moved)?).await;
    }
    Ok(Json(Present { data: seen(&session, &ticket, roll.others).await? }))
}

/// Those of a roll who see the ticket still.
async fn seen(session: &Session, ticket: &Ticket, others: Vec<(PersonId, u32)>) -> Result<Vec<Somebody>> {
    let mut data = Vec::new();
    if others.is_empty() {
        return Ok(data);
    }
    let mut db = session.read().await?;
    for (id, mark) in others {
        let person = seeing(&mut db, ticket, id).await?;
        data.extend(person.map(|person| Somebody { person, state: Presence::of(mark) }));
    }
    Ok(data)
}
