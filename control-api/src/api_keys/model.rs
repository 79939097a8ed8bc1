//! A key as it is kept, and when it opens anything.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::auth::scope::Scope;
use utoipa::ToSchema;
use uuid::Uuid;

/// A key, without its secret.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id.
    pub id: i64,
    /// The tenant that it opens.
    pub tenant_id: Uuid,
    /// Who made it.
    pub user_id: i64,
    /// What they called it.
    pub name: String,
    /// The part of it that is shown again.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Since when it is.
    pub created_at: DateTime<Utc>,
}

impl ApiKey {
    /// Whether its time has come.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// A key as admins see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct Shown {
    pub(super) id: i64,
    name: String,
    /// How the key begins.
    prefix: String,
    #[schema(value_type = Vec<Scope>)]
    scopes: Vec<String>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    /// Whose rights it has, at most.
    created_by: i64,
    created_at: DateTime<Utc>,
}

impl From<ApiKey> for Shown {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            created_by: key.user_id,
            created_at: key.created_at,
        }
    }
}
