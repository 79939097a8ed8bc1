//! The table `archives`, and what a server says of its log.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// An archive, as the books have it.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// Its server.
    pub cluster_id: Option<i64>,
    /// That server's name.
    pub cluster: Option<String>,
    /// That server's own identifier.
    pub system_id: String,
    /// Its key, sealed.
    pub sealed_key: Vec<u8>,
}

macro_rules! select_archive {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Known,
            r#"select a.id, a.cluster_id, c.name as "cluster?", a.system_id, a.sealed_key
            from archives a
            left join clusters c on c.id = a.cluster_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// The archive of a server, by its own identifier.
pub async fn of_server(db: &mut PgConnection, cluster: i64, system: &str) -> Result<Option<Known>> {
    Ok(select_archive!("where a.cluster_id = $1 and a.system_id = $2", cluster, system).fetch_optional(db).await?)
}

/// The newest archive of a cluster: that of the server which runs now.
pub async fn of_cluster(db: &mut PgConnection, cluster: i64) -> Result<Option<Known>> {
    Ok(select_archive!("where a.cluster_id = $1 order by a.id desc limit 1", cluster).fetch_optional(db).await?)
}

/// An archive.
pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<Known>> {
    Ok(select_archive!("where a.id = $1", id).fetch_optional(db).await?)
}

/// All of them, the newest first for each cluster.
pub async fn all(db: &mut PgConnection) -> Result<Vec<Known>> {
    Ok(select_archive!("order by a.cluster_id, a.id desc limit 1000").fetch_all(db).await?)
}

/// Notes one that begins.
pub async fn insert(
    db: &mut PgConnection,
    id: Uuid,
    (cluster, system): (i64, &str),
    (sealed, key_id): (&[u8], &str),
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into archives (id, cluster_id, system_id, sealed_key, key_id, created_at) values ($1, $2, $3, $4, $5, $6)",
        id,
        cluster,
        system,
        sealed,
        key_id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets an archive of which nothing is left.
pub async fn forget(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("delete from archives where id = $1 and not exists (select from base_backups where archive_id = $1)", id)
        .execute(db)
        .await?;
    Ok(())
}

/// The identifier of a server.
pub async fn system_of(server: &mut PgConnection) -> Result<String> {
    Ok(sqlx::query_scalar("select system_identifier::text from pg_control_system()").fetch_one(server).await?)
}

/// Whether a server archives its log at all; that takes effect with its start.
pub async fn is_on(server: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar("select current_setting('archive_mode') <> 'off'").fetch_one(server).await?)
}

/// How a server's archiving stands, as it says itself.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Standing {
    /// Seconds since a segment was last archived, or since the server counts.
    pub age: f64,
    /// How often it has failed.
    pub failed: i64,
    /// The last try has failed.
    pub is_failing: bool,
}

/// Asks a server.
pub async fn standing(server: &mut PgConnection) -> Result<Standing> {
    let standing = sqlx::query_as(
        "select extract(epoch from clock_timestamp() - coalesce(last_archived_time, stats_reset, pg_postmaster_start_time()))::float8 as age,
            failed_count as failed,
            coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as is_failing
         from pg_stat_archiver",
    );
    Ok(standing.fetch_one(server).await?)
}

/// Writes a commit into a server's log, and says a time that is not later than it and the segment that holds it:
/// whoever reads the log so far knows that every moment before is over.
pub async fn mark(server: &mut PgConnection) -> Result<(DateTime<Utc>, String)> {
    let now: DateTime<Utc> = sqlx::query_scalar("select clock_timestamp()").fetch_one(&mut *server).await?;
    sqlx::query("select pg_current_xact_id()").execute(&mut *server).await?;
    let file = sqlx::query_scalar("select pg_walfile_name(pg_current_wal_insert_lsn())").fetch_one(server).await?;
    Ok((now, file))
}

/// Ends the segment at once; false when the administrator may not, and `archive_timeout` does it within its time.
pub async fn switch(server: &mut PgConnection) -> Result<bool> {
    const FORBIDDEN: &str = "42501";
    match sqlx::query("select pg_switch_wal()").execute(server).await {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some(FORBIDDEN) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
