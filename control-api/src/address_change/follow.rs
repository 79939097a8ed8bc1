//! The links of a change of address: to the new one, and back to the old one.

use axum::extract::State;
use chrono::TimeDelta;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::{password, token::Opaque},
    http::{Client, Json, NoContent},
};
use utoipa::ToSchema;

use crate::{
    app::App,
    attempts,
    events::{Event, Whom},
    identities::{self, Email, Token, User},
    links::{self, Link, Purpose},
    mails::{self, Address, Addressee, Text},
    members::{self, Member},
    sessions::{self, Reason},
    sign_in::ticket,
    tenants::{self, Named, Tenant},
};

/// The token of a link that is about an address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmailChange {
    token: Token,
}

/// A thief adds a key of their own before they change the address, or after.
const BEFORE: TimeDelta = TimeDelta::days(1);

/// Follows a link about an address: takes the new one, or goes back to the old one.
///
/// With the new one the person's other sessions end; with the old one all of them, and the password: a
/// link to a new one is sent there. What came to let somebody in since the day before the change, as
/// passkeys and API keys, does so no more. A new address is `404` once the session that asked for it has ended.
#[utoipa::path(
    post,
    path = "/api/v1/auth/email/change/confirm",
    tag = "identities",
    request_body = ConfirmEmailChange,
    responses((status = 204))
)]
pub async fn confirm_email_change(
    State(app): State<App>,
    named: Named,
    client: Client,
    Json(wish): Json<ConfirmEmailChange>,
) -> Result<NoContent> {
    let (hash, at) = (wish.token.hash(), named.0.map(|t| t.id));
    app.db
        .act(client.author(Actor::Anonymous), &app.clock, async |act| {
            let now = act.now();
            let purposes = [Purpose::NewAddress, Purpose::OldAddress];
            let (purpose, link) = links::find(act.db(), &hash, &purposes, at, now).await?;
            let user = identities::lock(act, link.user_id).await?;
            links::take(act, &hash).await?;
            let tenant = tenants::by_id(act.db(), link.tenant_id).await?.ok_or(Error::NotFound("not_found"))?;
            members::speaks(act, Whom { tenant_id: tenant.id, user_id: user.id }).await?;
            match purpose {
                Purpose::OldAddress => go_back(act, &app, &tenant, &link, &user).await,
                _ => take(act, &app, &tenant, &link, &user).await,
            }
        })
        .await?;
    Ok(NoContent)
}

/// Takes the new address, unless the session that asked for it has ended: whoever signs out everywhere, or
/// adds a second factor, stops a thief's change as well. An old address that nobody had proved hears nothing:
/// it may be a stranger's.
async fn take(act: &mut Act, app: &App, tenant: &Tenant, link: &Link, user: &User) -> Result<()> {
    let now = act.now();
    if let Some(session) = link.session_id {
        sessions::living(act.db(), session, tenant.id, user.id).await?.ok_or(Error::NotFound("not_found"))?;
    }
    move_to(act, tenant, link, "confirmed").await?;
    match link.session_id {
        Some(session) => sessions::end_others(act, user.id, Some(session), Reason::AddressChanged).await?,
        None => sessions::end_all(act, user.id, Reason::AddressChanged).await?,
    }
    links::end_all(act, user.id, now).await?;
    if !user.verified {
        return Ok(());
    }
    let (token, whom) = (Opaque::generate(), Whom { tenant_id: tenant.id, user_id: user.id });
    links::keep(act, Purpose::OldAddress, (whom, &user.email), None, &token).await?;
    let url = format!("{}/verify-address?token={}", app.site.url(&tenant.slug), token.text);
    let text = Address::Changed { organisation: &tenant.organisation, link: &url };
    let to = Addressee { email: &user.email, firstname: &user.firstname, locale: member(act, whom).await?.locale };
    mails::send(act, app, to, &Text::Address(text)).await
}

/// Goes back to the old address. Whoever changed it knew the password: it does not work any more, nor
/// does what they added while they were in.
async fn go_back(act: &mut Act, app: &App, tenant: &Tenant, link: &Link, user: &User) -> Result<()> {
    let whom = Whom { tenant_id: tenant.id, user_id: user.id };
    move_to(act, tenant, link, "undone").await?;
    identities::set_password(act, user.id, password::NONE).await?;
    identities::lock_out_since(act, user.id, link.created_at - BEFORE).await?;
    sessions::end_all(act, user.id, Reason::AddressChanged).await?;
    ticket::end_all(act, user.id).await?;
    links::end_all(act, user.id, link.created_at).await?;
    let email = Email::try_from(link.email.clone()).map_err(|e| anyhow::anyhow!("a link's address does not parse: {e}"))?;
    attempts::forgive(act, app, &email).await?;
    let member = member(act, whom).await?;
    links::send_new_password(act, app, (tenant, &member), |organisation, link| Text::Address(Address::Restored { organisation, link }))
        .await
}

async fn move_to(act: &mut Act, tenant: &Tenant, link: &Link, by: &'static str) -> Result<()> {
    let before = members::hold_everywhere(act, link.user_id).await?;
    identities::set_address(act, link.user_id, &link.email).await?;
    act.record(&Event::EmailChanged(Whom { tenant_id: tenant.id, user_id: link.user_id }, by)).await?;
    members::profile_changed(act, link.user_id, &before).await
}

async fn member(act: &mut Act, whom: Whom) -> Result<Member> {
    members::find(act.db(), whom.tenant_id, whom.user_id).await?.ok_or(Error::NotFound("not_found"))
}
