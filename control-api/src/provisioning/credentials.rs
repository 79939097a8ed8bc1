//! The password of a tenant's role: sealed in the control database by the tenant's data key, or in Vault. There it comes with
//! the role: choosing a place is an act, and no act waits for Vault.

use secrecy::SecretString;
use shared::{
    Error, Result,
    auth::token::Opaque,
    db::Db,
    seal::{Keyring, Sealed},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{store, target, target::Place};
use crate::keys;

/// What stands in the place of a key's id where Vault keeps the password. The sealed one is empty then: there is one, and it
/// is elsewhere.
pub const IN_VAULT: &str = "vault";

/// A password for a place that is chosen, sealed; none where Vault keeps it.
pub async fn choose(db: &mut PgConnection, ring: &Keyring, tenant: Uuid) -> Result<Option<Sealed>> {
    if ring.keeps_credentials() {
        return Ok(None);
    }
    keys::seal(db, ring, Some(tenant), Opaque::generate().text.as_bytes(), &target::owner(tenant)).await.map(Some)
}

/// What says where a password is.
pub fn key_id(password: Option<&Sealed>) -> &str {
    password.map_or(IN_VAULT, |sealed| &sealed.key_id)
}

/// The password of a role that is there.
pub async fn password(db: &Db, ring: &Keyring, tenant: Uuid, place: &Place) -> Result<SecretString> {
    match &place.sealed_password {
        Some(sealed) => open(db, ring, tenant, sealed).await,
        None => ring.credential(tenant, &place.role).await,
    }
}

/// The password of a role that is made; asked for again, it is the same.
pub async fn make(db: &Db, ring: &Keyring, tenant: Uuid, place: &Place) -> Result<SecretString> {
    match &place.sealed_password {
        Some(sealed) => open(db, ring, tenant, sealed).await,
        None => ring.new_credential(tenant, &place.role).await,
    }
}

/// Keeps the password of a tenant for a role that is to have the same elsewhere, where Vault keeps passwords: there each is
/// found by its role. Before the role is made; twice is once.
pub async fn carry(ring: &Keyring, tenant: Uuid, role: &str, password: &SecretString) -> Result<()> {
    if ring.keeps_credentials() { ring.take_credential(tenant, role, password).await } else { Ok(()) }
}

async fn open(db: &Db, ring: &Keyring, tenant: Uuid, sealed: &[u8]) -> Result<SecretString> {
    let password = keys::opened(db, ring, Some(tenant), sealed, &target::owner(tenant)).await?;
    Ok(String::from_utf8(password).map_err(Error::internal)?.into())
}

/// Takes the password of a role away that a tenant has left. One that it has elsewhere by that name stays.
pub async fn forget(db: &Db, ring: &Keyring, tenant: Uuid, role: &str) -> Result<()> {
    let place = store::place(&mut *db.read().await?, tenant).await?;
    if place.is_some_and(|place| place.role == role) { Ok(()) } else { ring.remove_credential(tenant, role).await }
}
