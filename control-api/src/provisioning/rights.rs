//! Gives roles anew what they should have, after somebody has changed it on the server.

use secrecy::ExposeSecret;
use shared::{Result, db::Db, seal::Keyring};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{credentials, store, target};
use crate::{clusters, tenants};

/// Gives a tenant's role its password and its rights, and nobody else any; makes it if it is gone. False when the
/// tenant is not on that cluster any more.
pub async fn restore_rights(db: &Db, ring: &Keyring, (cluster, options): (i64, &PgConnectOptions), slug: &str) -> Result<bool> {
    let Some(tenant) = tenants::by_slug(&mut *db.read().await?, slug).await? else { return Ok(false) };
    let place = store::place(&mut *db.read().await?, tenant.id).await?;
    let Some(place) = place.filter(|place| place.cluster_id == cluster) else { return Ok(false) };
    let password = credentials::password(db, ring, tenant.id, &place).await?;
    let mut inside = clusters::connect(&options.clone().database(&place.database)).await?;
    target::store::ensure_role(&mut inside, &place.role, password.expose_secret()).await?;
    target::store::grant(&mut inside, (&place.database, &place.role)).await?;
    inside.close().await?;
    Ok(true)
}

/// Gives a spare's role its rights, and nobody else any.
pub async fn grant_spare(inside: &mut PgConnection, spare: &str) -> Result<()> {
    target::store::grant(inside, (spare, spare)).await
}
