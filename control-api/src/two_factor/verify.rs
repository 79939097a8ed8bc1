//! The second factor at sign-in.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    http::{Client, Json},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    RecoveryCode,
    proof::{Code, Outcome, Shown, check, exhausted},
};
use crate::{
    app::App,
    events::Whom,
    identities::Token,
    members::Member,
    sessions::LoggedIn,
    sign_in::{
        Answer, come_in, hold_member,
        ticket::{self, Kind},
    },
    tenants::{self, NamedEntrance},
};

/// The ticket of the first factor, and the second: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyTwoFactor {
    challenge_token: Token,
    code: Option<Code>,
    recovery_code: Option<RecoveryCode>,
}

/// Opens the session for which the second factor was owed.
///
/// A wrong code is `401 unauthenticated`; after five the challenge has ended, `401 token_expired`, as
/// after ten minutes. More than ten wrong codes of one person within 15
/// minutes, or thirty within a day, are `429`.
#[utoipa::path(
    post,
    path = "/api/v1/auth/2fa/verify",
    tag = "two-factor",
    request_body = VerifyTwoFactor,
    responses((status = 200, body = LoggedIn))
)]
pub async fn verify_two_factor(
    State(app): State<App>,
    named: NamedEntrance,
    client: Client,
    Json(wish): Json<VerifyTwoFactor>,
) -> Result<Answer> {
    let shown = Shown::one(wish.code, wish.recovery_code)?;
    let (hash, at) = (wish.challenge_token.hash(), named.0.map(|t| t.id));
    let act = async |act: &mut Act| verify(act, &app, &client, (&hash, at), &shown).await;
    let verified = app.db.act(client.author(Actor::Anonymous), &app.clock, act).await.and_then(Outcome::answer);
    app.figures.logins.with_label_values(&[verified.as_ref().map_or("refused", Answer::outcome)]).inc();
    verified
}

/// The verb. The person is locked before the ticket, as wherever both are.
async fn verify(act: &mut Act, app: &App, client: &Client, (hash, at): (&[u8], Option<Uuid>), shown: &Shown) -> Result<Outcome<Answer>> {
    let now = act.now();
    let Some(found) = ticket::find(act.db(), hash, Kind::Challenge, now).await? else { return Ok(Outcome::Ended) };
    if let Some(tenant) = tenants::by_id(act.db(), found.tenant_id).await? {
        client.visits(tenant.id, &tenant.slug);
        client.aims_at(found.user_id);
    }
    if let Some(wait) = exhausted(act, found.user_id).await? {
        return Ok(Outcome::TooMany(wait));
    }
    let Some(ticket) = ticket::hold(act, hash, Kind::Challenge).await? else { return Ok(Outcome::Ended) };
    let tenant = tenants::by_id(act.db(), ticket.tenant_id).await?.filter(|t| at.is_none_or(|at| at == t.id));
    let whom = Whom { tenant_id: ticket.tenant_id, user_id: ticket.user_id };
    let member = hold_member(act, whom).await?.filter(Member::is_active);
    let (Some(tenant), Some(member)) = (tenant, member) else { return Ok(Outcome::Ended) };
    act.is_by(member.actor());
    match tenant.status.door().lets_in(member.role()) {
        Err(Error::NotFound(_)) => return Ok(Outcome::Ended),
        other => other?,
    }
    match check(act, app, (&tenant, &member), shown).await? {
        Outcome::Right(amr) => {
            ticket::spend(act, &ticket).await?;
            Ok(Outcome::Right(come_in(act, app, &tenant, &member, ticket.client, ticket.amr.and(amr)).await?))
        }
        Outcome::Wrong => {
            ticket::count_try(act, &ticket).await?;
            Ok(Outcome::Wrong)
        }
        refused @ (Outcome::TooMany(_) | Outcome::Ended) => Ok(refused.elsewhere()),
    }
}
