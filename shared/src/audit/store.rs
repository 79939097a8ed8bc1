//! The tables `audit_logs` and `audit_seals`, as both planes have them. `old` is a tenant's database
//! that lacks the migration by months: it is written to all the same (release N serves N-1).

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Failure, chain::Seal};
use crate::{Result, act::Author};

/// The migration of tenants' databases that made the months.
pub(crate) const MONTHS: i64 = 3;

/// What an act has recorded.
pub(crate) struct Recorded<'a> {
    pub id: Uuid,
    pub event: (&'static str, &'static str, &'static str),
    pub subject: &'a str,
    pub data: &'a Value,
    pub audience: Option<&'a Value>,
    pub changes: &'a Value,
    pub tenant: Option<Uuid>,
    pub at: DateTime<Utc>,
}

/// The event and its audit row, in one statement: both or neither, and one round trip.
pub(crate) async fn record(db: &mut PgConnection, what: &Recorded<'_>, author: &Author) -> Result<()> {
    let (kind, exchange, routing_key) = what.event;
    sqlx::query!(
        "with event as (
            insert into events
                (id, kind, exchange, routing_key, subject, data, audience, actor, request_id, cause, depth, occurred_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         )
         insert into audit_logs (at, tenant_id, actor, action, resource, changes, ip, user_agent, request_id, duration_us)
         values ($12, $16, $8, $2, $5, $13, $14, $15, $9, $17)",
        what.id,
        kind,
        exchange,
        routing_key,
        what.subject,
        what.data,
        what.audience,
        serde_json::to_value(&author.actor)?,
        author.request_id,
        author.cause,
        author.depth,
        what.at,
        what.changes,
        author.ip.map(|ip| ip.to_string()),
        author.user_agent,
        what.tenant,
        author.arrived.map(|arrived| arrived.elapsed().as_micros() as i64),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same where the columns of this release are missing.
pub(crate) async fn record_old(db: &mut PgConnection, what: &Recorded<'_>, author: &Author) -> Result<()> {
    let (kind, exchange, routing_key) = what.event;
    sqlx::query!(
        "with event as (
            insert into events
                (id, kind, exchange, routing_key, subject, data, audience, actor, request_id, cause, depth, occurred_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         )
         insert into audit_logs (at, actor, action, resource, changes, ip, user_agent, request_id)
         values ($12, $8, $2, $5, $13, $14, $15, $9)",
        what.id,
        kind,
        exchange,
        routing_key,
        what.subject,
        what.data,
        what.audience,
        serde_json::to_value(&author.actor)?,
        author.request_id,
        author.cause,
        author.depth,
        what.at,
        what.changes,
        author.ip.map(|ip| ip.to_string()),
        author.user_agent,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A change that was refused. Where there are no columns for it, status and code stand in `changes`.
pub(crate) async fn refused(db: &mut PgConnection, failure: &Failure, old: bool) -> Result<()> {
    let (author, changes) = (&failure.author, if failure.times > 1 { json!({ "times": failure.times }) } else { json!({}) });
    let (actor, ip) = (serde_json::to_value(&author.actor)?, author.ip.map(|ip| ip.to_string()));
    if old {
        let changes = json!({ "status": failure.status, "code": failure.code, "times": failure.times });
        sqlx::query!(
            "insert into audit_logs (at, actor, action, resource, changes, ip, user_agent, request_id, outcome)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 'error')",
            failure.at,
            actor,
            failure.action,
            failure.resource,
            changes,
            ip,
            author.user_agent,
            author.request_id,
        )
        .execute(db)
        .await?;
        return Ok(());
    }
    sqlx::query!(
        "insert into audit_logs
            (at, tenant_id, actor, action, resource, changes, ip, user_agent, request_id, outcome, status, code, duration_us)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'error', $10, $11, $12)",
        failure.at,
        failure.tenant,
        actor,
        failure.action,
        failure.resource,
        changes,
        ip,
        author.user_agent,
        author.request_id,
        failure.status as i16,
        failure.code,
        failure.took.as_micros() as i64,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes the months ahead, and says where they end; drops those that have been kept long enough,
/// and says how many.
pub(super) async fn keep_months(db: &mut PgConnection) -> Result<(DateTime<Utc>, i32)> {
    let made = sqlx::query_scalar!(r#"select audit_make_months() as "made!""#).fetch_one(&mut *db).await?;
    let dropped = sqlx::query_scalar!(r#"select audit_drop_expired() as "dropped!""#).fetch_one(db).await?;
    Ok((made, dropped))
}

/// A row as it is sealed: one text, the same whenever and wherever it is asked for.
pub(super) struct Row {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub text: String,
}

/// Rows that are in no seal yet, in order, with the snapshot that shows them and its oldest running
/// transaction.
pub(super) struct Unsealed {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub text: String,
    pub snapshot: String,
    pub is_settled: bool,
}

/// Holds off everybody else who would seal here, until the transaction ends; false when another does.
pub(super) async fn lock(db: &mut PgConnection) -> Result<bool> {
    let mine = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtext('audit seals')) as "mine!""#);
    Ok(mine.fetch_one(db).await?)
}

/// `before` is the newest seal's snapshot: `is_settled` says that whoever ran then has ended.
pub(super) async fn unsealed(db: &mut PgConnection, settled: i64, before: &str, limit: i64) -> Result<Vec<Unsealed>> {
    let rows = sqlx::query_as!(
        Unsealed,
        r#"select a.id, a.at,
            jsonb_build_array(a.id, (extract(epoch from a.at) * 1000000)::bigint, a.tenant_id, a.actor, a.action, a.resource, a.changes,
                a.ip, a.user_agent, a.request_id, a.outcome, a.status, a.code, a.duration_us)::text as "text!",
            pg_current_snapshot()::text as "snapshot!",
            pg_snapshot_xmin(pg_current_snapshot()) >= pg_snapshot_xmax($2::text::pg_snapshot) as "is_settled!"
         from audit_logs a
         where a.id > $1
            and not (select coalesce(range_agg(ids), '{}') from audit_seals where highest > $1) @> a.id
         order by a.id
         limit $3"#,
        settled,
        before,
        limit,
    );
    Ok(rows.fetch_all(db).await?)
}

/// Every read of a seal uses this one select list.
macro_rules! select_seal {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Seal,
            r#"select seq, month, ids::text as "ids!", row_count, rows_hash, previous, hash, highest, snapshot, settled, sealed_at
            from audit_seals "# + $rest
            $(, $arg)*
        )
    };
}

pub(super) async fn newest(db: &mut PgConnection) -> Result<Option<Seal>> {
    Ok(select_seal!("order by seq desc limit 1").fetch_optional(db).await?)
}

pub(super) async fn seal_of(db: &mut PgConnection, seq: i64) -> Result<Option<Seal>> {
    Ok(select_seal!("where seq = $1", seq).fetch_optional(db).await?)
}

pub(super) async fn seals_after(db: &mut PgConnection, seq: i64, limit: i64) -> Result<Vec<Seal>> {
    Ok(select_seal!("where seq > $1 order by seq limit $2", seq, limit).fetch_all(db).await?)
}

pub(super) async fn insert_seal(db: &mut PgConnection, seal: &Seal) -> Result<()> {
    sqlx::query!(
        "insert into audit_seals (seq, month, ids, row_count, rows_hash, previous, hash, highest, snapshot, settled, sealed_at)
         values ($1, $2, $3::text::int8multirange, $4, $5, $6, $7, $8, $9, $10, $11)",
        seal.seq,
        seal.month,
        seal.ids,
        seal.row_count,
        seal.rows_hash,
        seal.previous,
        seal.hash,
        seal.highest,
        seal.snapshot,
        seal.settled,
        seal.sealed_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The rows of a seal behind `after`, in order. `from` and `to` are its first and last ids.
pub(super) async fn rows_of(db: &mut PgConnection, ids: &str, (after, to): (i64, i64), limit: i64) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select a.id, a.at,
            jsonb_build_array(a.id, (extract(epoch from a.at) * 1000000)::bigint, a.tenant_id, a.actor, a.action, a.resource, a.changes,
                a.ip, a.user_agent, a.request_id, a.outcome, a.status, a.code, a.duration_us)::text as "text!"
         from audit_logs a
         where a.id > $2 and a.id <= $3 and $1::text::int8multirange @> a.id
         order by a.id
         limit $4"#,
        ids,
        after,
        to,
        limit,
    );
    Ok(rows.fetch_all(db).await?)
}

/// Rows that no seal covers though everything up to `settled` is sealed.
pub(super) async fn strangers(db: &mut PgConnection, settled: i64, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select a.id
         from audit_logs a
         where a.id <= $1 and not (select coalesce(range_agg(ids), '{}') from audit_seals) @> a.id
         order by a.id
         limit $2",
        settled,
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// How many rows wait for their seal.
pub(super) async fn waiting(db: &mut PgConnection, settled: i64) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from audit_logs a
         where a.id > $1 and not (select coalesce(range_agg(ids), '{}') from audit_seals where highest > $1) @> a.id"#,
        settled,
    );
    Ok(count.fetch_one(db).await?)
}

/// Rows of earlier months are gone by right, as the trail itself says.
pub(super) async fn expired_before(db: &mut PgConnection) -> Result<Option<NaiveDate>> {
    let before = sqlx::query_scalar!(
        r#"select max(changes -> 'after' ->> 'before')::date as before
         from audit_logs
         where action = 'AuditExpired' and actor = '{"kind": "system", "name": "audit"}' and outcome = 'success'"#,
    );
    Ok(before.fetch_one(db).await?)
}
