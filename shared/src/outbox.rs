//! The relay: publishes what acts have recorded, in order, at least once, and marks it when the
//! broker has confirmed it (E-3). No transaction is held while the broker is asked.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Error, Result,
    broker::{Broker, Message},
    clock::Clock,
    db::Db,
};

const BATCH: i64 = 200;
const LEASE: TimeDelta = TimeDelta::seconds(15);
/// How long the relay lets somebody else finish before it looks again.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What one round of the relay did.
#[derive(Debug, PartialEq, Eq)]
pub struct Relayed {
    /// How many events the broker has confirmed.
    pub published: usize,
    /// Another relay holds this database: look again after [`PATIENCE`], it may have died.
    pub held_elsewhere: bool,
}

struct Row {
    seq: i64,
    id: Uuid,
    kind: String,
    exchange: String,
    routing_key: String,
    data: Value,
    occurred_at: DateTime<Utc>,
}

/// Publishes everything that waits in one database. `tenant` is whose database this is; the
/// control database is everybody's, and there each event's data names its tenant. `holder` is this
/// relay's own id.
pub async fn relay(db: &Db, tenant: Option<Uuid>, holder: Uuid, broker: &Broker, clock: &Clock) -> Result<Relayed> {
    let mut total = 0;
    loop {
        let rows = {
            let mut connection = db.read().await?;
            if !lease(&mut connection, holder, clock.now()).await? {
                return Ok(Relayed { published: total, held_elsewhere: true });
            }
            waiting(&mut connection).await?
        };
        let asked = rows.len();
        if asked == 0 {
            return Ok(Relayed { published: total, held_elsewhere: false });
        }
        let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        let messages = rows.into_iter().map(|row| message(row, tenant)).collect::<Result<Vec<_>>>()?;
        let safe = broker.publish(messages).await?;
        mark(&mut *db.read().await?, &seqs[..safe], clock.now()).await?;
        total += safe;
        if safe < asked {
            return Err(Error::Unavailable("broker"));
        }
    }
}

/// How many events wait in one database, and since when the oldest does.
pub async fn backlog(db: &Db) -> Result<(i64, Option<DateTime<Utc>>)> {
    let row = sqlx::query!(r#"select count(*) as "count!", min(occurred_at) as oldest from events where published_at is null"#)
        .fetch_one(&mut *db.read().await?)
        .await?;
    Ok((row.count, row.oldest))
}

/// Takes or keeps the right to publish from this database: two relays would break the order.
async fn lease(db: &mut PgConnection, holder: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let held = sqlx::query!(
        "insert into relay_lease as lease (holder, until)
         values ($1, $2)
         on conflict (only_row) do update
         set holder = $1, until = $2
         where lease.holder = $1 or lease.until < $3",
        holder,
        now + LEASE,
        now,
    )
    .execute(db)
    .await?;
    Ok(held.rows_affected() == 1)
}

async fn waiting(db: &mut PgConnection) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        "select seq, id, kind, exchange, routing_key, data, occurred_at
         from events
         where published_at is null
         order by seq
         limit $1",
        BATCH,
    );
    Ok(rows.fetch_all(db).await?)
}

async fn mark(db: &mut PgConnection, seqs: &[i64], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update events set published_at = $2 where seq = any($1)", seqs, now).execute(db).await?;
    Ok(())
}

/// The envelope of E-2.
fn message(row: Row, tenant: Option<Uuid>) -> Result<Message> {
    let named = || row.data.get("tenant_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let tenant = tenant.or_else(named).ok_or_else(|| anyhow::anyhow!("event {} names no tenant", row.id))?;
    let occurred_at = row.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let body = json!({ "id": row.id, "event": row.kind, "tenant": tenant, "timestamp": occurred_at, "data": row.data });
    Ok(Message { id: row.id, exchange: row.exchange, routing_key: row.routing_key, tenant, occurred_at, body: serde_json::to_vec(&body)? })
}
