//! `Idempotency-Key` on creating POSTs (P-14): the answer is written in the act that earned it, so a
//! retry gets the same answer for 24 hours and the effect exists once, whatever was cut off when.

use axum::{
    extract::{FromRef, FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::{
    Error, Result,
    act::Act,
    auth::token::hash,
    db::Lent,
    http::{Json, etag, parse},
    page::Cursors,
};

const KEPT: TimeDelta = TimeDelta::hours(24);
const LONGEST: usize = 255;
/// What the seal is for: nothing else that we seal opens as this.
const SEALED: &str = "idempotency";
/// The only field of an answer that is kept sealed; none of ours has such a name.
const SECRET: &str = "$sealed";
/// The same of one with values of sensitive fields, under the tenant's own key.
const FIELDS: &str = "$fields";

/// A body and, if the client sent one, the key that makes its retry safe.
pub struct Keyed<T> {
    /// The body.
    pub body: T,
    /// The key.
    pub key: Option<Key>,
}

/// What a retry must show again. The body may hold a password: its hash is kept sealed, so that nobody
/// can check guesses against it without our secret.
pub struct Key {
    text: String,
    hash: Vec<u8>,
    sealing: Cursors,
}

impl Key {
    /// The key that a request with a body of another kind has sent, if it has. `said` is what a retry must show again.
    pub fn of(headers: &HeaderMap, said: &str, sealing: Cursors) -> Result<Option<Self>> {
        Ok(key(headers)?.map(|text| Self { text, hash: hash(said), sealing }))
    }

    fn fingerprint(&self) -> Result<String> {
        self.sealing.seal(SEALED, &self.hash)
    }

    /// An answer as it is kept.
    fn kept(&self, once: &Once, by: &impl Lent) -> Result<Value> {
        Ok(match once.keeping {
            Keeping::Clear => once.body.clone(),
            Keeping::Secret => json!({ SECRET: self.sealing.seal(SECRET, &once.body)? }),
            Keeping::Fields => json!({ FIELDS: by.fields()?.seal_answer(&once.body)? }),
        })
    }

    /// An answer as it was given.
    fn given(&self, kept: Value, by: &impl Lent) -> Result<Value> {
        let sealed = |name: &str| kept.get(name).and_then(Value::as_str);
        match (sealed(SECRET), sealed(FIELDS)) {
            (Some(sealed), _) => self.sealing.open(SECRET, sealed),
            (_, Some(sealed)) => by.fields()?.open_answer(sealed),
            _ => Ok(kept),
        }
    }

    fn made(&self, fingerprint: &str) -> bool {
        self.sealing.open::<Vec<u8>>(SEALED, fingerprint).is_ok_and(|hash| hash == self.hash)
    }
}

/// An answer that may have been given before.
pub struct Once {
    status: StatusCode,
    location: String,
    body: Value,
    keeping: Keeping,
}

/// How an answer is kept for retries.
enum Keeping {
    Clear,
    /// It holds something that is shown once: sealed by our secret.
    Secret,
    /// It holds values of sensitive fields: sealed by the tenant's key.
    Fields,
}

impl Once {
    /// `201` with the new thing and where it is.
    pub fn created(location: impl Into<String>, body: &impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::CREATED, location: location.into(), body: serde_json::to_value(body)?, keeping: Keeping::Clear })
    }

    /// The same for an answer that holds a secret: nobody reads it in the database.
    pub fn created_secret(location: impl Into<String>, body: &impl Serialize) -> Result<Self> {
        Ok(Self { keeping: Keeping::Secret, ..Self::created(location, body)? })
    }

    /// The same for an answer that holds values of sensitive fields: it opens as they do, by the tenant's key.
    pub fn created_sealed(location: impl Into<String>, body: &impl Serialize) -> Result<Self> {
        Ok(Self { keeping: Keeping::Fields, ..Self::created(location, body)? })
    }

    /// The same with another value in one field, which is not kept: what is true now, and later is not.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.body[field] = value;
        self
    }

    /// What is answered.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// `202` with what was accepted and where to follow it.
    pub fn accepted(location: impl Into<String>, body: &impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::ACCEPTED, ..Self::created(location, body)? })
    }
}

