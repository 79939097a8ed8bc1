//! How much there is of whose files, kept exactly: whoever brings or takes a file locks both rows, the person's first.

use chrono::NaiveDate;
use shared::Result;
use sqlx::PgConnection;

use crate::{
    media::quota::{Allowed, Amount},
    people::PersonId,
};

/// The organisation, among people.
pub const ALL: PersonId = 0;

/// What somebody has, locked until the act ends.
pub async fn lock(db: &mut PgConnection, whose: PersonId, today: NaiveDate) -> Result<Amount> {
    let row = sqlx::query_as!(
        Amount,
        r#"insert into media_usage as u (user_id, day)
         values ($1, $2)
         on conflict (user_id) do update
         set day = greatest(u.day, $2), today = case when u.day < $2 then 0 else u.today end
         returning bytes, files, today"#,
        whose,
        today,
    );
    Ok(row.fetch_one(db).await?)
}

/// What somebody has.
pub async fn of(db: &mut PgConnection, whose: PersonId, today: NaiveDate) -> Result<Amount> {
    let row = sqlx::query_as!(
        Amount,
        r#"select bytes, files, case when day < $2 then 0 else today end as "today!" from media_usage where user_id = $1"#,
        whose,
        today,
    );
    Ok(row.fetch_optional(db).await?.unwrap_or_default())
}

/// Bytes that the organisation has besides files of tickets: of files of imports that are announced, are here, or are over and not
/// forgotten yet. The plan has room for all of them together; imports ask here, too, for whoever splits a ticket knows nothing of them.
pub async fn besides(db: &mut PgConnection) -> Result<i64> {
    let bytes = sqlx::query_scalar!(
        r#"select coalesce(sum(case when i.finished then i.received else i.file_size end), 0)::bigint as "bytes!"
         from (select id, file_size, received, state in ('finished', 'cancelled', 'failed') as finished from imports) i
         where not i.finished or exists (select from import_parts p where p.import_id = i.id)"#
    );
    Ok(bytes.fetch_one(db).await?)
}

/// Adds to what two have, whose rows are locked.
pub async fn add(db: &mut PgConnection, whose: PersonId, more: Amount) -> Result<()> {
    let added = sqlx::query!(
        "update media_usage set bytes = bytes + $2, files = files + $3, today = today + $4 where user_id in ($1, 0)",
        whose,
        more.bytes,
        more.files,
        more.today,
    );
    added.execute(db).await?;
    Ok(())
}

/// Takes a file from what two have; what came today has come.
pub async fn give_back(db: &mut PgConnection, whose: PersonId, bytes: i64) -> Result<()> {
    for whose in [whose, ALL] {
        let given = sqlx::query!(
            "update media_usage set bytes = greatest(bytes - $2, 0), files = greatest(files - 1, 0) where user_id = $1",
            whose,
            bytes,
        );
        given.execute(&mut *db).await?;
    }
    Ok(())
}

/// Makes so many files of one another's, whose rows are locked; what came today has come.
pub async fn hand_over(db: &mut PgConnection, (from, to): (PersonId, PersonId), (bytes, files): (i64, i64)) -> Result<()> {
    for (whose, bytes, files) in [(from, -bytes, -files), (to, bytes, files)] {
        let handed = sqlx::query!(
            "update media_usage set bytes = greatest(bytes + $2, 0), files = greatest(files + $3, 0) where user_id = $1",
            whose,
            bytes,
            files,
        );
        handed.execute(&mut *db).await?;
    }
    Ok(())
}

/// What one person may have.
pub async fn allowed(db: &mut PgConnection) -> Result<Allowed> {
    let row = sqlx::query!("select bytes_per_user, files_per_user, uploads_a_day from media_settings");
    let row = row.fetch_one(db).await?;
    Ok(Allowed { bytes: Some(row.bytes_per_user), files: Some(row.files_per_user), today: Some(row.uploads_a_day) })
}
