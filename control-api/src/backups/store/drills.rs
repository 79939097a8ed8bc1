//! The table `backup_drills`.

use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::backups::model::Drill;

/// Notes a drill; twice is once.
pub async fn insert_drill(db: &mut PgConnection, drill: &Drill) -> Result<()> {
    sqlx::query!(
        "insert into backup_drills (id, backup_id, tenant_id, taken_at, started_at, ended_at, is_equal, row_count, trouble)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (id) do nothing",
        drill.id,
        drill.backup_id,
        drill.tenant_id,
        drill.taken_at,
        drill.started_at,
        drill.ended_at,
        drill.is_equal,
        drill.row_count,
        drill.trouble,
    )
    .execute(db)
    .await?;
    Ok(())
}

macro_rules! select_drill {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Drill,
            "select d.id, d.backup_id, d.tenant_id, t.slug as tenant, d.taken_at, d.started_at, d.ended_at, d.is_equal, d.row_count, d.trouble
            from backup_drills d
            join tenants t on t.id = d.tenant_id "
                + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// When the last drill ended.
pub async fn last_drill(db: &mut PgConnection) -> Result<Option<Drill>> {
    Ok(select_drill!("order by d.ended_at desc, d.id desc limit 1").fetch_optional(db).await?)
}

pub async fn drill(db: &mut PgConnection, id: Uuid) -> Result<Option<Drill>> {
    Ok(select_drill!("where d.id = $1", id).fetch_optional(db).await?)
}

pub async fn drills(db: &mut PgConnection, part: &Part<'_, Uuid>) -> Result<Vec<Drill>> {
    Ok(select_part!(part, db, select_drill!("where true", "d.id"))?)
}

pub async fn count_drills(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from backup_drills"#).fetch_one(db).await?)
}