/// A thing that has a `version` says so in its `ETag`, when the answer is given again too: what is kept of an
/// answer is its body.
impl IntoResponse for Once {
    fn into_response(self) -> Response {
        let tag = AppendHeaders(self.body.get("version").and_then(Value::as_i64).map(etag));
        (self.status, [(header::LOCATION, self.location)], tag, axum::Json(self.body)).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Keyed<T>
where
    Cursors: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let text = key(request.headers())?;
        let Json(raw) = Json::<Box<serde_json::value::RawValue>>::from_request(request, state).await?;
        let body = parse(raw.get().as_bytes())?;
        let (hash, sealing) = (hash(raw.get()), Cursors::from_ref(state));
        Ok(Self { body, key: text.map(|text| Key { text, hash, sealing }) })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=LONGEST).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Error::field("Idempotency-Key", "invalid", "1 to 255 printable ASCII characters.")),
    }
}

/// Runs `work` unless this key has been answered already, in the same act. Keys belong to `owner`: a
/// person, who cannot meet another's.
pub async fn once(
    act: &mut Act,
    key: Option<&Key>,
    owner: &str,
    route: &str,
    work: impl AsyncFnOnce(&mut Act) -> Result<Once>,
) -> Result<Once> {
    let Some(key) = key else { return work(act).await };
    let now = act.now();
    if !claim(act.db(), key, owner, route, now).await? {
        let kept = kept(act, key, owner, route, now).await?;
        return kept.ok_or_else(|| Error::internal(anyhow::anyhow!("a key that was taken is not there")));
    }
    let once = work(act).await?;
    keep(act, key, owner, &once).await?;
    Ok(once)
}

/// Takes the key; whoever comes second waits here until the first has committed or given up.
async fn claim(db: &mut PgConnection, key: &Key, owner: &str, route: &str, now: DateTime<Utc>) -> Result<bool> {
    let claimed = sqlx::query!(
        "insert into idempotency_keys as k (owner, key, route, fingerprint, status, body, created_at)
         values ($1, $2, $3, $4, 0, 'null', $5)
         on conflict (owner, key) do update
         set route = $3, fingerprint = $4, status = 0, body = 'null', created_at = $5
         where k.created_at < $6",
        owner,
        key.text,
        route,
        key.fingerprint()?,
        now,
        now - KEPT,
    );
    Ok(claimed.execute(db).await?.rows_affected() == 1)
}

/// The answer that this key has had, if it has had one: for whoever looks, before the act, at what may be gone when the
/// client tries again.
pub async fn kept(by: &mut impl Lent, key: &Key, owner: &str, route: &str, now: DateTime<Utc>) -> Result<Option<Once>> {
    let row = sqlx::query!(
        "select route, fingerprint, status, location, body
         from idempotency_keys
         where owner = $1 and key = $2 and created_at >= $3",
        owner,
        key.text,
        now - KEPT,
    );
    let Some(row) = row.fetch_optional(by.db()).await? else { return Ok(None) };
    if row.route != route || !key.made(&row.fingerprint) {
        return Err(Error::IdempotencyKeyReused);
    }
    let status = StatusCode::from_u16(row.status as u16).map_err(|e| anyhow::anyhow!("a kept answer: {e}"))?;
    Ok(Some(Once { status, location: row.location.unwrap_or_default(), body: key.given(row.body, by)?, keeping: Keeping::Clear }))
}

async fn keep(act: &mut Act, key: &Key, owner: &str, once: &Once) -> Result<()> {
    let body = key.kept(once, act)?;
    sqlx::query!(
        "update idempotency_keys
         set status = $3, location = $4, body = $5
         where owner = $1 and key = $2",
        owner,
        key.text,
        once.status.as_u16() as i16,
        once.location,
        body,
    )
    .execute(act.db())
    .await?;
    Ok(())
}

/// Forgets answers older than a day, at most `limit` of them.
pub async fn forget_old(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    let forgotten = sqlx::query!(
        "delete from idempotency_keys
         where (owner, key) in (
            select owner, key from idempotency_keys
            where created_at < $1
            order by created_at
            limit $2
         )",
        now - KEPT,
        limit,
    );
    Ok(forgotten.execute(db).await?.rows_affected())
}
