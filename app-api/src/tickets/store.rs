//! The tables `support_tickets` and `ticket_history`. Whatever is read on somebody's behalf goes
//! through their `Viewer`; what they may not see is not there.

mod arrivals;
mod clocks;
mod counts;
mod desk;
mod history;
mod links;
pub(super) mod merges;
mod narrow;
pub(super) mod orders;
mod read;
mod row;
mod sealing;
mod waiting;
mod words;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Error, OnConstraint, Result};
use sqlx::PgConnection;

pub(super) use arrivals::{hand_over, index_all, insert_arrivals, write_walks};
pub(super) use clocks::{clock_facts, keep_clocks, next_telling, note_breach, raise_priority, standing, telling, time, unmeasured};
pub(super) use counts::{count, count_each, count_words, tags};
pub(super) use desk::{MOST_WATCHERS, drafts, drop_draft, due_snoozes, keep_draft, next_snooze, set_snooze, unwatch, watch, watchers};
pub(super) use history::{count_history, history};
pub(super) use links::{delete_link, hold_links, insert_link, is_above, links};
pub use narrow::{push_conditions, push_query, push_sight, push_visible, push_without, push_words, vector};
pub(super) use read::{find, glance, list, lock, lock_free};
pub(super) use sealing::{mask_history, put_sealed, values_under};

pub(super) use waiting::{look_again, unlooked, wait_since};

use super::{
    clocks::{Measured, Which},
    history::Change,
    model::Priority,
    sealing::Kept,
    status::{Patience, Status},
    visibility::Sight,
};
use crate::people::{PersonId, TeamId};

/// What a new ticket starts with.
pub(super) struct NewRow<'a> {
    pub user_id: PersonId,
    pub subject: &'a str,
    pub description: &'a str,
    pub description_html: &'a str,
    pub priority: Priority,
    pub priority_reason: &'a str,
    pub category: Option<&'a str>,
    pub team_id: Option<TeamId>,
    pub order_id: Option<&'a str>,
    pub tags: &'a [String],
    pub values: &'a Kept,
    pub channel: &'static str,
    pub staff_unread: i32,
    /// Its clocks, as they start.
    pub measured: &'a Measured,
}

/// Holds the right to open tickets until the transaction ends: of several at once, each counts what the others have
/// opened. Its number is the tenant's own, for the lock is of this database.
pub(super) async fn hold_openings(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('tickets a month'))").execute(db).await?;
    Ok(())
}

/// How many were opened from the first moment up to the second.
pub(super) async fn opened_within(db: &mut PgConnection, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> Result<i64> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from support_tickets where created_at >= $1 and created_at < $2"#, from, to);
    Ok(count.fetch_one(db).await?)
}

/// Inserts a ticket, to be found by its words at once; `None` when its number is taken, which one draws again for.
pub(super) async fn insert(db: &mut PgConnection, number: &str, new: &NewRow<'_>, now: DateTime<Utc>) -> Result<Option<i64>> {
    let (response, resolution) = (new.measured.kept(Which::Response), new.measured.kept(Which::Resolution));
    let id = sqlx::query_scalar!(
        r#"with opened as (
            insert into support_tickets
                (ticket_number, user_id, subject, description, description_html, priority, priority_reason, category, order_id, tags,
                 custom_fields, channel, staff_unread, status_since, created_at, updated_at,
                 sla_policy_id, sla_policy_version, sla_state, sla_next_at,
                 response_target_minutes, response_due_at, resolution_target_minutes, resolution_due_at, team_id, waiting_since,
                 sealed_fields)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                $14, $24)
            on conflict (ticket_number) do nothing
            returning id
         ), indexed as (
            insert into search_entries (ticket_id, message_id, is_internal, at, vector, words)
            select id, 0, false, $14, search_ticket($1, $3, $10, $4), search_spelling($1, $3)
            from opened
         )
         select id as "id!" from opened"#,
        number,
        new.user_id,
        new.subject,
        new.description,
        new.description_html,
        new.priority.as_str(),
        new.priority_reason,
        new.category,
        new.order_id,
        new.tags,
        new.values.clear,
        new.channel,
        new.staff_unread,
        now,
        new.measured.policy_id,
        new.measured.policy_version,
        new.measured.worse().as_str(),
        new.measured.next_at(),
        response.target_minutes,
        response.due_at,
        resolution.target_minutes,
        resolution.due_at,
        new.team_id,
        new.values.sealed,
    );
    Ok(id.fetch_optional(db).await?)
}

