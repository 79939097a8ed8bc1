//! The tables `articles`, `article_slugs`, `article_texts` and `article_votes`; `article_sections` is in `sections`, what is found in
//! `found`.

mod found;
mod sections;

use chrono::{DateTime, Utc};
use shared::{Error, Result};
use sqlx::PgConnection;

pub(super) use found::{Found, count, list, suggested};
pub(super) use sections::{
    SectionRow, amount_of_sections, archive_section, count_sections, find_section, insert_section, is_section, is_used, list_sections,
    lock_section, update_section,
};

use super::model::{ArticleRef, ArticleText, ArticleVotes, Locale, State};
use crate::people::PersonId;

/// An article without its texts.
pub(super) struct Head {
    pub id: i64,
    pub section_id: i64,
    pub slug: String,
    state: String,
    pub position: i32,
    pub published_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Head {
    /// Where it stands.
    pub fn state(&self) -> Result<State> {
        state_of(&self.state)
    }
}

fn state_of(word: &str) -> Result<State> {
    State::parse(word).ok_or_else(|| Error::internal(anyhow::anyhow!("{word} is no state of an article")))
}

fn locale_of(word: &str) -> Result<Locale> {
    Locale::parse(word).ok_or_else(|| Error::internal(anyhow::anyhow!("{word} is no language of an article")))
}

macro_rules! select_article {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Head,
            "select a.id, a.section_id, a.slug, a.state, a.position, a.published_at, a.version, a.created_at, a.updated_at
            from articles a " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// One article, by an address that it has or had; whoever does not keep articles finds a published one.
pub(super) async fn find(db: &mut PgConnection, is_keeper: bool, name: &ArticleRef) -> Result<Head> {
    let found = match name {
        ArticleRef::Id(id) => {
            select_article!("where a.id = $1 and ($2 or a.state = 'published')", *id, is_keeper).fetch_optional(db).await?
        }
        ArticleRef::Slug(slug) => {
            select_article!(
                "where a.id = (select article_id from article_slugs where slug = $1) and ($2 or a.state = 'published')",
                slug.as_str(),
                is_keeper
            )
            .fetch_optional(db)
            .await?
        }
    };
    found.ok_or(Error::NotFound("not_found"))
}

/// One article, which nobody else changes before the act ends.
pub(super) async fn lock(db: &mut PgConnection, name: &ArticleRef) -> Result<Head> {
    let found = match name {
        ArticleRef::Id(id) => select_article!("where a.id = $1 for update", *id).fetch_optional(db).await?,
        ArticleRef::Slug(slug) => {
            select_article!("where a.id = (select article_id from article_slugs where slug = $1) for update", slug.as_str())
                .fetch_optional(db)
                .await?
        }
    };
    found.ok_or(Error::NotFound("not_found"))
}

/// How many there are.
pub(super) struct Amount {
    /// Those that are not archived.
    pub current: i64,
    /// All of them.
    pub ever: i64,
}

/// Holds the room of the help centre until the transaction ends: of several who add to it at once, each counts what the others
/// have added.
pub(super) async fn hold_room(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('help centre'))").execute(db).await?;
    Ok(())
}

/// How many articles there are.
pub(super) async fn amount_of_articles(db: &mut PgConnection) -> Result<Amount> {
    let count =
        sqlx::query_as!(Amount, r#"select count(*) filter (where state <> 'archived') as "current!", count(*) as "ever!" from articles"#);
    Ok(count.fetch_one(db).await?)
}

/// An article to be kept.
#[derive(PartialEq, Eq)]
pub(super) struct Kept<'a> {
    pub section_id: i64,
    pub slug: &'a str,
    pub state: State,
    pub position: i32,
}

/// Gives a locked article an address, which stays its own for ever. `409 slug_taken` when another one has it or had it.
pub(super) async fn take_slug(db: &mut PgConnection, id: i64, slug: &str) -> Result<()> {
    let taken = sqlx::query!(
        "insert into article_slugs as s (slug, article_id) values ($1, $2)
         on conflict (slug) do update set article_id = excluded.article_id where s.article_id = excluded.article_id",
        slug,
        id,
    );
    match taken.execute(db).await?.rows_affected() {
        0 => Err(Error::conflict("slug_taken", "Another article has this address, or had it.")),
        _ => Ok(()),
    }
}

/// Makes an article; its address is taken and its texts are put afterwards.
pub(super) async fn insert(db: &mut PgConnection, new: &Kept<'_>, author: PersonId, now: DateTime<Utc>) -> Result<i64> {
    let made = sqlx::query_scalar!(
        "insert into articles (section_id, slug, state, position, author_id, published_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, case when $3 = 'published' then $6::timestamptz end, $6, $6)
         returning id",
        new.section_id,
        new.slug,
        new.state.as_str(),
        new.position,
        author,
        now,
    );
    Ok(made.fetch_one(db).await?)
}

/// Changes a locked article; its version grows by one.
pub(super) async fn update(db: &mut PgConnection, id: i64, to: &Kept<'_>, now: DateTime<Utc>) -> Result<()> {
    let changed = sqlx::query!(
        "update articles
         set section_id = $2, slug = $3, state = $4, position = $5, version = version + 1, updated_at = $6,
             published_at = case when $4 = 'published' and state <> 'published' then $6 else published_at end
         where id = $1",
        id,
        to.section_id,
        to.slug,
        to.state.as_str(),
        to.position,
        now,
    );
    changed.execute(db).await?;
    Ok(())
}

/// An article's texts, by language.
pub(super) async fn texts(db: &mut PgConnection, id: i64) -> Result<Vec<ArticleText>> {
    let rows = sqlx::query!("select locale, title, body, body_html from article_texts where article_id = $1 order by locale", id);
    let text = |(locale, title, body, body_html): (String, String, String, String)| {
        Ok(ArticleText { locale: locale_of(&locale)?, title, body, body_html })
    };
    rows.fetch_all(db).await?.into_iter().map(|row| text((row.locale, row.title, row.body, row.body_html))).collect()
}

/// Gives a locked article these texts in the place of those that it has.
pub(super) async fn put_texts(db: &mut PgConnection, id: i64, texts: &[ArticleText]) -> Result<()> {
    sqlx::query!("delete from article_texts where article_id = $1", id).execute(&mut *db).await?;
    for text in texts {
        sqlx::query!(
            "insert into article_texts (article_id, locale, title, body, body_html, vector)
             values ($1, $2, $3, $4, $5, search_text($3, 'A') || search_text($4, 'C'))",
            id,
            text.locale.as_str(),
            text.title,
            text.body,
            text.body_html,
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// What somebody has said of an article.
pub(super) async fn vote_of(db: &mut PgConnection, id: i64, person: PersonId) -> Result<Option<bool>> {
    let vote = sqlx::query_scalar!("select helpful from article_votes where article_id = $1 and person_id = $2", id, person);
    Ok(vote.fetch_optional(db).await?)
}

/// What everybody says of an article.
pub(super) async fn votes(db: &mut PgConnection, id: i64) -> Result<ArticleVotes> {
    let votes = sqlx::query_as!(
        ArticleVotes,
        r#"select count(*) filter (where helpful) as "helpful!", count(*) filter (where not helpful) as "unhelpful!"
         from article_votes
         where article_id = $1"#,
        id,
    );
    Ok(votes.fetch_one(db).await?)
}

/// Keeps what somebody says of an article, and whether that is anything new.
pub(super) async fn keep_vote(db: &mut PgConnection, id: i64, person: PersonId, helpful: bool, now: DateTime<Utc>) -> Result<bool> {
    let kept = sqlx::query!(
        "insert into article_votes as v (article_id, person_id, helpful, created_at, updated_at)
         values ($1, $2, $3, $4, $4)
         on conflict (article_id, person_id) do update
         set helpful = excluded.helpful, updated_at = excluded.updated_at
         where v.helpful <> excluded.helpful",
        id,
        person,
        helpful,
        now,
    );
    Ok(kept.execute(db).await?.rows_affected() > 0)
}
