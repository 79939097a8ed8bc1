//! `POST /api/v1/csat/question` and `POST /api/v1/csat`: whoever has the link of a resolution sees what they are asked, and
//! answers. Both carry the link's token in their body, where no log sees it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::{Act, Actor},
    http::Json,
    session::Role,
};
use utoipa::ToSchema;

use super::{
    model::{Claim, Comment, CsatGiven, Rating},
    question,
    store::{self, NewAnswer},
};
use crate::{
    app::App,
    events::{self, Event},
    tickets,
    visitor::Visitor,
};

/// A link that is opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenQuestion {
    /// The link's token.
    token: String,
}

/// What somebody is asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct CsatQuestion {
    /// Who asks.
    organisation: String,
    /// The ticket that was resolved.
    ticket_number: String,
    /// What it was about.
    subject: String,
    /// The first name of who resolved it.
    agent: Option<String>,
    /// When.
    resolved_at: DateTime<Utc>,
    /// Until when it may be answered.
    expires_at: DateTime<Utc>,
    /// The answer so far.
    answer: Option<CsatGiven>,
}

/// Shows what a link asks. `404` when it is none of this organisation's, or has ended.
#[utoipa::path(post, path = "/api/v1/csat/question", tag = "satisfaction", security(()), request_body = OpenQuestion,
    responses((status = 200, body = CsatQuestion)))]
pub(super) async fn show_question(visitor: Visitor, State(app): State<App>, Json(asked): Json<OpenQuestion>) -> Result<Json<CsatQuestion>> {
    let claim = question::open(&app, visitor.tenant.id, &asked.token, visitor.now())?;
    let solving = store::solving(&mut *visitor.read().await?, &claim).await?.ok_or(Error::NotFound("not_found"))?;
    Ok(Json(CsatQuestion {
        organisation: visitor.tenant.organisation.to_string(),
        ticket_number: solving.ticket_number,
        subject: solving.subject,
        agent: solving.agent,
        resolved_at: solving.solved_at,
        expires_at: claim.until,
        answer: solving.answer,
    }))
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateResolution {
    /// The link's token, or what `GET /tickets/{ticket}/csat` gives its requester.
    token: String,
    /// 1 to 5 points, 5 the best.
    rating: Rating,
    /// A few words.
    #[serde(default)]
    comment: Option<Comment>,
}

/// Rates a resolution, or changes how it was rated: the last answer counts, and the same one again changes nothing. `404` when
/// the link is none of this organisation's, or has ended.
#[utoipa::path(post, path = "/api/v1/csat", tag = "satisfaction", security(()), request_body = RateResolution,
    responses((status = 200, body = CsatGiven)))]
pub(super) async fn rate_resolution(visitor: Visitor, State(app): State<App>, Json(new): Json<RateResolution>) -> Result<Json<CsatGiven>> {
    let claim = question::open(&app, visitor.tenant.id, &new.token, visitor.now())?;
    let comment = new.comment.as_ref().and_then(Comment::text);
    visitor.act(async |act| rate(act, &claim, (new.rating, comment)).await).await.map(Json)
}

async fn rate(act: &mut Act, claim: &Claim, (rating, comment): (Rating, Option<&str>)) -> Result<CsatGiven> {
    let gone = || Error::NotFound("not_found");
    // Of two answers at once the second is told what the first was.
    store::hold(act.db(), claim).await?;
    let solving = store::solving(act.db(), claim).await?.ok_or_else(gone)?;
    act.is_by(Actor::Person { id: solving.user_id, role: Role::Customer.as_str().to_owned() });
    let before = solving.answer;
    if let Some(same) = before.as_ref().filter(|before| before.rating == rating.get() && before.comment.as_deref() == comment) {
        return Ok(same.clone());
    }
    let (now, answer) = (act.now(), NewAnswer { solved_at: solving.solved_at, agent_id: solving.agent_id, rating: rating.get(), comment });
    let given = store::keep(act.db(), claim, &answer, now).await?;
    let ticket = tickets::facts(act.db(), claim.ticket_id).await?.ok_or_else(gone)?;
    let rated = events::Rated {
        rating: given.rating,
        previous: before.as_ref().map(|before| before.rating),
        has_comment: comment.is_some(),
        resolved_by: solving.agent_id,
    };
    act.record_change(&Event::csat_received(claim.ticket_id, &ticket, &rated), &told(before.as_ref()), &told(Some(&given))).await?;
    Ok(given)
}

/// An answer as the audit trail has it: what the customer wrote stands beside the ticket alone.
fn told(given: Option<&CsatGiven>) -> Value {
    json!({ "rating": given.map(|given| given.rating), "has_comment": given.map(|given| given.comment.is_some()) })
}
