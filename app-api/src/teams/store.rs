//! The tables `teams` and `team_members`, and who of them could be given a ticket.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::{PgConnection, types::Json};

use super::model::{Member, NewMember, Team, Way};
use crate::people::{PersonId, TeamId};

struct Row {
    id: TeamId,
    name: String,
    assignment: String,
    members: Json<Vec<Member>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Team {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            assignment: Way::parse(&row.assignment).unwrap_or_default(),
            members: row.members.0,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! select_team {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select g.id, g.name, g.assignment, g.version, g.created_at, g.updated_at,
                (select coalesce(jsonb_agg(jsonb_build_object('user_id', u.id, 'firstname', u.firstname, 'lastname', u.lastname,
                    'skills', m.skills) order by u.id), '[]')
                 from team_members m
                 join users u on u.id = m.user_id and u.active and u.role <> 'customer'
                 where m.team_id = g.id) as "members!: Json<Vec<Member>>"
            from teams g "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// Teams by id.
pub(super) async fn list(db: &mut PgConnection, part: &Part<'_, TeamId>) -> Result<Vec<Team>> {
    Ok(select_part!(part, db, select_team!("where g.archived_at is null", "g.id"))?.into_iter().map(Team::from).collect())
}

/// How many teams there are.
pub(super) async fn count(db: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from teams where archived_at is null"#);
    Ok(count.fetch_one(db).await?)
}

/// One team.
pub(super) async fn find(db: &mut PgConnection, id: TeamId) -> Result<Team> {
    let found = select_team!("where g.id = $1 and g.archived_at is null", id).fetch_optional(db).await?;
    found.map(Team::from).ok_or(Error::NotFound("not_found"))
}

/// The same, and nobody changes it, or puts a ticket into its queue, before the act ends.
pub(super) async fn lock(db: &mut PgConnection, id: TeamId) -> Result<Team> {
    let held = sqlx::query_scalar!("select id from teams where id = $1 and archived_at is null for update", id);
    held.fetch_optional(&mut *db).await?.ok_or(Error::NotFound("not_found"))?;
    find(db, id).await
}

fn taken() -> Error {
    Error::conflict("conflict", "There is a team of that name already.")
}

/// Makes a team.
pub(super) async fn insert(db: &mut PgConnection, name: &str, way: Way, now: DateTime<Utc>) -> Result<TeamId> {
    let made = sqlx::query_scalar!(
        "insert into teams (name, assignment, created_at, updated_at) values ($1, $2, $3, $3) returning id",
        name,
        way.as_str(),
        now
    );
    made.fetch_one(db).await.on_constraint("teams_name_key", taken)
}

/// Changes a locked team; its version grows by one.
pub(super) async fn update(db: &mut PgConnection, id: TeamId, name: &str, way: Way, now: DateTime<Utc>) -> Result<()> {
    let changed = sqlx::query!(
        "update teams set name = $2, assignment = $3, version = version + 1, updated_at = $4 where id = $1",
        id,
        name,
        way.as_str(),
        now,
    );
    changed.execute(db).await.on_constraint("teams_name_key", taken).map(drop)
}

/// Makes these the members of a locked team. Whoever stays keeps their turn.
pub(super) async fn set_members(db: &mut PgConnection, id: TeamId, members: &[NewMember]) -> Result<()> {
    let ids: Vec<PersonId> = members.iter().map(|member| member.user_id).collect();
    sqlx::query!("delete from team_members where team_id = $1 and user_id <> all($2)", id, &ids[..]).execute(&mut *db).await?;
    for member in members {
        sqlx::query!(
            "insert into team_members (team_id, user_id, skills) values ($1, $2, $3)
             on conflict (team_id, user_id) do update set skills = $3",
            id,
            member.user_id,
            member.skills.as_slice(),
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Whether tickets that are not closed are in its queue.
pub(super) async fn has_work(db: &mut PgConnection, id: TeamId) -> Result<bool> {
    // In the order of its index, which is then walked up to the first.
    let found = sqlx::query_scalar!(
        "select id from support_tickets where team_id = $1 and status <> 'closed' order by created_at desc, id desc limit 1",
        id
    );
    Ok(found.fetch_optional(db).await?.is_some())
}

/// Takes a locked team away: no category and nobody leads to it any more.
pub(super) async fn archive(db: &mut PgConnection, id: TeamId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update categories set team_id = null, version = version + 1, updated_at = $2 where team_id = $1", id, now)
        .execute(&mut *db)
        .await?;
    sqlx::query!("delete from team_members where team_id = $1", id).execute(&mut *db).await?;
    sqlx::query!("update teams set archived_at = $2, version = version + 1, updated_at = $2 where id = $1", id, now).execute(db).await?;
    Ok(())
}

/// Whether a ticket may come into that team's queue. The row is kept from changing until the act ends, so
/// nothing comes into the queue of a team that goes meanwhile (page 11, C8).
pub async fn is_team(db: &mut PgConnection, id: TeamId) -> Result<bool> {
    Ok(queue(db, id).await?.is_some())
}

/// How a team gives its tickets out.
pub struct Queue {
    /// In which way.
    pub way: Way,
}

/// How a team gives its tickets out, which stays so until the act ends.
pub async fn queue(db: &mut PgConnection, id: TeamId) -> Result<Option<Queue>> {
    let found = sqlx::query_scalar!("select assignment from teams where id = $1 and archived_at is null for share", id);
    Ok(found.fetch_optional(db).await?.map(|word| Queue { way: Way::parse(&word).unwrap_or_default() }))
}

/// A member, as the one who gives tickets out sees them.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Their id.
    pub id: PersonId,
    /// Whether it is their queue; others are there as substitutes.
    pub belongs: bool,
    /// What they know.
    pub skills: Vec<String>,
    /// The number of their last turn.
    pub last_turn: i64,
    /// Whether they said that they are there.
    pub available: bool,
    /// Until when they are away.
    pub away_until: Option<DateTime<Utc>>,
    /// Who stands in for them.
    pub substitute_id: Option<PersonId>,
    /// How many open tickets they take.
    pub capacity: Option<i32>,
    /// How many they have.
    pub open_tickets: i64,
}

/// Whoever could be given a ticket of that team's queue; without a team, of the whole organisation's agents.
/// Whoever stands in for somebody is there too.
pub async fn peers(db: &mut PgConnection, team: Option<TeamId>) -> Result<Vec<Peer>> {
    let found = sqlx::query_as!(
        Peer,
        r#"select u.id, (m.user_id is not null or ($1::bigint is null and u.role = 'agent')) as "belongs!",
            coalesce(m.skills, array(select distinct unnest(o.skills) from team_members o where o.user_id = u.id)) as "skills!",
            coalesce(m.last_turn, 0) as "last_turn!", coalesce(a.available, true) as "available!", a.away_until as "away_until?",
            a.substitute_id as "substitute_id?", a.capacity as "capacity?",
            (select count(*) from support_tickets t
             where t.assigned_to = u.id and t.status in ('open', 'in_progress', 'waiting_customer')) as "open_tickets!"
         from users u
         left join team_members m on m.user_id = u.id and m.team_id = $1
         left join agent_availability a on a.user_id = u.id
         where u.active and u.role <> 'customer'
            and (m.user_id is not null or ($1::bigint is null and u.role = 'agent')
                or u.id in (select s.substitute_id from agent_availability s where s.substitute_id is not null))
         order by u.id
         limit 1000"#,
        team,
    );
    Ok(found.fetch_all(db).await?)
}

/// It was their turn: everybody else of the team comes before them now.
pub async fn next_turn(db: &mut PgConnection, team: TeamId, whose: PersonId) -> Result<()> {
    sqlx::query!(
        "update team_members
         set last_turn = (select max(o.last_turn) + 1 from team_members o where o.team_id = $1)
         where team_id = $1 and user_id = $2",
        team,
        whose,
    )
    .execute(db)
    .await?;
    Ok(())
}
