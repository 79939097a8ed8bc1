//! The tables `migration_runs`, `migration_targets` and `tenant_schemas`. Here is what changes runs.

mod read;
mod schemas;

use chrono::{DateTime, Utc};
pub use read::{by_id, count, count_targets, list, newest, targets};
pub use schemas::{counted, note_schema, unseen};
use shared::{Error, OnConstraint, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    model::{Candidate, Claimed, Migrated, RunState, Wanted},
    rules::Standing,
};

/// Tenants whose databases are there: active, suspended, and those in their days of grace.
pub async fn candidates(db: &mut PgConnection, slug: Option<&str>) -> Result<Vec<Candidate>> {
    let candidates = sqlx::query_as!(
        Candidate,
        "select id, slug, is_canary
         from tenants
         where status in ('active', 'suspended', 'deleting') and cluster_id is not null and ($1::text is null or slug = $1)
         order by id",
        slug,
    );
    Ok(candidates.fetch_all(db).await?)
}

pub async fn insert(db: &mut PgConnection, id: Uuid, (target, digest): (i64, &str), wanted: &Wanted, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into migration_runs (id, target, digest, parallel, max_failures, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        id,
        target,
        digest,
        i32::from(wanted.parallel),
        wanted.max_failures,
        now,
    )
    .execute(db)
    .await
    .on_constraint("migration_runs_one", under_way)?;
    Ok(())
}

pub fn under_way() -> Error {
    Error::conflict("migration_under_way", "Databases are migrated already.")
}

