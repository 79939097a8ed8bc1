//! The table `article_sections`.

use chrono::{DateTime, Utc};
use shared::{Error, Result, page::Part, select_part};
use sqlx::PgConnection;

use super::{
    super::sections::{ArticleSection, SectionLabels},
    Amount,
};

struct Row {
    id: i64,
    label_fr: String,
    label_en: String,
    position: i32,
    published: i64,
    drafts: i64,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn shown(self, is_keeper: bool) -> ArticleSection {
        ArticleSection {
            id: self.id,
            labels: SectionLabels { fr: self.label_fr, en: self.label_en },
            position: self.position,
            articles: self.published + if is_keeper { self.drafts } else { 0 },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

macro_rules! select_section {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select s.id, s.label_fr, s.label_en, s.position, c.published as "published!", c.drafts as "drafts!", s.version,
                s.created_at, s.updated_at
            from article_sections s
            cross join lateral (
                select count(*) filter (where state = 'published') as published, count(*) filter (where state = 'draft') as drafts
                from articles
                where section_id = s.id
            ) c "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// Sections by id, with the articles that the reader sees there.
pub(in super::super) async fn list_sections(db: &mut PgConnection, is_keeper: bool, part: &Part<'_, i64>) -> Result<Vec<ArticleSection>> {
    let rows = select_part!(part, db, select_section!("where s.archived_at is null", "s.id"))?;
    Ok(rows.into_iter().map(|row| row.shown(is_keeper)).collect())
}

/// How many sections there are, archived ones apart from the others.
pub(in super::super) async fn amount_of_sections(db: &mut PgConnection) -> Result<Amount> {
    let count = sqlx::query_as!(
        Amount,
        r#"select count(*) filter (where archived_at is null) as "current!", count(*) as "ever!" from article_sections"#
    );
    Ok(count.fetch_one(db).await?)
}

/// How many sections are listed.
pub(in super::super) async fn count_sections(db: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from article_sections where archived_at is null"#);
    Ok(count.fetch_one(db).await?)
}

/// One section.
pub(in super::super) async fn find_section(db: &mut PgConnection, is_keeper: bool, id: i64) -> Result<ArticleSection> {
    let found = select_section!("where s.id = $1 and s.archived_at is null", id).fetch_optional(db).await?;
    found.map(|row| row.shown(is_keeper)).ok_or(Error::NotFound("not_found"))
}

/// One section, which nobody else changes and into which nobody puts an article before the act ends.
pub(in super::super) async fn lock_section(db: &mut PgConnection, id: i64) -> Result<ArticleSection> {
    let found = select_section!("where s.id = $1 and s.archived_at is null for update of s", id).fetch_optional(db).await?;
    found.map(|row| row.shown(true)).ok_or(Error::NotFound("not_found"))
}

/// Whether there is that section, which stays until the act ends.
pub(in super::super) async fn is_section(db: &mut PgConnection, id: i64) -> Result<bool> {
    let found = sqlx::query_scalar!("select id from article_sections where id = $1 and archived_at is null for share", id);
    Ok(found.fetch_optional(db).await?.is_some())
}

/// Whether a locked section has articles that are not put away.
pub(in super::super) async fn is_used(db: &mut PgConnection, id: i64) -> Result<bool> {
    let found =
        sqlx::query_scalar!(r#"select exists (select from articles where section_id = $1 and state <> 'archived') as "found!""#, id);
    Ok(found.fetch_one(db).await?)
}

/// A section to be kept.
pub(in super::super) struct SectionRow<'a> {
    pub labels: &'a SectionLabels,
    pub position: i32,
}

/// Makes a section.
pub(in super::super) async fn insert_section(db: &mut PgConnection, new: &SectionRow<'_>, now: DateTime<Utc>) -> Result<i64> {
    let made = sqlx::query_scalar!(
        "insert into article_sections (label_fr, label_en, position, created_at, updated_at) values ($1, $2, $3, $4, $4) returning id",
        new.labels.fr,
        new.labels.en,
        new.position,
        now,
    );
    Ok(made.fetch_one(db).await?)
}

/// Changes a locked section; its version grows by one.
pub(in super::super) async fn update_section(db: &mut PgConnection, id: i64, to: &SectionRow<'_>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update article_sections
         set label_fr = $2, label_en = $3, position = $4, version = version + 1, updated_at = $5
         where id = $1",
        id,
        to.labels.fr,
        to.labels.en,
        to.position,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a locked section away.
pub(in super::super) async fn archive_section(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update article_sections set archived_at = $2, version = version + 1, updated_at = $2 where id = $1", id, now)
        .execute(db)
        .await?;
    Ok(())
}
