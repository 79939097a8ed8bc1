//! A new password by the link from a mail.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    http::{Client, Json, NoContent},
};
use utoipa::ToSchema;

use crate::{
    app::App,
    attempts,
    events::Whom,
    identities::{self, Email, Password, Token},
    links::{self, Link, Purpose},
    members::{self, Standing},
    sessions::{self, Reason},
    sign_in::ticket,
    tenants::{self, Named, Tenant},
};

/// The link's token and the new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    token: Token,
    /// At least 12 characters for staff, 8 for customers.
    password: Password,
}

/// Chooses a new password. All sessions of the person end; a second factor is asked for as before.
#[utoipa::path(post, path = "/api/v1/auth/password/reset", tag = "passwords", request_body = Reset, responses((status = 204)))]
pub async fn reset_password(State(app): State<App>, named: Named, client: Client, Json(wish): Json<Reset>) -> Result<NoContent> {
    let hash = wish.token.hash();
    let (link, tenant) = found(&app, &client, &hash, named).await?;
    let new = choose(&app, &link, &tenant, &wish.password).await?;
    let author = client.author(Actor::Anonymous);
    app.db.act(author, &app.clock, async |act| reset(act, &app, &tenant, &link, (&hash, &new)).await).await?;
    Ok(NoContent)
}

async fn found(app: &App, client: &Client, hash: &[u8], named: Named) -> Result<(Link, Tenant)> {
    let mut db = app.db.read().await?;
    let (_, link) = links::find(&mut db, hash, &[Purpose::Password], named.0.map(|t| t.id), app.clock.now()).await?;
    let tenant = tenants::by_id(&mut db, link.tenant_id).await?.ok_or(Error::NotFound("not_found"))?;
    client.visits(tenant.id, &tenant.slug);
    client.aims_at(link.user_id);
    Ok((link, tenant))
}

async fn choose(app: &App, link: &Link, tenant: &Tenant, password: &Password) -> Result<String> {
    let mut db = app.db.read().await?;
    let user = identities::by_id(&mut db, link.user_id).await?;
    let role = members::highest_role(&mut db, user.id).await?;
    drop(db);
    let about = [user.email.as_str(), &user.firstname, &user.lastname, &tenant.organisation, &tenant.slug];
    password.choose(&app.passwords, role, &about, None).await
}

/// The verb. Whoever opens the link reads the mails of the address: that proves it, to the tenant too at
/// which it was asked for, and all other claims to the account end.
async fn reset(act: &mut Act, app: &App, tenant: &Tenant, link: &Link, (token, new): (&[u8], &str)) -> Result<()> {
    let now = act.now();
    let user = identities::lock(act, link.user_id).await?;
    links::take(act, token).await?;
    let whom = Whom { tenant_id: tenant.id, user_id: user.id };
    members::speaks(act, whom).await?;
    super::store(act, app, tenant, user.id, new, "reset").await?;
    identities::proved(act, whom, new).await?;
    if !user.verified {
        identities::lock_out(act, user.id).await?;
    }
    if members::standing(act.db(), tenant.id, user.id).await? == Some(Standing::Pending) {
        members::admit(act, whom).await?;
    }
    sessions::end_all(act, user.id, Reason::PasswordReset).await?;
    ticket::end_all(act, user.id).await?;
    links::end_all(act, user.id, now).await?;
    let email = Email::try_from(user.email).map_err(|e| anyhow::anyhow!("a stored address does not parse: {e}"))?;
    attempts::forgive(act, app, &email).await
}
