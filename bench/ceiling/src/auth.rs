//! Who comes in: whoever shows a token of the tenant that they name.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{App, Refused};

const NAME: &str = "helpdeskly";

#[derive(Deserialize)]
struct Claims {
    tenant: Uuid,
}

/// What tokens are checked by, and the tenants by their slugs.
pub struct Door {
    key: DecodingKey,
    validation: Validation,
    tenants: HashMap<String, (Uuid, PgPool)>,
}

impl Door {
    /// A door for one tenant.
    pub fn new(secret: &str, slug: String, tenant: Uuid, database: PgPool) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[NAME]);
        validation.set_audience(&[NAME]);
        validation.validate_nbf = true;
        let tenants = [(slug, (tenant, database))].into();
        Self { key: DecodingKey::from_secret(secret.as_bytes()), validation, tenants }
    }

    fn open(&self, headers: &HeaderMap) -> Result<PgPool, Refused> {
        let told = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let refused = || Refused(StatusCode::UNAUTHORIZED);
        let token = told("authorization").and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(refused)?;
        let claims = decode::<Claims>(token, &self.key, &self.validation).map_err(|_| refused())?.claims;
        let (id, database) = told("x-tenant").and_then(|slug| self.tenants.get(slug)).ok_or(Refused(StatusCode::NOT_FOUND))?;
        if claims.tenant == *id { Ok(database.clone()) } else { Err(Refused(StatusCode::FORBIDDEN)) }
    }
}

/// Somebody who was let in.
pub struct Visit {
    /// Their tenant's database.
    pub database: PgPool,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        Ok(Self { database: app.door.open(&parts.headers)? })
    }
}
