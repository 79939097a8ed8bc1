//! The part of `tenants` that says where a database is.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::{Journey, Spot};
use crate::tenants::Status;

struct Row {
    id: Uuid,
    status: Status,
    cluster_id: Option<i64>,
    cluster: Option<String>,
    database: Option<String>,
    role: Option<String>,
}

/// Locks the tenant: whoever would suspend, delete or move it waits. Its place is none while it has none.
pub async fn lock(db: &mut PgConnection, slug: &str) -> Result<Option<(Uuid, Status, Option<Spot>)>> {
    let row = sqlx::query_as!(
        Row,
        r#"select t.id, t.status as "status: Status", t.cluster_id, c.name as "cluster?", t.database_name as database, t.role_name as role
        from tenants t
        left join clusters c on c.id = t.cluster_id
        where t.slug = $1
        for update of t"#,
        slug,
    );
    let Some(row) = row.fetch_optional(db).await? else { return Ok(None) };
    let spot = match (row.cluster_id, row.cluster, row.database, row.role) {
        (Some(cluster_id), Some(cluster), Some(database), Some(role)) => Some(Spot { cluster_id, cluster, database, role }),
        _ => None,
    };
    Ok(Some((row.id, row.status, spot)))
}

/// The time, as the control database has it.
pub async fn now(db: &mut PgConnection) -> Result<DateTime<Utc>> {
    Ok(sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(db).await?)
}

/// Names the new place. A tenant that is not where the move began is nobody's to move, and that is an error.
pub async fn swap(db: &mut PgConnection, tenant: Uuid, journey: &Journey, now: DateTime<Utc>) -> Result<()> {
    let (from, to) = (&journey.from, &journey.to);
    let swapped = sqlx::query!(
        "update tenants
         set cluster_id = $4, database_name = $5, role_name = $6, updated_at = $7
         where id = $1 and cluster_id = $2 and database_name = $3",
        tenant,
        from.cluster_id,
        from.database,
        to.cluster_id,
        to.database,
        to.role,
        now,
    );
    match swapped.execute(db).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(anyhow::anyhow!("tenant {tenant} is not in database {} any more", from.database).into()),
    }
}
