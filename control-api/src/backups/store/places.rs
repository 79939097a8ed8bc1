//! Where a tenant's data is, was at a moment, and will be.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// Where a tenant's data is, and what it is called there.
pub struct Live {
    pub slug: String,
    pub cluster_id: i64,
    pub database: String,
    pub role: String,
}

pub async fn live(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Live>> {
    let live = sqlx::query_as!(
        Live,
        r#"select slug, cluster_id as "cluster_id!", database_name as "database!", role_name as "role!"
         from tenants
         where id = $1 and status in ('active', 'suspended') and cluster_id is not null"#,
        tenant,
    );
    Ok(live.fetch_optional(db).await?)
}

/// Server and database of a tenant that has its data still, if only for its days of grace.
pub async fn there(db: &mut PgConnection, tenant: Uuid) -> Result<Option<(i64, String)>> {
    let there = sqlx::query!(
        r#"select t.cluster_id as "cluster_id!", t.database_name as "database!"
        from tenants t
        left join deletions d on d.tenant_id = t.id
        where t.id = $1 and t.status in ('active', 'suspended', 'deleting') and d.begun_at is null and t.cluster_id is not null"#,
        tenant,
    );
    Ok(there.fetch_optional(db).await?.map(|row| (row.cluster_id, row.database)))
}

/// Where a tenant's data was at a moment.
pub struct Then {
    pub cluster_id: i64,
    pub database: String,
    /// Since when there is this tenant.
    pub since: DateTime<Utc>,
}

/// What a tenant has left stands in the job that drops it, or in the move that has not come so far yet, and since when: the
/// first that was left after the moment names the place of the moment; where there is none, that is the present one. Jobs
/// of former releases do not say since when: then it is when they were planned.
pub async fn place_at(db: &mut PgConnection, tenant: Uuid, at: DateTime<Utc>) -> Result<Option<Then>> {
    let then = sqlx::query_as!(
        Then,
        r#"select coalesce((l.place ->> 'cluster_id')::bigint, t.cluster_id) as "cluster_id!",
            coalesce(l.place ->> 'database', t.database_name) as "database!", t.created_at as since
         from tenants t
         left join lateral (
            select case j.kind when 'move' then j.state -> 'from' else j.state end as place
            from jobs j
            where j.tenant_id = t.id
                and (j.kind = 'retire' or (j.kind = 'move' and j.finished_at is null and j.state ->> 'left_at' is not null))
                and coalesce((j.state ->> 'left_at')::timestamptz, j.created_at) > $2
            order by coalesce((j.state ->> 'left_at')::timestamptz, j.created_at), j.id
            limit 1
         ) l on true
         where t.id = $1 and t.status in ('active', 'suspended') and t.cluster_id is not null"#,
        tenant,
        at,
    );
    Ok(then.fetch_optional(db).await?)
}

/// The time, as the control database has it.
pub async fn now(db: &mut PgConnection) -> Result<DateTime<Utc>> {
    Ok(sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(db).await?)
}

/// Gives a tenant another database in place of the one it is known to have; false when it has another one.
pub async fn swap(
    db: &mut PgConnection,
    tenant: Uuid,
    (from, to): (&str, &crate::provisioning::target::Place),
    key_id: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let swapped = sqlx::query!(
        "update tenants
         set cluster_id = $3, database_name = $4, role_name = $5, sealed_password = coalesce($6, ''::bytea), key_id = $7, settings_applied = 0, updated_at = $8
         where id = $1 and database_name = $2",
        tenant,
        from,
        to.cluster_id,
        to.database,
        to.role,
        to.sealed_password.as_deref(),
        key_id,
        now,
    );
    Ok(swapped.execute(db).await?.rows_affected() == 1)
}
