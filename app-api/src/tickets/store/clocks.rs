//! What `support_tickets` keeps of a ticket's clocks, for lists and for whoever waits for the next one that is due.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Result, clock::Clock};
use sqlx::PgConnection;

use super::super::{
    clocks::{Life, Measured, Told, Which},
    model::Priority,
    status::Status,
};
use crate::{people::PersonId, sla::Traits};

/// A ticket as its clocks need it.
pub(in crate::tickets) struct Facts {
    pub life: Life,
    pub category: Option<String>,
    pub tags: Vec<String>,
    pub team_id: Option<i64>,
    /// The policy that it was last measured by.
    pub policy: Option<(i64, i32)>,
}

impl Facts {
    /// What policies look at.
    pub fn traits(&self) -> Traits<'_> {
        Traits { category: self.category.as_deref(), tags: &self.tags, team_id: self.team_id }
    }
}

/// Reads what a locked ticket's clocks follow from.
pub(in crate::tickets) async fn clock_facts(db: &mut PgConnection, id: i64) -> Result<Facts> {
    let row = sqlx::query!(
        r#"select t.priority, t.created_at, t.first_response_at, t.resolved_at, t.closed_at, t.category, t.tags, t.team_id,
            t.sla_policy_id, t.sla_policy_version, t.response_warned_at, t.response_breached_at, t.resolution_warned_at,
            t.resolution_breached_at,
            array(select h.to_value from ticket_history h where h.ticket_id = t.id and h.kind = 'status' order by h.id) as "steps!: Vec<Option<String>>",
            array(select h.created_at from ticket_history h where h.ticket_id = t.id and h.kind = 'status' order by h.id) as "times!"
         from support_tickets t
         where t.id = $1"#,
        id,
    )
    .fetch_one(db)
    .await?;
    let broken = || anyhow::anyhow!("ticket {id} holds a word that is none");
    let steps = row.times.into_iter().zip(row.steps);
    let walk = steps.map(|(at, step)| Some((at, Status::parse(step.as_deref()?)?))).collect::<Option<Vec<_>>>().ok_or_else(broken)?;
    let life = Life {
        priority: Priority::parse(&row.priority).ok_or_else(broken)?,
        created_at: row.created_at,
        walk,
        first_response_at: row.first_response_at,
        ended_at: row.resolved_at.or(row.closed_at),
        told: [
            Told { warned_at: row.response_warned_at, breached_at: row.response_breached_at },
            Told { warned_at: row.resolution_warned_at, breached_at: row.resolution_breached_at },
        ],
    };
    let policy = row.sla_policy_id.zip(row.sla_policy_version);
    Ok(Facts { life, category: row.category, tags: row.tags, team_id: row.team_id, policy })
}

/// Keeps what the clocks of a locked ticket show, and what was told of them.
pub(in crate::tickets) async fn keep_clocks(db: &mut PgConnection, id: i64, measured: &Measured, told: [Told; 2]) -> Result<()> {
    let (response, resolution) = (measured.kept(Which::Response), measured.kept(Which::Resolution));
    sqlx::query!(
        "update support_tickets
         set sla_policy_id = $2, sla_policy_version = $3, sla_state = $4, sla_next_at = $5,
             response_target_minutes = $6, response_due_at = $7, response_left_seconds = $8,
             response_warned_at = $9, response_breached_at = $10,
             resolution_target_minutes = $11, resolution_due_at = $12, resolution_left_seconds = $13,
             resolution_warned_at = $14, resolution_breached_at = $15
         where id = $1",
        id,
        measured.policy_id,
        measured.policy_version,
        measured.worse().as_str(),
        measured.next_at(),
        response.target_minutes,
        response.due_at,
        response.left_seconds,
        told[0].warned_at,
        told[0].breached_at,
        resolution.target_minutes,
        resolution.due_at,
        resolution.left_seconds,
        told[1].warned_at,
        told[1].breached_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds a breach to the ticket's metadata, of which the version grows by one.
pub(in crate::tickets) async fn note_breach(db: &mut PgConnection, id: i64, breach: &Value, now: DateTime<Utc>) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "update support_tickets
         set metadata = metadata || jsonb_build_object('sla', coalesce(metadata -> 'sla', '{}')
                || jsonb_build_object('breaches', coalesce(metadata -> 'sla' -> 'breaches', '[]') || $2::jsonb)),
             version = version + 1,
             updated_at = $3
         where id = $1
         returning version",
        id,
        breach,
        now,
    );
    Ok(version.fetch_one(db).await?)
}

/// Sets the priority of a locked ticket by a rule; the version grows by one.
pub(in crate::tickets) async fn raise_priority(
    db: &mut PgConnection,
    id: i64,
    priority: Priority,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<i64> {
    let version = sqlx::query_scalar!(
        "update support_tickets
         set priority = $2, priority_reason = $3, version = version + 1, updated_at = $4
         where id = $1
         returning version",
        id,
        priority.as_str(),
        reason,
        now,
    );
    Ok(version.fetch_one(db).await?)
}

/// At most `limit` tickets of whose clocks something is to be told, the longest due first.
pub(in crate::tickets) async fn telling(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id
         from support_tickets
         where sla_next_at is not null and sla_next_at <= $1
         order by sla_next_at
         limit $2",
        now,
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// When the next thing after `now` is to be told of any clock.
pub(in crate::tickets) async fn next_telling(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let next = sqlx::query_scalar!("select min(sla_next_at) from support_tickets where sla_next_at is not null and sla_next_at > $1", now);
    Ok(next.fetch_one(db).await?)
}

/// At most `limit` tickets that are not closed and were never measured: those from before there were targets.
pub(in crate::tickets) async fn unmeasured(db: &mut PgConnection, limit: i64) -> Result<Vec<i64>> {
    let ids = sqlx::query_scalar!(
        "select id
         from support_tickets
         where sla_policy_id is null and status <> 'closed'
         order by id
         limit $1",
        limit,
    );
    Ok(ids.fetch_all(db).await?)
}

/// What the rules of a new ticket's priority look at (T-20): whether the customer is a VIP, and how many tickets they
/// have in that category, this one included.
pub(in crate::tickets) async fn standing(db: &mut PgConnection, requester: PersonId, category: Option<&str>) -> Result<(bool, i64)> {
    let row = sqlx::query!(
        r#"select u.vip,
            (select count(*) from support_tickets t where t.user_id = u.id and t.category = $2) as "before!"
         from users u
         where u.id = $1"#,
        requester,
        category,
    );
    Ok(row.fetch_optional(db).await?.map_or((false, 1), |row| (row.vip, row.before + 1)))
}

/// The time: the database's, which all workers share, or a test's.
pub(in crate::tickets) async fn time(db: &mut PgConnection, clock: &Clock) -> Result<DateTime<Utc>> {
    match clock {
        Clock::Fixed(_) => Ok(clock.now()),
        Clock::System => Ok(sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(db).await?),
    }
}
