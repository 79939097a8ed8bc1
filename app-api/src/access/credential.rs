//! What somebody has shown: an access token, or an API key that acts for the admin who made it.

use std::sync::Arc;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    auth::{
        api_key::presented,
        jwt::{LIFETIME, Pass, Tokens},
        scope::Scope,
    },
    clock::Clock,
    session::{Bearer, Holder, Role, holder},
};
use uuid::Uuid;

use super::{Access, ApiKey};
use crate::people::{Person, PersonId};

/// What was shown and was good.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A person's access token.
    Token(Bearer),
    /// A key, and the hash by which it is known.
    Key(Arc<ApiKey>, Vec<u8>),
    /// The pass of an operator who looks in by the tenant's leave.
    Guest(Pass),
}

impl Credential {
    /// Who asks, or for whom the key asks.
    pub fn person(&self) -> PersonId {
        match self {
            Self::Token(bearer) => bearer.user_id,
            Self::Key(key, _) => key.user_id,
            Self::Guest(pass) => -pass.operator,
        }
    }

    /// The key's id.
    pub fn key(&self) -> Option<i64> {
        match self {
            Self::Token(_) | Self::Guest(_) => None,
            Self::Key(key, _) => Some(key.id),
        }
    }

    /// Whether it is for such things: a person's token is for all that the person may.
    pub fn allows(&self, scope: Scope) -> bool {
        match self {
            Self::Token(_) => true,
            Self::Key(key, _) => scope.is_in(&key.scopes),
            Self::Guest(_) => matches!(scope, Scope::TicketsRead | Scope::AgentsRead),
        }
    }

    /// Whether it opens anything in these hands: a key ends with its maker's rights.
    pub fn fits(&self, person: &Person) -> bool {
        match self {
            Self::Token(_) | Self::Guest(_) => true,
            Self::Key(..) => person.role == Role::Admin,
        }
    }

    /// When a stream that was opened with it ends, in seconds since 1970. A key's comes back as often as a
    /// person's.
    pub fn ends(&self, now: DateTime<Utc>) -> i64 {
        match self {
            Self::Token(bearer) => bearer.expires,
            Self::Key(key, _) => key.expires_at.map_or(now + LIFETIME, |end| end.min(now + LIFETIME)).timestamp(),
            Self::Guest(pass) => pass.ends_at.timestamp(),
        }
    }
}

impl Access {
    /// What a request shows. `401` unless it is good now, `403 tenant_mismatch` for another tenant's,
    /// `503` while that cannot be known.
    pub async fn admit(&self, headers: &HeaderMap, tokens: &Tokens, clock: &Clock, tenant: Uuid) -> Result<Credential> {
        let Some(hash) = presented(headers) else {
            return match holder(headers, tokens, clock, tenant)? {
                Holder::Person(bearer) => {
                    self.check(bearer.session).await?;
                    Ok(Credential::Token(bearer))
                }
                Holder::Guest(pass) => Ok(Credential::Guest(pass)),
            };
        };
        self.known().await?;
        let key = self.0.keys.get(&hash, clock.now()).await?;
        if key.tenant_id != tenant {
            return Err(Error::Forbidden("tenant_mismatch"));
        }
        self.0.keys.used(key.id, clock.now()).await;
        Ok(Credential::Key(key, hash))
    }

    /// `401` for what was good once and is no longer.
    pub async fn still(&self, credential: &Credential, now: DateTime<Utc>) -> Result<()> {
        match credential {
            Credential::Token(bearer) => self.check(bearer.session).await,
            Credential::Key(_, hash) => self.0.keys.get(hash, now).await.map(drop),
            // Guests are asked about in the control database, at each request; they follow nothing.
            Credential::Guest(_) => Err(Error::Unauthenticated("unauthenticated")),
        }
    }

    /// Whether a key still opens that tenant for that person, for what goes on in its name when nobody shows it any more. `503` while
    /// that cannot be known.
    pub async fn opens(&self, key: i64, (tenant, person): (Uuid, PersonId), now: DateTime<Utc>) -> Result<bool> {
        let found = self.0.keys.by_id(key, now).await?;
        Ok(found.is_some_and(|key| key.tenant_id == tenant && key.user_id == person))
    }
}
