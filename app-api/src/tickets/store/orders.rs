//! What `support_tickets` keeps of a ticket's order, and when it is compared with that.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::Result;
use sqlx::PgConnection;

use crate::people::PersonId;

/// Keeps what a new ticket knows of its order. Nobody else has seen the ticket: it stays in its first version.
pub(in crate::tickets) async fn begin(db: &mut PgConnection, id: i64, order: &Value, check_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update support_tickets
         set metadata = metadata || jsonb_build_object('order', $2::jsonb), order_check_at = $3
         where id = $1",
        id,
        order,
        check_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps what a locked ticket knows of its order, where nobody sees a difference.
pub(in crate::tickets) async fn keep(db: &mut PgConnection, id: i64, order: &Value) -> Result<()> {
    sqlx::query!("update support_tickets set metadata = metadata || jsonb_build_object('order', $2::jsonb) where id = $1", id, order)
        .execute(db)
        .await?;
    Ok(())
}

/// Sets what a locked ticket knows of its order; the version grows by one.
pub(in crate::tickets) async fn learn(db: &mut PgConnection, id: i64, order: &Value, now: DateTime<Utc>) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "update support_tickets
         set metadata = metadata || jsonb_build_object('order', $2::jsonb), version = version + 1, updated_at = $3
         where id = $1
         returning version",
        id,
        order,
        now,
    );
    Ok(version.fetch_one(db).await?)
}

/// At most `limit` tickets of an order that are not closed, by id: whoever locks several locks them in this order.
pub(in crate::tickets) async fn open_of(db: &mut PgConnection, order: &str, customer: PersonId, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id
         from support_tickets
         where order_id = $1 and user_id = $2 and status <> 'closed'
         order by id
         limit $3",
        order,
        customer,
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// A ticket that is to be compared with its order.
#[derive(Debug)]
pub(in crate::tickets) struct Due {
    pub id: i64,
    pub order_id: String,
    pub user_id: PersonId,
}

/// Takes the ticket that waits longest to be compared, or one from before anybody asked; nobody else gets it before
/// `until`. `skip locked`: two workers take different ones, and whoever changes one keeps it.
pub(in crate::tickets) async fn claim(db: &mut PgConnection, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<Due>> {
    let due = sqlx::query_as!(
        Due,
        r#"update support_tickets
         set order_check_at = $2
         where id = (
            select id
            from support_tickets
            where order_check_at is not null and order_check_at <= $1 and status <> 'closed' and order_id is not null
            order by order_check_at
            limit 1
            for update skip locked)
         returning id, order_id as "order_id!", user_id"#,
        now,
        until,
    );
    if let Some(due) = due.fetch_optional(&mut *db).await? {
        return Ok(Some(due));
    }
    let unasked = sqlx::query_as!(
        Due,
        r#"update support_tickets
         set order_check_at = $1
         where id = (
            select id
            from support_tickets
            where order_id is not null and order_check_at is null and status <> 'closed'
            order by id
            limit 1
            for update skip locked)
         returning id, order_id as "order_id!", user_id"#,
        until,
    );
    Ok(unasked.fetch_optional(db).await?)
}

/// Says when a locked ticket is compared next.
pub(in crate::tickets) async fn check_again(db: &mut PgConnection, id: i64, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update support_tickets set order_check_at = $2 where id = $1", id, at).execute(db).await?;
    Ok(())
}

/// When the next ticket is to be compared.
pub(in crate::tickets) async fn next_check(db: &mut PgConnection) -> Result<Option<DateTime<Utc>>> {
    let next = sqlx::query_scalar!(
        "select min(order_check_at)
         from support_tickets
         where order_check_at is not null and status <> 'closed' and order_id is not null"
    );
    Ok(next.fetch_one(db).await?)
}
