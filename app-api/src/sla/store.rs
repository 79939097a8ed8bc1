//! The tables `sla_policies`, `sla_policy_versions` and `sla_calendars`.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::{PgConnection, types::Json};

use super::{
    calendars::{Calendar, SaveCalendar},
    model::{Fits, Hours, Policy, Targets},
    policies::{SavePolicy, Shown},
};

/// Policies that a tenant may have; the rule looks at all of them.
pub(super) const MOST: i64 = 100;

struct PolicyRow {
    id: i64,
    version: i32,
    name: String,
    is_default: bool,
    categories: Vec<String>,
    tags: Vec<String>,
    teams: Vec<i64>,
    targets: Json<Targets>,
    calendar: Option<Json<Hours>>,
}

impl From<PolicyRow> for Policy {
    fn from(row: PolicyRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            name: row.name,
            is_default: row.is_default,
            fits: Fits { categories: row.categories, tags: row.tags, teams: row.teams },
            targets: row.targets.0,
            hours: row.calendar.map(|hours| hours.0),
        }
    }
}

/// The policies as they are now, in the order in which they are tried.
pub async fn current(db: &mut PgConnection) -> Result<Vec<Policy>> {
    let rows = sqlx::query_as!(
        PolicyRow,
        r#"select p.id, v.version, p.name, p.is_default, p.categories, p.tags, p.teams,
            v.targets as "targets: Json<Targets>", v.calendar as "calendar: Json<Hours>"
         from sla_policies p
         join sla_policy_versions v on v.policy_id = p.id and v.version = p.version
         where p.archived_at is null
         order by p.is_default, p.position, p.id
         limit $1"#,
        MOST,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(Policy::from).collect())
}

/// A policy as it was in that version.
pub async fn version(db: &mut PgConnection, id: i64, version: i32) -> Result<Option<Policy>> {
    let row = sqlx::query_as!(
        PolicyRow,
        r#"select p.id, v.version, p.name, p.is_default, p.categories, p.tags, p.teams,
            v.targets as "targets: Json<Targets>", v.calendar as "calendar: Json<Hours>"
         from sla_policies p
         join sla_policy_versions v on v.policy_id = p.id
         where p.id = $1 and v.version = $2"#,
        id,
        version,
    );
    Ok(row.fetch_optional(db).await?.map(Policy::from))
}

