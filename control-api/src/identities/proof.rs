//! Proving an address: a link with 256 random bits, good once and for an hour (I-8). A mail that
//! nobody asked for may be opened all the same: as long as several claim the address with different
//! passwords, the link alone decides nothing.

use std::time::Duration;

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::{
        password::Hasher,
        token::{Opaque, hash},
    },
    http::{Client, Json, NoContent},
    session::Role,
};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Claimed, Email, EmailToken, NewUser, Password, User,
    model::{Heir, heir},
    store,
};
use crate::{
    app::App,
    attempts::{self, Attempt, Device, Origin, Outcome},
    events::{Event, Whom},
    mails, members,
    session::Session,
    sessions,
    tenants::{self, Named, Tenant},
};

const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// How many passwords may be tried with one link.
const TRIES: i16 = 5;
/// How many claims to one account are kept at one tenant: more than mails go out within an hour, so
/// that no link that was sent has to make room.
const ROWS: i64 = 10;
/// How long somebody waits who had the link sent too often.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A token from a mail's link. What is no token is of no use, but is no fault of form either.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 1024)]
pub struct Token(SecretString);

impl TryFrom<String> for Token {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() {
            0 => Err("required: this is required"),
            1..=1024 => Ok(Self(text.into())),
            _ => Err("too_long: at most 1024 bytes"),
        }
    }
}

impl Token {
    /// The hash under which it would be stored.
    pub fn hash(&self) -> Vec<u8> {
        hash(self.0.expose_secret())
    }
}

/// The token of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    token: Token,
    /// The password that was chosen with the address; asked for (`409 password_required`) when
    /// somebody else has given another one with it.
    password: Option<Password>,
}

/// Notes that `new` claims the address at a tenant; the token belongs into a mail to it.
pub async fn claim(act: &mut Act, whom: Whom, new: &NewUser) -> Result<Opaque> {
    let (now, token) = (act.now(), Opaque::generate());
    let row = EmailToken {
        hash: token.hash.clone(),
        user_id: whom.user_id,
        tenant_id: whom.tenant_id,
        password_hash: new.password_hash.clone(),
        firstname: new.firstname.as_str().to_owned(),
        lastname: new.lastname.as_str().to_owned(),
    };
    store::make_room(act.db(), &row, ROWS, now).await?;
    store::insert_token(act.db(), &row, now, now + LIFETIME).await?;
    Ok(token)
}

/// The link of a claim was not sent after all: it opens nothing, and the claim stays.
pub async fn unsent(act: &mut Act, token: &Opaque) -> Result<()> {
    let now = act.now();
    store::expire_token(act.db(), &token.hash, now).await
}

/// Sends the link that proves the address of `new`, whose account is `user_id`, to `tenant`, unless
/// that was done too often of late: then the answer is no.
pub async fn send_proof(act: &mut Act, app: &App, tenant: &Tenant, user_id: i64, new: &NewUser, role: Role) -> Result<bool> {
    let token = claim(act, Whom { tenant_id: tenant.id, user_id }, new).await?;
    let link = format!("{}/verify?token={}", app.site.url(&tenant.slug), token.text);
    let to = mails::Addressee { email: new.email.as_str(), firstname: new.firstname.as_str(), locale: new.locale };
    let text = mails::Text::ProveAddress { organisation: &tenant.organisation, link: &link, role };
    let sent = mails::send_sparingly(act, app, tenant.id, to, &text).await?;
    if !sent {
        unsent(act, &token).await?;
    }
    Ok(sent)
}

/// Proves the address.
///
/// When others claim it too, the account goes to the claim whose password comes along, and all other
/// links are dead then. Without a password the answer is `409 password_required`.
#[utoipa::path(post, path = "/api/v1/auth/email/verify", tag = "identities", request_body = VerifyEmail, responses((status = 204)))]
pub async fn verify_email(
    State(app): State<App>,
    named: Named,
    client: Client,
    device: Device,
    Json(wish): Json<VerifyEmail>,
) -> Result<NoContent> {
    let (hash, at) = (wish.token.hash(), named.0.map(|t| t.id));
    arrive(&app, &client, &hash, at).await?;
    let fitting = match &wish.password {
        Some(password) => fitting(&app, &hash, at, (password, Origin::Client(client.ip, device))).await?,
        None => None,
    };
    app.db.act(client.author(Actor::Anonymous), &app.clock, async |act| verify(act, &hash, at, fitting.as_deref()).await).await?;
    Ok(NoContent)
}

/// Says where a link leads and to whom, for the trail: the host may not have.
async fn arrive(app: &App, client: &Client, hash: &[u8], at: Option<Uuid>) -> Result<()> {
    let mut db = app.db.read().await?;
    let token = found(&mut db, hash, at, app.clock.now()).await?;
    if let Some(tenant) = tenants::by_id(&mut db, token.tenant_id).await? {
        client.visits(tenant.id, &tenant.slug);
        client.aims_at(token.user_id);
    }
    Ok(())
}

