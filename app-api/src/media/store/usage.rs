//! How much there is of whose files, kept exactly: whoever brings a file locks both rows, the person's first.

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

/// Adds a file to what two have.
pub async fn add(db: &mut PgConnection, whose: PersonId, bytes: i64) -> Result<()> {
    let added = sqlx::query!(
        "update media_usage set bytes = bytes + $2, files = files + 1, today = today + 1 where user_id in ($1, 0)",
        whose,
        bytes,
    );
    added.execute(db).await?;
    Ok(())
}

/// Takes a file from what two have; what came today has come.
pub async fn give_back(db: &mut PgConnection, whose: PersonId, bytes: i64) -> Result<()> {
    let given = sqlx::query!(
        "update media_usage set bytes = greatest(bytes - $2, 0), files = greatest(files - 1, 0) where user_id in ($1, 0)",
        whose,
        bytes,
    );
    given.execute(db).await?;
    Ok(())
}

/// What one person may have.
pub async fn allowed(db: &mut PgConnection) -> Result<Allowed> {
    let row = sqlx::query!("select bytes_per_user, files_per_user, uploads_a_day from media_settings");
    let row = row.fetch_one(db).await?;
    Ok(Allowed { bytes: Some(row.bytes_per_user), files: Some(row.files_per_user), today: Some(row.uploads_a_day) })
}
