//! Coming in with a key. A handler names its scope in the type of its first argument, so that what
//! keys may do stands in its signature, and a handler that says nothing is closed to them.

use std::{marker::PhantomData, ops::Deref};

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::{
    Error, Result,
    auth::{api_key::presented, scope::Scope},
    http::rate_limit::Limits,
    session::Role,
};
use sqlx::PgConnection;

use super::{ApiKey, store};
use crate::{
    app::App,
    members::{self, Member},
    session::Session,
    tenants::{Tenant, Visited},
};

/// A scope as a type.
pub trait Needs {
    /// Which one.
    const SCOPE: Scope;
}

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl Needs for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )*
    };
}

needs! {
    /// `members:read`.
    MembersRead,
    /// `members:write`.
    MembersWrite,
    /// `settings:read`.
    SettingsRead,
    /// `settings:write`.
    SettingsWrite,
    /// `audit:read`.
    AuditRead,
}

/// A person's session, or a key that has the scope and acts for the admin who made it.
pub struct Scoped<N>(Session, PhantomData<N>);

impl<N> Deref for Scoped<N> {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.0
    }
}

impl<N> Scoped<N> {
    /// The session itself.
    pub fn into_inner(self) -> Session {
        self.0
    }
}

impl<N: Needs> FromRequestParts<App> for Scoped<N> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Some(hash) = presented(&parts.headers) else {
            return Ok(Self(Session::from_request_parts(parts, app).await?, PhantomData));
        };
        let Visited(tenant) = Visited::from_request_parts(parts, app).await?;
        let (key, member) = holder(&mut *app.db.read().await?, app, &tenant, &hash).await?;
        if !N::SCOPE.is_in(&key.scopes) {
            return Err(Error::Forbidden("forbidden"));
        }
        let session = Session::of_key(parts, app, tenant, (key.id, member)).await?;
        Limits::take_key(parts, session.tenant.id, key.id).await?;
        Ok(Self(session, PhantomData))
    }
}

/// Refuses a key where none may come: `403` for one that opens other doors here, else as for any key.
pub async fn refuse(db: &mut PgConnection, app: &App, tenant: &Tenant, hash: &[u8]) -> Error {
    match holder(db, app, tenant, hash).await {
        Ok(_) => Error::Forbidden("forbidden"),
        Err(error) => error,
    }
}

/// The key, and the admin for whom it acts: `401` unless both are what they were when it was made,
/// `403 tenant_mismatch` for a key of another tenant.
async fn holder(db: &mut PgConnection, app: &App, tenant: &Tenant, hash: &[u8]) -> Result<(ApiKey, Member)> {
    let (now, nobody) = (app.clock.now(), || Error::Unauthenticated("unauthenticated"));
    let key = store::by_hash(db, hash).await?.filter(|key| !key.has_expired(now)).ok_or_else(nobody)?;
    if key.tenant_id != tenant.id {
        return Err(Error::Forbidden("tenant_mismatch"));
    }
    let member = members::find(db, tenant.id, key.user_id).await?;
    let member = member.filter(|member| member.is_active() && member.role() == Role::Admin).ok_or_else(nobody)?;
    store::touch(db, key.id, now).await?;
    Ok((key, member))
}
