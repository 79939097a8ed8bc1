//! Tenants that are to have backups.

use shared::Result;
use sqlx::PgConnection;

use crate::backups::model::Without;

/// Served tenants that have no backup but for those that a moment has become, the oldest first.
pub async fn without(db: &mut PgConnection, tenant: Option<&str>, limit: i64) -> Result<Vec<Without>> {
    let without = sqlx::query_as!(
        Without,
        "select t.id as tenant_id, t.slug as tenant, t.created_at as since
         from tenants t
         where t.status in ('active', 'suspended') and ($1::text is null or t.slug = $1)
            and not exists (
                select from backups b
                where b.tenant_id = t.id and b.deleting_at is null
                    and not exists (select from jobs j where j.id = b.id and j.kind in ('restore', 'drill'))
            )
         order by t.created_at, t.id
         limit $2",
        tenant,
        limit,
    );
    Ok(without.fetch_all(db).await?)
}

/// How many tenants are to have backups.
pub async fn count_served(db: &mut PgConnection, tenant: Option<&str>) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from tenants where status in ('active', 'suspended') and ($1::text is null or slug = $1)"#,
        tenant,
    );
    Ok(count.fetch_one(db).await?)
}
