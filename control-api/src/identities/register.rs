//! A customer registers at a tenant's portal (I-1). The answer is the same whether the address is
//! known or not; the difference is in the mail, which only the owner of the address reads.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    http::{Client, Json},
    session::Role,
};
use utoipa::ToSchema;

use super::{Compared, Email, Name, NewUser, Password, by_email, find_or_make, hand_over, overtaken, proof};
use crate::{
    app::App,
    events::{Event, Whom},
    mails, members,
    members::Standing,
    tenants::{Status, Tenant, Visited},
};

/// Somebody who wants to be a customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    email: Email,
    /// At least 8 characters.
    password: Password,
    firstname: Name,
    lastname: Name,
}

/// Registers a customer; a mail with a link goes to the address.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "identities", request_body = Register, responses((status = 202)))]
pub async fn register_customer(
    State(app): State<App>,
    Visited(tenant): Visited,
    client: Client,
    Json(wish): Json<Register>,
) -> Result<StatusCode> {
    if tenant.status != Status::Active {
        return Err(Error::Unavailable("tenant"));
    }
    let first = compare_and_register(&app, &tenant, &client, &wish, false).await;
    if overtaken(&first) { compare_and_register(&app, &tenant, &client, &wish, true).await } else { first }
}

async fn compare_and_register(app: &App, tenant: &Tenant, client: &Client, wish: &Register, last: bool) -> Result<StatusCode> {
    let about = [wish.email.as_str(), wish.firstname.as_str(), wish.lastname.as_str(), &tenant.organisation];
    let known = by_email(&mut *app.db.read().await?, &wish.email).await?.map(|user| user.password_hash);
    let compared = Compared::with(known.clone(), last);
    let new = NewUser {
        email: wish.email.clone(),
        firstname: wish.firstname.clone(),
        lastname: wish.lastname.clone(),
        locale: tenant.locale,
        password_hash: wish.password.choose(&app.passwords, Role::Customer, &about, known).await?,
    };
    app.db.act(client.author(Actor::Anonymous), &app.clock, async |act| register(act, app, tenant, &new, &compared).await).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The verb. An account that proved nothing and belongs nowhere is written over by each newcomer:
/// the link that is opened decides whose it is. Every address leaves the same rows, those of members
/// too, so that neither time nor a later login tells them apart; which mail goes out is the only
/// difference.
async fn register(act: &mut Act, app: &App, tenant: &Tenant, new: &NewUser, compared: &Compared) -> Result<()> {
    let (user, made) = find_or_make(act, new).await?;
    compared.holds(&user, made)?;
    let whom = Whom { tenant_id: tenant.id, user_id: user.id };
    if !made && !user.verified && !user.belongs {
        hand_over(act, user.id, new).await?;
    }
    members::expect_customer(act, whom).await?;
    act.record(&Event::CustomerRegistered(whom)).await?;
    let token = proof::claim(act, whom, new).await?;
    let standing = members::standing(act.db(), tenant.id, user.id).await?;
    let organisation = &tenant.organisation;
    let page = |path: &str| format!("{}/{path}", app.site.url(&tenant.slug));
    let (link, home) = (page(&format!("verify?token={}", token.text)), page("login"));
    let text = match standing {
        Some(Standing::Active) => mails::Text::AlreadyKnown { organisation, link: &home },
        Some(Standing::Removed) => mails::Text::NoLonger { organisation },
        Some(Standing::Pending) | None => mails::Text::ProveAddress { organisation, link: &link, role: Role::Customer },
    };
    // Only whoever is new here gave us a name that we may greet them with.
    let firstname = if standing == Some(Standing::Pending) { new.firstname.as_str() } else { "" };
    let to = mails::Addressee { email: new.email.as_str(), firstname, locale: tenant.locale };
    let sent = mails::send_sparingly(act, app, tenant.id, to, &text).await?;
    if sent { Ok(()) } else { proof::unsent(act, &token).await }
}
