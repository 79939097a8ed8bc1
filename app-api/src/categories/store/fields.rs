//! The table `custom_fields`.

use chrono::{DateTime, Utc};
use shared::{Error, Result, page::Part, select_part};
use sqlx::PgConnection;

use super::super::model::{Field, FieldType, Labels};

struct Row {
    id: i64,
    key: String,
    label_fr: String,
    label_en: String,
    kind: String,
    options: Vec<String>,
    required_for_customers: bool,
    required_for_agents: bool,
    visible_to_customers: bool,
    sensitive: bool,
    category_id: Option<i64>,
    position: i32,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn shown(self, staff: bool) -> Field {
        Field {
            id: self.id,
            key: self.key,
            labels: Labels { fr: self.label_fr, en: self.label_en },
            kind: FieldType::parse(&self.kind).unwrap_or(FieldType::Text),
            options: self.options,
            required_for_customers: self.required_for_customers,
            required_for_agents: staff && self.required_for_agents,
            visible_to_customers: self.visible_to_customers,
            sensitive: self.sensitive,
            category_id: self.category_id,
            position: self.position,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

macro_rules! select_field {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select f.id, f.key, f.label_fr, f.label_en, f.type as kind, f.options, f.required_for_customers, f.required_for_agents,
                f.visible_to_customers, exists (select from sensitive_fields s where s.key = f.key) as "sensitive!", f.category_id,
                f.position, f.version, f.created_at, f.updated_at
            from custom_fields f
            left join categories c on c.id = f.category_id "#
                + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// Fields by id; customers see theirs, of active categories.
pub async fn list_fields(db: &mut PgConnection, staff: bool, part: &Part<'_, i64>) -> Result<Vec<Field>> {
    let rows = select_part!(
        part,
        db,
        select_field!("where f.archived_at is null and ($3 or f.visible_to_customers and (c.id is null or c.active))", "f.id", staff)
    )?;
    Ok(rows.into_iter().map(|row| row.shown(staff)).collect())
}

/// How many fields there are; customers see theirs.
pub async fn count_fields(db: &mut PgConnection, staff: bool) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from custom_fields f
         left join categories c on c.id = f.category_id
         where f.archived_at is null and ($1 or f.visible_to_customers and (c.id is null or c.active))"#,
        staff,
    );
    Ok(count.fetch_one(db).await?)
}

/// One field; customers see one of theirs.
pub async fn find_field(db: &mut PgConnection, staff: bool, id: i64) -> Result<Field> {
    let found = select_field!(
        "where f.id = $1 and f.archived_at is null and ($2 or f.visible_to_customers and (c.id is null or c.active))",
        id,
        staff
    );
    found.fetch_optional(db).await?.map(|row| row.shown(staff)).ok_or(Error::NotFound("not_found"))
}

/// One field, which nobody else changes before the act ends.
pub async fn lock_field(db: &mut PgConnection, id: i64) -> Result<Field> {
    let found = select_field!("where f.id = $1 and f.archived_at is null for update of f", id).fetch_optional(db).await?;
    found.map(|row| row.shown(true)).ok_or(Error::NotFound("not_found"))
}

/// Every field that is defined, as tickets are held against them.
pub async fn defined(db: &mut PgConnection) -> Result<Vec<Field>> {
    let rows = select_field!("where f.archived_at is null order by f.id limit 1000").fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| row.shown(true)).collect())
}

/// The keys under which tickets may have values, of fields that were put away too; in the order in which they are shown.
pub async fn field_keys(db: &mut PgConnection) -> Result<Vec<String>> {
    let keys = sqlx::query_scalar!("select key from custom_fields order by position, id limit 1000");
    Ok(keys.fetch_all(db).await?)
}

/// A field to be kept.
pub struct FieldRow<'a> {
    pub labels: &'a Labels,
    pub options: &'a [String],
    pub required_for_customers: bool,
    pub required_for_agents: bool,
    pub visible_to_customers: bool,
    pub category_id: Option<i64>,
    pub position: i32,
}

/// Makes a field. One that was put away under this key comes back, if it has the same type: tickets may still have
/// its values.
pub async fn insert_field(db: &mut PgConnection, key: &str, kind: FieldType, new: &FieldRow<'_>, now: DateTime<Utc>) -> Result<i64> {
    let made = sqlx::query_scalar!(
        "insert into custom_fields as f
            (key, type, label_fr, label_en, options, required_for_customers, required_for_agents, visible_to_customers, category_id,
             position, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
         on conflict (key) do update
         set label_fr = $3, label_en = $4, options = $5, required_for_customers = $6, required_for_agents = $7,
             visible_to_customers = $8, category_id = $9, position = $10, archived_at = null, version = f.version + 1, updated_at = $11
         where f.archived_at is not null and f.type = $2
         returning id",
        key,
        kind.as_str(),
        new.labels.fr,
        new.labels.en,
        new.options,
        new.required_for_customers,
        new.required_for_agents,
        new.visible_to_customers,
        new.category_id,
        new.position,
        now,
    );
    let taken = || Error::conflict("conflict", "There is a field of that key, or was one of another type whose values tickets may have.");
    made.fetch_optional(db).await?.ok_or_else(taken)
}

/// Changes a locked field; its version grows by one.
pub async fn update_field(db: &mut PgConnection, id: i64, to: &FieldRow<'_>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update custom_fields
         set label_fr = $2, label_en = $3, options = $4, required_for_customers = $5, required_for_agents = $6,
             visible_to_customers = $7, category_id = $8, position = $9, version = version + 1, updated_at = $10
         where id = $1",
        id,
        to.labels.fr,
        to.labels.en,
        to.options,
        to.required_for_customers,
        to.required_for_agents,
        to.visible_to_customers,
        to.category_id,
        to.position,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a locked field away.
pub async fn archive_field(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update custom_fields set archived_at = $2, version = version + 1, updated_at = $2 where id = $1", id, now)
        .execute(db)
        .await?;
    Ok(())
}
