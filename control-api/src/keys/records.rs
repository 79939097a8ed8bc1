//! What signs records of deletions follows the master key. A record is verified as long as it is kept, so what a former
//! key has signed with outlives it, sealed.

use shared::{Result, act::Act, seal::Keyring, sign::Signer};
use sqlx::PgConnection;

use super::store;
use crate::deletion;

fn owner(key_id: &str) -> String {
    format!("records:{key_id}")
}

/// What has signed records by the master key of that id; none where nobody knows it any more.
pub async fn signer(db: &mut PgConnection, ring: &Keyring, key_id: &str) -> Result<Option<Signer>> {
    if let Some(known) = ring.former_signer(deletion::RECORDS, key_id) {
        return Ok(Some(known));
    }
    let Some(sealed) = store::record_key(db, key_id).await? else { return Ok(None) };
    Ok(Some(Signer::of(key_id, &super::open(db, ring, None, &sealed, &owner(key_id)).await?)))
}

/// Keeps what former keys of the ring have signed with, where anything is signed.
pub async fn keep(act: &mut Act, ring: &Keyring) -> Result<()> {
    for key_id in deletion::signed_by(act.db()).await? {
        if key_id == ring.key_id || store::record_key(act.db(), &key_id).await?.is_some() {
            continue;
        }
        if let Some(signer) = ring.former_signer(deletion::RECORDS, &key_id) {
            let sealed = super::seal(act.db(), ring, None, signer.key(), &owner(&key_id)).await?;
            store::keep_record_key(act.db(), &key_id, &sealed).await?;
        }
    }
    Ok(())
}
