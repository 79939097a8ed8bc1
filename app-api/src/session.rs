//! Who is asking, in which tenant: the first argument of every handler that may touch data.

use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};
use shared::{
    Error, Result,
    act::{Act, Actor, Author},
    auth::jwt::Pass,
    clock::Clock,
    db::Connection,
    http::{Client, rate_limit::Limits},
    idempotency::{self, Key, Once},
    session::Role,
    tenancy::{Tenant, named},
};

use crate::{
    access::Credential,
    app::App,
    people::Person,
    permissions::Permission,
    support::{self, Looked},
    tickets::Viewer,
};

/// A person who has shown a valid token of this tenant, whose session has not ended, and who still
/// belongs to it; an admin for whom a key of theirs asks; or an operator who looks in.
pub struct Session {
    /// The tenant.
    pub tenant: Tenant,
    /// The person, as the tenant knows them now.
    pub person: Person,
    /// What they have shown.
    pub credential: Credential,
    client: Client,
    clock: Clock,
}

impl Session {
    /// `403` unless the role has the permission, and the key its scope.
    pub fn may(&self, permission: Permission) -> Result<()> {
        let may = permission.is_given_to(self.person.role) && self.credential.allows(permission.scope());
        if may { Ok(()) } else { Err(Error::Forbidden("forbidden")) }
    }

    /// `403` for an operator who only looks in.
    pub fn must_belong(&self) -> Result<()> {
        if matches!(self.credential, Credential::Guest(_)) { Err(Error::Forbidden("forbidden")) } else { Ok(()) }
    }

    /// Whose eyes see.
    pub fn viewer(&self) -> Viewer {
        Viewer::of(&self.person)
    }

    /// Whose the idempotency keys of this asker are: a key does not meet its maker's.
    pub fn owner(&self) -> String {
        self.credential.key().map_or_else(|| self.person.id.to_string(), |key| format!("key:{key}"))
    }

    /// Their role, as of now.
    pub fn role(&self) -> Role {
        self.person.role
    }

    /// The person as of now, if they may still read what they could when they asked: whoever has other eyes by then, by their
    /// role, their teams or what their organisation lets agents see, is to ask anew.
    pub async fn still(&self, app: &App) -> Result<Person> {
        app.access.still(&self.credential, app.clock.now()).await?;
        let tenant = app.tenants.get(&self.tenant.slug).await?;
        let (person, before) = (app.people.member(&tenant, self.person.id).await?, &self.person);
        if person.role != before.role || Viewer::of(&person) != Viewer::of(before) || person.teams != before.teams {
            return Err(Error::Unauthenticated("unauthenticated"));
        }
        Ok(person)
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Connection> {
        self.tenant.db.read().await
    }

    /// A connection for reading what has owners: a customer's reaches their own alone.
    pub async fn scoped(&self) -> Result<Connection> {
        if self.viewer().is_staff() { self.read().await } else { self.tenant.db.scoped(self.person.id).await }
    }

    /// A connection for a question whose cost depends on its words.
    pub async fn ask(&self) -> Result<Connection> {
        self.tenant.db.ask().await
    }

    /// Who acts, for what goes on when the request is over.
    pub fn author(&self) -> Author {
        self.client.author(actor(&self.person, &self.credential))
    }

    /// The time.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Runs `work` as one act of this person: all of it happens, or none of it does.
    pub async fn act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        self.must_belong()?;
        self.tenant.db.act(self.author(), &self.clock, work).await
    }

    /// The same where rows have owners: a customer's act reaches their own alone.
    pub async fn scoped_act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        let owner = (!self.viewer().is_staff()).then_some(self.person.id);
        self.act(async |act| {
            if let Some(owner) = owner {
                act.is_owned_by(owner).await?;
            }
            work.clone()(act).await
        })
        .await
    }

    /// The same for what an `Idempotency-Key` makes safe to send again: it is done once, and answered each time.
    pub async fn once(&self, key: Option<&Key>, route: &str, work: impl AsyncFnOnce(&mut Act) -> Result<Once> + Clone) -> Result<Once> {
        let owner = self.owner();
        self.act(async |act| idempotency::once(act, key, &owner, route, work.clone()).await).await
    }
}

impl Session {
    /// What an `Idempotency-Key` was answered with already: for whoever looks, before they act, at what may be gone since.
    pub async fn answered(&self, key: Option<&Key>, route: &str) -> Result<Option<Once>> {
        let Some(key) = key else { return Ok(None) };
        idempotency::kept(&mut self.read().await?, key, &self.owner(), route, self.clock.now()).await
    }

    /// An operator looks in: they read, and that they did is written down first.
    async fn of_guest(parts: &mut Parts, app: &App, tenant: Tenant, pass: Pass) -> Result<Self> {
        support::check(&app.outside.control, &pass, app.clock.now()).await?;
        let client = Client::from_request_parts(parts, app).await?;
        client.is(Actor::Operator { id: pass.operator });
        if parts.method != Method::GET && parts.method != Method::HEAD {
            return Err(Error::Forbidden("forbidden"));
        }
        let looked = Looked { pass, path: parts.uri.path().to_owned() };
        let author = client.author(Actor::Operator { id: pass.operator });
        tenant.db.act(author, &app.clock, async |act| act.record(&looked).await).await?;
        let person = support::person(&pass);
        Ok(Self { tenant, person, credential: Credential::Guest(pass), client, clock: app.clock.clone() })
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let slug = named(&parts.headers, &parts.uri, &app.site.base_domain)?;
        let tenant = app.tenants.get(&slug).await?;
        Limits::learn(parts, tenant.id, tenant.bounds.requests_a_minute);
        let client = Client::from_request_parts(parts, app).await?;
        client.visits(tenant.id, tenant.slug.as_str());
        let credential = app.access.admit(&parts.headers, &app.tokens, &app.clock, tenant.id).await?;
        if let Credential::Guest(pass) = credential {
            return Self::of_guest(parts, app, tenant, pass).await;
        }
        let person = app.people.member(&tenant, credential.person()).await?;
        if !credential.fits(&person) {
            return Err(Error::Unauthenticated("unauthenticated"));
        }
        client.is(actor(&person, &credential));
        if let Some(key) = credential.key() {
            Limits::take_key(parts, tenant.id, key).await?;
        }
        Ok(Self { tenant, person, credential, client, clock: app.clock.clone() })
    }
}

fn actor(person: &Person, credential: &Credential) -> Actor {
    let (id, role) = (person.id, person.role.as_str().to_owned());
    match credential.key() {
        Some(key) => Actor::Key { id, role, key },
        None => Actor::Person { id, role },
    }
}
