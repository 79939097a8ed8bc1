//! Sign-in with address and password. An unknown address, one of another tenant and a wrong
//! password get the same answer after the same work (I-7), so nobody learns who has an account.
//! Whoever has registered is asked to prove the address, whether it was new or belongs to a member
//! already: registering and signing in tell no more than either alone. Every way in ends at one door,
//! [`come_in`], which asks for the second factor.

mod come_in;
mod model;
mod store;
pub mod ticket;

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::{amr::Amr, password::Hasher},
    http::{Client, Json},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    events::Whom,
    identities::{Email, Password},
    members::{self, Member},
    sessions::ClientKind,
    tenants::{Tenant, Visited},
};
pub use come_in::{Answer, LoginAnswer, come_in};
use model::{Candidate, Entry, Fits, answer, entry};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log_in))
}

/// Who wants to come in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    email: Email,
    password: Password,
    /// Where the refresh token goes: `api` into the body, `browser` into a cookie.
    #[serde(default)]
    client: ClientKind,
}

/// Opens a session, or says that a second factor is missing.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "sessions", request_body = Login, responses((status = 200, body = LoginAnswer)))]
pub async fn log_in(State(app): State<App>, Visited(tenant): Visited, client: Client, Json(wish): Json<Login>) -> Result<Answer> {
    let attempt = attempt(&app, &tenant, client, wish).await;
    app.figures.logins.with_label_values(&[attempt.as_ref().map_or("refused", Answer::outcome)]).inc();
    attempt
}

async fn attempt(app: &App, tenant: &Tenant, client: Client, wish: Login) -> Result<Answer> {
    let wrong = || Error::Unauthenticated("invalid_credentials");
    let candidate = store::candidate(&mut *app.db.read().await?, tenant.id, &wish.email).await?;
    let door = candidate.as_ref().map_or(Entry::No, Candidate::entry);
    if let Some(candidate) = &candidate {
        client.aims_at(candidate.user_id);
    }
    let (hash, claimed) = candidate.as_ref().map_or((None, None), |c| (Some(c.password_hash.clone()), c.claimed.clone()));
    let fits = move |hasher: &Hasher| {
        let own = hasher.matches(&wish.password.secret(), hash.as_deref());
        // Whoever comes in is known to be; for everybody else the work is the same.
        let claim = !(own && door == Entry::Yes) && hasher.matches(&wish.password.secret(), claimed.as_deref());
        Fits { own, claim }
    };
    let fits = app.passwords.login_turn(fits).await?;
    match (answer(door, fits), candidate) {
        (Entry::Yes, Some(candidate)) => {
            let author = client.author(Actor::Person { id: candidate.user_id, role: candidate.role.clone() });
            app.db.act(author, &app.clock, async |act| open(act, app, tenant, &candidate, wish.client).await).await
        }
        (Entry::VerifyFirst, _) => Err(Error::Forbidden("email_not_verified")),
        (Entry::Yes | Entry::No, _) => Err(wrong()),
    }
}

/// The member, if they may come in at this moment with another proof than the password; until the act
/// ends nobody takes them out.
pub async fn admitted(act: &mut Act, whom: Whom) -> Result<Option<Member>> {
    store::hold(act.db(), whom.tenant_id, whom.user_id).await?;
    let member = members::find(act.db(), whom.tenant_id, whom.user_id).await?;
    Ok(member.filter(|m| entry(m.role(), m.standing, m.verified) == Entry::Yes))
}

/// The verb. Hashing took its time: if the password was changed meanwhile, or its owner taken out,
/// that wins.
async fn open(act: &mut Act, app: &App, tenant: &Tenant, candidate: &Candidate, client: ClientKind) -> Result<Answer> {
    let wrong = || Error::Unauthenticated("invalid_credentials");
    let hash = store::hold(act.db(), tenant.id, candidate.user_id).await?;
    let member = members::find(act.db(), tenant.id, candidate.user_id).await?.ok_or_else(wrong)?;
    if hash.as_ref() != Some(&candidate.password_hash) || entry(member.role(), member.standing, member.verified) != Entry::Yes {
        return Err(wrong());
    }
    come_in(act, app, tenant, &member, client, Amr::PWD).await
}
