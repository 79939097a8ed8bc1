//! The tables `media_categories` and `media_settings`, for those who set them.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::PgConnection;

use super::model::{MediaCategory, MediaSettings};

macro_rules! select_category {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            MediaCategory,
            "select c.id, c.name, c.extensions, c.max_bytes, c.previews, c.staff_only, c.enabled, c.version, c.updated_at
            from media_categories c " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// Categories by id; customers see what they may send.
pub(super) async fn list(db: &mut PgConnection, staff: bool, part: &Part<'_, i64>) -> Result<Vec<MediaCategory>> {
    Ok(select_part!(part, db, select_category!("where ($3 or (c.enabled and not c.staff_only))", "c.id", staff))?)
}

/// How many categories there are; customers see what they may send.
pub(super) async fn count(db: &mut PgConnection, staff: bool) -> Result<i64> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from media_categories where $1 or (enabled and not staff_only)"#, staff,);
    Ok(count.fetch_one(db).await?)
}

/// One category; customers see what they may send.
pub(super) async fn find(db: &mut PgConnection, staff: bool, id: i64) -> Result<MediaCategory> {
    let found = select_category!("where c.id = $1 and ($2 or (c.enabled and not c.staff_only))", id, staff);
    found.fetch_optional(db).await?.ok_or(Error::NotFound("not_found"))
}

/// One category, which nobody else changes before the act ends.
pub(super) async fn lock(db: &mut PgConnection, id: i64) -> Result<MediaCategory> {
    select_category!("where c.id = $1 for update", id).fetch_optional(db).await?.ok_or(Error::NotFound("not_found"))
}

/// A category to be kept.
pub(super) struct CategoryRow<'a> {
    pub name: &'a str,
    pub extensions: &'a [String],
    pub max_bytes: i64,
    pub previews: bool,
    pub staff_only: bool,
    pub enabled: bool,
}

fn is_there() -> Error {
    Error::conflict("conflict", "There is a category of that name already.")
}

/// Makes a category.
pub(super) async fn insert(db: &mut PgConnection, new: &CategoryRow<'_>, now: DateTime<Utc>) -> Result<i64> {
    let made = sqlx::query_scalar!(
        "insert into media_categories (name, extensions, max_bytes, previews, staff_only, enabled, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         returning id",
        new.name,
        new.extensions,
        new.max_bytes,
        new.previews,
        new.staff_only,
        new.enabled,
        now,
    );
    made.fetch_one(db).await.on_constraint("media_categories_name", is_there)
}

/// Changes a locked category; its version grows by one.
pub(super) async fn update(db: &mut PgConnection, id: i64, to: &CategoryRow<'_>, now: DateTime<Utc>) -> Result<()> {
    let changed = sqlx::query!(
        "update media_categories
         set name = $2, extensions = $3, max_bytes = $4, previews = $5, staff_only = $6, enabled = $7, version = version + 1,
            updated_at = $8
         where id = $1",
        id,
        to.name,
        to.extensions,
        to.max_bytes,
        to.previews,
        to.staff_only,
        to.enabled,
        now,
    );
    changed.execute(db).await.on_constraint("media_categories_name", is_there)?;
    Ok(())
}

/// Takes a category away.
pub(super) async fn remove(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from media_categories where id = $1", id).execute(db).await?;
    Ok(())
}

/// Holds what is set until the act ends.
pub(super) async fn hold(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select only_row from media_settings for update").fetch_one(db).await?;
    Ok(())
}

/// What is set.
pub(super) async fn settings(db: &mut PgConnection) -> Result<MediaSettings> {
    let set = sqlx::query_as!(
        MediaSettings,
        r#"select bytes_per_user, files_per_user, uploads_a_day, media_kept_months() as "access_log_months!" from media_settings"#,
    );
    Ok(set.fetch_one(db).await?)
}

/// Sets it.
pub(super) async fn set(db: &mut PgConnection, to: &MediaSettings) -> Result<()> {
    let set = sqlx::query!(
        "update media_settings set bytes_per_user = $1, files_per_user = $2, uploads_a_day = $3",
        to.bytes_per_user,
        to.files_per_user,
        to.uploads_a_day,
    );
    set.execute(&mut *db).await?;
    sqlx::query!("select media_keep_months($1)", to.access_log_months).execute(db).await?;
    Ok(())
}
