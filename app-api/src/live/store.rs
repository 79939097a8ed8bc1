//! Reading events in an order that has no gaps. `pg_snapshot_xmin` is the oldest transaction still
//! running on the server: below it everything is committed or gone for ever.

use serde_json::Value;
use shared::{Error, Result};
use sqlx::PgConnection;

use super::model::{LiveEvent, Position};

/// The events after a position.
pub(super) struct Batch {
    pub events: Vec<LiveEvent>,
    /// The position behind all that was read, shown or not.
    pub reached: Position,
    /// There may be more behind these.
    pub is_full: bool,
    /// Some are still hidden behind a running transaction.
    pub more_to_come: bool,
}

struct Row {
    seq: i64,
    xid: String,
    kind: String,
    data: Value,
    audience: Value,
    occurred_at: chrono::DateTime<chrono::Utc>,
    complete: bool,
}

/// Reads at most `limit` events after `after`.
pub(super) async fn after(db: &mut PgConnection, after: Position, limit: i64) -> Result<Batch> {
    let rows = sqlx::query_as!(
        Row,
        r#"select seq, xid::text as "xid!", kind, data, audience as "audience!", occurred_at,
            xid < pg_snapshot_xmin(pg_current_snapshot()) as "complete!"
         from events
         where (xid, seq) > ($1::text::xid8, $2) and audience is not null
         order by xid, seq
         limit $3"#,
        after.xid.to_string(),
        after.seq,
        limit,
    )
    .fetch_all(db)
    .await?;
    let (asked, more_to_come) = (rows.len() as i64 == limit, rows.iter().any(|row| !row.complete));
    let mut batch = Batch { events: Vec::new(), reached: after, is_full: asked && !more_to_come, more_to_come };
    for row in rows.into_iter().take_while(|row| row.complete) {
        let at = Position { xid: xid(&row.xid)?, seq: row.seq };
        batch.reached = at;
        batch.events.extend(event(at, row));
    }
    Ok(batch)
}

/// An event that cannot be read is nobody's: it must not keep the others from their readers.
fn event(at: Position, row: Row) -> Option<LiveEvent> {
    match serde_json::from_value(row.audience) {
        Ok(audience) => Some(LiveEvent { at, kind: row.kind, audience, data: row.data, occurred_at: row.occurred_at }),
        Err(error) => {
            tracing::error!(seq = at.seq, %error, "an event whose audience cannot be read is not streamed");
            None
        }
    }
}

/// How many events there are after one position up to another; counts no further than `most`.
pub(super) async fn between(db: &mut PgConnection, after: Position, until: Position, most: i64) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from (
            select from events
            where (xid, seq) > ($1::text::xid8, $2) and (xid, seq) <= ($3::text::xid8, $4) and audience is not null
            order by xid, seq
            limit $5
         ) missed"#,
        after.xid.to_string(),
        after.seq,
        until.xid.to_string(),
        until.seq,
        most,
    );
    Ok(count.fetch_one(db).await?)
}

/// The position behind which nothing appears any more.
pub(super) async fn now(db: &mut PgConnection) -> Result<Position> {
    let oldest = sqlx::query_scalar!(r#"select pg_snapshot_xmin(pg_current_snapshot())::text as "xmin!""#).fetch_one(db).await?;
    Ok(Position { xid: xid(&oldest)?, seq: -1 })
}

fn xid(text: &str) -> Result<u64> {
    text.parse().map_err(Error::internal)
}
