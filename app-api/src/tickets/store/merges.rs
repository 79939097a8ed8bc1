//! Which ticket goes on in which other one (`ticket_merges`, `merged_into`) or from which (`follow_up_of`), and what came
//! with it. The caller has locked both tickets wherever something changes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{
    super::{
        model::{Ticket, TicketName},
        visibility::Viewer,
    },
    desk::MOST_WATCHERS,
    narrow::push_visible,
};
use crate::people::PersonId;

/// What a merge has brought, as it is kept.
pub(in crate::tickets) struct NewMerge<'a> {
    pub ticket_id: i64,
    pub into_id: i64,
    pub tags_added: &'a [String],
    pub watchers_added: &'a [PersonId],
    pub link_id: Option<i64>,
    pub notice_id: i64,
    pub messages: &'a [i64],
    pub by: PersonId,
}

/// A merge that was not undone.
pub(in crate::tickets) struct Merge {
    pub id: i64,
    pub into_id: i64,
    pub status: String,
    pub snoozed_until: Option<DateTime<Utc>>,
    pub staff_unread: i32,
    pub tags_added: Vec<String>,
    pub watchers_added: Vec<PersonId>,
    pub link_id: Option<i64>,
    pub notice_id: i64,
    pub merged_at: DateTime<Utc>,
}

/// Writes down what a merge brings, with the duplicate as it is still.
pub(in crate::tickets) async fn keep(db: &mut PgConnection, new: &NewMerge<'_>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "with merged as (
            insert into ticket_merges
                (ticket_id, into_id, status, snoozed_until, staff_unread, customer_unread, tags_added, watchers_added, link_id,
                 notice_id, merged_by, merged_at)
            select id, $2, status, snoozed_until, staff_unread, customer_unread, $3, $4, $5, $6, $7, $8
            from support_tickets
            where id = $1
            returning id
         )
         insert into ticket_merge_messages (merge_id, message_id)
         select merged.id, message
         from merged, unnest($9::bigint[]) as message",
        new.ticket_id,
        new.into_id,
        new.tags_added,
        new.watchers_added,
        new.link_id,
        new.notice_id,
        new.by,
        now,
        new.messages,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The merge that a ticket is in now.
pub(in crate::tickets) async fn of(db: &mut PgConnection, ticket_id: i64) -> Result<Option<Merge>> {
    let found = sqlx::query_as!(
        Merge,
        "select id, into_id, status, snoozed_until, staff_unread, tags_added, watchers_added, link_id, notice_id, merged_at
         from ticket_merges
         where ticket_id = $1 and undone_at is null",
        ticket_id,
    );
    Ok(found.fetch_optional(db).await?)
}

/// The messages that came with a merge.
pub(in crate::tickets) async fn messages(db: &mut PgConnection, merge_id: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!("select message_id from ticket_merge_messages where merge_id = $1", merge_id);
    Ok(ids.fetch_all(db).await?)
}

/// Marks a merge as undone.
pub(in crate::tickets) async fn undo(db: &mut PgConnection, id: i64, by: PersonId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update ticket_merges set undone_by = $2, undone_at = $3 where id = $1", id, by, now).execute(db).await?;
    Ok(())
}

/// Says in which ticket a locked one goes on, or that it goes on by itself.
pub(in crate::tickets) async fn set_into(db: &mut PgConnection, id: i64, into: Option<i64>) -> Result<()> {
    sqlx::query!("update support_tickets set merged_into = $2 where id = $1", id, into).execute(db).await?;
    Ok(())
}

/// Says from which closed ticket a new one goes on.
pub(in crate::tickets) async fn set_follow_up_of(db: &mut PgConnection, id: i64, of: i64) -> Result<()> {
    sqlx::query!("update support_tickets set follow_up_of = $2 where id = $1", id, of).execute(db).await?;
    Ok(())
}

/// Moves what is unread at one ticket to the other, at most so much for staff and customer: nothing comes or goes.
pub(in crate::tickets) async fn move_unread(db: &mut PgConnection, from: i64, to: i64, (staff, customer): (i32, i32)) -> Result<()> {
    sqlx::query!(
        "with moved as (
            select least(staff_unread, $3) as staff, least(customer_unread, $4) as customer from support_tickets where id = $1
         )
         update support_tickets t
         set staff_unread = t.staff_unread + case when t.id = $1 then -moved.staff else moved.staff end,
             customer_unread = t.customer_unread + case when t.id = $1 then -moved.customer else moved.customer end
         from moved
         where t.id in ($1, $2)",
        from,
        to,
        staff,
        customer,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Says of a locked ticket that its thread is another one: when the first public answer of an agent came, none before the
/// ticket was opened. The version grows by one.
pub(in crate::tickets) async fn set_thread(
    db: &mut PgConnection,
    id: i64,
    first_answer: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "update support_tickets
         set first_response_at = case when $2::timestamptz is not null then greatest(created_at, $2) end,
             version = version + 1,
             updated_at = $3
         where id = $1
         returning version",
        id,
        first_answer,
        now,
    );
    Ok(version.fetch_one(db).await?)
}

