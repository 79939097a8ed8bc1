//! What both planes need to know who asks: the role and the bearer token.

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Error, Result,
    auth::jwt::{Claims, Pass, Tokens},
    clock::Clock,
};

/// What somebody is in a tenant. Each may all that the ones before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Opens tickets and sees their own.
    Customer,
    /// Answers tickets.
    Agent,
    /// Sees and moves all tickets.
    Manager,
    /// Sets the tenant up.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Agent, Self::Manager, Self::Admin];

    /// The word in tokens, database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }

    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether this is somebody who works here.
    pub fn is_staff(self) -> bool {
        self != Self::Customer
    }
}

/// Who asks, as their token says.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// Their id.
    pub user_id: i64,
    /// Their role when the token was given.
    pub role: Role,
    /// The session the token belongs to.
    pub session: Uuid,
    /// When the token ends, in seconds since 1970.
    pub expires: i64,
}

/// Who holds an access token.
#[derive(Debug, Clone)]
pub enum Holder {
    /// One of the tenant's people.
    Person(Bearer),
    /// An operator whom the tenant lets look.
    Guest(Pass),
}

/// The holder of the request's bearer token, whose tenant must be `tenant` (SEC-1): `401` without
/// a valid one, `403 tenant_mismatch` with another tenant's.
pub fn holder(headers: &HeaderMap, tokens: &Tokens, clock: &Clock, tenant: Uuid) -> Result<Holder> {
    let claims = claims(headers, tokens, clock)?;
    if claims.tenant != tenant {
        return Err(Error::Forbidden("tenant_mismatch"));
    }
    let holder = claims.pass().map(Holder::Guest).or_else(|| of(&claims).map(Holder::Person));
    holder.ok_or(Error::Unauthenticated("unauthenticated"))
}

/// The same where guests are nobody: `401`.
pub fn bearer(headers: &HeaderMap, tokens: &Tokens, clock: &Clock, tenant: Uuid) -> Result<Bearer> {
    match holder(headers, tokens, clock, tenant)? {
        Holder::Person(bearer) => Ok(bearer),
        Holder::Guest(_) => Err(Error::Unauthenticated("unauthenticated")),
    }
}

/// What the request's bearer token says; `401` without a valid one.
pub fn claims(headers: &HeaderMap, tokens: &Tokens, clock: &Clock) -> Result<Claims> {
    let token = shown(headers).ok_or(Error::Unauthenticated("unauthenticated"))?;
    tokens.verify(token, clock)
}

/// What a request shows as `Authorization: Bearer …`: an access token, an API key, or anything else.
pub fn shown(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok())?;
    let (scheme, shown) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| shown.trim())
}

fn of(claims: &Claims) -> Option<Bearer> {
    let (user_id, role) = (claims.sub.parse().ok()?, Role::parse(&claims.role)?);
    Some(Bearer { user_id, role, session: claims.sid, expires: claims.exp })
}
