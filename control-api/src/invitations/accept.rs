//! An invited person comes.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::amr::Amr,
    http::{Client, Json},
};
use utoipa::ToSchema;

use super::{
    Invitation,
    invite::{event, role},
    store,
};
use crate::{
    app::App,
    attempts::{self, Attempt, Device, Origin},
    events::{Event, Whom},
    identities::{self, Email, Name, NewUser, Password, Token, find_or_make},
    links,
    mails::{Access, Text},
    members::{self, Standing},
    sessions::{self, ClientKind, Reason},
    sign_in::{Answer, LoginAnswer, come_in, ticket},
    tenants::{self, Door, Named, Tenant},
};

/// The link's token and who comes with it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    token: Token,
    /// A new one; whoever has an account that is proved, or works somewhere with its password, gives that account's.
    password: Password,
    firstname: Name,
    lastname: Name,
    /// Where the refresh token goes.
    #[serde(default)]
    client: ClientKind,
}

/// Accepts an invitation and opens a session, or says that a second factor is missing.
///
/// Whoever comes as staff with a password of their own that is too short for that belongs from now on, and
/// hears `403 password_change_required`: a mail leads to another.
#[utoipa::path(
    post,
    path = "/api/v1/auth/invitations/accept",
    tag = "invitations",
    request_body = AcceptInvitation,
    responses((status = 200, body = LoginAnswer))
)]
pub async fn accept_invitation(
    State(app): State<App>,
    named: Named,
    client: Client,
    device: Device,
    Json(wish): Json<AcceptInvitation>,
) -> Result<Answer> {
    let (invitation, tenant) = found(&app, &client, &wish.token, named.0).await?;
    let password_hash = password(&app, (&invitation, &tenant), &wish, (&client, device)).await?;
    let wrong = |e: &'static str| anyhow::anyhow!("an invitation's address does not parse: {e}");
    let new = NewUser {
        email: Email::try_from(invitation.email.clone()).map_err(wrong)?,
        firstname: wish.firstname,
        lastname: wish.lastname,
        locale: tenant.locale,
        password_hash,
    };
    let author = client.author(Actor::Anonymous);
    let come = app.db.act(author, &app.clock, async |act| {
        let whom = accept(act, &app, &invitation, &new).await?;
        let member = members::find(act.db(), whom.tenant_id, whom.user_id).await?.ok_or(Error::NotFound("not_found"))?;
        if !wish.password.is_long_enough(member.role()) {
            links::send_new_password(act, &app, (&tenant, &member), |organisation, link| {
                Text::Access(Access::TooShort { organisation, link })
            })
            .await?;
            return Ok(None);
        }
        come_in(act, &app, &tenant, &member, wish.client, Amr::PWD).await.map(Some)
    });
    come.await?.ok_or(Error::Forbidden("password_change_required"))
}

/// The invitation and its tenant. A link of one tenant is none at another.
async fn found(app: &App, client: &Client, token: &Token, named: Option<Tenant>) -> Result<(Invitation, Tenant)> {
    let unknown = || Error::NotFound("not_found");
    let mut db = app.db.read().await?;
    let invitation = store::open(&mut db, &token.hash(), app.clock.now()).await?.ok_or_else(unknown)?;
    let tenant = tenants::by_id(&mut db, invitation.tenant_id).await?.ok_or_else(unknown)?;
    if named.is_some_and(|t| t.id != tenant.id) {
        return Err(unknown());
    }
    client.visits(tenant.id, &tenant.slug);
    match tenant.status.door() {
        Door::Open => Ok((invitation, tenant)),
        Door::NotYet => Err(Error::Unavailable("tenant")),
        Door::Suspended => Err(Error::Forbidden("tenant_suspended")),
        Door::Leaving => Err(Error::Forbidden("tenant_deleting")),
        Door::Nobody => Err(unknown()),
    }
}

/// The password's hash. An account that somebody holds keeps its password, and asks for it: a link that
/// somebody forwards opens one tenant at most, not all where its owner belongs.
async fn password(
    app: &App,
    (invitation, tenant): (&Invitation, &Tenant),
    wish: &AcceptInvitation,
    (client, device): (&Client, Device),
) -> Result<String> {
    let email = Email::try_from(invitation.email.clone()).map_err(|e| anyhow::anyhow!("an invitation's address does not parse: {e}"))?;
    let known = identities::by_email(&mut *app.db.read().await?, &email).await?;
    let known = match known {
        Some(user) if user.is_held() => {
            client.aims_at(user.id);
            let origin = Origin::Client(client.ip, device);
            let attempt = Attempt { email: &email, user: Some(user.id), password: &wish.password, origin };
            let right = attempts::fits(app, &attempt, user.password_hash.clone()).await?;
            return if right { Ok(user.password_hash) } else { Err(Error::Unauthenticated("invalid_credentials")) };
        }
        other => other.map(|user| user.password_hash),
    };
    let about = [email.as_str(), wish.firstname.as_str(), wish.lastname.as_str(), &tenant.organisation];
    wish.password.choose(&app.passwords, role(invitation), &about, known).await
}

/// The verb. Whoever belongs already keeps role, password and sessions, and the invitation stays as
/// it is, for the admins to see. An account that nobody holds goes to whoever reads the address's mails,
/// as by a link to a new password.
async fn accept(act: &mut Act, app: &App, invitation: &Invitation, new: &NewUser) -> Result<Whom> {
    let unknown = || Error::NotFound("not_found");
    let now = act.now();
    let inviter_is_admin = members::admins(act, invitation.tenant_id).await?.contains(&invitation.invited_by);
    if !inviter_is_admin || !store::accept(act.db(), invitation.id, now).await? {
        return Err(unknown());
    }
    let (user, made) = find_or_make(act, new).await?;
    if !made && user.is_held() && user.password_hash != new.password_hash {
        return Err(Error::Unauthenticated("invalid_credentials"));
    }
    let whom = Whom { tenant_id: invitation.tenant_id, user_id: user.id };
    if members::standing(act.db(), whom.tenant_id, whom.user_id).await? == Some(Standing::Active) {
        return Err(Error::conflict("conflict", "You belong to this organisation already; sign in."));
    }
    act.is_by(Actor::Person { id: user.id, role: role(invitation).as_str().to_owned() });
    if !made && !user.is_held() {
        take_over(act, app, user.id, new).await?;
    }
    identities::proved(act, whom, &new.password_hash).await?;
    members::join_asked(act, whom, role(invitation)).await?;
    act.record(&Event::InvitationAccepted(event(invitation))).await?;
    Ok(whom)
}

async fn take_over(act: &mut Act, app: &App, user: i64, new: &NewUser) -> Result<()> {
    let now = act.now();
    let before = members::hold_everywhere(act, user).await?;
    identities::hand_over(act, user, new).await?;
    sessions::end_all(act, user, Reason::AddressProved).await?;
    ticket::end_all(act, user).await?;
    links::end_all(act, user, now).await?;
    attempts::forgive(act, app, &new.email).await?;
    members::profile_changed(act, user, &before).await
}
