//! Reading events in an order that has no gaps. `pg_snapshot_xmin` is the oldest transaction still
//! running on the server: below it everything is committed or gone for ever.

use serde_json::Value;
use shared::{Error, Result};
use sqlx::PgConnection;

use super::model::{LiveEvent, Position};

/// The events after a position, and whether some are still hidden behind a running transaction.
pub(super) struct Batch {
    pub events: Vec<LiveEvent>,
    pub more_to_come: bool,
}

/// Reads at most `limit` events after `after`.
pub(super) async fn after(db: &mut PgConnection, after: Position, limit: i64) -> Result<Batch> {
    let rows = sqlx::query!(
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
    let more_to_come = rows.iter().any(|row| !row.complete);
    let rows = rows.into_iter().take_while(|row| row.complete);
    let events = rows.map(|row| event(row.seq, &row.xid, row.kind, row.data, row.audience, row.occurred_at)).collect::<Result<_>>()?;
    Ok(Batch { events, more_to_come })
}

fn event(seq: i64, xid: &str, kind: String, data: Value, audience: Value, occurred_at: chrono::DateTime<chrono::Utc>) -> Result<LiveEvent> {
    let xid = xid.parse().map_err(Error::internal)?;
    Ok(LiveEvent { at: Position { xid, seq }, kind, audience: serde_json::from_value(audience)?, data, occurred_at })
}

/// The position behind which nothing appears any more.
pub(super) async fn now(db: &mut PgConnection) -> Result<Position> {
    let xid = sqlx::query_scalar!(r#"select pg_snapshot_xmin(pg_current_snapshot())::text as "xmin!""#).fetch_one(db).await?;
    Ok(Position { xid: xid.parse().map_err(Error::internal)?, seq: -1 })
}
