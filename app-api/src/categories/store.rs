//! The table `categories`; `custom_fields` is in `fields`, `sensitive_fields` in `sensitive`.

mod fields;
mod sensitive;

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::PgConnection;

pub(super) use fields::{
    FieldRow, archive_field, count_fields, defined, field_keys, find_field, insert_field, list_fields, lock_field, update_field,
};
pub use sensitive::{Sensitive, Unsealed};
pub(super) use sensitive::{mark, proof, sealed_up_to, sensitive, unsealed};

use super::model::{Category, Labels};
use crate::people::TeamId;

struct Row {
    id: i64,
    name: String,
    label_fr: String,
    label_en: String,
    active: bool,
    position: i32,
    team_id: Option<TeamId>,
    skills: Vec<String>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn shown(self, staff: bool) -> Category {
        Category {
            id: self.id,
            name: self.name,
            labels: Labels { fr: self.label_fr, en: self.label_en },
            active: self.active,
            position: self.position,
            team_id: self.team_id.filter(|_| staff),
            skills: if staff { self.skills } else { Vec::new() },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

macro_rules! select_category {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select c.id, c.name, c.label_fr, c.label_en, c.active, c.position, c.team_id, c.skills, c.version, c.created_at, c.updated_at
            from categories c " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// Categories by id; customers see the active ones.
pub(super) async fn list(db: &mut PgConnection, staff: bool, part: &Part<'_, i64>) -> Result<Vec<Category>> {
    let rows = select_part!(part, db, select_category!("where c.archived_at is null and ($3 or c.active)", "c.id", staff))?;
    Ok(rows.into_iter().map(|row| row.shown(staff)).collect())
}

/// How many categories there are; customers see the active ones.
pub(super) async fn count(db: &mut PgConnection, staff: bool) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from categories where archived_at is null and ($1 or active)"#, staff);
    Ok(count.fetch_one(db).await?)
}

/// One category; customers see an active one.
pub(super) async fn find(db: &mut PgConnection, staff: bool, id: i64) -> Result<Category> {
    let found = select_category!("where c.id = $1 and c.archived_at is null and ($2 or c.active)", id, staff).fetch_optional(db).await?;
    found.map(|row| row.shown(staff)).ok_or(Error::NotFound("not_found"))
}

/// One category, which nobody else changes before the act ends.
pub(super) async fn lock(db: &mut PgConnection, id: i64) -> Result<Category> {
    let found = select_category!("where c.id = $1 and c.archived_at is null for update", id).fetch_optional(db).await?;
    found.map(|row| row.shown(true)).ok_or(Error::NotFound("not_found"))
}

/// Whether there is that category, which stays until the act ends.
pub(super) async fn is_category(db: &mut PgConnection, id: i64) -> Result<bool> {
    let found = sqlx::query_scalar!("select id from categories where id = $1 and archived_at is null for share", id);
    Ok(found.fetch_optional(db).await?.is_some())
}

/// The category of that name, in capitals or not.
pub(super) async fn known(db: &mut PgConnection, name: &str) -> Result<Option<Category>> {
    let found = select_category!("where lower(c.name) = lower($1) and c.archived_at is null", name).fetch_optional(db).await?;
    Ok(found.map(|row| row.shown(true)))
}

/// Every category that is defined.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Category>> {
    let rows = select_category!("where c.archived_at is null order by c.id limit 1000").fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| row.shown(true)).collect())
}

/// Whether any category is defined.
pub(super) async fn has_categories(db: &mut PgConnection) -> Result<bool> {
    let found = sqlx::query_scalar!(r#"select exists (select from categories where archived_at is null) as "found!""#);
    Ok(found.fetch_one(db).await?)
}

/// A category to be kept.
pub(super) struct CategoryRow<'a> {
    pub labels: &'a Labels,
    pub active: bool,
    pub position: i32,
    pub team_id: Option<TeamId>,
    pub skills: &'a [String],
}

/// Makes a category.
pub(super) async fn insert(db: &mut PgConnection, name: &str, new: &CategoryRow<'_>, now: DateTime<Utc>) -> Result<i64> {
    let made = sqlx::query_scalar!(
        "insert into categories (name, label_fr, label_en, active, position, team_id, skills, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         returning id",
        name,
        new.labels.fr,
        new.labels.en,
        new.active,
        new.position,
        new.team_id,
        new.skills,
        now,
    );
    let made = made.fetch_one(db).await;
    made.on_constraint("categories_name_key", || Error::conflict("conflict", "There is a category of that name already."))
}

/// Changes a locked category; its version grows by one.
pub(super) async fn update(db: &mut PgConnection, id: i64, to: &CategoryRow<'_>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update categories
         set label_fr = $2, label_en = $3, active = $4, position = $5, team_id = $6, skills = $7, version = version + 1, updated_at = $8
         where id = $1",
        id,
        to.labels.fr,
        to.labels.en,
        to.active,
        to.position,
        to.team_id,
        to.skills,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes a locked category out, or puts it away where a ticket or a field names it; its fields are put away
/// with it.
pub(super) async fn remove(db: &mut PgConnection, category: &Category, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update custom_fields set archived_at = $2, version = version + 1, updated_at = $2 where category_id = $1 and archived_at is null",
        category.id,
        now
    )
    .execute(&mut *db)
    .await?;
    // In the order of its index, of which the first is enough.
    let named = sqlx::query_scalar!(
        r#"select (select id from support_tickets where category = $2 order by created_at desc, id desc limit 1) is not null
            or exists (select from custom_fields where category_id = $1) as "named!""#,
        category.id,
        category.name,
    );
    if named.fetch_one(&mut *db).await? {
        sqlx::query!("update categories set archived_at = $2, version = version + 1, updated_at = $2 where id = $1", category.id, now)
            .execute(db)
            .await?;
    } else {
        sqlx::query!("delete from categories where id = $1", category.id).execute(db).await?;
    }
    Ok(())
}
