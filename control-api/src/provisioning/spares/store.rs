//! The table `spares`.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::clusters::Version;

/// A database that waits, is made or is dropped.
#[derive(Debug, Clone)]
pub struct Spare {
    /// Its name, and its role's.
    pub name: String,
    /// Where it is.
    pub cluster_id: i64,
}

/// Who works on it, now, and until when nobody else does.
type Lease = (Uuid, DateTime<Utc>, DateTime<Utc>);

/// Takes the oldest that is ready. `skip locked`: two tenants take different ones.
pub async fn take(db: &mut PgConnection, cluster: i64, version: &Version) -> Result<Option<String>> {
    let taken = sqlx::query_scalar!(
        "delete from spares
         where name = (
            select name
            from spares
            where cluster_id = $1 and schema_version = $2 and schema_digest = $3 and ready_at is not null
            order by ready_at
            limit 1
            for update skip locked
         )
         returning name",
        cluster,
        version.last,
        version.digest,
    );
    Ok(taken.fetch_optional(db).await?)
}

/// Claims one that is not wanted, so that nobody takes it any more: never finished, on a closed cluster, of older or
/// other migrations, or one more than wanted. Those of a later release are its own affair.
pub async fn claim_unwanted(db: &mut PgConnection, (holder, now, until): Lease, version: &Version, wanted: i64) -> Result<Option<Spare>> {
    let claimed = sqlx::query_as!(
        Spare,
        "update spares
         set holder = $1, leased_until = $3, ready_at = null
         where name = (
            select s.name
            from spares s
            join clusters c on c.id = s.cluster_id
            where (s.leased_until is null or s.leased_until <= $2)
                and (
                    s.ready_at is null
                    or not c.accepting
                    or s.schema_version < $4
                    or (s.schema_version = $4 and s.schema_digest <> $5)
                    or $6 <= (
                        select count(*)
                        from spares o
                        where o.cluster_id = s.cluster_id and o.name < s.name and o.schema_version >= $4
                    )
                )
            order by s.name
            limit 1
            for update of s skip locked
         )
         returning name, cluster_id",
        holder,
        now,
        until,
        version.last,
        version.digest,
        wanted,
    );
    Ok(claimed.fetch_optional(db).await?)
}

/// Enters one more unless there are as many as wanted, those that are being made included. Whoever else does so for
/// the same cluster waits meanwhile.
pub async fn reserve(db: &mut PgConnection, spare: &Spare, (holder, now, until): Lease, version: &Version, wanted: i64) -> Result<bool> {
    sqlx::query!("select id from clusters where id = $1 for no key update", spare.cluster_id).fetch_optional(&mut *db).await?;
    let reserved = sqlx::query!(
        "insert into spares (name, cluster_id, schema_version, schema_digest, holder, leased_until, created_at)
         select $1, $2, $3, $4, $5, $6, $7
         where $8 > (select count(*) from spares where cluster_id = $2 and schema_version >= $3)",
        spare.name,
        spare.cluster_id,
        version.last,
        version.digest,
        holder,
        until,
        now,
        wanted,
    );
    Ok(reserved.execute(db).await?.rows_affected() == 1)
}

/// It can be taken, unless it was given to somebody else to drop meanwhile.
pub async fn ready(db: &mut PgConnection, name: &str, holder: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update spares set ready_at = $3, holder = null, leased_until = null where name = $1 and holder = $2", name, holder, now)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn forget(db: &mut PgConnection, name: &str, holder: Uuid) -> Result<()> {
    sqlx::query!("delete from spares where name = $1 and holder = $2", name, holder).execute(db).await?;
    Ok(())
}
