//! The copy: `users` in the tenant's database, the view `app_people` in the control database.

mod availability;
mod contacts;
mod customers;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use shared::{Error, Result, page::Part, select_part, session::Role, tenancy::Tenant};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgPool};
use utoipa::ToSchema;
use uuid::Uuid;

pub use availability::hold_assignment;
pub(super) use availability::{availability, set_availability};
pub use contacts::{by_address, claimed, find_twins, handed, hold_claimed, is_contact, meet};
pub(super) use customers::customers;
pub use customers::literal;

use super::model::{Person, PersonId, Reach, TeamId};

#[derive(FromRow)]
struct Row {
    id: PersonId,
    email: String,
    firstname: String,
    lastname: String,
    locale: String,
    role: String,
    active: bool,
    vip: Option<bool>,
    version: i64,
    // The control plane knows nothing of these.
    #[sqlx(default)]
    agents_see: Option<String>,
    #[sqlx(default)]
    teams: Vec<TeamId>,
}

impl TryFrom<Row> for Person {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let role = Role::parse(&row.role).ok_or_else(|| anyhow::anyhow!("person {} has an unknown role", row.id))?;
        Ok(Self {
            id: row.id,
            email: row.email,
            firstname: row.firstname,
            lastname: row.lastname,
            locale: row.locale,
            role,
            active: row.active,
            vip: row.vip,
            version: row.version,
            reach: Reach::of(row.agents_see.as_deref()),
            teams: row.teams,
        })
    }
}

/// Finds members of tenants. What it knows is at most 2.5 seconds old, so that a read that a change
/// has overtaken is over within five seconds of the change.
#[derive(Clone)]
pub struct People {
    control: PgPool,
    known: Cache<(Uuid, PersonId), Option<Arc<Person>>>,
    /// Who has proved their address: that stays so.
    proved: Cache<(Uuid, PersonId), ()>,
}

impl People {
    /// `control` reads the view `app_people`.
    pub fn new(control: PgPool) -> Self {
        let known = Cache::builder().max_capacity(100_000).time_to_live(Duration::from_millis(2500)).build();
        let proved = Cache::builder().max_capacity(100_000).time_to_live(Duration::from_secs(3600)).build();
        Self { control, known, proved }
    }

    /// The person, if they belong to the tenant now; otherwise `401`: their token has outlived
    /// their place here.
    pub async fn member(&self, tenant: &Tenant, id: PersonId) -> Result<Person> {
        let reading = self.known.try_get_with((tenant.id, id), self.read(tenant, id));
        let known = reading.await.map_err(|e: Arc<Error>| match &*e {
            Error::Unavailable(what) => Error::Unavailable(what),
            other => Error::internal(anyhow::anyhow!("{other}")),
        })?;
        known.filter(|p| p.active).map(|p| (*p).clone()).ok_or(Error::Unauthenticated("unauthenticated"))
    }

    /// Whether somebody has proved to the platform that their address is theirs. Whoever is known by an address alone has not, nor
    /// has the founder of an organisation before they open the link in their mail, nor whom a provider alone vouches for.
    pub async fn has_proved(&self, tenant: Uuid, id: PersonId) -> Result<bool> {
        // The control plane knows no contact, and is not asked as often as many of them are written to.
        if is_contact(id) {
            return Ok(false);
        }
        if self.proved.contains_key(&(tenant, id)) {
            return Ok(true);
        }
        let sql = "select proved from app_people where tenant_id = $1 and user_id = $2";
        let asking = sqlx::query_scalar::<_, bool>(sql).bind(tenant).bind(id).fetch_optional(&self.control);
        let asking = tokio::time::timeout(Duration::from_millis(1500), asking);
        let proved = asking.await.map_err(|_| Error::Unavailable("control database"))??.unwrap_or(false);
        if proved {
            self.proved.insert((tenant, id), ()).await;
        }
        Ok(proved)
    }

    /// Forgets what is known of somebody: they have changed.
    pub async fn forget(&self, tenant: Uuid, id: PersonId) {
        self.known.invalidate(&(tenant, id)).await;
    }

