//! The table `base_backups`.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{BaseBackup, take::Taken};

macro_rules! select_base {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            BaseBackup,
            r#"select b.id, b.archive_id, c.name as "cluster?", b.started_at, b.finished_at, b.timeline, b.start_lsn, b.stop_lsn,
                b.start_file, b.bytes, b.size, case when b.deleting_at is null then 'ready' else 'deleting' end as "state!",
                b.folder, b.sealed_key
            from base_backups b
            join archives a on a.id = b.archive_id
            left join clusters c on c.id = a.cluster_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// Notes a complete one; twice is once.
pub async fn insert(db: &mut PgConnection, id: Uuid, taken: &Taken) -> Result<()> {
    sqlx::query!(
        "insert into base_backups (id, archive_id, folder, started_at, finished_at, timeline, start_lsn, stop_lsn, start_file, bytes, size,
            sealed_key, key_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (id) do nothing",
        id,
        taken.archive,
        taken.folder,
        taken.started_at,
        taken.finished_at,
        taken.timeline,
        taken.start_lsn,
        taken.stop_lsn,
        taken.start_file,
        taken.bytes,
        taken.size,
        taken.sealed_key,
        taken.key_id,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<BaseBackup>> {
    Ok(select_base!("where b.id = $1 and b.deleting_at is null", id).fetch_optional(db).await?)
}

/// The newest two hundred, of one server or of all.
pub async fn list(db: &mut PgConnection, cluster: Option<&str>) -> Result<Vec<BaseBackup>> {
    Ok(select_base!("where $1::text is null or c.name = $1 order by b.id desc limit 200", cluster).fetch_all(db).await?)
}

/// Those of an archive, the newest first.
pub async fn of_archive(db: &mut PgConnection, archive: Uuid) -> Result<Vec<BaseBackup>> {
    let all = select_base!("where b.archive_id = $1 and b.deleting_at is null order by b.finished_at desc, b.id desc limit 1000", archive);
    Ok(all.fetch_all(db).await?)
}

/// Those of all archives of a server.
pub async fn of_cluster(db: &mut PgConnection, cluster: i64) -> Result<Vec<BaseBackup>> {
    let all = select_base!("where a.cluster_id = $1 and b.deleting_at is null order by b.finished_at desc limit 1000", cluster);
    Ok(all.fetch_all(db).await?)
}

/// Says that one is none any more; false when it was none already.
pub async fn mark(db: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let marked = sqlx::query!("update base_backups set deleting_at = $2 where id = $1 and deleting_at is null", id, now);
    Ok(marked.execute(db).await?.rows_affected() == 1)
}

/// Those that are none any more, with their folders.
pub async fn marked(db: &mut PgConnection, archive: Uuid) -> Result<Vec<(Uuid, String)>> {
    let marked = sqlx::query!("select id, folder from base_backups where archive_id = $1 and deleting_at is not null limit 100", archive);
    Ok(marked.fetch_all(db).await?.into_iter().map(|row| (row.id, row.folder)).collect())
}

pub async fn forget(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("delete from base_backups where id = $1 and deleting_at is not null", id).execute(db).await?;
    Ok(())
}

/// A server that has an archive and no base backup under way, and the moment of its newest one.
pub struct Due {
    pub cluster_id: i64,
    pub since: Option<DateTime<Utc>>,
}

pub async fn due(db: &mut PgConnection) -> Result<Vec<Due>> {
    let due = sqlx::query_as!(
        Due,
        r#"select a.cluster_id as "cluster_id!", (
                select max(b.finished_at)
                from base_backups b
                join archives o on o.id = b.archive_id
                where o.id = (select n.id from archives n where n.cluster_id = a.cluster_id order by n.id desc limit 1) and b.deleting_at is null
            ) as since
         from archives a
         where a.cluster_id is not null
            and not exists (select from jobs j where j.kind = 'base_backup' and j.cluster_id = a.cluster_id and j.finished_at is null)
         group by a.cluster_id
         limit 1000"#,
    );
    Ok(due.fetch_all(db).await?)
}

/// What a server says before and after.
#[derive(sqlx::FromRow)]
pub struct Facts {
    pub now: DateTime<Utc>,
    /// Where its log stands, and in which segment.
    pub lsn: String,
    pub file: String,
    pub timeline: i32,
    pub size: i64,
}

/// Asks it. Of databases that the administrator may not enter the size is not told to it.
pub async fn facts(server: &mut PgConnection) -> Result<Facts> {
    let facts = sqlx::query_as(
        "select clock_timestamp() as now, lsn::text, pg_walfile_name(lsn) as file, (select timeline_id from pg_control_checkpoint()) as timeline,
            (select coalesce(sum(pg_database_size(oid)), 0)::bigint from pg_database where has_database_privilege(oid, 'connect')) as size
         from pg_current_wal_insert_lsn() lsn",
    );
    Ok(facts.fetch_one(server).await?)
}
