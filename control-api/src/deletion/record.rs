//! The record of a deletion: what was removed, of whom, when and on whose word, hashed and signed.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::{
    Error, Result,
    http::{Json, Path},
    seal::Keyring,
    sign::Signer,
    tenancy::Slug,
};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{model::Deletion, purge::Found, store};
use crate::{app::App, keys, operators::OperatorSession, tenants::Tenant};

/// What records are signed for.
pub const RECORDS: &str = "deletion records";

/// What signs records: a key of its own, made of the newest master key.
pub fn signer(ring: &Keyring) -> Signer {
    ring.signer(RECORDS)
}

/// A record as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub record: String,
    pub hash: Vec<u8>,
    pub signature: Vec<u8>,
    pub key_id: String,
    pub made_at: DateTime<Utc>,
}

/// The signed record of a deletion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeletionRecord)]
pub struct Shown {
    /// What was removed, of whom, when and on whose word; `null` when it cannot be read.
    pub record: Value,
    /// The same as the text that was hashed and signed.
    pub text: String,
    /// SHA-256 of the text, in hex.
    pub hash: String,
    /// HMAC-SHA-256 of the text under the platform's key, in hex.
    pub signature: String,
    /// The key that signed.
    pub key_id: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Text, hash and signature fit each other, and the record is this tenant's.
    pub is_verified: bool,
}

/// The record of a tenant of which only the name is left; `404 not_found` before.
#[utoipa::path(get, path = "/api/v1/operator/tenants/{slug}/record", tag = "operators",
    params(("slug" = String, Path, description = "The subdomain")), responses((status = 200, body = Shown)), security(("bearer" = [])))]
pub async fn show_deletion_record(State(app): State<App>, _session: OperatorSession, Path(slug): Path<String>) -> Result<Json<Shown>> {
    let slug = Slug::parse(&slug).ok_or(Error::NotFound("tenant_not_found"))?;
    app.db.apply(async |db| find(db, slug.as_str(), &app.keys.ring).await).await?.map(Json).ok_or(Error::NotFound("not_found"))
}

/// The record of a tenant's deletion, verified.
pub async fn find(db: &mut PgConnection, slug: &str, ring: &Keyring) -> Result<Option<Shown>> {
    let Some((tenant, signed)) = store::record(db, slug).await? else { return Ok(None) };
    let signer = keys::signer(db, ring, &signed.key_id).await?;
    Ok(Some(shown(tenant, signed, signer.as_ref())))
}

/// Ids of the master keys by which records were signed.
pub async fn signed_by(db: &mut PgConnection) -> Result<Vec<String>> {
    store::signed_by(db).await
}

/// Makes the record.
pub(super) fn make(tenant: &Tenant, deletion: &Deletion, found: &Found, (signer, now): (&Signer, DateTime<Utc>)) -> Result<Signed> {
    let record = json!({
        "version": 1,
        "tenant": { "id": tenant.id, "slug": tenant.slug },
        "asked_by": deletion.asked_by,
        "asked_at": deletion.asked_at,
        "delete_after": deletion.delete_after,
        "begun_at": deletion.begun_at,
        "finished_at": now,
        "removed": { "databases": found.databases, "files": found.objects, "control_rows": deletion.removed },
    });
    let record = serde_json::to_string(&record)?;
    let (hash, signature) = (Sha256::digest(record.as_bytes()).to_vec(), signer.sign(record.as_bytes()));
    Ok(Signed { record, hash, signature, key_id: signer.key_id.clone(), made_at: now })
}

fn shown(tenant: Uuid, signed: Signed, signer: Option<&Signer>) -> Shown {
    let record: Value = serde_json::from_str(&signed.record).unwrap_or_default();
    let text = signed.record.as_bytes();
    let fits = Sha256::digest(text).as_slice() == signed.hash && signer.is_some_and(|signer| signer.verifies(text, &signed.signature));
    let is_verified = fits && record["tenant"]["id"] == tenant.to_string();
    let (hash, signature) = (hex(&signed.hash), hex(&signed.signature));
    Shown { record, text: signed.record, hash, signature, key_id: signed.key_id, made_at: signed.made_at, is_verified }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_somebody_changed_or_moved_or_signed_does_not_verify() {
        let signer = |secret: &str| Signer::derived(RECORDS, "k1", &secret.into());
        let (ours, theirs) = (signer("one"), signer("two"));
        let (tenant, now) = (Uuid::from_u128(7), DateTime::from_timestamp(1_800_000_000, 0).expect("a time"));
        let signed = |signer: &Signer, text: String| {
            let (hash, signature) = (Sha256::digest(text.as_bytes()).to_vec(), signer.sign(text.as_bytes()));
            Signed { record: text, hash, signature, key_id: "k1".into(), made_at: now }
        };
        let good = signed(&ours, json!({ "tenant": { "id": tenant } }).to_string());
        assert!(shown(tenant, good.clone(), Some(&ours)).is_verified);
        assert!(!shown(tenant, good.clone(), None).is_verified, "nobody knows the key any more");
        assert!(!shown(Uuid::from_u128(8), good.clone(), Some(&ours)).is_verified, "another tenant's");
        assert!(!shown(tenant, signed(&theirs, good.record.clone()), Some(&ours)).is_verified, "signed by somebody else");
        let changed = |change: &dyn Fn(&mut Signed)| {
            let mut record = good.clone();
            change(&mut record);
            record
        };
        for (what, bad) in [
            ("text", changed(&|r| r.record += " ")),
            (
                "text and hash",
                changed(&|r| {
                    r.record += " ";
                    r.hash = Sha256::digest(r.record.as_bytes()).to_vec();
                }),
            ),
            ("hash", changed(&|r| r.hash[0] ^= 1)),
            ("signature", changed(&|r| r.signature[0] ^= 1)),
            ("no signature", changed(&|r| r.signature.clear())),
        ] {
            assert!(!shown(tenant, bad, Some(&ours)).is_verified, "{what}");
        }
    }
}
