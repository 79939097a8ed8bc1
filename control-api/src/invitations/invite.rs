//! Asking somebody in, seeing who was asked, taking it back.

use std::time::Duration;

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    auth::token::Opaque,
    http::{Json, NoContent, Path},
    idempotency::{Keyed, Once, once},
    page::{Asked, Order, Page, Paging},
    session::Role,
};
use utoipa::ToSchema;

use super::{Invitation, InvitationStatus, store};
use crate::{
    api_keys::{MembersRead, MembersWrite, Scoped},
    app::App,
    bound::Bound,
    events::{Event, Invited, Whom},
    identities::{self, Email},
    mails,
    members::{self, Member, Standing},
    plans::{self, Taker},
    tenants::{Status, Tenant},
};

const LIFETIME: TimeDelta = TimeDelta::days(7);
/// How many people a tenant asks in within a day: more would make us a sender of advertising.
const A_DAY: Bound = Bound { most: 200, within: TimeDelta::days(1) };
/// How long an admin waits who has asked one address too often.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Whom to ask in, and as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    email: Email,
    role: Role,
}

/// An invitation as admins see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct Shown {
    id: i64,
    email: String,
    role: Role,
    status: InvitationStatus,
    invited_by: i64,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

fn shown(i: Invitation, now: DateTime<Utc>) -> Shown {
    Shown {
        status: i.status(now),
        role: role(&i),
        id: i.id,
        email: i.email,
        invited_by: i.invited_by,
        expires_at: i.expires_at,
        created_at: i.created_at,
    }
}

/// The role; the table's check allows no other words.
pub(super) fn role(invitation: &Invitation) -> Role {
    Role::parse(&invitation.role).unwrap_or(Role::Customer)
}

pub(super) fn event(invitation: &Invitation) -> Invited {
    Invited { tenant_id: invitation.tenant_id, id: invitation.id, role: role(invitation).as_str() }
}

/// Asks somebody in; a mail goes to the address.
///
/// Asking an admin in needs a recent proof (`403 step_up_required`). At most 200 a day, and 5 an hour to one
/// address; then `429`. One of the staff takes a seat: `413 quota_exceeded` when the plan has none left. With an `Idempotency-Key` a retry gets the first answer for 24 hours.
#[utoipa::path(
    post,
    path = "/api/v1/invitations",
    tag = "invitations",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    request_body = Invite,
    responses((status = 201, body = Shown, headers(("Location" = String, description = "The invitation")))),
    security(("bearer" = []))
)]
pub async fn create_invitation(
    State(app): State<App>,
    session: Scoped<MembersWrite>,
    Keyed { body: wish, key }: Keyed<Invite>,
) -> Result<Once> {
    session.must_be(Role::Admin)?;
    if wish.role == Role::Admin {
        session.must_be_a_person()?;
        session.must_be_fresh()?;
    }
    if !session.member.verified {
        return Err(Error::Forbidden("email_not_verified"));
    }
    if session.tenant.status != Status::Active {
        return Err(Error::Unavailable("tenant"));
    }
    let owner = session.owner();
    let invited = session.act(async |act| {
        once(act, key.as_ref(), &owner, "invitations", async |act| {
            let (invitation, now) = (invite(act, &app, &session.tenant, &session.member, &wish).await?, act.now());
            Once::created(format!("/api/v1/invitations/{}", invitation.id), &shown(invitation, now))
        })
        .await
    });
    invited.await
}

/// The verb. A former invitation of the same address ends: its link is dead from now on.
async fn invite(act: &mut Act, app: &App, tenant: &Tenant, by: &Member, wish: &Invite) -> Result<Invitation> {
    members::must_be_admin(act, Whom { tenant_id: tenant.id, user_id: by.user_id }).await?;
    if !app.rules.no_rate_limit {
        // Admins act one after the other here, so the number is exact.
        let now = act.now();
        A_DAY.check(store::since(act.db(), tenant.id, A_DAY.since(now)).await?, now)?;
    }
    let known = identities::by_email(act.db(), &wish.email).await?;
    if let Some(user) = &known
        && members::standing(act.db(), tenant.id, user.id).await? == Some(Standing::Active)
    {
        return Err(Error::conflict("conflict", "This person belongs to the organisation already."));
    }
    let (token, now) = (Opaque::generate(), act.now());
    let new = store::New {
        tenant_id: tenant.id,
        email: &wish.email,
        role: wish.role,
        token_hash: &token.hash,
        invited_by: by.user_id,
        expires_at: now + LIFETIME,
    };
    super::end_to(act, tenant.id, wish.email.as_str()).await?;
    if wish.role.is_staff() {
        plans::take_seat(act, tenant.id, Taker::Invited).await?;
    }
    let invitation = store::insert(act.db(), new, now).await?;
    act.record(&Event::UserInvited(event(&invitation))).await?;
    let link = format!("{}/invitation?token={}", app.site.url(&tenant.slug), token.text);
    let inviter = format!("{} {}", by.firstname, by.lastname);
    let to = mails::Addressee { email: wish.email.as_str(), firstname: "", locale: tenant.locale };
    let text = mails::Text::Invitation { organisation: &tenant.organisation, inviter: &inviter, link: &link };
    let sent = mails::send_sparingly(act, app, tenant.id, to, &text).await?;
    if sent { Ok(invitation) } else { Err(Error::TooMany { retry_after: PATIENCE }) }
}

/// Who was asked in, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/invitations",
    tag = "invitations",
    params(Paging),
    responses((status = 200, body = Page<Shown>)),
    security(("bearer" = []))
)]
pub async fn list_invitations(
    State(app): State<App>,
    session: Scoped<MembersRead>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<Shown>>> {
    session.must_be(Role::Admin)?;
    let (tenant, now) = (session.tenant.id, app.clock.now());
    let part = paging.part(&app.keys.cursors, &format!("invitations:{tenant}"), Order::Newest)?;
    let mut db = app.db.read().await?;
    let invitations = store::list(&mut db, tenant, &part).await?.into_iter().map(|i| shown(i, now)).collect();
    let total = part.total(store::count(&mut db, tenant)).await?;
    Ok(Json(part.page(invitations, total, |invitation: &Shown| invitation.id)?))
}

/// Takes an invitation back: its link is dead.
#[utoipa::path(
    delete,
    path = "/api/v1/invitations/{id}",
    tag = "invitations",
    params(("id" = i64, Path)),
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn revoke_invitation(session: Scoped<MembersWrite>, Path(id): Path<i64>) -> Result<NoContent> {
    session.must_be(Role::Admin)?;
    let (tenant, by) = (session.tenant.id, session.member.user_id);
    session
        .act(async |act| {
            members::must_be_admin(act, Whom { tenant_id: tenant, user_id: by }).await?;
            let now = act.now();
            let revoked = store::revoke(act.db(), tenant, id, now).await?.ok_or(Error::NotFound("not_found"))?;
            act.record(&Event::InvitationRevoked(event(&revoked))).await
        })
        .await?;
    Ok(NoContent)
}
