//! The tables `bulk_jobs` and `bulk_items`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Error, OnConstraint, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    super::work::{Before, Doing},
    model::{Asker, BulkJob, BulkResult, Job, Progress},
};
use crate::people::PersonId;

/// How many jobs are under way: somebody was at them since `left`, or is about to. One that was let go of, or that nobody here can
/// read, keeps no other from being begun. Whoever begins one waits here for whoever is just beginning another.
pub(super) async fn count_running(db: &mut PgConnection, left: DateTime<Utc>) -> Result<i64> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('bulk_jobs'))").execute(&mut *db).await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from bulk_jobs
         where finished_at is null and touched_at >= $1 and (runner is not null or touched_at = created_at)"#,
        left,
    );
    Ok(count.fetch_one(db).await?)
}

/// Writes a job down; of two that undo the same one, the second is refused.
pub(super) async fn insert_job(
    db: &mut PgConnection,
    by: Asker,
    asked: &Doing,
    undo_of: Option<i64>,
    total: usize,
    now: DateTime<Utc>,
) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into bulk_jobs (user_id, run_key, action, work, undo_of, total, created_at, touched_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)
         returning id",
        by.person,
        by.key,
        if undo_of.is_some() { "undo" } else { asked.action.as_str() },
        serde_json::to_value(asked)?,
        undo_of,
        i32::try_from(total).map_err(Error::internal)?,
        now,
    );
    id.fetch_one(db).await.on_constraint("bulk_jobs_undone_once", || Error::conflict("conflict", "It was undone already."))
}

/// Writes down the tickets of a job, in the order in which they were named.
pub(super) async fn insert_items(db: &mut PgConnection, job: i64, tickets: &[i64]) -> Result<()> {
    sqlx::query!(
        "insert into bulk_items (job_id, position, ticket_id)
         select $1, n::int, ticket from unnest($2::bigint[]) with ordinality as t (ticket, n)",
        job,
        tickets,
    )
    .execute(db)
    .await?;
    Ok(())
}

struct JobRow {
    id: i64,
    user_id: PersonId,
    run_key: Option<i64>,
    work: Value,
    undo_of: Option<i64>,
}

impl TryFrom<JobRow> for Job {
    type Error = Error;

    fn try_from(row: JobRow) -> Result<Self> {
        let asked: Doing = serde_json::from_value(row.work)?;
        let by = Asker { person: row.user_id, key: row.run_key };
        Ok(Self { id: row.id, by, action: asked.action, asked, undo_of: row.undo_of })
    }
}

/// A job as its runner knows it.
pub(super) async fn job(db: &mut PgConnection, id: i64) -> Result<Option<Job>> {
    let row = sqlx::query_as!(JobRow, "select id, user_id, run_key, work, undo_of from bulk_jobs where id = $1", id);
    row.fetch_optional(db).await?.map(Job::try_from).transpose()
}

/// A job that was left, as far as this release can read it.
pub(super) struct Left {
    pub id: i64,
    pub created_at: DateTime<Utc>,
    pub job: Result<Job>,
}

/// Jobs on which nobody has worked since `before`.
pub(super) async fn left_lying(db: &mut PgConnection, before: DateTime<Utc>) -> Result<Vec<Left>> {
    let rows = sqlx::query!(
        "select id, user_id, run_key, work, undo_of, created_at
         from bulk_jobs
         where finished_at is null and touched_at < $1
         order by touched_at
         limit 10",
        before,
    );
    let left = rows.fetch_all(db).await?.into_iter().map(|row| {
        let (id, created_at) = (row.id, row.created_at);
        let job = JobRow { id, user_id: row.user_id, run_key: row.run_key, work: row.work, undo_of: row.undo_of };
        Left { id, created_at, job: job.try_into() }
    });
    Ok(left.collect())
}

/// Takes a job that is not finished, or keeps it, for one who runs it; false while another does, who was there since `left`.
pub(super) async fn hold(db: &mut PgConnection, id: i64, runner: Uuid, (now, left): (DateTime<Utc>, DateTime<Utc>)) -> Result<bool> {
    let held = sqlx::query!(
        "update bulk_jobs
         set runner = $2, touched_at = $3
         where id = $1 and finished_at is null and (runner is null or runner = $2 or touched_at < $4)",
        id,
        runner,
        now,
        left,
    );
    Ok(held.execute(db).await?.rows_affected() == 1)
}

/// Leaves a job to whoever takes it next, if it was that runner's.
pub(super) async fn let_go(db: &mut PgConnection, id: i64, runner: Uuid) -> Result<()> {
    sqlx::query!("update bulk_jobs set runner = null where id = $1 and runner = $2", id, runner).execute(db).await?;
    Ok(())
}

/// Says of a job that nobody can run here, and that nobody runs, that somebody has looked at it.
pub(super) async fn touch(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update bulk_jobs set runner = null, touched_at = $2 where id = $1 and finished_at is null", id, now).execute(db).await?;
    Ok(())
}

