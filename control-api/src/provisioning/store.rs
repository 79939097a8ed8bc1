//! The table `provisionings`, and the part of `tenants` that says where a database is.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Step, target::Place};

/// A row that was claimed.
pub struct Claimed {
    pub tenant_id: Uuid,
    pub step: String,
    pub attempts: i32,
    pub started_at: DateTime<Utc>,
}

pub async fn insert(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into provisionings (tenant_id, step, next_at, started_at)
         values ($1, 'place', $2, $2)",
        tenant,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes the next due job. `skip locked`: two workers take different ones; the lease ends by itself
/// if its taker dies.
pub async fn claim(db: &mut PgConnection, holder: Uuid, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<Claimed>> {
    let claimed = sqlx::query_as!(
        Claimed,
        "update provisionings
         set holder = $1, leased_until = $3
         where tenant_id = (
            select tenant_id
            from provisionings
            where finished_at is null and next_at <= $2 and (leased_until is null or leased_until <= $2)
            order by next_at
            limit 1
            for update skip locked
         )
         returning tenant_id, step, attempts, started_at",
        holder,
        now,
        until,
    );
    Ok(claimed.fetch_optional(db).await?)
}

/// Keeps a job for its holder; false when it is no longer theirs.
pub async fn renew(db: &mut PgConnection, (tenant, holder): (Uuid, Uuid), until: DateTime<Utc>) -> Result<bool> {
    let renewed = sqlx::query!(
        "update provisionings
         set leased_until = $3
         where tenant_id = $1 and holder = $2 and finished_at is null",
        tenant,
        holder,
        until,
    );
    Ok(renewed.execute(db).await?.rows_affected() == 1)
}

/// Moves a job along; false when it is no longer this holder's, or no longer at this step.
pub async fn advance(
    db: &mut PgConnection,
    (tenant, holder): (Uuid, Uuid),
    (from, to): (Step, Step),
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool> {
    let moved = sqlx::query!(
        "update provisionings
         set step = $4,
             attempts = 0,
             last_error = null,
             next_at = $5,
             leased_until = case when $7 then null else $6::timestamptz end,
             finished_at = case when $7 then $5::timestamptz end
         where tenant_id = $1 and holder = $2 and step = $3",
        tenant,
        holder,
        from.as_str(),
        to.as_str(),
        now,
        until,
        to.is_end(),
    );
    Ok(moved.execute(db).await?.rows_affected() == 1)
}

/// Notes a failed attempt and when the next one is, at the same step or at another. Nothing, if the step was left: the
/// note of its end was written, though its answer was lost.
pub async fn put_off(
    db: &mut PgConnection,
    (tenant, holder): (Uuid, Uuid),
    (from, to): (Step, Step),
    (attempts, error): (i32, &str),
    next_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update provisionings
         set step = $4, attempts = $5, last_error = $6, next_at = $7, leased_until = null
         where tenant_id = $1 and holder = $2 and step = $3 and finished_at is null",
        tenant,
        holder,
        from.as_str(),
        to.as_str(),
        attempts,
        error,
        next_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Those whose next step is to be placed do it now.
pub async fn look_again(db: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update provisionings set next_at = $1 where step = 'place' and finished_at is null and next_at > $1", now)
        .execute(db)
        .await?;
    Ok(())
}

/// Begins again with a tenant that was given up.
pub async fn restart(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let restarted = sqlx::query!(
        "update provisionings
         set step = 'place', attempts = 0, next_at = $2, holder = null, leased_until = null, last_error = null,
             started_at = $2, finished_at = null
         where tenant_id = $1 and step = 'undone'",
        tenant,
        now,
    );
    Ok(restarted.execute(db).await?.rows_affected() == 1)
}

pub async fn set_place(db: &mut PgConnection, tenant: Uuid, place: &Place, key_id: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update tenants
         set cluster_id = $2, database_name = $3, role_name = $4, sealed_password = coalesce($5, ''::bytea), key_id = $6, updated_at = $7
         where id = $1 and cluster_id is null",
        tenant,
        place.cluster_id,
        place.database,
        place.role,
        place.sealed_password.as_deref(),
        key_id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn clear_place(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update tenants
         set cluster_id = null, database_name = null, role_name = null, sealed_password = null, key_id = null, updated_at = $2
         where id = $1",
        tenant,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Where a served tenant's database is.
pub async fn place(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Place>> {
    let place = sqlx::query_as!(
        Place,
        r#"select cluster_id as "cluster_id!", database_name as "database!", role_name as "role!", nullif(sealed_password, '') as sealed_password
        from tenants
        where id = $1 and cluster_id is not null"#,
        tenant,
    );
    Ok(place.fetch_optional(db).await?)
}

/// Where this try's database is to be, as long as the job is its holder's and stands at this step:
/// whoever comes late is not shown the place of a later try.
pub async fn place_held(db: &mut PgConnection, (tenant, holder): (Uuid, Uuid), step: Step) -> Result<Option<Place>> {
    let place = sqlx::query_as!(
        Place,
        r#"select t.cluster_id as "cluster_id!", t.database_name as "database!", t.role_name as "role!",
            nullif(t.sealed_password, '') as sealed_password
        from tenants t
        join provisionings p on p.tenant_id = t.id
        where t.id = $1 and t.status = 'provisioning' and t.cluster_id is not null
            and p.holder = $2 and p.step = $3 and p.finished_at is null"#,
        tenant,
        holder,
        step.as_str(),
    );
    Ok(place.fetch_optional(db).await?)
}

/// Tenants behind that id, and not on those servers, whose database has older settings than the control plane or keeps
/// the trail for longer than it is to; each with its server.
pub async fn behind(db: &mut PgConnection, (after, away): (Uuid, &[i64]), now: DateTime<Utc>, limit: i64) -> Result<Vec<(Uuid, i64)>> {
    let behind = sqlx::query!(
        r#"select id, cluster_id as "cluster_id!"
        from tenants t
        where status = 'active' and id > $1 and cluster_id <> all($2)
            and (settings_applied < version or exists (select from tenant_plans where tenant_id = t.id and longer_until <= $3))
        order by id
        limit $4"#,
        after,
        away,
        now,
        limit,
    );
    Ok(behind.fetch_all(db).await?.into_iter().map(|row| (row.id, row.cluster_id)).collect())
}

/// Says which settings a tenant's database has, unless the tenant has another one by then: nobody knows what that has.
pub async fn applied(db: &mut PgConnection, tenant: Uuid, database: &str, version: i64) -> Result<()> {
    sqlx::query!(
        "update tenants set settings_applied = greatest(settings_applied, $3) where id = $1 and database_name = $2",
        tenant,
        database,
        version,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether another tenant has its data in that database, or comes in by that role.
pub async fn is_used_by_another(db: &mut PgConnection, tenant: Uuid, (cluster, database, role): (i64, &str, &str)) -> Result<bool> {
    let used = sqlx::query_scalar!(
        r#"select exists (
            select from tenants
            where id <> $1 and cluster_id = $2 and (database_name = $3 or role_name = $4)
        ) as "used!""#,
        tenant,
        cluster,
        database,
        role,
    );
    Ok(used.fetch_one(db).await?)
}

/// Forgets how a tenant got its database.
pub async fn forget(db: &mut PgConnection, tenant: Uuid) -> Result<()> {
    sqlx::query!("delete from provisionings where tenant_id = $1", tenant).execute(db).await?;
    Ok(())
}

/// Whether any tenant has its data in that database, or comes in by that role.
pub async fn is_used(db: &mut PgConnection, cluster: i64, database: &str, role: &str) -> Result<bool> {
    let used = sqlx::query_scalar!(
        r#"select exists (
            select from tenants
            where cluster_id = $1 and (database_name = $2 or role_name = $3)
        ) as "used!""#,
        cluster,
        database,
        role,
    );
    Ok(used.fetch_one(db).await?)
}
