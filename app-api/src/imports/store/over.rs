//! What goes with time: imports with which nobody goes on, files of those that are over, and in the end all that is known of them.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

/// Imports in which nobody has done anything since `before` though they wait for somebody's word.
pub(in crate::imports) async fn left(db: &mut PgConnection, before: DateTime<Utc>) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id from imports where state in ('uploading', 'ready', 'checked') and touched_at < $1 order by touched_at limit 20",
        before
    );
    Ok(ids.fetch_all(db).await?)
}

/// Locks one of them; false when somebody has gone on with it by now.
pub(in crate::imports) async fn lock_left(db: &mut PgConnection, id: i64, before: DateTime<Utc>) -> Result<bool> {
    let locked = sqlx::query_scalar!(
        "select id from imports where id = $1 and state in ('uploading', 'ready', 'checked') and touched_at < $2 for update",
        id,
        before
    );
    Ok(locked.fetch_optional(db).await?.is_some())
}

/// Forgets some parts of files of imports that are over, and says how many: 16 MiB are no more than a statement has time for.
pub(in crate::imports) async fn forget_parts(db: &mut PgConnection) -> Result<u64> {
    let forgotten = sqlx::query!(
        "delete from import_parts
         where (import_id, starts) in (
            select p.import_id, p.starts
            from imports i
            join import_parts p on p.import_id = i.id
            where i.state in ('finished', 'cancelled', 'failed')
            limit 16
         )"
    );
    Ok(forgotten.execute(db).await?.rows_affected())
}

/// Forgets what stood in the first lines of some files of imports that are over, and says of how many.
pub(in crate::imports) async fn forget_samples(db: &mut PgConnection) -> Result<u64> {
    let forgotten = sqlx::query!(
        r#"update imports i
         set columns = (
            select jsonb_agg(c.value || '{"sample": ""}' order by c.ordinality)
            from jsonb_array_elements(i.columns) with ordinality as c (value, ordinality)
         )
         where i.id in (
            select id
            from imports
            where state in ('finished', 'cancelled', 'failed') and jsonb_path_exists(columns, '$[*] ? (@.sample != "")')
            limit 20
         )"#
    );
    Ok(forgotten.execute(db).await?.rows_affected())
}

/// Forgets some of what checks have met that are over, and says how much.
pub(in crate::imports) async fn forget_keys(db: &mut PgConnection) -> Result<u64> {
    let forgotten = sqlx::query!(
        "delete from import_keys
         where ctid = any(array(
            select k.ctid
            from imports i
            join import_keys k
                on k.import_id = i.id and k.began < case when i.state = 'checking' then i.started_at else 'infinity' end
            limit 10000
         ))"
    );
    Ok(forgotten.execute(db).await?.rows_affected())
}

/// Forgets imports that were over before that and have no file any more, with what was wrong in them; where their tickets came
/// from stays known.
pub(in crate::imports) async fn forget_over(db: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let forgotten = sqlx::query!(
        "with old as (
            select i.id
            from imports i
            where i.state in ('finished', 'cancelled', 'failed') and i.touched_at < $1
                and not exists (select from import_parts p where p.import_id = i.id)
                and not exists (select from import_keys k where k.import_id = i.id)
            order by i.touched_at
            limit 20
         ),
         problems as (delete from import_problems where import_id in (select id from old))
         delete from imports where id in (select id from old)",
        before,
    );
    Ok(forgotten.execute(db).await?.rows_affected())
}