pub async fn insert_targets(db: &mut PgConnection, run: Uuid, waves: &[(Uuid, i16)], now: DateTime<Utc>) -> Result<()> {
    let (tenants, waves): (Vec<Uuid>, Vec<i16>) = waves.iter().copied().unzip();
    sqlx::query!(
        "insert into migration_targets (run_id, tenant_id, wave, next_at)
         select $1, t.tenant, t.wave, $4
         from unnest($2::uuid[], $3::int2[]) t (tenant, wave)",
        run,
        &tenants,
        &waves,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Why a run has ended that another one took the place of.
pub const SUPERSEDED: &str = "another run took its place";

/// Ends runs that another one takes the place of, those that are paused or of other files, and names them.
pub async fn supersede(db: &mut PgConnection, digest: &str, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let ended = sqlx::query_scalar!(
        "update migration_runs
         set state = 'stopped', reason = $3, finished_at = $2
         where state = 'paused' or (state = 'running' and digest <> $1)
         returning id",
        digest,
        now,
        SUPERSEDED,
    );
    Ok(ended.fetch_all(db).await?)
}

/// Whether a run with these files is worked on.
pub async fn is_running(db: &mut PgConnection, digest: &str) -> Result<bool> {
    let running =
        sqlx::query_scalar!(r#"select exists (select from migration_runs where state = 'running' and digest = $1) as "running!""#, digest);
    Ok(running.fetch_one(db).await?)
}

/// The run that is worked on with these files, locked: claims and notes follow each other.
pub async fn lock_running(db: &mut PgConnection, digest: &str) -> Result<Option<(Uuid, i32)>> {
    let run = sqlx::query!("select id, parallel from migration_runs where state = 'running' and digest = $1 for update", digest);
    Ok(run.fetch_optional(db).await?.map(|run| (run.id, run.parallel)))
}

/// The same by its id, with how it stands.
pub async fn lock(db: &mut PgConnection, run: Uuid) -> Result<(RunState, String, f64)> {
    let row = sqlx::query!(r#"select state as "state: RunState", digest, max_failures from migration_runs where id = $1 for update"#, run);
    let row = row.fetch_optional(db).await?.ok_or(Error::NotFound("migration_not_found"))?;
    Ok((row.state, row.digest, row.max_failures))
}

/// Takes the next database of the lowest wave that has any, as long as its cluster has room. The lease ends by
/// itself if its taker dies. A database that is moved, taken away or read as a whole just now waits for the end of that, and no
/// other for it, unless it is a canary's: nobody else's is touched before those have told how it goes.
pub async fn claim(
    db: &mut PgConnection,
    (run, parallel): (Uuid, i32),
    holder: Uuid,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<Claimed>> {
    let claimed = sqlx::query!(
        "with busy as materialized (
            select t.cluster_id, count(*) as many
            from migration_targets m
            join tenants t on t.id = m.tenant_id
            where m.run_id = $1 and m.state = 'running' and m.leased_until > $3
            group by t.cluster_id
         ), open as materialized (
            select m.tenant_id, m.wave, m.next_at, m.leased_until, t.cluster_id
            from migration_targets m
            join tenants t on t.id = m.tenant_id
            where m.run_id = $1
                and m.state in ('pending', 'running')
                and not exists (
                    select from jobs j
                    where j.tenant_id = t.id
                        and j.finished_at is null
                        and (j.is_exclusive or j.kind in ('backup', 'export') and j.leased_until > $3)
                )
         )
         update migration_targets
         set state = 'running', attempts = attempts + 1, holder = $2, leased_until = $4, started_at = coalesce(started_at, $3)
         where run_id = $1 and tenant_id = (
            select o.tenant_id
            from open o
            left join busy b on b.cluster_id = o.cluster_id
            where o.wave = (
                    select min(wave) from migration_targets
                    where run_id = $1 and state in ('pending', 'running') and (wave = 0 or tenant_id in (select tenant_id from open))
                )
                and o.next_at <= $3
                and (o.leased_until is null or o.leased_until <= $3)
                and coalesce(b.many, 0) < $5
            order by o.next_at, o.tenant_id
            limit 1
         )
         returning tenant_id, attempts",
        run,
        holder,
        now,
        until,
        i64::from(parallel),
    );
    let row = claimed.fetch_optional(db).await?;
    Ok(row.map(|row| Claimed { run, tenant: row.tenant_id, attempts: row.attempts, holder }))
}

pub async fn is_under_way(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let under_way = sqlx::query_scalar!(
        r#"select exists (
            select from migration_targets where tenant_id = $1 and state = 'running' and leased_until > $2
        ) as "under_way!""#,
        tenant,
        now,
    );
    Ok(under_way.fetch_one(db).await?)
}

/// Keeps a database for its holder; false when it is no longer theirs.
pub async fn renew(db: &mut PgConnection, claimed: &Claimed, until: DateTime<Utc>) -> Result<bool> {
    let renewed = sqlx::query!(
        "update migration_targets
         set leased_until = $4
         where run_id = $1 and tenant_id = $2 and holder = $3 and state = 'running'",
        claimed.run,
        claimed.tenant,
        claimed.holder,
        until,
    );
    Ok(renewed.execute(db).await?.rows_affected() == 1)
}

/// Whether the tenant's data lies there, and nobody moves it or takes it away just now.
pub async fn lies_still(db: &mut PgConnection, tenant: Uuid, cluster: i64, database: &str) -> Result<bool> {
    let still = sqlx::query_scalar!(
        r#"select exists (
            select from tenants t
            where t.id = $1 and t.cluster_id = $2 and t.database_name = $3
                and not exists (select from jobs j where j.tenant_id = t.id and j.is_exclusive and j.finished_at is null)
        ) as "still!""#,
        tenant,
        cluster,
        database,
    );
    Ok(still.fetch_one(db).await?)
}

/// Notes that a database has the schema, or is gone; false when it was no longer its holder's.
pub async fn finish(db: &mut PgConnection, claimed: &Claimed, migrated: Option<&Migrated>, now: DateTime<Utc>) -> Result<bool> {
    let noted = sqlx::query!(
        "update migration_targets
         set state = 'done', from_version = coalesce(from_version, $4), to_version = $5, rows_before = $6, rows_after = $7,
             last_error = null, leased_until = null, finished_at = $8
         where run_id = $1 and tenant_id = $2 and holder = $3 and state = 'running'",
        claimed.run,
        claimed.tenant,
        claimed.holder,
        migrated.map(|m| m.from),
        migrated.map(|m| m.to),
        migrated.map(|m| m.rows_before),
        migrated.map(|m| m.rows_after),
        now,
    );
    Ok(noted.execute(db).await?.rows_affected() == 1)
}

/// Puts a database back in line, to be tried then.
pub async fn put_off(db: &mut PgConnection, claimed: &Claimed, (error, attempts): (&str, i32), next_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update migration_targets
         set state = 'pending', last_error = $4, attempts = $5, next_at = $6, leased_until = null
         where run_id = $1 and tenant_id = $2 and holder = $3 and state = 'running'",
        claimed.run,
        claimed.tenant,
        claimed.holder,
        error,
        attempts,
        next_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a database up; false when it was no longer its holder's.
pub async fn fail(db: &mut PgConnection, claimed: &Claimed, error: &str, now: DateTime<Utc>) -> Result<bool> {
    let failed = sqlx::query!(
        "update migration_targets
         set state = 'failed', last_error = $4, leased_until = null, finished_at = $5
         where run_id = $1 and tenant_id = $2 and holder = $3 and state = 'running'",
        claimed.run,
        claimed.tenant,
        claimed.holder,
        error,
        now,
    );
    Ok(failed.execute(db).await?.rows_affected() == 1)
}

pub async fn standing(db: &mut PgConnection, run: Uuid) -> Result<Standing> {
    let standing = sqlx::query_as!(
        Standing,
        r#"select count(*) as "total!",
            count(*) filter (where state in ('pending', 'running')) as "open!",
            count(*) filter (where state = 'failed' and not is_forgiven) as "failed!",
            count(*) filter (where state = 'failed' and not is_forgiven and wave = 0) as "canaries_failed!",
            exists (
                select from migration_targets
                where run_id = $1
                group by wave
                having count(*) > 1 and bool_and(state = 'failed' and not is_forgiven)
            ) as "wave_failed!"
        from migration_targets
        where run_id = $1"#,
        run,
    );
    Ok(standing.fetch_one(db).await?)
}

pub async fn set_state(db: &mut PgConnection, run: Uuid, state: RunState, reason: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    let has_ended = matches!(state, RunState::Stopped | RunState::Done);
    sqlx::query!(
        "update migration_runs
         set state = $2, reason = $3, finished_at = case when $4 then $5::timestamptz end
         where id = $1",
        run,
        state as RunState,
        reason,
        has_ended,
        now,
    )
    .execute(db)
    .await
    .on_constraint("migration_runs_one", under_way)?;
    Ok(())
}

/// What has failed so far does not stop the run again.
pub async fn forgive(db: &mut PgConnection, run: Uuid) -> Result<()> {
    sqlx::query!("update migration_targets set is_forgiven = true where run_id = $1 and state = 'failed'", run).execute(db).await?;
    Ok(())
}

/// Puts what has failed back in line.
pub async fn retry(db: &mut PgConnection, run: Uuid, now: DateTime<Utc>) -> Result<u64> {
    let again = sqlx::query!(
        "update migration_targets
         set state = 'pending', attempts = 0, is_forgiven = false, next_at = $2, finished_at = null
         where run_id = $1 and state = 'failed'",
        run,
        now,
    );
    Ok(again.execute(db).await?.rows_affected())
}

pub async fn mark(db: &mut PgConnection, tenant: Uuid, is_canary: bool) -> Result<()> {
    sqlx::query!("update tenants set is_canary = $2 where id = $1", tenant, is_canary).execute(db).await?;
    Ok(())
}
