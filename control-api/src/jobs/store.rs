//! The table `jobs`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{
    Error, OnConstraint, Result,
    page::{Order, Part},
};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Job, JobStatus, Kind, Listed, Next, Planned, Wanted};

pub async fn insert(db: &mut PgConnection, id: Uuid, planned: &Planned, asked_by: &Value, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into jobs (id, kind, tenant_id, cluster_id, step, state, is_exclusive, next_at, asked_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        planned.kind.as_str(),
        planned.tenant,
        planned.cluster,
        planned.kind.first(),
        planned.state,
        planned.kind.is_exclusive(),
        planned.at.unwrap_or(now),
        asked_by,
        now,
    )
    .execute(db)
    .await
    .on_constraint("jobs_one_for_tenant", || {
        Error::conflict("job_under_way", "Something else is done with this tenant's data just now.")
    })?;
    Ok(())
}

struct Row {
    id: Uuid,
    kind: String,
    tenant_id: Option<Uuid>,
    cluster_id: Option<i64>,
    step: String,
    state: Value,
    attempts: i32,
    created_at: DateTime<Utc>,
    is_orphan: bool,
}

impl Row {
    fn held_by(self, holder: Uuid) -> Result<Job> {
        let Self { id, kind, tenant_id: tenant, cluster_id: cluster, step, state, attempts, created_at, is_orphan } = self;
        let kind = Kind::parse(&kind).ok_or_else(|| anyhow::anyhow!("job {id} is a {kind}"))?;
        Ok(Job { id, kind, tenant, cluster, step, state, attempts, created_at, is_orphan, holder })
    }
}

/// Takes the next due job. `skip locked`: two workers take different ones; the lease ends by itself if its
/// taker dies, which counts as a failure. A kind that this release does not know waits for one that does.
pub async fn claim(
    db: &mut PgConnection,
    (holder, kinds): (Uuid, &[Kind]),
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Job>> {
    let known: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let row = sqlx::query_as!(
        Row,
        r#"with due as materialized (
            select id, leased_until is not null as is_orphan
            from jobs
            where finished_at is null and next_at <= $2 and (leased_until is null or leased_until <= $2) and kind = any($4)
            order by next_at
            limit 1
            for update skip locked
         )
         update jobs j
         set holder = $1, leased_until = $3, attempts = attempts + is_orphan::int
         from due
         where j.id = due.id
         returning j.id, kind, tenant_id, cluster_id, step, state, attempts, created_at, is_orphan as "is_orphan!""#,
        holder,
        now,
        until,
        &known,
    );
    row.fetch_optional(db).await?.map(|row| row.held_by(holder)).transpose()
}

/// Keeps a job for its holder; false when it is no longer theirs, or no longer at this step.
pub async fn renew(db: &mut PgConnection, job: &Job, until: DateTime<Utc>) -> Result<bool> {
    let renewed = sqlx::query!(
        "update jobs set leased_until = $4 where id = $1 and holder = $2 and step = $3 and finished_at is null",
        job.id,
        job.holder,
        job.step,
        until,
    );
    Ok(renewed.execute(db).await?.rows_affected() == 1)
}

pub async fn progress(db: &mut PgConnection, (job, holder): (Uuid, Uuid), (done, total): (i64, i64)) -> Result<()> {
    sqlx::query!("update jobs set done = $3, total = $4 where id = $1 and holder = $2 and finished_at is null", job, holder, done, total)
        .execute(db)
        .await?;
    Ok(())
}

