//! The table `csat_answers`, and the resolutions that its rows are about.

use chrono::{DateTime, Utc};
use shared::{
    Result,
    page::{Order, Part},
};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    list::{CsatAnswer, CsatPoints, Key, Wanted},
    model::{Claim, CsatGiven},
};
use crate::{
    people::PersonId,
    tickets::{Party, TicketName, Viewer, push_visible},
};

/// A resolution that is its customer's to rate, with their answer.
pub(super) struct Solving {
    pub claim: Claim,
    pub ticket_number: String,
    pub subject: String,
    pub user_id: PersonId,
    pub solved_at: DateTime<Utc>,
    pub agent_id: Option<PersonId>,
    pub agent: Option<String>,
    pub answer: Option<CsatGiven>,
}

struct SolvingRow {
    id: i64,
    ticket_id: i64,
    ticket_number: String,
    subject: String,
    user_id: PersonId,
    solved_at: DateTime<Utc>,
    by_user: Option<PersonId>,
    agent: Option<String>,
    rating: Option<i16>,
    comment: Option<String>,
    answered_at: Option<DateTime<Utc>>,
    changed_at: Option<DateTime<Utc>>,
}

impl From<SolvingRow> for Solving {
    fn from(row: SolvingRow) -> Self {
        Self {
            claim: Claim::of(row.ticket_id, row.id, row.solved_at),
            ticket_number: row.ticket_number,
            subject: row.subject,
            user_id: row.user_id,
            solved_at: row.solved_at,
            agent_id: row.by_user,
            agent: row.agent,
            answer: given(row.rating, row.comment, (row.answered_at, row.changed_at)),
        }
    }
}

/// The parts of an answer that is there or not.
fn given(
    rating: Option<i16>,
    comment: Option<String>,
    (answered_at, changed_at): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Option<CsatGiven> {
    Some(CsatGiven { rating: rating?, comment, answered_at: answered_at?, changed_at: changed_at? })
}

// Nobody of the staff rates what the staff did, nor anybody what they did themselves. Out of `closed` leads the undoing of a merge
// alone: that solves nothing anew.
macro_rules! select_solving {
    ($condition:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            SolvingRow,
            r#"select h.id, h.ticket_id, t.ticket_number, t.subject, t.user_id, h.created_at as solved_at, h.by_user,
                u.firstname as "agent?", a.rating as "rating?", a.comment as "comment?", a.created_at as "answered_at?",
                a.updated_at as "changed_at?"
            from ticket_history h
            join support_tickets t on t.id = h.ticket_id
            join users r on r.id = t.user_id and r.role = 'customer'
            left join users u on u.id = h.by_user
            left join csat_answers a on a.solving_id = h.id
            where h.kind = 'status' and h.to_value = 'resolved' and h.from_value is distinct from 'closed'
                and h.by_user is distinct from t.user_id and "# + $condition + " order by h.id desc limit 1"
            $(, $arg)*
        )
    };
}

/// The resolution that an event tells of; none where it is nobody's to rate.
pub(super) async fn told_by(db: &mut PgConnection, event: Uuid) -> Result<Option<Claim>> {
    let found = select_solving!(
        "(h.ticket_id, h.created_at) in (select (e.data ->> 'ticket_id')::bigint, e.occurred_at from events e where e.id = $1)",
        event,
    );
    Ok(found.fetch_optional(db).await?.map(|row| Solving::from(row).claim))
}

/// A ticket's last resolution; none where it is nobody's to rate.
pub(super) async fn last(db: &mut PgConnection, ticket_id: i64) -> Result<Option<Solving>> {
    let found = select_solving!("h.ticket_id = $1", ticket_id);
    Ok(found.fetch_optional(db).await?.map(Solving::from))
}

/// The resolution that a link lets one rate; none when the database has gone back to before it, or when it is nobody's to rate.
pub(super) async fn solving(db: &mut PgConnection, claim: &Claim) -> Result<Option<Solving>> {
    let found = select_solving!("h.id = $1 and h.ticket_id = $2", claim.solving_id, claim.ticket_id);
    Ok(found.fetch_optional(db).await?.map(Solving::from))
}

/// Nobody else answers about this resolution before the act ends.
pub(super) async fn hold(db: &mut PgConnection, claim: &Claim) -> Result<()> {
    sqlx::query!("select from ticket_history where id = $1 for update", claim.solving_id).execute(db).await?;
    Ok(())
}

/// An answer to be kept.
pub(super) struct NewAnswer<'a> {
    pub solved_at: DateTime<Utc>,
    pub agent_id: Option<PersonId>,
    pub rating: i16,
    pub comment: Option<&'a str>,
}

