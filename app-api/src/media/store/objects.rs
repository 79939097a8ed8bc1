//! The objects of the store: each has a row before it is written, and as long as it is there.

use chrono::{DateTime, Utc};
use shared::{Error, Result};
use sqlx::PgConnection;

/// Says that an object is about to be written. One that is just going cannot be: `503`, for a moment.
pub async fn claim(db: &mut PgConnection, key: &str, size: i64, now: DateTime<Utc>) -> Result<()> {
    let claimed = sqlx::query!(
        "insert into media_objects (key, size, state, touched_at)
         values ($1, $2, 'writing', $3)
         on conflict (key) do update set touched_at = $3 where media_objects.state <> 'leaving'",
        key,
        size,
        now,
    );
    if claimed.execute(db).await?.rows_affected() == 0 { Err(Error::Contended) } else { Ok(()) }
}

/// Says that it was written, and holds it until the act ends: from then on a row of a file owns it.
pub async fn settle(db: &mut PgConnection, key: &str, now: DateTime<Utc>) -> Result<()> {
    let settled =
        sqlx::query!("update media_objects set state = 'stored', touched_at = $2 where key = $1 and state <> 'leaving'", key, now,);
    if settled.execute(db).await?.rows_affected() == 0 { Err(Error::Contended) } else { Ok(()) }
}

/// Holds an object until the act ends.
pub async fn hold(db: &mut PgConnection, key: &str) -> Result<()> {
    sqlx::query!("select key from media_objects where key = $1 for update", key).fetch_optional(db).await?;
    Ok(())
}

/// Lets an object go at once, whatever rows there are of it.
pub async fn let_go(db: &mut PgConnection, key: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update media_objects set state = 'leaving', touched_at = $2 where key = $1", key, now).execute(db).await?;
    Ok(())
}

/// Lets an object go that was settled, unless a file has it.
pub async fn let_go_unless_owned(db: &mut PgConnection, key: &str, now: DateTime<Utc>) -> Result<()> {
    let gone = sqlx::query!(
        "update media_objects
         set state = 'leaving', touched_at = $2
         where key = $1 and not exists (select from ticket_attachments where file_path = $1 or preview_path = $1)",
        key,
        now,
    );
    gone.execute(db).await?;
    Ok(())
}

/// Lets go what was about to be written before then and never became a file's.
pub async fn give_up(db: &mut PgConnection, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64> {
    let given = sqlx::query!(
        "update media_objects set state = 'leaving', touched_at = $2 where state = 'writing' and touched_at < $1",
        before,
        now,
    );
    Ok(given.execute(db).await?.rows_affected())
}

/// Objects that are to go and that nobody takes away, the longest waiting first.
pub async fn leaving(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<String>> {
    let keys = sqlx::query_scalar!(
        "select key
         from media_objects
         where state = 'leaving' and (leased_until is null or leased_until <= $1)
         order by touched_at
         limit $2",
        now,
        limit,
    );
    Ok(keys.fetch_all(db).await?)
}

/// Says that one takes an object away until then; false where it is gone, or somebody else does.
pub async fn lease(db: &mut PgConnection, key: &str, (now, until): (DateTime<Utc>, DateTime<Utc>)) -> Result<bool> {
    let leased = sqlx::query!(
        "update media_objects
         set leased_until = $3
         where key = $1 and state = 'leaving' and (leased_until is null or leased_until <= $2)",
        key,
        now,
        until,
    );
    Ok(leased.execute(db).await?.rows_affected() > 0)
}

/// Says that one could not take an object away: somebody else may try.
pub async fn release(db: &mut PgConnection, key: &str) -> Result<()> {
    sqlx::query!("update media_objects set leased_until = null where key = $1 and state = 'leaving'", key).execute(db).await?;
    Ok(())
}

/// Forgets an object that has gone.
pub async fn forget(db: &mut PgConnection, key: &str) -> Result<()> {
    sqlx::query!("delete from media_objects where key = $1 and state = 'leaving'", key).execute(db).await?;
    Ok(())
}

/// When there is something to be done about objects: the oldest that is being written, and when the next may be taken away.
pub async fn unsettled(db: &mut PgConnection) -> Result<(Option<DateTime<Utc>>, Option<DateTime<Utc>>)> {
    let row = sqlx::query!(
        "select min(touched_at) filter (where state = 'writing') as oldest,
            min(coalesce(leased_until, touched_at)) filter (where state = 'leaving') as leaving
         from media_objects
         where state <> 'stored'",
    );
    let row = row.fetch_one(db).await?;
    Ok((row.oldest, row.leaving))
}
