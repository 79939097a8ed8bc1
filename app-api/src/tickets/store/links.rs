//! The table `ticket_links`. Both ends of a link are found through the reader's eyes before it is shown.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result};
use sqlx::PgConnection;

use crate::people::PersonId;

/// Holds the right to make links until the transaction ends.
pub(in crate::tickets) async fn hold_links(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('ticket links'))").execute(db).await?;
    Ok(())
}

/// A ticket's links, the oldest first: id, both ends, kind.
pub(in crate::tickets) async fn links(db: &mut PgConnection, ticket_id: i64) -> Result<Vec<(i64, i64, i64, String)>> {
    let rows = sqlx::query!(
        r#"select id as "id!", from_id as "from_id!", to_id as "to_id!", kind as "kind!"
         from (
            select id, from_id, to_id, kind from ticket_links where from_id = $1
            union all
            select id, from_id, to_id, kind from ticket_links where to_id = $1
         ) l
         order by id
         limit 50"#,
        ticket_id,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.from_id, row.to_id, row.kind)).collect())
}

/// Whether `above` stands somewhere above `ticket_id`.
pub(in crate::tickets) async fn is_above(db: &mut PgConnection, above: i64, ticket_id: i64) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"with recursive line (id) as (
            select $1::bigint
            union
            select l.from_id from ticket_links l join line on l.to_id = line.id where l.kind = 'parent'
         )
         select exists (select from line where id = $2) as "found!""#,
        ticket_id,
        above,
    );
    Ok(found.fetch_one(db).await?)
}

pub(in crate::tickets) async fn insert_link(
    db: &mut PgConnection,
    (from, to, kind): (i64, i64, &str),
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<i64> {
    sqlx::query_scalar!(
        "insert into ticket_links (from_id, to_id, kind, created_by, created_at) values ($1, $2, $3, $4, $5) returning id",
        from,
        to,
        kind,
        by,
        now,
    )
    .fetch_one(db)
    .await
    .on_constraint("ticket_links_once", || Error::conflict("conflict", "They are linked so already."))
}

pub(in crate::tickets) async fn delete_link(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from ticket_links where id = $1", id).execute(db).await?;
    Ok(())
}
