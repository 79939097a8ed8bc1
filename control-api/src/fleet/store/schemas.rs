//! What tenants' schemas were seen to be.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// What a database was seen to be like: the migrations that it has, its shape, and whether a new one would be another.
pub async fn note_schema(
    db: &mut PgConnection,
    tenant: Uuid,
    (versions, shape): (&[i64], &str),
    is_drifted: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into tenant_schemas (tenant_id, version, versions, shape, is_drifted, looked_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id) do update
         set version = excluded.version, versions = excluded.versions, shape = excluded.shape, is_drifted = excluded.is_drifted,
             looked_at = excluded.looked_at",
        tenant,
        versions.iter().max().copied().unwrap_or_default(),
        versions,
        shape,
        is_drifted,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Tenants with a database that nobody has looked at since then, in any order: those that never answer
/// keep nobody else from being looked at. What is moved or taken away just now is looked at afterwards.
pub async fn unseen(db: &mut PgConnection, since: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>> {
    let unseen = sqlx::query_scalar!(
        "select t.id
         from tenants t
         left join tenant_schemas s on s.tenant_id = t.id
         where t.status in ('active', 'suspended', 'deleting') and t.cluster_id is not null
            and (s.looked_at is null or s.looked_at < $1 or s.versions is null)
            and not exists (select from jobs j where j.tenant_id = t.id and j.is_exclusive and j.finished_at is null)
         order by random()
         limit $2",
        since,
        limit,
    );
    Ok(unseen.fetch_all(db).await?)
}

/// What the figures show.
pub struct Counted {
    /// Databases that lack a migration of this release.
    pub behind: i64,
    /// Those that are not what a new one would be.
    pub drifted: i64,
    /// Those that were given up in the newest run.
    pub failed: i64,
}

/// One that was last looked at by a release from before has said its newest migration alone.
pub async fn counted(db: &mut PgConnection, (versions, newest): (&[i64], i64)) -> Result<Counted> {
    let counted = sqlx::query_as!(
        Counted,
        r#"select count(*) filter (where coalesce(not s.versions @> $1, s.version < $2)) as "behind!",
            count(*) filter (where s.is_drifted) as "drifted!",
            (
                select count(*)
                from migration_targets m
                where m.state = 'failed' and m.run_id = (select id from migration_runs order by id desc limit 1)
            ) as "failed!"
        from tenant_schemas s
        join tenants t on t.id = s.tenant_id
        where t.status in ('active', 'suspended', 'deleting')"#,
        versions,
        newest,
    );
    Ok(counted.fetch_one(db).await?)
}