struct ShownRow {
    id: i64,
    name: String,
    position: i32,
    is_default: bool,
    categories: Vec<String>,
    tags: Vec<String>,
    teams: Vec<i64>,
    calendar_id: Option<i64>,
    version: i32,
    targets: Json<Targets>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<ShownRow> for Shown {
    fn from(row: ShownRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            position: row.position,
            is_default: row.is_default,
            categories: row.categories,
            tags: row.tags,
            teams: row.teams,
            targets: row.targets.0,
            calendar_id: row.calendar_id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

macro_rules! select_policy {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            ShownRow,
            r#"select p.id, p.name, p.position, p.is_default, p.categories, p.tags, p.teams, p.calendar_id, p.version,
                v.targets as "targets: Json<Targets>", p.created_at, p.updated_at
            from sla_policies p
            join sla_policy_versions v on v.policy_id = p.id and v.version = p.version "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A part of the policies that are in use.
pub(super) async fn policies(db: &mut PgConnection, part: &Part<'_, i64>) -> Result<Vec<Shown>> {
    let rows = select_part!(part, db, select_policy!("where p.archived_at is null", "p.id"))?;
    Ok(rows.into_iter().map(Shown::from).collect())
}

/// How many policies are in use.
pub(super) async fn count_policies(db: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from sla_policies where archived_at is null"#);
    Ok(count.fetch_one(db).await?)
}

/// One policy that is in use.
pub(super) async fn policy(db: &mut PgConnection, id: i64) -> Result<Shown> {
    let row = select_policy!("where p.id = $1 and p.archived_at is null", id).fetch_optional(db).await?;
    row.map(Shown::from).ok_or(Error::NotFound("not_found"))
}

/// The same, and nobody else changes it before the act ends. It is locked before it is read: whoever has waited for another
/// change would not find the version that it has now in a join that began before.
pub(super) async fn lock_policy(db: &mut PgConnection, id: i64) -> Result<Shown> {
    sqlx::query_scalar!("select id from sla_policies where id = $1 for update", id).fetch_optional(&mut *db).await?;
    policy(db, id).await
}

/// Inserts a policy without a version of its own; see [`write_version`].
pub(super) async fn insert_policy(db: &mut PgConnection, new: &SavePolicy, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into sla_policies (name, position, categories, tags, teams, calendar_id, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)
         returning id",
        new.name.as_str(),
        new.position,
        &new.categories(),
        &new.tags(),
        &new.teams,
        new.calendar_id,
        now,
    );
    id.fetch_one(db).await.on_constraint("sla_policies_calendar_id_fkey", no_calendar)
}

/// Replaces a locked policy and gives its new version.
pub(super) async fn update_policy(db: &mut PgConnection, id: i64, to: &SavePolicy, now: DateTime<Utc>) -> Result<i32> {
    let version = sqlx::query_scalar!(
        "update sla_policies
         set name = $2,
             position = case when is_default then position else $3 end,
             categories = $4, tags = $5, teams = $6, calendar_id = $7, version = version + 1, updated_at = $8
         where id = $1
         returning version",
        id,
        to.name.as_str(),
        to.position,
        &to.categories(),
        &to.tags(),
        &to.teams,
        to.calendar_id,
        now,
    );
    version.fetch_one(db).await.on_constraint("sla_policies_calendar_id_fkey", no_calendar)
}

fn no_calendar() -> Error {
    Error::field("calendar_id", "unknown_value", "There is no such calendar.")
}

/// Keeps what a policy promises in that version, with the hours of its calendar as they are now.
pub(super) async fn write_version(db: &mut PgConnection, id: i64, version: i32, targets: &Targets, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into sla_policy_versions (policy_id, version, targets, calendar, created_at)
         select p.id, $2, $3,
            case when c.id is not null
                then jsonb_build_object('time_zone', c.time_zone, 'week', c.week, 'holidays', c.holidays) end,
            $4
         from sla_policies p
         left join sla_calendars c on c.id = p.calendar_id
         where p.id = $1",
        id,
        version,
        Json(targets) as _,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes a policy out of use; tickets keep what it promised them.
pub(super) async fn archive(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update sla_policies set archived_at = $2, updated_at = $2, calendar_id = null where id = $1", id, now)
        .execute(db)
        .await?;
    Ok(())
}

/// Makes a new version of each policy that counts in a calendar, which has changed.
pub(super) async fn renew_versions(db: &mut PgConnection, calendar: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "with renewed as (
            update sla_policies
            set version = version + 1, updated_at = $2
            where calendar_id = $1 and archived_at is null
            returning id, version
         )
         insert into sla_policy_versions (policy_id, version, targets, calendar, created_at)
         select r.id, r.version, v.targets,
            jsonb_build_object('time_zone', c.time_zone, 'week', c.week, 'holidays', c.holidays), $2
         from renewed r
         join sla_policy_versions v on v.policy_id = r.id and v.version = r.version - 1
         join sla_calendars c on c.id = $1",
        calendar,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

struct CalendarRow {
    id: i64,
    name: String,
    time_zone: String,
    week: serde_json::Value,
    holidays: serde_json::Value,
    version: i64,
    updated_at: DateTime<Utc>,
}

impl TryFrom<CalendarRow> for Calendar {
    type Error = Error;

    fn try_from(row: CalendarRow) -> Result<Self> {
        let hours =
            Hours { time_zone: row.time_zone, week: serde_json::from_value(row.week)?, holidays: serde_json::from_value(row.holidays)? };
        Ok(Self { id: row.id, name: row.name, hours, version: row.version, updated_at: row.updated_at })
    }
}

macro_rules! select_calendar {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            CalendarRow,
            "select c.id, c.name, c.time_zone, c.week, c.holidays, c.version, c.updated_at
            from sla_calendars c " + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A part of the calendars.
pub(super) async fn calendars(db: &mut PgConnection, part: &Part<'_, i64>) -> Result<Vec<Calendar>> {
    let rows = select_part!(part, db, select_calendar!("where true", "c.id"))?;
    rows.into_iter().map(Calendar::try_from).collect()
}

/// How many calendars there are.
pub(super) async fn count_calendars(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from sla_calendars"#).fetch_one(db).await?)
}

/// One calendar, and nobody else changes it before the act ends.
pub(super) async fn lock_calendar(db: &mut PgConnection, id: i64) -> Result<Calendar> {
    let row = select_calendar!("where c.id = $1 for update", id).fetch_optional(db).await?;
    row.map(Calendar::try_from).ok_or(Error::NotFound("not_found"))?
}

/// Inserts a calendar.
pub(super) async fn insert_calendar(db: &mut PgConnection, new: &SaveCalendar, now: DateTime<Utc>) -> Result<i64> {
    let id = sqlx::query_scalar!(
        "insert into sla_calendars (name, time_zone, week, holidays, updated_at) values ($1, $2, $3, $4, $5) returning id",
        new.name.as_str(),
        new.hours.time_zone,
        Json(&new.hours.week) as _,
        Json(&new.hours.holidays) as _,
        now,
    );
    id.fetch_one(db).await.on_constraint("sla_calendars_name_key", name_taken)
}

/// Replaces a locked calendar.
pub(super) async fn update_calendar(db: &mut PgConnection, id: i64, to: &SaveCalendar, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update sla_calendars
         set name = $2, time_zone = $3, week = $4, holidays = $5, version = version + 1, updated_at = $6
         where id = $1",
        id,
        to.name.as_str(),
        to.hours.time_zone,
        Json(&to.hours.week) as _,
        Json(&to.hours.holidays) as _,
        now,
    )
    .execute(db)
    .await
    .on_constraint("sla_calendars_name_key", name_taken)?;
    Ok(())
}

fn name_taken() -> Error {
    Error::conflict("conflict", "Another calendar has this name.")
}

/// Removes a calendar that no policy counts in.
pub(super) async fn delete_calendar(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from sla_calendars where id = $1", id)
        .execute(db)
        .await
        .on_constraint("sla_policies_calendar_id_fkey", || Error::conflict("conflict", "A policy counts in these hours."))?;
    Ok(())
}
