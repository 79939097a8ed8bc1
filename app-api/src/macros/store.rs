//! The table `macros`: canned replies and macros.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Error, Result, page::Part, select_part};
use sqlx::PgConnection;

use super::model::{Kind, Macro};
use crate::{people::PersonId, tickets::Scope};

/// So many of a kind one person has at most, or everybody together.
pub(super) const MOST: i64 = 500;

struct Row {
    id: i64,
    owner_id: Option<PersonId>,
    name: String,
    message: Option<String>,
    is_internal: bool,
    actions: Value,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Macro {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            name: row.name,
            scope: Scope::of(row.owner_id),
            message: row.message,
            is_internal: row.is_internal,
            actions: serde_json::from_value(row.actions)?,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

macro_rules! select_macro {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select id, owner_id, name, message, is_internal, actions, version, created_at, updated_at from macros " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A part of what `me` has and what everybody has, in the order in which it was saved.
pub(super) async fn list(db: &mut PgConnection, kind: Kind, me: PersonId, part: &Part<'_, i64>) -> Result<Vec<Macro>> {
    let rows = select_part!(part, db, select_macro!("where kind = $3 and (owner_id = $4 or owner_id is null)", "id", kind.as_str(), me))?;
    rows.into_iter().map(Macro::try_from).collect()
}

/// How many of them there are.
pub(super) async fn count(db: &mut PgConnection, kind: Kind, me: PersonId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from macros where kind = $1 and (owner_id = $2 or owner_id is null)"#,
        kind.as_str(),
        me,
    );
    Ok(count.fetch_one(db).await?)
}

/// How many an owner has; nobody: everybody.
pub(super) async fn count_of(db: &mut PgConnection, kind: Kind, owner: Option<PersonId>) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from macros where kind = $1 and owner_id is not distinct from $2"#,
        kind.as_str(),
        owner,
    );
    Ok(count.fetch_one(db).await?)
}

/// One of them.
pub(super) async fn find(db: &mut PgConnection, kind: Kind, me: PersonId, id: i64) -> Result<Macro> {
    let row = select_macro!("where id = $1 and kind = $2 and (owner_id = $3 or owner_id is null)", id, kind.as_str(), me);
    row.fetch_optional(db).await?.map(Macro::try_from).transpose()?.ok_or(Error::NotFound("not_found"))
}

/// The same, and nobody else changes it before the act ends.
pub(super) async fn lock(db: &mut PgConnection, kind: Kind, me: PersonId, id: i64) -> Result<Macro> {
    let row = select_macro!("where id = $1 and kind = $2 and (owner_id = $3 or owner_id is null) for update", id, kind.as_str(), me);
    row.fetch_optional(db).await?.map(Macro::try_from).transpose()?.ok_or(Error::NotFound("not_found"))
}

/// A macro as it shall be.
#[derive(PartialEq)]
pub(super) struct Kept<'a> {
    pub name: &'a str,
    pub message: Option<&'a str>,
    pub is_internal: bool,
    pub actions: Value,
}

pub(super) async fn insert(db: &mut PgConnection, kind: Kind, owner: Option<PersonId>, new: &Kept<'_>, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into macros (kind, owner_id, name, message, is_internal, actions, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)
         returning id",
        kind.as_str(),
        owner,
        new.name,
        new.message,
        new.is_internal,
        new.actions,
        now,
    );
    Ok(id.fetch_one(db).await?)
}

/// Changes a locked one; its version grows by one.
pub(super) async fn update(db: &mut PgConnection, id: i64, to: &Kept<'_>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update macros
         set name = $2, message = $3, is_internal = $4, actions = $5, version = version + 1, updated_at = $6
         where id = $1",
        id,
        to.name,
        to.message,
        to.is_internal,
        to.actions,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn delete(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from macros where id = $1", id).execute(db).await?;
    Ok(())
}