/// Says that all tickets of a job have had their turn, and whether nobody has said so before.
pub(super) async fn finish(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<bool> {
    let finished = sqlx::query!(
        "update bulk_jobs
         set finished_at = $2
         where id = $1 and finished_at is null and not exists (select from bulk_items where job_id = $1 and ok is null)",
        id,
        now,
    );
    Ok(finished.execute(db).await?.rows_affected() == 1)
}

/// The next tickets of a job that have not had their turn, by their places.
pub(super) async fn open_items(db: &mut PgConnection, job: i64, limit: i64) -> Result<Vec<i32>> {
    let places =
        sqlx::query_scalar!("select position from bulk_items where job_id = $1 and ok is null order by position limit $2", job, limit);
    Ok(places.fetch_all(db).await?)
}

/// The ticket at a place, if it has not had its turn and nobody else is just giving it. `skip locked`: of two runners
/// one does it.
pub(super) async fn take_item(db: &mut PgConnection, job: i64, place: i32) -> Result<Option<i64>> {
    let ticket = sqlx::query_scalar!(
        "select ticket_id from bulk_items where job_id = $1 and position = $2 and ok is null for update skip locked",
        job,
        place,
    );
    Ok(ticket.fetch_optional(db).await?)
}

/// Writes that a ticket was done: what it was before, and its version after.
pub(super) async fn did(db: &mut PgConnection, (job, place): (i64, i32), before: &Before, version: i64) -> Result<()> {
    sqlx::query!(
        "update bulk_items set ok = true, before = $3, version = $4 where job_id = $1 and position = $2",
        job,
        place,
        serde_json::to_value(before)?,
        version,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes why a ticket was not done.
pub(super) async fn refused(db: &mut PgConnection, (job, place): (i64, i32), code: &str) -> Result<()> {
    sqlx::query!("update bulk_items set ok = false, code = $3 where job_id = $1 and position = $2 and ok is null", job, place, code)
        .execute(db)
        .await?;
    Ok(())
}

/// Writes why the tickets of a job are not done that have not had their turn. `skip locked`: what somebody is just doing is
/// done.
pub(super) async fn refuse_rest(db: &mut PgConnection, job: i64, code: &str) -> Result<()> {
    sqlx::query!(
        "update bulk_items i
         set ok = false, code = $2
         from (select position from bulk_items where job_id = $1 and ok is null for update skip locked) rest
         where i.job_id = $1 and i.position = rest.position",
        job,
        code,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a ticket was before a job, and its version after.
pub(super) async fn done_to(db: &mut PgConnection, job: i64, ticket: i64) -> Result<Option<(Before, i64)>> {
    let row = sqlx::query!(
        r#"select before as "before!", version as "version!" from bulk_items where job_id = $1 and ticket_id = $2 and ok"#,
        job,
        ticket,
    );
    row.fetch_optional(db).await?.map(|row| Ok((serde_json::from_value(row.before)?, row.version))).transpose()
}

/// The version that a ticket had after that person's job, if it has done something to it.
pub(super) async fn done_by(db: &mut PgConnection, (job, maker): (i64, PersonId), ticket: i64) -> Result<Option<i64>> {
    let version = sqlx::query_scalar!(
        r#"select i.version as "version!"
         from bulk_items i
         join bulk_jobs j on j.id = i.job_id
         where i.job_id = $1 and j.user_id = $2 and i.ticket_id = $3 and i.ok"#,
        job,
        maker,
        ticket,
    );
    Ok(version.fetch_optional(db).await?)
}

/// The tickets that a job has done something to.
pub(super) async fn done_tickets(db: &mut PgConnection, job: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!("select ticket_id from bulk_items where job_id = $1 and ok order by position limit 500", job);
    Ok(ids.fetch_all(db).await?)
}

/// A job as it is shown: its maker's, or anybody's.
pub(super) async fn show(db: &mut PgConnection, id: i64, of: Option<PersonId>) -> Result<Option<BulkJob>> {
    let job = sqlx::query!(
        "select id, action, undo_of, total, created_at, finished_at
         from bulk_jobs
         where id = $1 and ($2::bigint is null or user_id = $2)",
        id,
        of,
    );
    let Some(job) = job.fetch_optional(&mut *db).await? else { return Ok(None) };
    let items = sqlx::query!(
        r#"select ticket_id, ok as "ok!", code from bulk_items where job_id = $1 and ok is not null order by position limit 500"#,
        id,
    );
    let results: Vec<_> =
        items.fetch_all(db).await?.into_iter().map(|item| BulkResult { id: item.ticket_id, ok: item.ok, code: item.code }).collect();
    Ok(Some(BulkJob {
        id: job.id,
        action: job.action,
        undo_of: job.undo_of,
        state: if job.finished_at.is_some() { Progress::Finished } else { Progress::Running },
        total: job.total.into(),
        done: results.len() as i64,
        created_at: job.created_at,
        results,
    }))
}

/// Whether all tickets of a job have had their turn.
pub(super) async fn finished(db: &mut PgConnection, id: i64) -> Result<bool> {
    let found = sqlx::query_scalar!(r#"select finished_at is not null as "done!" from bulk_jobs where id = $1"#, id);
    Ok(found.fetch_optional(db).await?.unwrap_or(false))
}

/// Forgets jobs begun before `before`, at most `limit` of them.
pub(super) async fn forget_old(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    // Undoings first: each holds the job that it undoes. Whatever is left is forgotten the next time.
    let forgotten = sqlx::query!(
        "with old as (
            select id from bulk_jobs j
            where created_at < $1 and not exists (select from bulk_jobs u where u.undo_of = j.id)
            order by created_at
            limit $2
         ),
         items as (delete from bulk_items where job_id in (select id from old))
         delete from bulk_jobs where id in (select id from old)",
        before,
        limit,
    );
    Ok(forgotten.execute(db).await?.rows_affected())
}