/// Sets status and assignee of a locked ticket; the version grows by one (T-5: a resolution is
/// taken back by a reopening).
pub(super) async fn set_status(
    db: &mut PgConnection,
    id: i64,
    status: Status,
    assigned_to: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "update support_tickets
         set status = $2,
             assigned_to = $3,
             status_since = case when status = $2 then status_since else $4 end,
             resolved_at = case when $2 = 'resolved' then coalesce(resolved_at, $4) when $2 = 'closed' then resolved_at end,
             closed_at = case when $2 = 'closed' then $4 end,
             snoozed_until = case when $2 in ('resolved', 'closed') then null else snoozed_until end,
             waiting_since = case
                when $2 in ('resolved', 'closed') then '9999-12-31 00:00:00+00'
                when status = 'resolved' then least(waiting_since, $4)
                else waiting_since
             end,
             version = version + 1,
             updated_at = $4
         where id = $1
         returning version",
        id,
        status.as_str(),
        assigned_to,
        now,
    )
    .fetch_one(db)
    .await
    .on_constraint("tickets_progress_has_assignee", || Error::conflict("illegal_transition", "Work in progress needs an assignee."))?;
    Ok(version)
}

/// Puts a locked ticket into a team's queue, or in none; the version grows by one.
pub(super) async fn set_team(db: &mut PgConnection, id: i64, team: Option<TeamId>, now: DateTime<Utc>) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "update support_tickets set team_id = $2, version = version + 1, updated_at = $3 where id = $1 returning version",
        id,
        team,
        now,
    );
    Ok(version.fetch_one(db).await?)
}

/// At most `limit` tickets that somebody works on, by id, of those beyond `after`.
pub(super) async fn worked_on_by(db: &mut PgConnection, agent: PersonId, (after, limit): (i64, i64)) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id
         from support_tickets
         where assigned_to = $1 and status = 'in_progress' and id > $2
         order by id
         limit $3",
        agent,
        after,
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// Whoever has left and still has tickets that they work on: what no event has told.
pub(super) async fn leavers(db: &mut PgConnection) -> Result<Vec<PersonId>> {
    let ids = sqlx::query_scalar!(
        "select distinct u.id
         from support_tickets t
         join users u on u.id = t.assigned_to
         where t.status = 'in_progress' and not (u.active and u.role <> 'customer')
         limit 100"
    );
    Ok(ids.fetch_all(db).await?)
}

/// The properties of a locked ticket after an edit.
pub(super) struct Edited<'a> {
    pub subject: &'a str,
    pub category: Option<&'a str>,
    pub priority: Priority,
    pub priority_reason: &'a str,
    pub tags: &'a [String],
    pub custom_fields: Value,
}

/// Sets the properties of a locked ticket; the version grows by one.
pub(super) async fn set_properties(db: &mut PgConnection, id: i64, (to, values): (&Edited<'_>, &Kept), now: DateTime<Utc>) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "update support_tickets
         set subject = $2, category = $3, priority = $4, priority_reason = $5, tags = $6, custom_fields = $7,
             sealed_fields = $9, version = version + 1, updated_at = $8
         where id = $1
         returning version",
        id,
        to.subject,
        to.category,
        to.priority.as_str(),
        to.priority_reason,
        to.tags,
        values.clear,
        now,
        values.sealed,
    );
    Ok(version.fetch_one(db).await?)
}

