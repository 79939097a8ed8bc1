//! `Idempotency-Key` on creating POSTs (P-14): the answer is written in the act that earned it, so a
//! retry gets the same answer for 24 hours and the effect exists once, whatever was cut off when.

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use shared::{Error, Result, act::Act, auth::token::hash, http::Json};
use sqlx::PgConnection;

use crate::people::PersonId;

const KEPT: TimeDelta = TimeDelta::hours(24);
const LONGEST: usize = 255;

/// A body and, if the client sent one, the key that makes its retry safe.
pub struct Keyed<T> {
    /// The body.
    pub body: T,
    key: Option<String>,
    hash: Vec<u8>,
}

/// A `201` that may have been given before.
pub struct Once {
    location: String,
    body: Value,
}

impl IntoResponse for Once {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, [(header::LOCATION, self.location)], axum::Json(self.body)).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Keyed<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let key = key(&request)?;
        let Json(raw) = Json::<Box<serde_json::value::RawValue>>::from_request(request, state).await?;
        let body = shared::http::parse(raw.get().as_bytes())?;
        Ok(Self { body, key, hash: hash(raw.get()) })
    }
}

fn key(request: &Request) -> Result<Option<String>> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=LONGEST).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Error::field("Idempotency-Key", "invalid", "1 to 255 printable ASCII characters.")),
    }
}

impl<T> Keyed<T> {
    /// Runs `work` unless this key has been answered already, in the same act.
    pub async fn once<R: Serialize>(
        &self,
        act: &mut Act,
        user: PersonId,
        route: &str,
        work: impl AsyncFnOnce(&mut Act, &T) -> Result<(String, R)>,
    ) -> Result<Once> {
        let Some(key) = &self.key else {
            let (location, body) = work(act, &self.body).await?;
            return Ok(Once { location, body: serde_json::to_value(body)? });
        };
        let now = act.now();
        if !claim(act.db(), user, key, route, &self.hash, now).await? {
            return answered(act.db(), user, key, route, &self.hash).await;
        }
        let (location, body) = work(act, &self.body).await?;
        let once = Once { location, body: serde_json::to_value(body)? };
        keep(act.db(), user, key, &once).await?;
        Ok(once)
    }
}

/// Takes the key; whoever comes second waits here until the first has committed or given up.
async fn claim(
    db: &mut PgConnection,
    user: PersonId,
    key: &str,
    route: &str,
    hash: &[u8],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<bool> {
    let claimed = sqlx::query!(
        "insert into idempotency_keys as k (user_id, key, route, body_hash, status, body, created_at)
         values ($1, $2, $3, $4, 0, 'null', $5)
         on conflict (user_id, key) do update
         set route = $3, body_hash = $4, status = 0, body = 'null', created_at = $5
         where k.created_at < $6",
        user,
        key,
        route,
        hash,
        now,
        now - KEPT,
    );
    Ok(claimed.execute(db).await?.rows_affected() == 1)
}

async fn answered(db: &mut PgConnection, user: PersonId, key: &str, route: &str, hash: &[u8]) -> Result<Once> {
    let row = sqlx::query!(
        "select route, body_hash, location, body
         from idempotency_keys
         where user_id = $1 and key = $2",
        user,
        key,
    )
    .fetch_one(db)
    .await?;
    if row.route != route || row.body_hash != hash {
        return Err(Error::IdempotencyKeyReused);
    }
    Ok(Once { location: row.location.unwrap_or_default(), body: row.body })
}

async fn keep(db: &mut PgConnection, user: PersonId, key: &str, once: &Once) -> Result<()> {
    sqlx::query!(
        "update idempotency_keys
         set status = 201, location = $3, body = $4
         where user_id = $1 and key = $2",
        user,
        key,
        once.location,
        once.body,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets answers older than a day, at most `limit` of them.
pub async fn forget_old(db: &mut PgConnection, before: chrono::DateTime<chrono::Utc>, limit: i64) -> Result<u64> {
    let forgotten = sqlx::query!(
        "delete from idempotency_keys
         where (user_id, key) in (
            select user_id, key from idempotency_keys
            where created_at < $1
            order by created_at
            limit $2
         )",
        before - KEPT,
        limit,
    );
    Ok(forgotten.execute(db).await?.rows_affected())
}
