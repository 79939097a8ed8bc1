//! Somebody who is not signed in, at a tenant's address: the first argument of the few handlers that a link in a mail
//! opens. They may do what the link says, and nothing besides.

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::{
    Error, Result,
    act::{Act, Actor, Author},
    clock::Clock,
    db::Connection,
    http::{Client, rate_limit::Limits},
    tenancy::{Tenant, named},
};

use crate::app::App;

/// Nobody in particular, who asks an active tenant.
pub struct Visitor {
    /// The tenant.
    pub tenant: Tenant,
    client: Client,
    clock: Clock,
}

impl Visitor {
    /// A connection for reading.
    pub async fn read(&self) -> Result<Connection> {
        self.tenant.db.read().await
    }

    /// Who asks, for what is written down without an act.
    pub fn author(&self) -> Author {
        self.client.author(Actor::Anonymous)
    }

    /// The time.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }

    /// Runs `work` as one act, which says itself whose it is.
    pub async fn act<T>(&self, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        self.tenant.db.act(self.client.author(Actor::Anonymous), &self.clock, work).await
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let slug = named(&parts.headers, &parts.uri, &app.site.base_domain)?;
        let tenant = app.tenants.get(&slug).await?;
        Limits::learn(parts, tenant.id, tenant.bounds.requests_a_minute);
        let client = Client::from_request_parts(parts, app).await?;
        client.visits(tenant.id, tenant.slug.as_str());
        Ok(Self { tenant, client, clock: app.clock.clone() })
    }
}