/// Writes down anew by which words a locked ticket is found.
pub(super) async fn index(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!(
        "insert into search_entries (ticket_id, message_id, is_internal, at, vector, words)
         select id, 0, false, created_at, search_ticket(ticket_number, subject, tags, description),
            search_spelling(ticket_number, subject)
         from support_tickets
         where id = $1
         on conflict (ticket_id, message_id) do update
         set vector = excluded.vector, words = excluded.words",
        id,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts a new message as unread for the other side. A note leaves no mark that a customer could
/// see, the time included (T-31). True when it is the first public answer of an agent.
pub(super) async fn count_message(
    db: &mut PgConnection,
    id: i64,
    from_customer: bool,
    is_internal: bool,
    now: DateTime<Utc>,
) -> Result<bool> {
    let is_first = sqlx::query_scalar!(
        r#"with before as (select id, first_response_at from support_tickets where id = $1)
         update support_tickets t
         set staff_unread = staff_unread + case when $2 then 1 else 0 end,
             customer_unread = customer_unread + case when $2 or $3 then 0 else 1 end,
             first_response_at = case when $2 or $3 then t.first_response_at else coalesce(t.first_response_at, $4) end,
             waiting_since = case
                when $3 or $2 and waiting_since is null then waiting_since
                when $2 then least(waiting_since, $4)
                else '9999-12-31 00:00:00+00'
             end,
             updated_at = case when $3 then updated_at else $4 end
         from before
         where t.id = before.id
         returning (before.first_response_at is null and t.first_response_at is not null) as "is_first!""#,
        id,
        from_customer,
        is_internal,
        now,
    );
    Ok(is_first.fetch_one(db).await?)
}

/// Nothing is unread for that side any more.
pub(super) async fn clear_unread(db: &mut PgConnection, id: i64, staff: bool) -> Result<()> {
    sqlx::query!(
        "update support_tickets
         set staff_unread = case when $2 then 0 else staff_unread end,
             customer_unread = case when $2 then customer_unread else 0 end
         where id = $1",
        id,
        staff,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes how a ticket walked, under the version that the change made.
pub(super) async fn write_history(
    db: &mut PgConnection,
    id: i64,
    version: i64,
    change: &Change<'_>,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into ticket_history (ticket_id, version, kind, from_value, to_value, by_user, reason, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        version,
        change.kind,
        change.from,
        change.to,
        by,
        change.reason,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the tenant has set for its tickets (T-9); the control plane keeps this copy in step.
pub(super) async fn patience(db: &mut PgConnection) -> Result<Patience> {
    let set = sqlx::query_as!(Patience, "select waiting_close_days, resolved_close_hours from settings");
    Ok(set.fetch_one(db).await?)
}

/// At most `limit` tickets that came into `status` at `latest` or before, the longest waiting first.
pub(super) async fn waiting_since(db: &mut PgConnection, status: Status, latest: DateTime<Utc>, limit: i64) -> Result<Vec<i64>> {
    // The words twice: a plan for all statuses may use the index of the two only if told so.
    let ids = sqlx::query_scalar!(
        "select id
         from support_tickets
         where status = $1 and status in ('waiting_customer', 'resolved') and status_since <= $2
         order by status_since
         limit $3",
        status.as_str(),
        latest,
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// Since when the longest waiting ticket of `status` waits, of those that came into it after `after`.
pub(super) async fn longest_waiting(db: &mut PgConnection, status: Status, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let since = sqlx::query_scalar!(
        "select min(status_since)
         from support_tickets
         where status = $1 and status in ('waiting_customer', 'resolved') and status_since > $2",
        status.as_str(),
        after,
    );
    Ok(since.fetch_one(db).await?)
}

/// What a follower needs to know of a ticket, on nobody's behalf.
#[derive(Debug)]
pub struct Facts {
    /// Its number.
    pub ticket_number: String,
    /// The requester.
    pub user_id: PersonId,
    /// What it is about.
    pub subject: String,
    /// The agent.
    pub assigned_to: Option<PersonId>,
    /// The team in whose queue it is.
    pub team_id: Option<TeamId>,
}

impl Facts {
    /// What decides who sees it.
    pub fn sight(&self) -> Sight {
        Sight { user_id: self.user_id, assigned_to: self.assigned_to, team_id: self.team_id }
    }
}

/// What a follower (mail, satisfaction) needs to know of a ticket; no person reads by this.
pub async fn facts(db: &mut PgConnection, id: i64) -> Result<Option<Facts>> {
    let found =
        sqlx::query_as!(Facts, "select ticket_number, user_id, subject, assigned_to, team_id from support_tickets where id = $1", id);
    Ok(found.fetch_optional(db).await?)
}
