//! Proving an address: a link with 256 random bits, good once and for an hour (I-8).

use axum::extract::State;
use chrono::TimeDelta;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::token::{Opaque, hash},
    http::{Client, Json, NoContent},
    session::Role,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{EmailToken, NewUser, store};
use crate::{
    app::App,
    events::{Event, Whom},
    mails, members,
    session::Session,
    sessions,
    tenants::{Named, Tenant},
};

const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// More links than this are not sent to one person for one tenant within an hour: nobody's mailbox
/// is ours to fill.
const MOST: i64 = 5;

/// A token from a mail's link. What is no token is of no use, but is no fault of form either.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 1024)]
pub struct Token(String);

impl TryFrom<String> for Token {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() {
            0 => Err("required: this is required"),
            1..=1024 => Ok(Self(text)),
            _ => Err("too_long: at most 1024 bytes"),
        }
    }
}

impl Token {
    /// The hash under which it would be stored.
    pub fn hash(&self) -> Vec<u8> {
        hash(&self.0)
    }
}

/// The token of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    token: Token,
}

/// Sends the link that proves the address of `new`, whose account is `user_id`, to `tenant`.
pub async fn send_proof(act: &mut Act, app: &App, tenant: &Tenant, user_id: i64, new: &NewUser, role: Role) -> Result<()> {
    let now = act.now();
    if store::count_tokens(act.db(), user_id, tenant.id, now - LIFETIME).await? >= MOST {
        return Ok(());
    }
    let token = Opaque::generate();
    let row = EmailToken {
        hash: token.hash,
        user_id,
        tenant_id: tenant.id,
        password_hash: new.password_hash.clone(),
        firstname: new.firstname.as_str().to_owned(),
        lastname: new.lastname.as_str().to_owned(),
        expires_at: now + LIFETIME,
    };
    store::insert_token(act.db(), &row, now).await?;
    let link = format!("{}/verify?token={}", app.site.url(&tenant.slug), token.text);
    let to = mails::Addressee { email: new.email.as_str(), firstname: new.firstname.as_str(), locale: new.locale };
    mails::send(act, app, to, &mails::Text::ProveAddress { organisation: &tenant.organisation, link: &link, role }).await
}

/// Proves the address.
#[utoipa::path(post, path = "/api/v1/auth/email/verify", tag = "identities", request_body = VerifyEmail, responses((status = 204)))]
pub async fn verify_email(State(app): State<App>, named: Named, client: Client, Json(wish): Json<VerifyEmail>) -> Result<NoContent> {
    let at = named.0.map(|t| t.id);
    app.db.act(client.author(Actor::Anonymous), &app.clock, async |act| verify(act, &wish.token.hash(), at).await).await?;
    Ok(NoContent)
}

/// The verb. If nobody had proved the address before, what came with this link is what counts, and
/// sessions of whoever used the account until now end.
async fn verify(act: &mut Act, hash: &[u8], at: Option<Uuid>) -> Result<()> {
    let unknown = || Error::NotFound("not_found");
    let now = act.now();
    let token = store::use_token(act.db(), hash, now).await?.ok_or_else(unknown)?;
    if at.is_some_and(|id| id != token.tenant_id) {
        return Err(unknown());
    }
    let user = store::lock(act.db(), token.user_id).await?.ok_or_else(unknown)?;
    if !user.verified && user.password_hash != token.password_hash {
        store::hand_over(act.db(), user.id, (&token.firstname, &token.lastname), &token.password_hash, now).await?;
        sessions::end_all(act, user.id, sessions::Reason::AddressProved).await?;
    }
    store::set_verified(act.db(), user.id, now).await?;
    let whom = Whom { tenant_id: token.tenant_id, user_id: user.id };
    act.record(&Event::EmailVerified(whom)).await?;
    members::admit(act, whom).await
}

/// Sends the link again, to somebody who is signed in and has not used it.
#[utoipa::path(post, path = "/api/v1/auth/email/resend", tag = "identities", responses((status = 202)), security(("bearer" = [])))]
pub async fn resend_proof(State(app): State<App>, session: Session) -> Result<axum::http::StatusCode> {
    if !session.member.verified {
        let (tenant, member) = (session.tenant.clone(), session.member.clone());
        session.act(async |act| resend(act, &app, &tenant, &member).await).await?;
    }
    Ok(axum::http::StatusCode::ACCEPTED)
}

async fn resend(act: &mut Act, app: &App, tenant: &Tenant, member: &members::Member) -> Result<()> {
    let user = store::lock(act.db(), member.user_id).await?.ok_or(Error::NotFound("not_found"))?;
    let wrong = |e: &'static str| anyhow::anyhow!("a stored account does not parse: {e}");
    let new = NewUser {
        email: member.email.clone().try_into().map_err(wrong)?,
        firstname: member.firstname.clone().try_into().map_err(wrong)?,
        lastname: member.lastname.clone().try_into().map_err(wrong)?,
        locale: member.locale,
        password_hash: user.password_hash,
    };
    send_proof(act, app, tenant, user.id, &new, member.role()).await
}
