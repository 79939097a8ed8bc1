//! The relay: publishes what acts have recorded, in order, at least once, and marks it when the
//! broker has confirmed it (E-3). No transaction is held while the broker is asked.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Result,
    broker::{Broker, Message, Outgoing},
    clock::Clock,
    db::Db,
};

const BATCH: i64 = 200;
/// How long the relay lets somebody else finish before it looks again.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// What one round of the relay did.
#[derive(Debug, PartialEq, Eq)]
pub struct Relayed {
    /// How many events the broker has confirmed.
    pub published: usize,
    /// Another relay holds this database: look again after [`PATIENCE`], it may have died.
    pub held_elsewhere: bool,
}

struct Row {
    id: Uuid,
    kind: String,
    exchange: String,
    routing_key: String,
    subject: String,
    data: Value,
    occurred_at: DateTime<Utc>,
}

/// Publishes everything that waits in one database. `tenant` is whose database this is; the
/// control database is everybody's, and there each event's data names its tenant, unless it has none. `holder` is this
/// relay's own id. A database where nothing waits is only looked at.
pub async fn relay(db: &Db, tenant: Option<Uuid>, holder: Uuid, broker: &Broker, clock: &Clock) -> Result<Relayed> {
    if !anything(&mut *db.read().await?).await? {
        return Ok(Relayed { published: 0, held_elsewhere: false });
    }
    let mut published = 0;
    let done = publish_all(db, tenant, holder, broker, clock, &mut published).await;
    // Whatever became of it: nobody has to wait for us until the lease ends by itself.
    let released = release(db, holder).await;
    let held_elsewhere = !done?;
    released?;
    Ok(Relayed { published, held_elsewhere })
}

/// False when another relay holds the database.
async fn publish_all(db: &Db, tenant: Option<Uuid>, holder: Uuid, broker: &Broker, clock: &Clock, published: &mut usize) -> Result<bool> {
    loop {
        let rows = {
            let mut connection = db.read().await?;
            if !lease(&mut connection, holder).await? {
                return Ok(false);
            }
            waiting(&mut connection).await?
        };
        if rows.is_empty() {
            return Ok(true);
        }
        let batch = rows.into_iter().map(|row| outgoing(row, tenant)).collect::<Result<Vec<_>>>()?;
        let safe = broker.publish(batch).await?;
        mark(&mut *db.read().await?, &safe, clock.now()).await?;
        *published += safe.len();
    }
}

/// How many events wait in one database, and since when the oldest does.
pub async fn backlog(db: &Db) -> Result<(i64, Option<DateTime<Utc>>)> {
    let row = sqlx::query!(r#"select count(*) as "count!", min(occurred_at) as oldest from events where published_at is null"#)
        .fetch_one(&mut *db.read().await?)
        .await?;
    Ok((row.count, row.oldest))
}

async fn anything(db: &mut PgConnection) -> Result<bool> {
    let any = sqlx::query_scalar!(r#"select exists (select from events where published_at is null) as "any!""#);
    Ok(any.fetch_one(db).await?)
}

/// Takes or keeps the right to publish from this database: two relays would break the order. It
/// lasts 20 s of the database's clock, on which all relays agree.
async fn lease(db: &mut PgConnection, holder: Uuid) -> Result<bool> {
    let held = sqlx::query!(
        "insert into relay_lease as lease (holder, until)
         values ($1, now() + interval '20 seconds')
         on conflict (only_row) do update
         set holder = $1, until = now() + interval '20 seconds'
         where lease.holder = $1 or lease.until < now()",
        holder,
    )
    .execute(db)
    .await?;
    Ok(held.rows_affected() == 1)
}

async fn release(db: &Db, holder: Uuid) -> Result<()> {
    sqlx::query!("delete from relay_lease where holder = $1", holder).execute(&mut *db.read().await?).await?;
    Ok(())
}

async fn waiting(db: &mut PgConnection) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        "select id, kind, exchange, routing_key, subject, data, occurred_at
         from events
         where published_at is null
         order by seq
         limit $1",
        BATCH,
    );
    Ok(rows.fetch_all(db).await?)
}

async fn mark(db: &mut PgConnection, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update events set published_at = $2 where id = any($1)", ids, now).execute(db).await?;
    Ok(())
}

/// The envelope of E-2. What the platform does to itself, as an operator who signs in, concerns no tenant:
/// its tenant is the nil id, and it holds up nobody's events.
fn outgoing(row: Row, tenant: Option<Uuid>) -> Result<Outgoing> {
    let tenant = match (tenant, row.data.get("tenant_id")) {
        (Some(tenant), _) => tenant,
        (None, None) => Uuid::nil(),
        (None, Some(named)) => {
            named.as_str().and_then(|id| id.parse().ok()).ok_or_else(|| anyhow::anyhow!("event {} names no tenant", row.id))?
        }
    };
    let occurred_at = row.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let body = json!({ "id": row.id, "event": row.kind, "tenant": tenant, "timestamp": occurred_at, "data": row.data });
    let body = serde_json::to_vec(&body)?;
    let message = Message { id: row.id, exchange: row.exchange, routing_key: row.routing_key, tenant, occurred_at, body };
    Ok(Outgoing { subject: row.subject, message })
}
