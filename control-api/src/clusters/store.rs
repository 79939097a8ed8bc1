//! The table `clusters`.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

use super::Cluster;

/// Every read of a cluster uses this one select list.
macro_rules! select_cluster {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Cluster,
            r#"select c.id, c.name, c.sealed_admin_url, c.host, c.port, c.pooled_host || ':' || c.pooled_port as pooled, c.accepting,
                (select count(*) from tenants t where t.cluster_id = c.id and t.status <> 'deleted') as "tenants!"
            from clusters c "# + $rest
            $(, $arg)*
        )
    };
}

/// What a cluster is to be known as.
pub struct Row<'a> {
    pub name: &'a str,
    pub sealed_admin_url: &'a [u8],
    pub key_id: &'a str,
    pub place: (&'a str, u16),
    pub pooled: Option<&'a (String, u16)>,
}

pub async fn upsert(db: &mut PgConnection, row: Row<'_>, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into clusters (name, sealed_admin_url, key_id, host, port, pooled_host, pooled_port, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         on conflict (name) do update
         set sealed_admin_url = excluded.sealed_admin_url,
             key_id = excluded.key_id,
             host = excluded.host,
             port = excluded.port,
             pooled_host = excluded.pooled_host,
             pooled_port = excluded.pooled_port,
             updated_at = excluded.updated_at
         returning id",
        row.name,
        row.sealed_admin_url,
        row.key_id,
        row.place.0,
        i32::from(row.place.1),
        row.pooled.map(|p| p.0.as_str()),
        row.pooled.map(|p| i32::from(p.1)),
        now,
    );
    Ok(id.fetch_one(db).await?)
}

pub async fn by_id(db: &mut PgConnection, id: i64) -> Result<Option<Cluster>> {
    Ok(select_cluster!("where c.id = $1", id).fetch_optional(db).await?)
}

pub async fn list(db: &mut PgConnection) -> Result<Vec<Cluster>> {
    Ok(select_cluster!("order by c.name").fetch_all(db).await?)
}

/// The cluster for the next tenant: of those that accept, the one with the fewest.
pub async fn least_loaded(db: &mut PgConnection) -> Result<Option<i64>> {
    let id = sqlx::query_scalar!(
        "select c.id
         from clusters c
         left join tenants t on t.cluster_id = c.id and t.status <> 'deleted'
         where c.accepting
         group by c.id
         order by count(t.id), c.id
         limit 1",
    );
    Ok(id.fetch_optional(db).await?)
}
