//! Facts, sums, and which tickets are to be counted.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use shared::{Error, Result};
use sqlx::PgConnection;

use super::super::{
    fact::{Fact, Kind, Past, Promise, Rating, Step},
    sums::Difference,
};

/// Notes that a ticket is to be counted.
pub async fn note(db: &mut PgConnection, ticket_id: i64) -> Result<()> {
    sqlx::query!("insert into report_due (ticket_id) values ($1) on conflict do nothing", ticket_id).execute(db).await?;
    Ok(())
}

/// Holds the right to count until the act ends; false when somebody else has it.
pub async fn hold(db: &mut PgConnection) -> Result<bool> {
    let held = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtext('reports')) as "held!""#);
    Ok(held.fetch_one(db).await?)
}

/// Takes at most `limit` tickets that were noted. Whoever notes one of them again meanwhile waits until the act has ended, so
/// that it is counted once more.
pub async fn take_noted(db: &mut PgConnection, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "delete from report_due
         where ticket_id in (select ticket_id from report_due order by ticket_id limit $1)
         returning ticket_id",
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// Over what a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// All tickets, by when they were last touched.
    Tickets,
    /// All tickets in the order in which they came: what was brought from elsewhere has been touched long ago.
    Arrivals,
    /// All ratings, by when they were last changed.
    Answers,
}

impl Over {
    /// Every walk.
    pub const ALL: [Self; 3] = [Self::Tickets, Self::Arrivals, Self::Answers];

    fn as_str(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::Arrivals => "arrivals",
            Self::Answers => "answers",
        }
    }
}

/// How far a walk has come.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    pub over: Over,
    pub at: DateTime<Utc>,
    pub id: i64,
    /// Whether it has come to the end once.
    pub is_done: bool,
}

/// Somebody whom a walk comes by.
pub struct Met {
    pub at: DateTime<Utc>,
    pub id: i64,
    pub ticket_id: i64,
    /// Nothing is to be counted anew.
    pub is_counted: bool,
}

/// How far the walks have come with days by that clock; with another one they begin anew.
pub async fn walks(db: &mut PgConnection, zone: &str) -> Result<[Walk; 3]> {
    let rows = sqlx::query!("select source, at, id, is_done from report_walks where time_zone = $1", zone).fetch_all(db).await?;
    Ok(Over::ALL.map(|over| {
        let known = rows.iter().find(|row| row.source == over.as_str());
        known.map_or(Walk { over, at: DateTime::UNIX_EPOCH, id: 0, is_done: false }, |row| Walk {
            over,
            at: row.at,
            id: row.id,
            is_done: row.is_done,
        })
    }))
}

/// At most `limit` whom a walk comes by next, of those who were last touched before `until`.
pub async fn next(db: &mut PgConnection, walk: &Walk, until: DateTime<Utc>, limit: i64) -> Result<Vec<Met>> {
    match walk.over {
        Over::Tickets => {
            let tickets = sqlx::query_as!(
                Met,
                r#"select updated_at as at, id, id as ticket_id, false as "is_counted!"
                 from support_tickets
                 where (updated_at, id) > ($1, $2) and updated_at < $3
                 order by updated_at, id
                 limit $4"#,
                walk.at,
                walk.id,
                until,
                limit,
            );
            Ok(tickets.fetch_all(db).await?)
        }
        Over::Arrivals => {
            // Of a ticket that is opened here events tell; its time is its own. The limit keeps the facts from being read as a whole.
            let arrivals = sqlx::query_as!(
                Met,
                r#"select created_at as at, id, id as ticket_id,
                    (select true from report_facts f where f.ticket_id = t.id and f.kind = 'created' limit 1) is not null as "is_counted!"
                 from support_tickets t
                 where id > $1 and created_at < $2
                 order by id
                 limit $3"#,
                walk.id,
                until,
                limit,
            );
            Ok(arrivals.fetch_all(db).await?)
        }
        Over::Answers => {
            let answers = sqlx::query_as!(
                Met,
                r#"select updated_at as at, id, ticket_id, false as "is_counted!"
                 from csat_answers
                 where (updated_at, id) > ($1, $2) and updated_at < $3
                 order by updated_at, id
                 limit $4"#,
                walk.at,
                walk.id,
                until,
                limit,
            );
            Ok(answers.fetch_all(db).await?)
        }
    }
}

