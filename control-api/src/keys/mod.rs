//! Keys: each tenant's secrets are sealed by a data key of its own, the platform's by one of its own, and master keys
//! wrap these (C-3, SEC-20). A data key is made with the first thing that it seals. Both are exchanged while everything
//! works, by jobs that whoever looks next goes on with, and that one thing which does not open keeps from nothing but
//! its end: a master key when its data keys are wrapped anew and nothing is left under the former one, a data key when
//! all that it had sealed is under the next version. With a tenant its data keys go, and whatever copies there are of
//! what they sealed is noise.

mod ask;
mod credentials;
mod data;
mod fields;
mod master;
mod model;
mod records;
mod show;
mod store;
mod stuck;
mod tend;

pub use ask::{ask_data, ask_master, next_master};
pub use data::{FIRST as FIRST_OF_DATA, note as note_data, perform as perform_data};
pub use fields::{give as give_fields, give_missing as give_missing_fields};
pub use master::{FIRST as FIRST_OF_MASTER, note as note_master, perform as perform_master};
pub use model::{Left, Scope};
pub use records::signer;
pub use shared::seal::Sealed;
use shared::{
    Result,
    db::Db,
    seal::{DataKey, Keyring, Wrapped, version_of},
};
pub use show::{Listed, Masters, list, masters};
use sqlx::PgConnection;
pub use store::values::SEALED;
pub use stuck::Stuck;
pub use tend::tend;
use uuid::Uuid;

/// Seals `plain` for `owner` by the data key of a tenant, or of the platform itself.
pub async fn seal(db: &mut PgConnection, ring: &Keyring, tenant: Option<Uuid>, plain: &[u8], owner: &str) -> Result<Sealed> {
    let key = current(db, ring, tenant).await?;
    Ok(Sealed { bytes: key.seal(plain, owner)?, key_id: key.key_id().to_owned() })
}

/// Opens what was sealed for `owner`: by a data key, or by a master key before there were data keys.
pub async fn open(db: &mut PgConnection, ring: &Keyring, tenant: Option<Uuid>, sealed: &[u8], owner: &str) -> Result<Vec<u8>> {
    let Some(version) = version_of(sealed) else { return ring.open(sealed, owner) };
    match store::find(db, tenant, version).await? {
        Some(wrapped) => wrapped.unwrap(ring, tenant)?.open(sealed, owner),
        None => Err(anyhow::anyhow!("data key {version} that sealed a value of {owner} is gone").into()),
    }
}

/// The same as [`seal`] for somebody who is in no act.
pub async fn sealed(db: &Db, ring: &Keyring, tenant: Option<Uuid>, plain: &[u8], owner: &str) -> Result<Sealed> {
    db.apply(async |db| seal(db, ring, tenant, plain, owner).await).await
}

/// The same as [`open`] for somebody who is in no act.
pub async fn opened(db: &Db, ring: &Keyring, tenant: Option<Uuid>, sealed: &[u8], owner: &str) -> Result<Vec<u8>> {
    db.apply(async |db| open(db, ring, tenant, sealed, owner).await).await
}

/// The data key that seals for a tenant now, or for the platform itself. Whoever has none gets one, unless only its
/// name is left.
pub async fn current(db: &mut PgConnection, ring: &Keyring, tenant: Option<Uuid>) -> Result<DataKey> {
    if let Some(wrapped) = store::current(db, tenant).await? {
        return wrapped.unwrap(ring, tenant);
    }
    // Two may come at once: the one who is later takes the other's.
    let first = Wrapped::generate(ring, tenant, 1)?;
    store::insert_first(db, tenant, &first, &ring.id_of(&first.bytes)).await?;
    let wrapped = store::current(db, tenant).await?;
    wrapped.ok_or_else(|| anyhow::anyhow!("tenant {tenant:?} has no data key and gets none"))?.unwrap(ring, tenant)
}
