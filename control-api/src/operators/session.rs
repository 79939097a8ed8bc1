//! An operator who has signed in: the first argument of what only operators do.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::token::hash,
    clock::Clock,
    db::Db,
    http::{Client, Json, NoContent},
    tenancy::named,
};

use super::{
    model::{is_fresh, lives},
    store,
};
use crate::{app::App, events::Platform, operators::Operator};

/// The label of the operators' host.
const HOST: &str = "admin";
/// So old may the time of the last use be before it is written anew.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// The request has come to the operators' address: the host `admin.`, or one that is no tenant's. At a
/// tenant's address there are no such routes.
pub struct Desk;

impl FromRequestParts<App> for Desk {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        match named(&parts.headers, &parts.uri, &app.site.base_domain) {
            Ok(slug) if slug.as_str() == HOST => Ok(Self),
            Err(Error::NotFound(_)) => Ok(Self),
            Ok(_) => Err(Error::NotFound("not_found")),
            Err(other) => Err(other),
        }
    }
}

/// An operator with a session that lives.
pub struct OperatorSession {
    /// Who.
    pub operator: Operator,
    hash: Vec<u8>,
    opened_at: DateTime<Utc>,
    client: Client,
    db: Db,
    clock: Clock,
}

impl OperatorSession {
    /// `403 step_up_required` unless both factors were shown within the last 15 minutes: whoever found the
    /// session open closes no doors. One signs in again.
    pub fn must_be_fresh(&self) -> Result<()> {
        if is_fresh(self.opened_at, self.clock.now()) { Ok(()) } else { Err(Error::Forbidden("step_up_required")) }
    }

    /// Runs `work` as one act of this operator.
    pub async fn act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        let actor = Actor::Operator { id: self.operator.id };
        self.db.act(self.client.author(actor), &self.clock, work).await
    }
}

impl FromRequestParts<App> for OperatorSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Desk::from_request_parts(parts, app).await?;
        let (hash, now) = (bearer(&parts.headers)?, app.clock.now());
        let mut db = app.db.read().await?;
        let held = store::session(&mut db, &hash).await?.filter(|held| lives(held.opened_at, held.last_used_at, now));
        let held = held.ok_or(Error::Unauthenticated("unauthenticated"))?;
        if now - held.last_used_at >= TOUCH {
            store::touch(&mut db, &hash, now).await?;
        }
        drop(db);
        let client = Client::from_request_parts(parts, app).await?;
        Ok(Self { operator: held.operator, hash, opened_at: held.opened_at, client, db: app.db.clone(), clock: app.clock.clone() })
    }
}

/// The hash of the bearer token; `401` without one.
pub fn bearer(headers: &HeaderMap) -> Result<Vec<u8>> {
    let value = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let token = value.and_then(|v| v.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    Ok(hash(token.ok_or(Error::Unauthenticated("unauthenticated"))?.1.trim()))
}

/// Who one is.
#[utoipa::path(get, path = "/api/v1/operator/me", tag = "operators", responses((status = 200, body = Operator)), security(("bearer" = [])))]
pub async fn show_operator(session: OperatorSession) -> Result<Json<Operator>> {
    Ok(Json(session.operator))
}

/// Ends the session.
#[utoipa::path(post, path = "/api/v1/operator/auth/logout", tag = "operators", responses((status = 204)), security(("bearer" = [])))]
pub async fn log_out_operator(session: OperatorSession) -> Result<NoContent> {
    let left = session.act(async |act| {
        let now = act.now();
        store::end_session(act.db(), &session.hash, now).await?;
        act.record(&Platform::OperatorSignedOut(session.operator.id)).await
    });
    left.await?;
    Ok(NoContent)
}
