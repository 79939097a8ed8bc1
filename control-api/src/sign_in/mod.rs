//! Sign-in with address and password. An unknown address, one of another tenant and a wrong
//! password get the same answer after the same work (I-7), so nobody learns who has an account.
//! Whoever has registered is asked to prove the address, whether it was new or belongs to a member
//! already: registering and signing in tell no more than either alone. Tries are bounded (see
//! `attempts`). A hash of other parameters than today's is replaced when its password comes along. Whoever
//! became staff with a password too short for that gets a mail that leads to another. Every way in ends at one door,
//! [`come_in`], which asks for the second factor.

mod come_in;
mod model;
mod store;
pub mod ticket;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
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
    attempts::{self, Attempt, Device, Origin, Outcome},
    events::Whom,
    identities::{self, Email, Password},
    links,
    mails::{Access, Text},
    members::{self, Member},
    sessions::{ClientKind, set_cookie},
    tenants::{Entrance, Tenant},
};
pub use come_in::{Answer, LoginAnswer, Owed, come_in};
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
pub async fn log_in(
    State(app): State<App>,
    Entrance(tenant): Entrance,
    client: Client,
    device: Device,
    Json(wish): Json<Login>,
) -> Result<Response> {
    let kind = wish.client;
    let looking = {
        let (app, device) = (app.clone(), device.clone());
        // It goes on when its client leaves: what came of a try is noted in any case.
        tokio::spawn(async move { attempt(&app, &tenant, (&client, &device), &wish).await })
    };
    let attempt = looking.await.map_err(Error::internal)?;
    app.figures.logins.with_label_values(&[attempt.as_ref().map_or("refused", |(answer, _)| answer.outcome())]).inc();
    let (answer, user) = attempt?;
    let mut response = answer.into_response();
    if kind == ClientKind::Browser {
        set_cookie(&mut response, Some(device.cookie(&app, user)));
    }
    Ok(response)
}

/// One password, counted before it is looked at.
async fn attempt(app: &App, tenant: &Tenant, (client, device): (&Client, &Device), wish: &Login) -> Result<(Answer, i64)> {
    let candidate = store::candidate(&mut *app.db.read().await?, tenant.id, &wish.email).await?;
    let user = candidate.as_ref().map(|c| c.user_id);
    let origin = Origin::Client(client.ip, device.clone());
    let counted = attempts::count(app, &Attempt { email: &wish.email, user, password: &wish.password, origin }).await?;
    let mut looked = look(app, tenant, client, wish, candidate).await;
    if matches!(looked, Ok(Looked::Overtaken)) {
        let candidate = store::candidate(&mut *app.db.read().await?, tenant.id, &wish.email).await?;
        looked = look(app, tenant, client, wish, candidate).await;
    }
    attempts::settle(app, counted, looked.as_ref().map_or(Outcome::Nothing, Looked::outcome)).await?;
    match looked? {
        Looked::In(answer, user) => Ok((*answer, user)),
        Looked::TooShort => Err(Error::Forbidden("password_change_required")),
        Looked::VerifyFirst => Err(Error::Forbidden("email_not_verified")),
        Looked::Wrong | Looked::Overtaken => Err(Error::Unauthenticated("invalid_credentials")),
    }
}

/// What came of looking at a password.
enum Looked {
    /// They come in, or owe the second factor.
    In(Box<Answer>, i64),
    /// It is theirs, and too short for what they are now: a mail leads to another.
    TooShort,
    /// The address has to be proved.
    VerifyFirst,
    /// It was changed while it was looked at.
    Overtaken,
    /// No.
    Wrong,
}

impl Looked {
    /// What it says about who tried. A claim to an address is no proof: it forgives no slips.
    fn outcome(&self) -> Outcome {
        match self {
            Self::In(..) | Self::TooShort => Outcome::Right,
            Self::VerifyFirst => Outcome::Nothing,
            Self::Overtaken | Self::Wrong => Outcome::Wrong,
        }
    }
}

async fn look(app: &App, tenant: &Tenant, client: &Client, wish: &Login, candidate: Option<Candidate>) -> Result<Looked> {
    let door = candidate.as_ref().map_or(Entry::No, Candidate::entry);
    if let Some(candidate) = &candidate {
        client.aims_at(candidate.user_id);
    }
    let (hash, claimed) = candidate.as_ref().map_or((None, None), |c| (Some(c.password_hash.clone()), c.claimed.clone()));
    let secret = wish.password.secret();
    let fits = move |hasher: &Hasher| {
        let own = hasher.matches(&secret, hash.as_deref());
        // Whoever comes in is known to be; for everybody else the work is the same.
        let claim = !(own && door == Entry::Yes) && hasher.matches(&secret, claimed.as_deref());
        let renewed = hash.filter(|_| own && door == Entry::Yes).map(|hash| hasher.renewed(&secret, &hash)).transpose();
        renewed.map(|renewed| (Fits { own, claim }, renewed.flatten()))
    };
    let (fits, renewed) = app.passwords.login_turn(fits).await??;
    match (answer(door, fits), candidate) {
        (Entry::Yes, Some(candidate)) => {
            let author = client.author(Actor::Person { id: candidate.user_id, role: candidate.role.clone() });
            app.db.act(author, &app.clock, async |act| open(act, app, tenant, (&candidate, renewed.as_deref()), wish).await).await
        }
        (Entry::VerifyFirst, _) => Ok(Looked::VerifyFirst),
        (Entry::Yes | Entry::No, _) => Ok(Looked::Wrong),
    }
}

/// The member as they are until the act ends: nobody takes them out meanwhile.
pub async fn hold_member(act: &mut Act, whom: Whom) -> Result<Option<Member>> {
    store::hold(act.db(), whom.tenant_id, whom.user_id).await?;
    members::find(act.db(), whom.tenant_id, whom.user_id).await
}

/// The member, if they may come in at this moment with another proof than the password; until the act
/// ends nobody takes them out.
pub async fn admitted(act: &mut Act, whom: Whom) -> Result<Option<Member>> {
    let member = hold_member(act, whom).await?;
    Ok(member.filter(|m| entry(m.role(), m.standing, m.verified) == Entry::Yes))
}

/// The verb. Hashing took its time: if the password was changed meanwhile, it is looked at again, and
/// if its owner was taken out, that wins.
async fn open(act: &mut Act, app: &App, tenant: &Tenant, (candidate, renewed): (&Candidate, Option<&str>), wish: &Login) -> Result<Looked> {
    let hash = store::hold(act.db(), tenant.id, candidate.user_id).await?;
    let Some(member) = members::find(act.db(), tenant.id, candidate.user_id).await? else { return Ok(Looked::Wrong) };
    if entry(member.role(), member.standing, member.verified) != Entry::Yes {
        return Ok(Looked::Wrong);
    }
    if hash.as_ref() != Some(&candidate.password_hash) {
        return Ok(Looked::Overtaken);
    }
    if let Some(renewed) = renewed {
        identities::renew_hash(act, member.user_id, (&candidate.password_hash, renewed)).await?;
    }
    if !wish.password.is_long_enough(member.role()) {
        links::send_new_password(act, app, (tenant, &member), |organisation, link| Text::Access(Access::TooShort { organisation, link }))
            .await?;
        return Ok(Looked::TooShort);
    }
    let answer = come_in(act, app, tenant, &member, wish.client, Amr::PWD).await?;
    Ok(Looked::In(Box::new(answer), member.user_id))
}