/// Has whoever watches the one watch the other, too, as many as may; whom it had not is told.
pub(in crate::tickets) async fn join_watchers(db: &mut PgConnection, from: i64, to: i64) -> Result<Vec<PersonId>> {
    let added = sqlx::query_scalar!(
        "insert into ticket_watchers (ticket_id, user_id, created_at)
         select $2, w.user_id, w.created_at
         from ticket_watchers w
         where w.ticket_id = $1 and not exists (select from ticket_watchers o where o.ticket_id = $2 and o.user_id = w.user_id)
         order by w.created_at, w.user_id
         limit greatest($3 - (select count(*) from ticket_watchers where ticket_id = $2), 0)
         returning user_id",
        from,
        to,
        MOST_WATCHERS,
    );
    Ok(added.fetch_all(db).await?)
}

/// Takes watchers away.
pub(in crate::tickets) async fn part_watchers(db: &mut PgConnection, id: i64, who: &[PersonId]) -> Result<()> {
    sqlx::query!("delete from ticket_watchers where ticket_id = $1 and user_id = any($2)", id, who).execute(db).await?;
    Ok(())
}

/// Names the tickets that these go on in, or from, as far as `viewer` sees them; of the others nothing is told.
pub(super) async fn name_others(db: &mut PgConnection, viewer: Viewer, tickets: &mut [Ticket]) -> Result<()> {
    let merged: Vec<i64> = tickets.iter().filter_map(|ticket| ticket.merged_into).collect();
    let following: Vec<i64> = tickets.iter().filter_map(|ticket| ticket.follow_up_of).collect();
    if merged.is_empty() && following.is_empty() {
        return Ok(());
    }
    let named = named(db, viewer, merged, following).await?;
    for ticket in tickets {
        ticket.survivor = ticket.merged_into.and_then(|id| named.get(&(true, id)).cloned());
        ticket.merged_into = ticket.survivor.as_ref().map(|survivor| survivor.id);
        ticket.unmerge_until = ticket.unmerge_until.filter(|_| ticket.merged_into.is_some());
        ticket.predecessor = ticket.follow_up_of.and_then(|id| named.get(&(false, id)).cloned());
        ticket.follow_up_of = ticket.predecessor.as_ref().map(|predecessor| predecessor.id);
    }
    Ok(())
}

/// Of the merged ones the last of their line, of the others themselves. No line has an end in itself: whatever was merged is
/// closed, and nothing is merged into what is closed.
async fn named(db: &mut PgConnection, viewer: Viewer, merged: Vec<i64>, following: Vec<i64>) -> Result<HashMap<(bool, i64), TicketName>> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(
        "with recursive line (start, id, next) as (
            select t.id, t.id, t.merged_into from support_tickets t where t.id = any(",
    );
    query.push_bind(merged).push(
        ")
            union
            select line.start, t.id, t.merged_into from line join support_tickets t on t.id = line.next
         )
         select true, line.start, t.id, t.ticket_number from line join support_tickets t on t.id = line.id where line.next is null and ",
    );
    push_visible(&mut query, viewer);
    query.push(" union all select false, t.id, t.id, t.ticket_number from support_tickets t where t.id = any(").push_bind(following);
    query.push(") and ");
    push_visible(&mut query, viewer);
    let rows: Vec<(bool, i64, i64, String)> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(|(merged, start, id, ticket_number)| ((merged, start), TicketName { id, ticket_number })).collect())
}

/// The last ticket that goes on from a closed one, if `viewer` sees it.
pub(in crate::tickets) async fn follow_up(db: &mut PgConnection, viewer: Viewer, of: i64) -> Result<Option<TicketName>> {
    let mut query: QueryBuilder<Postgres> =
        QueryBuilder::new("select t.id, t.ticket_number from support_tickets t where t.follow_up_of = ");
    query.push_bind(of).push(" and ");
    push_visible(&mut query, viewer);
    query.push(" order by t.id desc limit 1");
    let found: Option<(i64, String)> = query.build_query_as().fetch_optional(db).await?;
    Ok(found.map(|(id, ticket_number)| TicketName { id, ticket_number }))
}
