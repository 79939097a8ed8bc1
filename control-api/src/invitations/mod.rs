//! Invitations: an admin asks somebody in, by mail. The link is good once, for seven days, and
//! proves the address. Asking the same address again replaces the former invitation. Whoever has
//! an account already accepts with its password; everybody else chooses one. An invitation stands
//! for the admin who sent it: it ends when they are admin no more, and when the person it went to is
//! taken out. Whoever belongs already stays what they are; admins change roles, links do not.

mod accept;
mod invite;
mod model;
mod store;

use chrono::{DateTime, Utc};
pub use invite::Shown;
use invite::event;
pub use model::{Invitation, InvitationStatus};
use shared::{Result, act::Act};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    events::{Event, Whom},
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(invite::list_invitations, invite::create_invitation))
        .routes(routes!(invite::revoke_invitation))
        .routes(routes!(accept::accept_invitation))
}

/// Ends the open invitations that somebody sent.
pub async fn end_by(act: &mut Act, whom: Whom) -> Result<()> {
    let now = act.now();
    let ended = store::revoke_by(act.db(), whom.tenant_id, whom.user_id, now).await?;
    tell(act, ended).await
}

/// Ends the open invitation to an address.
pub async fn end_to(act: &mut Act, tenant: Uuid, email: &str) -> Result<()> {
    let now = act.now();
    let ended = store::revoke_to(act.db(), tenant, email, now).await?;
    tell(act, ended).await
}

/// Whether the tenant waits for whoever has this address.
pub async fn is_asked_in(db: &mut PgConnection, tenant: Uuid, email: &str, now: DateTime<Utc>) -> Result<bool> {
    store::is_asked_in(db, tenant, email, now).await
}

async fn tell(act: &mut Act, ended: Vec<Invitation>) -> Result<()> {
    for invitation in &ended {
        act.record(&Event::InvitationRevoked(event(invitation))).await?;
    }
    Ok(())
}
