//! Who is asking, in which tenant: the first argument of every handler that may touch data.

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::{
    Error, Result,
    act::{Act, Actor},
    clock::Clock,
    db::Connection,
    http::Client,
    session::{Bearer, Role, bearer},
    tenancy::{Tenant, named},
};

use crate::{app::App, people::Person, permissions::Permission, tickets::Viewer};

/// A person who has shown a valid token of this tenant, whose session has not ended, and who still
/// belongs to it.
pub struct Session {
    /// The tenant.
    pub tenant: Tenant,
    /// The person, as the tenant knows them now.
    pub person: Person,
    /// What the token says.
    pub bearer: Bearer,
    client: Client,
    clock: Clock,
}

impl Session {
    /// `403` unless the role has the permission.
    pub fn may(&self, permission: Permission) -> Result<()> {
        if permission.is_given_to(self.person.role) { Ok(()) } else { Err(Error::Forbidden("forbidden")) }
    }

    /// Whose eyes see.
    pub fn viewer(&self) -> Viewer {
        Viewer::of(self.person.id, self.person.role)
    }

    /// Their role, as of now.
    pub fn role(&self) -> Role {
        self.person.role
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Connection> {
        self.tenant.db.read().await
    }

    /// Runs `work` as one act of this person: all of it happens, or none of it does.
    pub async fn act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        self.tenant.db.act(self.client.author(actor(&self.person)), &self.clock, work).await
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let slug = named(&parts.headers, &parts.uri, &app.site.base_domain)?;
        let tenant = app.tenants.get(&slug).await?;
        let client = Client::from_request_parts(parts, app).await?;
        client.visits(tenant.id, tenant.slug.as_str());
        let bearer = bearer(&parts.headers, &app.tokens, &app.clock, tenant.id)?;
        app.access.check(bearer.session).await?;
        let person = app.people.member(&tenant, bearer.user_id).await?;
        client.is(actor(&person));
        Ok(Self { tenant, person, bearer, client, clock: app.clock.clone() })
    }
}

fn actor(person: &Person) -> Actor {
    Actor::Person { id: person.id, role: person.role.as_str().to_owned() }
}
