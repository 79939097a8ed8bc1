//! Somebody wants another address.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{Error, Result, act::Act, auth::token::Opaque, http::Json};
use utoipa::ToSchema;

use crate::{
    app::App,
    attempts,
    events::{Event, Whom},
    identities::{self, Email, Password},
    links::{self, Purpose},
    mails::{self, Address, Addressee, Text},
    session::Session,
    two_factor,
};

/// Which one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    email: Email,
    /// One's own.
    password: Password,
}

/// Sends a link to the new address; the answer is the same whether it has an account or not.
///
/// Whoever has a second factor that counts elsewhere must have shown it: `403 two_factor_required`.
#[utoipa::path(
    post,
    path = "/api/v1/auth/email/change",
    tag = "identities",
    request_body = ChangeEmail,
    responses((status = 202)),
    security(("bearer" = []))
)]
pub async fn change_email(State(app): State<App>, session: Session, Json(wish): Json<ChangeEmail>) -> Result<StatusCode> {
    session.must_be_fresh()?;
    if wish.email.as_str() == session.member.email {
        return Err(Error::field("email", "unchanged", "this is your address already"));
    }
    two_factor::must_speak_for_account(&mut *app.db.read().await?, &session).await?;
    attempts::prove(&app, &session, &wish.password, "password").await?;
    session.living_act(async |act| ask(act, &app, &session, &wish.email).await).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The verb. The link is kept in either case, so that the work is the same; whoever has the address
/// already does not get it.
async fn ask(act: &mut Act, app: &App, session: &Session, email: &Email) -> Result<()> {
    two_factor::locked(act, session.member.whom()).await?;
    two_factor::must_speak_for_account(act.db(), session).await?;
    let (tenant, member, token) = (&session.tenant, &session.member, Opaque::generate());
    act.record(&Event::EmailChangeAsked(member.whom())).await?;
    let organisation = tenant.organisation.as_str();
    let link = format!("{}/verify-address?token={}", app.site.url(&tenant.slug), token.text);
    let taken = identities::by_email(act.db(), email).await?.is_some_and(|user| user.verified || user.belongs);
    let text = if taken { Address::Taken { organisation } } else { Address::Confirm { organisation, link: &link } };
    // Only the account's own address is greeted by name.
    let to = Addressee { email: email.as_str(), firstname: "", locale: member.locale };
    if mails::send_sparingly(act, app, tenant.id, to, &Text::Address(text)).await? {
        let whom = Whom { tenant_id: tenant.id, user_id: member.user_id };
        links::keep(act, Purpose::NewAddress, (whom, email.as_str()), Some(session.id), &token).await?;
    }
    Ok(())
}
