//! Articles that are listed, looked for or suggested. Whoever does not keep articles finds published ones alone.

use chrono::{DateTime, Utc};
use shared::{Result, error::too_broad};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::{
    super::{
        list::{Asked, ListedArticle, Place},
        model::Words,
        show::Reader,
        suggest::SuggestedArticle,
    },
    locale_of, state_of,
};

/// An article that was found.
#[derive(FromRow)]
pub(in super::super) struct Found {
    id: i64,
    section_id: i64,
    slug: String,
    state: String,
    position: i32,
    locale: String,
    title: String,
    version: i64,
    published_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    rank: i64,
}

impl Found {
    /// Where it stands in its list.
    pub fn place(&self) -> Place {
        Place { rank: self.rank, id: self.id }
    }

    /// As it is listed.
    pub fn shown(self) -> Result<ListedArticle> {
        Ok(ListedArticle {
            id: self.id,
            section_id: self.section_id,
            slug: self.slug,
            state: state_of(&self.state)?,
            position: self.position,
            locale: locale_of(&self.locale)?,
            title: self.title,
            version: self.version,
            published_at: self.published_at,
            updated_at: self.updated_at,
        })
    }
}

/// What fits, the best first, after `after`.
pub(in super::super) async fn list(
    db: &mut PgConnection,
    reader: &Reader,
    asked: &Asked,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Found>> {
    let mut query = found(reader, asked);
    query.push(" select * from found");
    if let Some(place) = after {
        query.push(" where (rank, -id) < (").push_bind(place.rank).push(", ").push_bind(-place.id).push(")");
    }
    query.push(" order by rank desc, id limit ").push_bind(limit);
    query.build_query_as().fetch_all(db).await.map_err(too_broad("q"))
}

/// How many there are.
pub(in super::super) async fn count(db: &mut PgConnection, reader: &Reader, asked: &Asked) -> Result<i64> {
    let mut query = found(reader, asked);
    query.push(" select count(*) from found");
    query.build_query_scalar().fetch_one(db).await.map_err(too_broad("q"))
}

/// `found`: each article once, with the title that the reader gets.
fn found(reader: &Reader, asked: &Asked) -> QueryBuilder<Postgres> {
    let words = asked.q.as_ref().filter(|words| !words.as_slice().is_empty());
    let mut query = QueryBuilder::new(
        "with found as (
            select a.id, a.section_id, a.slug, a.state, a.position, a.version, a.published_at, a.updated_at, t.locale, t.title, ",
    );
    query.push(if words.is_some() { "f.rank" } else { "- a.position::bigint as rank" });
    query.push(" from articles a join lateral (select locale, title from article_texts where article_id = a.id order by locale = ");
    query.push_bind(reader.wanted.as_str()).push(" desc, locale = ").push_bind(reader.fallback.as_str());
    query.push(" desc limit 1) t on true");
    if let Some(words) = words {
        push_ranked(&mut query, words);
    }
    push_conditions(&mut query, reader, asked);
    query.push(")");
    query
}

/// Texts that have all the words, by how well they do: the longer the text, the less a word in it says.
fn push_ranked(query: &mut QueryBuilder<Postgres>, words: &Words) {
    query.push(
        " join (
            select x.article_id, max(1000000 * ts_rank('{0.1, 0.3, 0.6, 1}', x.vector, asked.query, 1))::bigint as rank
            from article_texts x, (select search_query(",
    );
    query.push_bind(words.as_slice().to_vec());
    query.push(", '{}', true) as query) asked where x.vector @@ asked.query group by x.article_id) f on f.article_id = a.id");
}

fn push_conditions(query: &mut QueryBuilder<Postgres>, reader: &Reader, asked: &Asked) {
    query.push(if reader.is_keeper { " where true" } else { " where a.state = 'published'" });
    match asked.state {
        Some(state) => query.push(" and a.state = ").push_bind(state.as_str()),
        None => query.push(" and a.state <> 'archived'"),
    };
    if let Some(section) = asked.section {
        query.push(" and a.section_id = ").push_bind(section);
    }
}

/// At most five published articles that have any of these words, fillers apart, the best first.
pub(in super::super) async fn suggested(db: &mut PgConnection, reader: &Reader, words: &Words) -> Result<Vec<SuggestedArticle>> {
    let rows = sqlx::query!(
        r#"with asked as materialized (
            select search_query(
                array(select word from unnest($1::text[]) as word where article_word_says(word)), '{}'::text[], false
            ) as query
         ), found as (
            select x.article_id, max(ts_rank('{0.1, 0.3, 0.6, 1}', x.vector, asked.query, 1)) as rank
            from asked
            join article_texts x on x.vector @@ asked.query
            join articles a on a.id = x.article_id and a.state = 'published'
            group by x.article_id
            order by rank desc, x.article_id
            limit 5
         )
         select a.id as "id!", a.slug as "slug!", t.locale as "locale!", t.title as "title!"
         from found f
         join articles a on a.id = f.article_id
         join lateral (
            select locale, title from article_texts where article_id = a.id order by locale = $2 desc, locale = $3 desc limit 1
         ) t on true
         order by f.rank desc, a.id"#,
        words.as_slice(),
        reader.wanted.as_str(),
        reader.fallback.as_str(),
    );
    let mut articles = Vec::new();
    for row in rows.fetch_all(db).await.map_err(too_broad("q"))? {
        articles.push(SuggestedArticle { id: row.id, slug: row.slug, locale: locale_of(&row.locale)?, title: row.title });
    }
    Ok(articles)
}