/// Remembers how far a walk has come.
pub async fn remember(db: &mut PgConnection, walk: &Walk, zone: &str) -> Result<()> {
    sqlx::query!(
        "insert into report_walks (source, time_zone, at, id, is_done)
         values ($1, $2, $3, $4, $5)
         on conflict (source) do update
         set time_zone = excluded.time_zone, at = excluded.at, id = excluded.id, is_done = excluded.is_done",
        walk.over.as_str(),
        zone,
        walk.at,
        walk.id,
        walk.is_done,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The lives of these tickets.
pub async fn pasts(db: &mut PgConnection, tickets: &[i64]) -> Result<Vec<Past>> {
    let (mut steps, mut ratings) = (steps(&mut *db, tickets).await?, ratings(&mut *db, tickets).await?);
    let rows = sqlx::query!(
        r#"select t.id, t.created_at, t.priority, t.category, t.team_id, t.channel, t.merged_into is not null as "is_merged!",
            t.first_response_at, t.resolved_at, t.closed_at,
            t.response_target_minutes, t.response_due_at, t.response_breached_at,
            t.resolution_target_minutes, t.resolution_due_at, t.resolution_breached_at,
            (select m.sender_id
             from ticket_messages m
             where m.ticket_id = t.id and m.sender_type = 'agent' and not m.is_internal
             order by m.created_at, m.id
             limit 1) as answered_by
         from support_tickets t
         where t.id = any($1)"#,
        tickets,
    );
    let pasts = rows.fetch_all(db).await?.into_iter().map(|row| Past {
        id: row.id,
        created_at: row.created_at,
        priority: row.priority,
        category: row.category,
        team_id: row.team_id,
        channel: row.channel,
        is_merged: row.is_merged,
        answered_at: row.first_response_at,
        answered_by: row.answered_by,
        ended_at: row.resolved_at.or(row.closed_at),
        response: Promise {
            is_made: row.response_target_minutes.is_some(),
            due_at: row.response_due_at,
            is_broken: row.response_breached_at.is_some(),
        },
        resolution: Promise {
            is_made: row.resolution_target_minutes.is_some(),
            due_at: row.resolution_due_at,
            is_broken: row.resolution_breached_at.is_some(),
        },
        steps: steps.remove(&row.id).unwrap_or_default(),
        ratings: ratings.remove(&row.id).unwrap_or_default(),
    });
    Ok(pasts.collect())
}

async fn steps(db: &mut PgConnection, tickets: &[i64]) -> Result<HashMap<i64, Vec<Step>>> {
    let rows = sqlx::query!(
        "select ticket_id, id, created_at, kind, from_value, to_value, by_user
         from ticket_history
         where ticket_id = any($1) and kind in ('status', 'assignment', 'priority', 'sla')
         order by ticket_id, id",
        tickets,
    );
    let mut found: HashMap<i64, Vec<Step>> = HashMap::new();
    for row in rows.fetch_all(db).await? {
        let step = Step { id: row.id, at: row.created_at, kind: row.kind, from: row.from_value, to: row.to_value, by: row.by_user };
        found.entry(row.ticket_id).or_default().push(step);
    }
    Ok(found)
}

async fn ratings(db: &mut PgConnection, tickets: &[i64]) -> Result<HashMap<i64, Vec<Rating>>> {
    let rows = sqlx::query!("select ticket_id, id, solving_id, rating, created_at from csat_answers where ticket_id = any($1)", tickets);
    let mut found: HashMap<i64, Vec<Rating>> = HashMap::new();
    for row in rows.fetch_all(db).await? {
        let rated = Rating { id: row.id, at: row.created_at, solving_id: row.solving_id, rating: row.rating.into() };
        found.entry(row.ticket_id).or_default().push(rated);
    }
    Ok(found)
}

/// What is counted of these tickets.
pub async fn facts(db: &mut PgConnection, tickets: &[i64]) -> Result<Vec<Fact>> {
    let rows = sqlx::query!(
        "select ticket_id, kind, source, at, day, agent_id, priority, category, team_id, channel, value
         from report_facts
         where ticket_id = any($1)",
        tickets,
    );
    let facts = rows.fetch_all(db).await?.into_iter().map(|row| {
        Ok(Fact {
            ticket_id: row.ticket_id,
            kind: known(&row.kind)?,
            source: row.source,
            at: row.at,
            day: row.day,
            agent_id: row.agent_id,
            priority: row.priority,
            category: row.category,
            team_id: row.team_id,
            channel: row.channel,
            value: row.value,
        })
    });
    facts.collect()
}

/// The kind of a word that is kept.
pub fn known(word: &str) -> Result<Kind> {
    Kind::parse(word).ok_or_else(|| Error::internal(anyhow::anyhow!("{word} is nothing that is counted")))
}

/// Writes what has changed, facts and sums together.
pub async fn write(db: &mut PgConnection, found: &Difference) -> Result<()> {
    if !found.gone.is_empty() {
        delete(&mut *db, &found.gone).await?;
    }
    if !found.put.is_empty() {
        put(&mut *db, &found.put).await?;
    }
    if !found.sums.is_empty() {
        add(db, found).await?;
    }
    Ok(())
}

async fn delete(db: &mut PgConnection, gone: &[(i64, Kind, i64)]) -> Result<()> {
    let tickets: Vec<i64> = gone.iter().map(|(ticket, ..)| *ticket).collect();
    let kinds: Vec<String> = gone.iter().map(|(_, kind, _)| kind.as_str().to_owned()).collect();
    let sources: Vec<i64> = gone.iter().map(|(.., source)| *source).collect();
    sqlx::query!(
        "delete from report_facts f
         using unnest($1::bigint[], $2::text[], $3::bigint[]) as gone (ticket_id, kind, source)
         where f.ticket_id = gone.ticket_id and f.kind = gone.kind and f.source = gone.source",
        &tickets[..],
        &kinds[..],
        &sources[..],
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn put(db: &mut PgConnection, facts: &[Fact]) -> Result<()> {
    sqlx::query!(
        "insert into report_facts (ticket_id, kind, source, at, day, agent_id, priority, category, team_id, channel, value)
         select ticket_id, kind, source, at, day, agent_id, priority, category, team_id, channel, value
         from jsonb_to_recordset($1) as f (ticket_id bigint, kind text, source bigint, at timestamptz, day date, agent_id bigint,
            priority text, category text, team_id bigint, channel text, value int)
         on conflict (ticket_id, kind, source) do update
         set at = excluded.at, day = excluded.day, agent_id = excluded.agent_id, priority = excluded.priority,
             category = excluded.category, team_id = excluded.team_id, channel = excluded.channel, value = excluded.value",
        serde_json::to_value(facts)?,
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn add(db: &mut PgConnection, found: &Difference) -> Result<()> {
    sqlx::query!(
        "insert into report_days as d (dimension, day, kind, value, count, total)
         select dimension, day, kind, value, count, total
         from jsonb_to_recordset($1) as s (dimension text, day date, kind text, value text, count bigint, total bigint)
         on conflict (dimension, day, kind, value) do update
         set count = d.count + excluded.count, total = d.total + excluded.total",
        serde_json::to_value(&found.sums)?,
    )
    .execute(db)
    .await?;
    Ok(())
}
