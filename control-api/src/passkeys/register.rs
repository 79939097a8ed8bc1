//! A new passkey: for somebody with a fresh session, or for an admin who may do nothing before.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Act, auth::amr::Amr, http::Json};
use utoipa::ToSchema;
use webauthn_rs::prelude::Passkey;

use super::{
    PasskeyShown,
    ceremony::{self, About, Kind},
    model::{PasskeyAnswer, PasskeyAsked, has_room},
    party::Party,
    store,
};
use crate::{
    app::App,
    events::{Called, Event, Whom},
    identities::Name,
    mails::{self, KeyText},
    members,
    sessions::{Joined, SignedIn, answer_with},
    sign_in::{
        Answer, come_in,
        ticket::{self, Ticket},
    },
    two_factor::{self, By, Enrolling},
};

/// What the new passkey is to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartPasskey {
    name: Name,
}

/// The new passkey. Whoever has no other second factor anywhere gets recovery codes, which are shown
/// this once.
#[derive(Serialize, ToSchema)]
pub struct PasskeyMade {
    #[serde(flatten)]
    passkey: PasskeyShown,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
}

/// [`PasskeyMade`], and with an enrolment token also the session.
type PasskeyEnrolled = Joined<PasskeyMade>;

fn about(person: &Enrolling, name: Option<Name>) -> About {
    let owner = match &person.by {
        By::Session(session) => session.id.to_string(),
        By::Ticket(ticket) => URL_SAFE_NO_PAD.encode(&ticket.hash),
    };
    About {
        kind: Kind::Register,
        tenant_id: person.tenant.id,
        user_id: Some(person.member.user_id),
        owner: Some(owner),
        name: name.map(|n| n.as_str().to_owned()),
        client: None,
    }
}

/// Asks for a new passkey; an enrolment token will do.
#[utoipa::path(
    post,
    path = "/api/v1/auth/passkeys/register/start",
    tag = "passkeys",
    request_body = StartPasskey,
    responses((status = 200, body = PasskeyAsked)),
    security(("bearer" = []))
)]
pub async fn start_passkey(State(app): State<App>, person: Enrolling, Json(wish): Json<StartPasskey>) -> Result<Json<PasskeyAsked>> {
    person.must_be_fresh()?;
    let (mut db, now, whom) = (app.db.read().await?, app.clock.now(), person.member.whom());
    let known = store::credential_ids(&mut db, whom).await?;
    has_room(known.len())?;
    let handle = store::handle(&mut db, whom, now).await?;
    let asked = Party::of(&app, &person.tenant)?.ask_for_new(handle, &person.member, known)?;
    ceremony::begin(&mut db, &about(&person, Some(wish.name)), asked, now).await.map(Json)
}

/// Keeps the new passkey; other sessions here end. With an enrolment token one is signed in.
#[utoipa::path(
    post,
    path = "/api/v1/auth/passkeys/register/finish",
    tag = "passkeys",
    request_body = PasskeyAnswer,
    responses((status = 201, body = PasskeyEnrolled)),
    security(("bearer" = []))
)]
pub async fn finish_passkey(State(app): State<App>, person: Enrolling, Json(answer): Json<PasskeyAnswer>) -> Result<Response> {
    person.must_be_fresh()?;
    let taken = ceremony::take(&mut *app.db.read().await?, &answer.ceremony, &about(&person, None), app.clock.now()).await?;
    let taken = taken.ok_or(Error::NotFound("not_found"))?;
    let credential = Party::of(&app, &person.tenant)?.made(answer.credential, taken.state)?;
    let name = taken.name.unwrap_or_default();
    let (made, login) = person.act(async |act| keep(act, &app, &person, (&name, &credential)).await).await?;
    let location = HeaderValue::try_from(format!("/api/v1/auth/passkeys/{}", made.passkey.id)).map_err(Error::internal)?;
    let mut response = answer_with(made, login.map(|login| *login));
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// Who came in with less than their own proofs makes no factor that other organisations would have to ask for.
async fn must_belong_here_alone(act: &mut Act, whom: Whom) -> Result<()> {
    let elsewhere = members::everywhere(act.db(), whom.user_id).await?.iter().any(|m| m.tenant_id != whom.tenant_id && m.is_active());
    if elsewhere { Err(Error::Forbidden("step_up_required")) } else { Ok(()) }
}

type Kept = (PasskeyMade, Option<Box<SignedIn>>);

/// The verb. Whoever adds another at once waits; a ticket sets up the first factor only.
async fn keep(act: &mut Act, app: &App, person: &Enrolling, (name, credential): (&str, &Passkey)) -> Result<Kept> {
    let whom = person.member.whom();
    let factors = two_factor::locked(act, whom).await?;
    if let By::Ticket(ticket) = &person.by
        && (ticket::hold(act, &ticket.hash, ticket::Kind::Enrolment).await?.is_none() || factors.any())
    {
        return Err(Error::Unauthenticated("token_expired"));
    }
    has_room(store::credential_ids(act.db(), whom).await?.len())?;
    if let By::Session(session) = &person.by {
        session.must_live(act).await?;
    }
    let (now, own) = (act.now(), two_factor::speaks_for_account(act, person).await?);
    if !own && !two_factor::is_guarded(act, whom.user_id).await? {
        must_belong_here_alone(act, whom).await?;
    }
    let passkey = store::insert(act.db(), whom, (name, own), credential, now).await?;
    let recovery_codes = two_factor::first_codes(act, person).await?;
    act.record(&Event::PasskeyAdded(whom, Called { id: passkey.id, name: name.to_owned() })).await?;
    let link = format!("{}/login", app.site.url(&person.tenant.slug));
    let text = KeyText::PasskeyAdded { organisation: &person.tenant.organisation, name, link: &link };
    mails::send(act, app, mails::Addressee::of(&person.member), &mails::Text::Key(text)).await?;
    let made = PasskeyMade { passkey, recovery_codes };
    match &person.by {
        By::Session(session) => {
            two_factor::changed_at(act, whom, Some(session.id)).await?;
            two_factor::freshen(act, session, how(own)).await?;
            Ok((made, None))
        }
        By::Ticket(ticket) => Ok((made, Some(settle(act, app, person, (ticket, own)).await?))),
    }
}

/// What a passkey proves: one that was made with less than the account's own proofs speaks for its own
/// organisation alone, as a provider's word does.
pub fn how(own: bool) -> Amr {
    if own { Amr::HWK } else { Amr::HWK.and(Amr::SSO) }
}

/// The ticket has led where it should: inside.
async fn settle(act: &mut Act, app: &App, person: &Enrolling, (ticket, own): (&Ticket, bool)) -> Result<Box<SignedIn>> {
    two_factor::changed_at(act, person.member.whom(), None).await?;
    match come_in(act, app, &person.tenant, &person.member, ticket.client, ticket.amr.and(how(own))).await? {
        Answer::SignedIn(login) => Ok(login),
        Answer::Challenge(_) | Answer::Enrolment(_) => Err(anyhow::anyhow!("two factors were not enough").into()),
    }
}