    /// Takes over from the control plane what somebody is now: they have changed.
    pub async fn renew(&self, tenant: &Tenant, id: PersonId) -> Result<()> {
        if let Some(person) = self.ask_control(tenant.id, id).await? {
            keep(tenant, &person).await?;
        }
        self.forget(tenant.id, id).await;
        Ok(())
    }

    /// The tenant's copy; somebody whom no event has brought yet is fetched and kept.
    async fn read(&self, tenant: &Tenant, id: PersonId) -> Result<Option<Arc<Person>>> {
        if let Some(person) = find(&mut *tenant.db.read().await?, id).await? {
            return Ok(Some(Arc::new(person)));
        }
        let Some(person) = self.ask_control(tenant.id, id).await? else { return Ok(None) };
        keep(tenant, &person).await?;
        // Read again with what the control plane does not know.
        Ok(find(&mut *tenant.db.read().await?, id).await?.map(Arc::new))
    }

    /// Compares the whole copy with the control plane's view and takes over what is newer there:
    /// whatever a lost or dead-lettered event would have told. Says how many were behind.
    pub async fn reconcile(&self, tenant: &Tenant) -> Result<u64> {
        let (mut after, mut repaired) = (0, 0);
        loop {
            let page = self.page_of_control(tenant.id, after).await?;
            let Some(last) = page.last() else { return Ok(repaired) };
            after = last.id;
            for person in &page {
                if keep(tenant, person).await? {
                    self.forget(tenant.id, person.id).await;
                    repaired += 1;
                }
            }
        }
    }

    async fn page_of_control(&self, tenant: Uuid, after: PersonId) -> Result<Vec<Person>> {
        let sql = "select user_id as id, email, firstname, lastname, locale, role, active, vip, version
                   from app_people
                   where tenant_id = $1 and user_id > $2
                   order by user_id
                   limit 500";
        let asking = sqlx::query_as::<_, Row>(sql).bind(tenant).bind(after).fetch_all(&self.control);
        let asking = tokio::time::timeout(Duration::from_millis(1500), asking);
        let rows = asking.await.map_err(|_| Error::Unavailable("control database"))??;
        rows.into_iter().map(Person::try_from).collect()
    }

    // The view lies in the control database, which the macros of this crate do not see.
    async fn ask_control(&self, tenant: Uuid, id: PersonId) -> Result<Option<Person>> {
        let sql = "select user_id as id, email, firstname, lastname, locale, role, active, vip, version
                   from app_people
                   where tenant_id = $1 and user_id = $2";
        let asking = sqlx::query_as::<_, Row>(sql).bind(tenant).bind(id).fetch_optional(&self.control);
        let asking = tokio::time::timeout(Duration::from_millis(1500), asking);
        let row = asking.await.map_err(|_| Error::Unavailable("control database"))??;
        row.map(Person::try_from).transpose()
    }
}

/// The tenant's copy of somebody.
pub async fn find(db: &mut PgConnection, id: PersonId) -> Result<Option<Person>> {
    let row = sqlx::query_as!(
        Row,
        r#"select u.id, u.email, u.firstname, u.lastname, u.locale, u.role, u.active, u.vip as "vip?", u.version,
            (select s.agents_see from settings s) as agents_see,
            array(select m.team_id from team_members m where m.user_id = u.id order by m.team_id) as "teams!"
         from users u
         where u.id = $1"#,
        id,
    );
    row.fetch_optional(db).await?.map(Person::try_from).transpose()
}

/// The same, whose row is kept from changing until the act ends: what they may stays so until it is done.
pub async fn hold(db: &mut PgConnection, id: PersonId) -> Result<Option<Person>> {
    let held = sqlx::query_scalar!("select id from users where id = $1 for share", id).fetch_optional(&mut *db).await?;
    match held {
        Some(id) => find(db, id).await,
        None => Ok(None),
    }
}

/// Whether an active person of that id is there. Of a contact nothing is handed over until the act ends.
pub async fn exists(db: &mut PgConnection, id: PersonId) -> Result<bool> {
    let found = sqlx::query_scalar!("select id from users where id = $1 and active for key share", id);
    Ok(found.fetch_optional(db).await?.is_some())
}

