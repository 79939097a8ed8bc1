//! Who is asking, in which tenant: the first argument of every handler that needs somebody.

use std::ops::Deref;

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::{amr::Amr, api_key::presented},
    clock::Clock,
    db::Db,
    http::Client,
    session::{Role, bearer},
};
use uuid::Uuid;

use crate::{
    api_keys,
    app::App,
    members::{self, Member},
    sessions,
    tenants::{Entrance, Tenant, Visited},
};

/// How long after a proof dangerous things may be done without another.
const FRESH: TimeDelta = TimeDelta::minutes(15);

/// A person with a valid token of this tenant, whose session lives and who still belongs to it. Role
/// and standing come from the database, so a change counts from the next request on.
pub struct Session {
    /// The tenant.
    pub tenant: Tenant,
    /// The person.
    pub member: Member,
    /// The session.
    pub id: Uuid,
    /// How they proved who they are.
    pub amr: Amr,
    /// When they last did so in full.
    pub proved_at: DateTime<Utc>,
    /// The API key that acts for the member, if it is one.
    key: Option<i64>,
    client: Client,
    db: Db,
    clock: Clock,
}

impl Session {
    /// `403` unless they are at least this.
    pub fn must_be(&self, role: Role) -> Result<()> {
        if self.member.role() >= role { Ok(()) } else { Err(Error::Forbidden("forbidden")) }
    }

    /// `403 step_up_required` unless they have proved within the last 15 minutes who they are, with all
    /// that is asked of them: a token that somebody left behind does nothing that lasts.
    pub fn must_be_fresh(&self) -> Result<()> {
        if self.clock.now() - self.proved_at <= FRESH { Ok(()) } else { Err(Error::Forbidden("step_up_required")) }
    }

    /// `403 step_up_required` for a key, which can prove nothing: it makes nobody an admin.
    pub fn must_be_a_person(&self) -> Result<()> {
        if self.key.is_none() { Ok(()) } else { Err(Error::Forbidden("step_up_required")) }
    }

    /// `401` unless it lives at this moment: for what would outlive it.
    pub async fn must_live(&self, act: &mut Act) -> Result<()> {
        let living = sessions::living(act.db(), self.id, self.tenant.id, self.member.user_id).await?;
        if living.is_some() { Ok(()) } else { Err(Error::Unauthenticated("unauthenticated")) }
    }

    /// Runs `work` as one act of this person, if the session lives still: for what would outlive it. It is
    /// asked last, when `work` holds the locks for which whoever ends sessions waits, or has waited.
    pub async fn living_act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        self.act(async |act| {
            let done = work.clone()(act).await?;
            self.must_live(act).await?;
            Ok(done)
        })
        .await
    }

    /// Whose the idempotency keys of this asker are: a key does not meet its maker's.
    pub fn owner(&self) -> String {
        match self.key {
            Some(key) => format!("{}:key:{key}", self.tenant.id),
            None => format!("{}:{}", self.tenant.id, self.member.user_id),
        }
    }

    fn actor(&self) -> Actor {
        match (self.key, self.member.actor()) {
            (Some(key), Actor::Person { id, role }) => Actor::Key { id, role, key },
            (_, actor) => actor,
        }
    }

    /// A key that acts for a member. It has proved nothing of late, so it does nothing that asks for that.
    pub async fn of_key(parts: &mut Parts, app: &App, tenant: Tenant, (key, member): (i64, Member)) -> Result<Self> {
        let client = Client::from_request_parts(parts, app).await?;
        client.is(Actor::Key { id: member.user_id, role: member.role.clone(), key });
        let (db, clock, amr) = (app.db.clone(), app.clock.clone(), Amr::of(&[]));
        Ok(Self { tenant, member, id: Uuid::nil(), amr, proved_at: DateTime::UNIX_EPOCH, key: Some(key), client, db, clock })
    }

    /// Runs `work` as one act of this person.
    pub async fn act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        self.db.act(self.client.author(self.actor()), &self.clock, work).await
    }
}

/// A session that lasts in the tenant's days of grace too, for its admins: for what is still theirs to do
/// then.
pub struct Remaining(pub Session);

impl Deref for Remaining {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.0
    }
}

impl FromRequestParts<App> for Remaining {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Entrance(tenant) = Entrance::from_request_parts(parts, app).await?;
        let session = Session::at(parts, app, tenant).await?;
        session.tenant.status.door().lets_in(session.member.role())?;
        Ok(Self(session))
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Visited(tenant) = Visited::from_request_parts(parts, app).await?;
        Self::at(parts, app, tenant).await
    }
}

impl Session {
    /// The session of the request's token at this tenant.
    async fn at(parts: &mut Parts, app: &App, tenant: Tenant) -> Result<Self> {
        if let Some(hash) = presented(&parts.headers) {
            return Err(api_keys::refuse(&mut *app.db.read().await?, app, &tenant, &hash).await);
        }
        let bearer = bearer(&parts.headers, &app.keys.tokens, &app.clock, tenant.id)?;
        let mut db = app.db.read().await?;
        let nobody = || Error::Unauthenticated("unauthenticated");
        let living = sessions::living(&mut db, bearer.session, tenant.id, bearer.user_id).await?.ok_or_else(nobody)?;
        let member = members::find(&mut db, tenant.id, bearer.user_id).await?.filter(Member::is_active).ok_or_else(nobody)?;
        drop(db);
        let client = Client::from_request_parts(parts, app).await?;
        client.is(member.actor());
        if app.rules.needs_second_factor(member.role()) && !living.amr.is_two_factors() {
            return Err(Error::Forbidden("two_factor_required"));
        }
        let (db, clock, sessions::Living { amr, proved_at }) = (app.db.clone(), app.clock.clone(), living);
        Ok(Self { tenant, member, id: bearer.session, amr, proved_at, key: None, client, db, clock })
    }
}
