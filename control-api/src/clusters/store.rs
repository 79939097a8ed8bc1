//! The table `clusters`.

use chrono::{DateTime, Utc};
use shared::{Error, Result, page::Part, select_part};
use sqlx::PgConnection;

use super::{Change, Cluster, Listed, measure::Measured, placement::Load};

/// Every look into the books uses this one select list.
macro_rules! select_listed {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Listed,
            r#"select c.id, c.name, c.host, c.port, c.pooled_host || ':' || c.pooled_port as pooled,
                c.replica_host || ':' || c.replica_port as replica, c.accepting,
                (select count(*) from tenants t where t.cluster_id = c.id and t.status <> 'deleted') as "tenants!",
                c.max_tenants, c.bytes, c.max_bytes, c.connections, c.max_connections,
                (select count(*) from spares s where s.cluster_id = c.id and s.ready_at is not null) as "spares!",
                c.answered_at, c.trouble
            from clusters c "# + $first $(+ $rest)*
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
    pub replica: Option<&'a (String, u16)>,
    pub accepting: bool,
}

/// Whoever told it has just been there: it answers.
pub async fn upsert(db: &mut PgConnection, row: Row<'_>, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into clusters (name, sealed_admin_url, key_id, host, port, pooled_host, pooled_port, replica_host, replica_port,
             accepting, answered_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $9, $10, $11, $8, $8, $8)
         on conflict (name) do update
         set sealed_admin_url = excluded.sealed_admin_url,
             key_id = excluded.key_id,
             host = excluded.host,
             port = excluded.port,
             pooled_host = excluded.pooled_host,
             pooled_port = excluded.pooled_port,
             replica_host = excluded.replica_host,
             replica_port = excluded.replica_port,
             trouble = null,
             answered_at = excluded.answered_at,
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
        row.replica.map(|p| p.0.as_str()),
        row.replica.map(|p| i32::from(p.1)),
        row.accepting,
    );
    Ok(id.fetch_one(db).await?)
}

pub async fn by_id(db: &mut PgConnection, id: i64) -> Result<Option<Cluster>> {
    Ok(sqlx::query_as!(Cluster, "select id, name, sealed_admin_url from clusters where id = $1", id).fetch_optional(db).await?)
}

pub async fn list(db: &mut PgConnection) -> Result<Vec<Listed>> {
    Ok(select_listed!("order by c.name").fetch_all(db).await?)
}

pub async fn page(db: &mut PgConnection, part: &Part<'_, i64>) -> Result<Vec<Listed>> {
    Ok(select_part!(part, db, select_listed!("where true", "c.id"))?)
}

pub async fn count(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from clusters"#).fetch_one(db).await?)
}

pub async fn listed(db: &mut PgConnection, name: &str) -> Result<Option<Listed>> {
    Ok(select_listed!("where c.name = $1", name).fetch_optional(db).await?)
}

/// Lets whoever places tenants follow one another until their transactions end: of two, the later one sees the
/// tenant of the earlier. Whoever only names a cluster is not kept waiting.
pub async fn lock_all(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select id from clusters order by id for no key update").fetch_all(db).await?;
    Ok(())
}

/// What a placement asks of each. A tenant that moves counts where it is and where it goes: there it will be.
pub async fn loads(db: &mut PgConnection) -> Result<Vec<Load>> {
    let loads = sqlx::query_as!(
        Load,
        r#"select c.id, c.name, c.accepting, c.trouble is null as "answers!", c.max_tenants, c.bytes, c.max_bytes,
            (select count(*) from tenants t where t.cluster_id = c.id and t.status <> 'deleted')
                + (
                    select count(*)
                    from jobs j
                    join tenants t on t.id = j.tenant_id
                    where j.kind = 'move' and j.finished_at is null and t.cluster_id <> c.id
                        and (j.state #>> '{to,cluster_id}')::int8 = c.id
                ) as "tenants!"
        from clusters c
        order by c.name"#,
    );
    Ok(loads.fetch_all(db).await?)
}

pub async fn change(db: &mut PgConnection, id: i64, change: &Change, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update clusters
         set accepting = coalesce($2, accepting),
             max_tenants = case when $3 then $4 else max_tenants end,
             max_bytes = case when $5 then $6 else max_bytes end,
             updated_at = $7
         where id = $1",
        id,
        change.accepting,
        change.max_tenants.is_some(),
        change.max_tenants.flatten().map(|n| n.get() as i32),
        change.max_bytes.is_some(),
        change.max_bytes.flatten().map(|n| n.get()),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes it out of the books; what still names it makes that an error.
pub async fn remove(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from strays where cluster_id = $1", id).execute(&mut *db).await?;
    sqlx::query!("update jobs set cluster_id = null where cluster_id = $1 and finished_at is not null", id).execute(&mut *db).await?;
    match sqlx::query!("delete from clusters where id = $1", id).execute(db).await {
        Err(sqlx::Error::Database(e)) if e.is_foreign_key_violation() => {
            Err(Error::conflict("cluster_in_use", "Tenants, spare databases or open jobs are still there."))
        }
        other => Ok(other.map(|_| ())?),
    }
}

/// Those whose time to be measured has come, until `again` nobody else's.
pub async fn claim_due(db: &mut PgConnection, now: DateTime<Utc>, again: DateTime<Utc>) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!("update clusters set measure_at = $2 where measure_at <= $1 returning id", now, again).fetch_all(db).await?)
}

pub async fn measured(db: &mut PgConnection, id: i64, found: &Measured, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update clusters
         set bytes = $2, connections = $3, max_connections = $4, answered_at = $5, trouble = null
         where id = $1",
        id,
        found.bytes,
        found.connections,
        found.max_connections,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It did not answer; it is looked at again at `again`.
pub async fn away(db: &mut PgConnection, id: i64, trouble: &str, again: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update clusters set trouble = $2, measure_at = least(measure_at, $3) where id = $1", id, trouble, again)
        .execute(db)
        .await?;
    Ok(())
}

/// Tenants that wait until some cluster has room.
pub async fn waiting(db: &mut PgConnection) -> Result<i64> {
    let waiting = sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from provisionings
        where step = 'place' and attempts > 0 and finished_at is null"#,
    );
    Ok(waiting.fetch_one(db).await?)
}