/// Whether tickets may be given to that person: an active member. The row is kept from changing
/// until the act ends, so nobody is assigned who leaves meanwhile (page 11, C8).
pub async fn assignable(db: &mut PgConnection, id: PersonId) -> Result<bool> {
    let found = sqlx::query_scalar!("select id from users where id = $1 and active and role <> 'customer' for share", id);
    Ok(found.fetch_optional(db).await?.is_some())
}

/// Whether somebody is an active admin. The row is kept from changing until the act ends.
pub async fn is_admin(db: &mut PgConnection, id: PersonId) -> Result<bool> {
    let found = sqlx::query_scalar!("select id from users where id = $1 and active and role = 'admin' for share", id);
    Ok(found.fetch_optional(db).await?.is_some())
}

/// Takes over a state that is newer than the copy, and says whether it was; an older one changes
/// nothing. Whoever was known by that address alone was this person: the platform lets nobody in whose address is not proved.
pub(super) async fn keep(tenant: &Tenant, person: &Person) -> Result<bool> {
    tenant.db.apply(async |db| save(db, person).await).await
}

async fn save(db: &mut PgConnection, person: &Person) -> Result<bool> {
    let saved = sqlx::query_scalar!(
        r#"with saved as (
            insert into users as u (id, email, firstname, lastname, locale, role, active, version, vip)
            select $1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, false)
            where not exists (select from users known where known.id = $1 and known.version >= $8)
            on conflict (id) do update
            set email = $2, firstname = $3, lastname = $4, locale = $5, role = $6, active = $7, version = $8, vip = coalesce($9, u.vip),
                updated_at = now()
            where u.version < $8
            returning u.id, u.email, u.active
         ), claimed as (
            update contacts c
            set claimed_by = saved.id
            from saved
            where c.email = saved.email and saved.active and c.claimed_by is null
         )
         select count(*) as "count!" from saved"#,
        person.id,
        person.email,
        person.firstname,
        person.lastname,
        person.locale,
        person.role.as_str(),
        person.active,
        person.version,
        person.vip,
    );
    Ok(saved.fetch_one(db).await? == 1)
}

pub(super) struct AgentRow {
    pub id: PersonId,
    pub firstname: String,
    pub lastname: String,
    pub email: String,
    pub role: String,
    pub workload: Json<BTreeMap<String, i64>>,
    pub teams: Json<Vec<Membership>>,
    pub available: bool,
    pub away_until: Option<DateTime<Utc>>,
    pub substitute_id: Option<PersonId>,
    pub capacity: Option<i32>,
}

/// A team that somebody belongs to, and what they know there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    /// The team's id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// What they know.
    pub skills: Vec<String>,
}

macro_rules! select_agent {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            AgentRow,
            r#"select u.id, u.firstname, u.lastname, u.email, u.role,
                (select coalesce(jsonb_object_agg(w.status, w.number), '{}')
                 from (select t.status, count(*) as number
                       from support_tickets t
                       where t.assigned_to = u.id and t.status in ('open', 'in_progress', 'waiting_customer', 'resolved')
                       group by t.status) w) as "workload!: Json<BTreeMap<String, i64>>",
                (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'skills', m.skills) order by g.id), '[]')
                 from team_members m
                 join teams g on g.id = m.team_id and g.archived_at is null
                 where m.user_id = u.id) as "teams!: Json<Vec<Membership>>",
                coalesce(a.available, true) as "available!", a.away_until as "away_until?", a.substitute_id as "substitute_id?",
                a.capacity as "capacity?"
            from users u
            left join agent_availability a on a.user_id = u.id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// Members by id, with the tickets that they still have to finish.
pub(super) async fn agents(db: &mut PgConnection, part: &Part<'_, PersonId>) -> Result<Vec<AgentRow>> {
    Ok(select_part!(part, db, select_agent!("where u.role <> 'customer' and u.active", "u.id"))?)
}

/// How many members answer tickets.
pub(super) async fn count_agents(db: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from users where role <> 'customer' and active"#);
    Ok(count.fetch_one(db).await?)
}
