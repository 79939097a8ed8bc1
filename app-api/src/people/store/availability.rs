//! The table `agent_availability`.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

use super::super::{availability::Availability, model::PersonId};

/// What a member has said; `None` for whoever is no member. Whoever has said nothing is there.
pub async fn availability(db: &mut PgConnection, id: PersonId) -> Result<Option<Availability>> {
    let found = sqlx::query_as!(
        Availability,
        r#"select coalesce(a.available, true) as "available!", a.away_until as "away_until?", a.substitute_id as "substitute_id?",
            a.capacity as "capacity?"
         from users u
         left join agent_availability a on a.user_id = u.id
         where u.id = $1 and u.active and u.role <> 'customer'"#,
        id,
    );
    Ok(found.fetch_optional(db).await?)
}

/// Holds the right to give tickets out by themselves until the transaction ends: of several at once, each
/// sees what the others have given, and nobody says just then whether they are there: of two who say so of one person, none is
/// lost. It is the tenant's own, for the lock is of this database. Whoever has it takes rows of people for share alone: bulk jobs
/// hold their makers' so while they wait for it.
pub async fn hold_assignment(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('assignment'))").execute(db).await?;
    Ok(())
}

/// Keeps what a member says.
pub async fn set_availability(db: &mut PgConnection, id: PersonId, to: &Availability, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into agent_availability (user_id, available, away_until, substitute_id, capacity, updated_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (user_id) do update
         set available = $2, away_until = $3, substitute_id = $4, capacity = $5, updated_at = $6",
        id,
        to.available,
        to.away_until,
        to.substitute_id,
        to.capacity,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
