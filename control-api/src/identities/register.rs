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

use super::{Email, Name, NewUser, Password, find_or_make, hand_over, send_proof};
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
    let about = [wish.email.as_str(), wish.firstname.as_str(), wish.lastname.as_str(), &tenant.organisation];
    wish.password.check(Role::Customer, &about)?;
    let password_hash = app.passwords.hash(wish.password.secret()).await?;
    let new = NewUser { email: wish.email, firstname: wish.firstname, lastname: wish.lastname, locale: tenant.locale, password_hash };
    app.db.act(client.author(Actor::Anonymous), &app.clock, async |act| register(act, &app, &tenant, &new).await).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The verb. An account that proved nothing and belongs nowhere is written over by each newcomer:
/// the link that is opened decides whose it is.
async fn register(act: &mut Act, app: &App, tenant: &Tenant, new: &NewUser) -> Result<()> {
    let (user, made) = find_or_make(act, new).await?;
    let whom = Whom { tenant_id: tenant.id, user_id: user.id };
    if members::standing(act.db(), tenant.id, user.id).await? == Some(Standing::Active) {
        let to = mails::Addressee { email: new.email.as_str(), firstname: "", locale: tenant.locale };
        let link = format!("{}/login", app.site.url(&tenant.slug));
        return mails::send(act, app, to, &mails::Text::AlreadyKnown { organisation: &tenant.organisation, link: &link }).await;
    }
    if !made && !user.verified && !user.belongs {
        hand_over(act, user.id, new).await?;
    }
    members::expect_customer(act, whom).await?;
    act.record(&Event::CustomerRegistered(whom)).await?;
    send_proof(act, app, tenant, user.id, new, Role::Customer).await
}
