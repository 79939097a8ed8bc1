//! How runs and their databases stand.

use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::model::{Run, RunState, Target, TargetState, Which};

/// Every look at a run uses this one select list.
macro_rules! select_run {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Run,
            r#"select r.id, r.target as target_version, r.digest, r.state as "state: RunState", r.parallel, r.max_failures,
                coalesce(r.reason, case when r.state = 'running' then w.waits end) as reason,
                s.wave as "wave?", s.total as "total!", s.pending as "pending!", s.running as "running!", s.done as "done!", s.failed as "failed!",
                r.created_at, r.finished_at
            from migration_runs r
            cross join lateral (
                select min(m.wave) filter (where m.state in ('pending', 'running')) as wave,
                    count(*) as total,
                    count(*) filter (where m.state = 'pending') as pending,
                    count(*) filter (where m.state = 'running') as running,
                    count(*) filter (where m.state = 'done') as done,
                    count(*) filter (where m.state = 'failed') as failed
                from migration_targets m
                where m.run_id = r.id
            ) s
            cross join lateral (
                select 'waits for ' || string_agg(t.slug || ' (' || j.kind || ')', ', ' order by t.slug) as waits
                from migration_targets m
                join tenants t on t.id = m.tenant_id
                join jobs j on j.tenant_id = m.tenant_id and j.finished_at is null
                where m.run_id = r.id
                    and m.wave = 0
                    and m.state = 'pending'
                    and (j.is_exclusive or j.kind in ('backup', 'export') and j.leased_until > now())
            ) w "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

pub async fn by_id(db: &mut PgConnection, run: Uuid) -> Result<Option<Run>> {
    Ok(select_run!("where r.id = $1", run).fetch_optional(db).await?)
}

pub async fn newest(db: &mut PgConnection) -> Result<Option<Run>> {
    Ok(select_run!("order by r.id desc limit 1").fetch_optional(db).await?)
}

pub async fn list(db: &mut PgConnection, part: &Part<'_, Uuid>) -> Result<Vec<Run>> {
    Ok(select_part!(part, db, select_run!("where true", "r.id"))?)
}

pub async fn count(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from migration_runs"#).fetch_one(db).await?)
}

/// Every look at a database of a run uses this one select list.
macro_rules! select_target {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Target,
            r#"select m.tenant_id, t.slug as tenant, m.wave, m.state as "state: TargetState", m.attempts, m.from_version, m.to_version,
                m.rows_before, m.rows_after, m.last_error, m.started_at, m.finished_at
            from migration_targets m
            join tenants t on t.id = m.tenant_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

pub async fn targets(db: &mut PgConnection, run: Uuid, which: &Which, part: &Part<'_, Uuid>) -> Result<Vec<Target>> {
    Ok(select_part!(
        part,
        db,
        select_target!(
            "where m.run_id = $3 and ($4::text is null or m.state = $4)",
            "m.tenant_id",
            run,
            which.state as Option<TargetState>
        )
    )?)
}

pub async fn count_targets(db: &mut PgConnection, run: Uuid, which: &Which) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from migration_targets m where m.run_id = $1 and ($2::text is null or m.state = $2)"#,
        run,
        which.state as Option<TargetState>,
    );
    Ok(count.fetch_one(db).await?)
}
