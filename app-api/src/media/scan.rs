//! Looking at what has come. A file that cannot be looked at now is looked at later, and given to nobody meanwhile.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Result, crash, storage::Storage, tenancy::Tenant};

use sqlx::PgConnection;

use super::{
    Attachment, Finding, ScanStatus, Scanner,
    store::{
        objects, previews,
        scans::{self, Unscanned},
    },
};

/// Files of a visit.
const PORTION: i64 = 20;
/// How long a file waits after a first try in vain, and at most after many.
const WAIT: TimeDelta = TimeDelta::seconds(5);
const LONGEST: TimeDelta = TimeDelta::seconds(30);

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Which file.
    pub id: i64,
    /// Clean, infected, or skipped where nobody looks any more.
    pub status: ScanStatus,
    /// The name of what was found.
    pub found: Option<String>,
}

/// Files whose time has come, as many as one visit looks at.
pub async fn unscanned(tenant: &Tenant, now: DateTime<Utc>) -> Result<Vec<Unscanned>> {
    scans::unscanned(&mut *tenant.db.read().await?, now, PORTION).await
}

/// Looks at one; none where its object is missing. What could not be done is put off.
pub async fn look_at(
    tenant: &Tenant,
    (storage, scanner): (&Storage, &Scanner),
    file: &Unscanned,
    now: DateTime<Utc>,
) -> Result<Option<Scanned>> {
    let looked = look(storage, scanner, file).await;
    match &looked {
        Ok(Some(_)) => crash::point(|| "scan.looked".into()),
        Ok(None) => tracing::error!(tenant = %tenant.id, attachment = file.id, "a file has no object"),
        Err(_) => {}
    }
    if !matches!(looked, Ok(Some(_))) {
        let wait = (WAIT * (file.scan_tries + 1).min(100)).min(LONGEST);
        tenant.db.apply(async |db| scans::put_off(db, file.id, now + wait).await).await?;
    }
    looked
}

/// Writes down what was found in a locked file; false where that was done already. The object of an infected one goes at once, unless
/// another file has the same one and is yet to be looked at: then with that. All files of the same content are looked at anew, and
/// given to nobody until then: what is found today may have been unknown when they came.
pub async fn scanned(db: &mut PgConnection, file: &Attachment, scanned: &Scanned, now: DateTime<Utc>) -> Result<bool> {
    objects::hold(db, &file.file_path).await?;
    if !scans::scanned(db, file.id, scanned.status, scanned.found.as_deref(), now).await? {
        return Ok(false);
    }
    if scanned.status == ScanStatus::Infected {
        scans::look_again(db, &file.sha256, now).await?;
        for path in previews::forget(db, file.id).await?.iter().chain([&file.file_path]) {
            objects::hold(db, path).await?;
            if !scans::is_awaited(db, path).await? {
                objects::let_go(db, path, now).await?;
            }
        }
    }
    Ok(true)
}

async fn look(storage: &Storage, scanner: &Scanner, file: &Unscanned) -> Result<Option<Scanned>> {
    if !scanner.looks() {
        return Ok(Some(Scanned { id: file.id, status: ScanStatus::Skipped, found: None }));
    }
    let Some(object) = storage.get(&file.file_path).await? else { return Ok(None) };
    Ok(Some(match scanner.scan(object.stream()).await? {
        Finding::Clean => Scanned { id: file.id, status: ScanStatus::Clean, found: None },
        Finding::Infected(name) => Scanned { id: file.id, status: ScanStatus::Infected, found: Some(name) },
    }))
}

/// When the next file is to be looked at.
pub async fn next_scan(tenant: &Tenant) -> Result<Option<DateTime<Utc>>> {
    scans::next_scan(&mut *tenant.db.read().await?).await
}