/// The hash of the claim that the password fits; `401` when it fits none. A proved account has one
/// password already, and none is asked for. The try is counted before it is made, for the link and for
/// the account.
async fn fitting(app: &App, hash: &[u8], at: Option<Uuid>, (password, origin): (&Password, Origin)) -> Result<Option<String>> {
    let (mut db, now) = (app.db.read().await?, app.clock.now());
    let token = found(&mut db, hash, at, now).await?;
    let user = store::by_id(&mut db, token.user_id).await?.ok_or(Error::NotFound("not_found"))?;
    if user.verified {
        return Ok(None);
    }
    drop(db);
    let email = Email::try_from(user.email.clone()).map_err(|e| anyhow::anyhow!("a stored address does not parse: {e}"))?;
    let counted = attempts::count(app, &Attempt { email: &email, user: Some(user.id), password, origin }).await?;
    let found = claim_of(app, (&user, &token), hash, password).await;
    // A claim is no proof of who somebody is.
    let outcome = if matches!(found, Ok(None)) { Outcome::Wrong } else { Outcome::Nothing };
    attempts::settle(app, counted, outcome).await?;
    found?.map(|claim| Some(claim.password_hash)).ok_or(Error::Unauthenticated("invalid_credentials"))
}

/// The claim that the password fits. A link outlives only so many tries: then another is needed.
async fn claim_of(app: &App, (user, token): (&User, &EmailToken), hash: &[u8], password: &Password) -> Result<Option<Claimed>> {
    let mut db = app.db.read().await?;
    if !store::count_try(&mut db, hash, TRIES).await? {
        return Err(Error::conflict("link_used_up", "Too many passwords were tried with this link; ask for a new one."));
    }
    let claims = claims(&mut db, user, token).await?;
    drop(db);
    let secret = password.secret();
    let find = move |hasher: &Hasher| claims.into_iter().find(|c| hasher.matches(&secret, Some(&c.password_hash)));
    app.passwords.other_turn(find).await
}

/// The living link. One of another tenant is none at this one.
async fn found(db: &mut PgConnection, hash: &[u8], at: Option<Uuid>, now: DateTime<Utc>) -> Result<EmailToken> {
    let token = store::token(db, hash, now).await?.filter(|token| at.is_none_or(|id| id == token.tenant_id));
    token.ok_or(Error::NotFound("not_found"))
}

/// Everybody who claims an account that nobody has proved, each once: the link's own claim, whoever
/// the account was made or last written over by, and the other claims of the last month. A rival
/// whose link has expired is one still.
async fn claims(db: &mut PgConnection, user: &User, token: &EmailToken) -> Result<Vec<Claimed>> {
    let mut claims = vec![token.claimed()];
    for other in [user.claimed()].into_iter().chain(store::claims(db, user.id).await?) {
        if claims.iter().all(|c| c.password_hash != other.password_hash) {
            claims.push(other);
        }
    }
    Ok(claims)
}

/// The verb. The address is proved to the link's tenant in any case. If nobody had proved it before,
/// the account goes to its heir, and sessions of whoever else used it until now end.
async fn verify(act: &mut Act, hash: &[u8], at: Option<Uuid>, fitting: Option<&str>) -> Result<()> {
    let unknown = || Error::NotFound("not_found");
    let now = act.now();
    let token = found(act.db(), hash, at, now).await?;
    let user = store::lock(act.db(), token.user_id).await?.ok_or_else(unknown)?;
    if !store::use_token(act.db(), hash, now).await? {
        return Err(unknown());
    }
    let whom = Whom { tenant_id: token.tenant_id, user_id: user.id };
    members::speaks(act, whom).await?;
    if user.verified {
        store::end_claims(act.db(), whom, None, now).await?;
    } else {
        let claims = claims(act.db(), &user, &token).await?;
        let heir = match heir(&claims, fitting) {
            Heir::Claim(heir) => heir,
            Heir::Unsettled => return Err(Error::conflict("password_required", "Others gave this address too; give your password.")),
            Heir::Nobody => return Err(Error::Unauthenticated("invalid_credentials")),
        };
        if heir.password_hash != user.password_hash {
            let before = members::hold_everywhere(act, user.id).await?;
            super::give(act, user.id, heir).await?;
            sessions::end_all(act, user.id, sessions::Reason::AddressProved).await?;
            members::profile_changed(act, user.id, &before).await?;
        }
        proved(act, whom, &heir.password_hash).await?;
    }
    act.record(&Event::EmailVerified(whom)).await?;
    members::admit(act, whom).await
}

/// Notes that the address of an account is proved, to a tenant and by whoever has this password: all
/// other claims end.
pub async fn proved(act: &mut Act, whom: Whom, password_hash: &str) -> Result<()> {
    let now = act.now();
    store::set_verified(act.db(), whom.user_id, now).await?;
    store::end_claims(act.db(), whom, Some(password_hash), now).await
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
    let sent = send_proof(act, app, tenant, user.id, &new, member.role()).await?;
    if !sent {
        return Err(Error::TooMany { retry_after: PATIENCE });
    }
    act.record(&Event::ProofResent(member.whom())).await?;
    Ok(())
}
