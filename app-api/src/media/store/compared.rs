//! The table `media_comparisons`, and the objects that are known in a stretch of keys.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

/// How far the present comparison is, or how the last one ended.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// Up to which key it is; none when it is done.
    pub up_to: Option<String>,
    /// Objects that nobody knew.
    pub nobodys: i64,
    /// Objects that were missing.
    pub missing: i64,
}

/// The last one.
pub async fn last(db: &mut PgConnection) -> Result<Option<Comparison>> {
    let last = sqlx::query_as!(Comparison, "select begun_at, up_to, nobodys, missing from media_comparisons");
    Ok(last.fetch_optional(db).await?)
}

/// Keys of objects between two keys that were stored before then, of which there are surely objects: the first of them.
pub async fn stored(db: &mut PgConnection, (after, last): (&str, &str), before: DateTime<Utc>, limit: i64) -> Result<Vec<String>> {
    let keys = sqlx::query_scalar!(
        r#"select key
         from media_objects
         where key collate "C" > $1 and key collate "C" <= $2 and state = 'stored' and touched_at < $3
         order by key collate "C"
         limit $4"#,
        after,
        last,
        before,
        limit,
    );
    Ok(keys.fetch_all(db).await?)
}

/// Which of these are known, in whatever state.
pub async fn known(db: &mut PgConnection, keys: &[String]) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!("select key from media_objects where key = any($1)", keys).fetch_all(db).await?)
}

/// Writes down how far it is, and lets objects go that are nobody's: by a row, as all others that go, so that whoever brings the same
/// file at this moment waits for that.
pub async fn note(db: &mut PgConnection, comparison: &Comparison, nobodys: &[(String, i64)], now: DateTime<Utc>) -> Result<()> {
    let (keys, sizes): (Vec<String>, Vec<i64>) = nobodys.iter().cloned().unzip();
    let noted = sqlx::query!(
        "with gone as (
            insert into media_objects (key, size, state, touched_at)
            select key, size, 'leaving', $5 from unnest($6::text[], $7::bigint[]) as nobodys (key, size)
            on conflict (key) do nothing
         )
         insert into media_comparisons (begun_at, up_to, nobodys, missing, finished_at)
         values ($1, $2, $3, $4, case when $2::text is null then $5 end)
         on conflict (only_row) do update
         set begun_at = $1, up_to = $2, nobodys = $3, missing = $4, finished_at = case when $2::text is null then $5 end",
        comparison.begun_at,
        comparison.up_to,
        comparison.nobodys,
        comparison.missing,
        now,
        &keys,
        &sizes,
    );
    noted.execute(db).await?;
    Ok(())
}