/// Moves a job along; false when it is no longer its holder's, or no longer at this step.
pub async fn advance(
    db: &mut PgConnection,
    job: &Job,
    next: Next,
    state: Option<&Value>,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool> {
    let (step, next_at, outcome) = match next {
        Next::Step(step) | Next::Undo(step) => (step, now, None),
        Next::At(step, at) => (step, at, None),
        Next::Done => (job.step.as_str(), now, Some("done")),
        Next::Failed => (job.step.as_str(), now, Some("failed")),
    };
    // Whoever goes on at once keeps the lease.
    let leased_until = matches!(next, Next::Step(_) | Next::Undo(_)).then_some(until);
    let says_why = matches!(next, Next::Undo(_) | Next::Failed);
    let moved = sqlx::query!(
        "update jobs
         set step = $4,
             state = coalesce($5, state),
             attempts = 0,
             last_error = case when $10 then last_error end,
             done = 0,
             total = null,
             next_at = $6,
             leased_until = $7,
             finished_at = case when $9::text is not null then $8::timestamptz end,
             outcome = $9
         where id = $1 and holder = $2 and step = $3 and finished_at is null",
        job.id,
        job.holder,
        job.step,
        step,
        state,
        next_at,
        leased_until,
        now,
        outcome,
        says_why,
    );
    Ok(moved.execute(db).await?.rows_affected() == 1)
}

/// Notes a failed try and when the next one is, at the same step or at another. A job that has left the step stays where
/// it is: the note of its end was written, though its answer was lost.
pub async fn put_off(db: &mut PgConnection, job: &Job, (step, attempts): (&str, i32), error: &str, next_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update jobs
         set step = $4, attempts = $5, last_error = $6, next_at = $7, leased_until = null
         where id = $1 and holder = $2 and step = $3 and finished_at is null",
        job.id,
        job.holder,
        job.step,
        step,
        attempts,
        error,
        next_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends a job that has failed for good, unless it has left the step.
pub async fn fail(db: &mut PgConnection, job: &Job, error: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update jobs
         set outcome = 'failed', last_error = $4, attempts = attempts + 1, finished_at = $5, leased_until = null
         where id = $1 and holder = $2 and step = $3 and finished_at is null",
        job.id,
        job.holder,
        job.step,
        error,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Jobs of these kinds that have failed since then at a step of which no try has succeeded, those first that were tried least.
pub async fn left(db: &mut PgConnection, (kinds, step): (&[Kind], &str), since: DateTime<Utc>, limit: i64) -> Result<Vec<Job>> {
    let kinds: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id, kind, tenant_id, cluster_id, step, state, attempts, created_at, false as "is_orphan!"
         from jobs
         where finished_at > $3 and outcome = 'failed' and step = $2 and attempts > 0 and kind = any($1)
         order by attempts, id
         limit $4"#,
        &kinds,
        step,
        since,
        limit,
    );
    rows.fetch_all(db).await?.into_iter().map(|row| row.held_by(Uuid::nil())).collect()
}

/// Notes how often the last step of a job that has failed was tried in vain since; none: it is done.
pub async fn tried(db: &mut PgConnection, id: Uuid, attempts: i32) -> Result<()> {
    sqlx::query!("update jobs set attempts = $2 where id = $1 and outcome = 'failed'", id, attempts).execute(db).await?;
    Ok(())
}

pub async fn states_of(db: &mut PgConnection, tenant: Uuid, kind: Kind) -> Result<Vec<Value>> {
    let states = sqlx::query_scalar!(
        "select state from jobs where tenant_id = $1 and kind = $2 and finished_at is null order by id",
        tenant,
        kind.as_str(),
    );
    Ok(states.fetch_all(db).await?)
}

/// Ends those on which nobody works. One that somebody takes up at this moment is theirs.
pub async fn end_waiting(db: &mut PgConnection, (tenant, kind): (Uuid, Kind), error: &str, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let ended = sqlx::query_scalar!(
        "update jobs
         set outcome = 'failed', last_error = $3, finished_at = $4
         where tenant_id = $1 and kind = $2 and finished_at is null and leased_until is null
         returning id",
        tenant,
        kind.as_str(),
        error,
        now,
    );
    Ok(ended.fetch_all(db).await?)
}

pub async fn open_one(db: &mut PgConnection, kind: Kind) -> Result<Option<(Uuid, Value)>> {
    let open = sqlx::query!("select id, state from jobs where kind = $1 and finished_at is null order by id limit 1", kind.as_str());
    Ok(open.fetch_optional(db).await?.map(|row| (row.id, row.state)))
}

pub async fn hurry(db: &mut PgConnection, tenant: Uuid, kind: Kind, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update jobs set next_at = least(next_at, $3) where tenant_id = $1 and kind = $2 and finished_at is null",
        tenant,
        kind.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A job as the table has it. What its step counts, only its kind knows.
#[derive(sqlx::FromRow)]
struct Shown {
    id: Uuid,
    kind: String,
    tenant: Option<String>,
    cluster: Option<String>,
    step: String,
    status: String,
    attempts: i32,
    last_error: Option<String>,
    done: i64,
    total: Option<i64>,
    next_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<Shown> for Listed {
    fn from(shown: Shown) -> Self {
        let Shown { id, kind, tenant, cluster, step, status, attempts, last_error, done, total, next_at, created_at, finished_at } = shown;
        let unit = Kind::parse(&kind).and_then(|kind| kind.unit(&step));
        Self { id, kind, tenant, cluster, step, status, attempts, last_error, done, total, unit, next_at, created_at, finished_at }
    }
}

/// Every look at a job uses this one select list.
const LISTED: &str = "select j.id, j.kind, t.slug as tenant, c.name as cluster, j.step, j.attempts, j.last_error, j.done, j.total,
        coalesce(j.outcome, case when j.leased_until > now() then 'running' else 'waiting' end) as status,
        j.next_at, j.created_at, j.finished_at
    from jobs j
    left join tenants t on t.id = j.tenant_id
    left join clusters c on c.id = j.cluster_id
    where true";

async fn read(db: &mut PgConnection, mut sql: QueryBuilder<Postgres>) -> Result<Vec<Listed>> {
    let shown: Vec<Shown> = sql.build_query_as().fetch_all(db).await?;
    Ok(shown.into_iter().map(Into::into).collect())
}

pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<Listed>> {
    let mut sql = QueryBuilder::new(LISTED);
    sql.push(" and j.id = ").push_bind(id);
    Ok(read(db, sql).await?.pop())
}

pub async fn list(db: &mut PgConnection, wanted: &Wanted, part: &Part<'_, Uuid>) -> Result<Vec<Listed>> {
    let (compare, direction) = match part.order {
        Order::Oldest => (">", "j.id"),
        Order::Newest => ("<", "j.id desc"),
    };
    let mut sql = QueryBuilder::new(LISTED);
    narrow(&mut sql, wanted);
    sql.push(format!(" and j.id {compare} ")).push_bind(part.edge());
    sql.push(format!(" order by {direction} limit ")).push_bind(part.probe());
    read(db, sql).await
}

pub async fn newest(db: &mut PgConnection, wanted: &Wanted) -> Result<Vec<Listed>> {
    let mut sql = QueryBuilder::new(LISTED);
    narrow(&mut sql, wanted);
    sql.push(" order by j.id desc limit 100");
    read(db, sql).await
}

pub async fn count(db: &mut PgConnection, wanted: &Wanted) -> Result<i64> {
    let mut sql = QueryBuilder::new("select count(*) from jobs j where true");
    narrow(&mut sql, wanted);
    Ok(sql.build_query_scalar().fetch_one(db).await?)
}

fn narrow(sql: &mut QueryBuilder<Postgres>, wanted: &Wanted) {
    if let Some(tenant) = &wanted.tenant {
        sql.push(" and j.tenant_id = (select id from tenants where slug = ").push_bind(tenant.clone()).push(")");
    }
    if let Some(kind) = &wanted.kind {
        sql.push(" and j.kind = ").push_bind(kind.clone());
    }
    // Words from a closed list, spelled out: only so do the indexes over failed and over open jobs serve.
    if let Some(status) = wanted.status {
        sql.push(match status {
            JobStatus::Waiting => " and j.finished_at is null and (j.leased_until > now()) is not true",
            JobStatus::Running => " and j.finished_at is null and j.leased_until > now()",
            JobStatus::Done => " and j.outcome = 'done'",
            JobStatus::Failed => " and j.outcome = 'failed'",
        });
    }
}

pub async fn forget_states(db: &mut PgConnection, tenant: Uuid) -> Result<()> {
    sqlx::query!("update jobs set state = '{}' where tenant_id = $1 and finished_at is not null", tenant).execute(db).await?;
    Ok(())
}

pub async fn sweep(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let forgotten = sqlx::query!("delete from jobs where id in (select id from jobs where finished_at < $1 limit $2)", before, limit);
    Ok(forgotten.execute(db).await?.rows_affected())
}
