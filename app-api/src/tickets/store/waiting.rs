//! Since when a customer waits for an answer, which stands beside the ticket for lists. What it says follows from the thread:
//! the first of the customer's words after the last public answer, or the request itself where there is none.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

/// Reads it anew from the threads of locked tickets.
pub(in crate::tickets) async fn look_again(db: &mut PgConnection, ids: &[i64]) -> Result<()> {
    sqlx::query!(
        "update support_tickets t
         set waiting_since = l.since
         from (
            select s.id, case when a.id is null then s.created_at else coalesce((
                    select min(m.created_at)
                    from ticket_messages m
                    where m.ticket_id = s.id and m.sender_type = 'customer' and m.id > a.id
                ), '9999-12-31 00:00:00+00') end as since
            from support_tickets s
            left join lateral (
                select max(m.id) as id
                from ticket_messages m
                where m.ticket_id = s.id and m.sender_type = 'agent' and not m.is_internal
            ) a on true
            where s.id = any($1)
         ) l
         where t.id = l.id",
        ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whoever waits in a locked ticket has waited since `since` at least.
pub(in crate::tickets) async fn wait_since(db: &mut PgConnection, id: i64, since: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update support_tickets set waiting_since = least(waiting_since, $2) where id = $1 and waiting_since is not null",
        id,
        since,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// At most `limit` tickets of which nobody has looked, held until the transaction ends. `skip locked`: what somebody is
/// changing is left to the next look.
pub(in crate::tickets) async fn unlooked(db: &mut PgConnection, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id
         from support_tickets
         where waiting_since is null and status <> 'closed'
         order by id
         limit $1
         for update skip locked",
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}
