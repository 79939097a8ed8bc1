//! Who is asking, in which tenant: the first argument of every handler that needs somebody.

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::{
    Error, Result,
    act::{Act, Actor},
    clock::Clock,
    db::Db,
    http::Client,
    session::{Role, bearer},
};
use uuid::Uuid;

use crate::{
    app::App,
    members::{self, Member},
    sessions,
    tenants::{Tenant, Visited},
};

/// A person with a valid token of this tenant, whose session lives and who still belongs to it. Role
/// and standing come from the database, so a change counts from the next request on.
pub struct Session {
    /// The tenant.
    pub tenant: Tenant,
    /// The person.
    pub member: Member,
    /// The session.
    pub id: Uuid,
    client: Client,
    db: Db,
    clock: Clock,
}

impl Session {
    /// `403` unless they are at least this.
    pub fn must_be(&self, role: Role) -> Result<()> {
        if self.member.role() >= role { Ok(()) } else { Err(Error::Forbidden("forbidden")) }
    }

    /// Runs `work` as one act of this person.
    pub async fn act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        let actor = Actor::Person { id: self.member.user_id, role: self.member.role.clone() };
        self.db.act(self.client.author(actor), &self.clock, work).await
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Visited(tenant) = Visited::from_request_parts(parts, app).await?;
        let bearer = bearer(&parts.headers, &app.keys.tokens, &app.clock, tenant.id)?;
        let mut db = app.db.read().await?;
        let nobody = || Error::Unauthenticated("unauthenticated");
        if !sessions::lives(&mut db, bearer.session, tenant.id, bearer.user_id).await? {
            return Err(nobody());
        }
        let member = members::find(&mut db, tenant.id, bearer.user_id).await?.filter(Member::is_active).ok_or_else(nobody)?;
        drop(db);
        let client = Client::from_request_parts(parts, app).await?;
        client.is(&tenant.slug, member.user_id);
        Ok(Self { tenant, member, id: bearer.session, client, db: app.db.clone(), clock: app.clock.clone() })
    }
}