/// Keeps the answer about a resolution, in the place of the one before.
pub(super) async fn keep(db: &mut PgConnection, claim: &Claim, new: &NewAnswer<'_>, now: DateTime<Utc>) -> Result<CsatGiven> {
    let kept = sqlx::query_as!(
        CsatGiven,
        r#"insert into csat_answers (ticket_id, solving_id, solved_at, agent_id, rating, comment, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)
         on conflict (solving_id) do update
         set rating = excluded.rating, comment = excluded.comment, updated_at = excluded.updated_at
         returning rating, comment, created_at as "answered_at!", updated_at as "changed_at!""#,
        claim.ticket_id,
        claim.solving_id,
        new.solved_at,
        new.agent_id,
        new.rating,
        new.comment,
        now,
    );
    Ok(kept.fetch_one(db).await?)
}

#[derive(FromRow)]
struct Row {
    id: i64,
    ticket_id: i64,
    ticket_number: String,
    subject: String,
    user_id: PersonId,
    firstname: String,
    lastname: String,
    email: String,
    agent_id: Option<PersonId>,
    agent_firstname: Option<String>,
    agent_lastname: Option<String>,
    agent_email: Option<String>,
    rating: i16,
    comment: Option<String>,
    solved_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for CsatAnswer {
    fn from(row: Row) -> Self {
        let requester = Party { id: row.user_id, firstname: row.firstname, lastname: row.lastname, email: Some(row.email) };
        let agent = row.agent_id.zip(row.agent_firstname).zip(row.agent_lastname);
        Self {
            id: row.id,
            ticket: TicketName { id: row.ticket_id, ticket_number: row.ticket_number },
            subject: row.subject,
            requester,
            agent: agent.map(|((id, firstname), lastname)| Party { id, firstname, lastname, email: row.agent_email }),
            rating: row.rating,
            comment: row.comment,
            resolved_at: row.solved_at,
            answered_at: row.created_at,
            changed_at: row.updated_at,
        }
    }
}

/// One select list for answers, the run-time filters behind it.
const ANSWERS: &str = "
    select a.id, a.ticket_id, t.ticket_number, t.subject, t.user_id, r.firstname, r.lastname, r.email,
        a.agent_id, u.firstname as agent_firstname, u.lastname as agent_lastname, u.email as agent_email,
        a.rating, a.comment, a.solved_at, a.created_at, a.updated_at
    from csat_answers a
    join support_tickets t on t.id = a.ticket_id
    join users r on r.id = t.user_id
    left join users u on u.id = a.agent_id
    where true";

/// One part of the answers about tickets that `viewer` sees.
pub(super) async fn list(db: &mut PgConnection, viewer: Viewer, filter: &Wanted, part: &Part<'_, Key>) -> Result<Vec<CsatAnswer>> {
    let mut query = QueryBuilder::new(ANSWERS);
    push_filter(&mut query, viewer, filter);
    let (compare, direction) = match part.order {
        Order::Newest => (" < (", " desc"),
        Order::Oldest => (" > (", ""),
    };
    if let Some(key) = part.after {
        query.push(" and (a.created_at, a.id)").push(compare).push_bind(key.at).push(", ").push_bind(key.id).push(")");
    }
    query.push(" order by a.created_at").push(direction).push(", a.id").push(direction).push(" limit ").push_bind(part.probe());
    let rows: Vec<Row> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(CsatAnswer::from).collect())
}

/// How many answers of each number of points.
pub(super) async fn points(db: &mut PgConnection, viewer: Viewer, filter: &Wanted) -> Result<Vec<CsatPoints>> {
    let mut query = QueryBuilder::new("select a.rating, count(*) from csat_answers a where true");
    push_filter(&mut query, viewer, filter);
    query.push(" group by a.rating order by a.rating");
    let rows: Vec<(i16, i64)> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(|(rating, answers)| CsatPoints { rating, answers }).collect())
}

/// How many answers there are.
pub(super) async fn count(db: &mut PgConnection, viewer: Viewer, filter: &Wanted) -> Result<i64> {
    Ok(points(db, viewer, filter).await?.iter().map(|points| points.answers).sum())
}

fn push_filter(query: &mut QueryBuilder<Postgres>, viewer: Viewer, filter: &Wanted) {
    if let Some(id) = filter.ticket_id {
        query.push(" and a.ticket_id = ").push_bind(id);
    }
    if let Some(id) = filter.agent_id {
        query.push(" and a.agent_id = ").push_bind(id);
    }
    if let Some(rating) = filter.rating {
        query.push(" and a.rating = ").push_bind(rating.get());
    }
    // Whoever sees everything needs no look at each ticket.
    if viewer != Viewer::Everything {
        query.push(" and exists (select from support_tickets t where t.id = a.ticket_id and ");
        push_visible(query, viewer);
        query.push(")");
    }
}
