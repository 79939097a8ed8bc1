//! The table `views`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Error, Result};
use sqlx::PgConnection;

use super::model::{SavedFilter, Scope, View};
use crate::people::PersonId;

/// Views that one person has, or everybody together.
pub(super) const MOST: i64 = 50;

struct Row {
    id: i64,
    owner_id: Option<PersonId>,
    name: String,
    filter: Value,
    position: i32,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for View {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let words = row.filter.as_object().cloned().unwrap_or_default();
        let filter = SavedFilter::parse(words).map_err(|why| Error::internal(anyhow::anyhow!("view {}: {why}", row.id)))?;
        Ok(Self {
            id: row.id,
            name: row.name,
            scope: Scope::of(row.owner_id),
            filter,
            position: row.position,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

macro_rules! select_view {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select id, owner_id, name, filter, position, version, created_at, updated_at from views " + $rest
            $(, $arg)*
        )
    };
}

/// What `me` has and what everybody has, in their order.
pub(super) async fn all(db: &mut PgConnection, me: PersonId) -> Result<Vec<View>> {
    let rows = select_view!("where owner_id = $1 or owner_id is null order by owner_id, position, id limit $2", me, 2 * MOST);
    rows.fetch_all(db).await?.into_iter().map(View::try_from).collect()
}

/// One of them.
pub(super) async fn find(db: &mut PgConnection, me: PersonId, id: i64) -> Result<Option<View>> {
    let row = select_view!("where id = $1 and (owner_id = $2 or owner_id is null)", id, me);
    row.fetch_optional(db).await?.map(View::try_from).transpose()
}

/// The same, and nobody else changes it before the act ends.
pub(super) async fn lock(db: &mut PgConnection, me: PersonId, id: i64) -> Result<View> {
    let row = select_view!("where id = $1 and (owner_id = $2 or owner_id is null) for update", id, me);
    row.fetch_optional(db).await?.map(View::try_from).transpose()?.ok_or(Error::NotFound("not_found"))
}

/// How many an owner has; nobody: everybody.
pub(super) async fn count(db: &mut PgConnection, owner: Option<PersonId>) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from views where owner_id is not distinct from $1"#, owner);
    Ok(count.fetch_one(db).await?)
}

/// A view as it shall be.
pub(super) struct Kept<'a> {
    pub name: &'a str,
    pub filter: &'a SavedFilter,
    pub position: i32,
}

pub(super) async fn insert(db: &mut PgConnection, owner: Option<PersonId>, new: &Kept<'_>, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into views (owner_id, name, filter, position, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $5)
         returning id",
        owner,
        new.name,
        new.filter.to_json(),
        new.position,
        now,
    );
    Ok(id.fetch_one(db).await?)
}

/// Changes a locked view; its version grows by one.
pub(super) async fn update(db: &mut PgConnection, id: i64, to: &Kept<'_>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update views
         set name = $2, filter = $3, position = $4, version = version + 1, updated_at = $5
         where id = $1",
        id,
        to.name,
        to.filter.to_json(),
        to.position,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn delete(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from views where id = $1", id).execute(db).await?;
    Ok(())
}
