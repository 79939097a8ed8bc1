//! Which base backup leads to a moment of a tenant, and whether any does.

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt;
use shared::{Error, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Moment;
use crate::backups::{
    base::{self, BaseBackup},
    store,
};

/// Finds the way to a moment. `404` where there is no such tenant; `422` unless the moment is within what is
/// archived of the server that the tenant was on, and says then which moments are.
pub async fn plan(db: &mut PgConnection, tenant: Uuid, at: DateTime<Utc>) -> Result<Moment> {
    let (place, now) = (store::place_at(db, tenant, at).await?.ok_or(Error::NotFound("tenant_not_found"))?, store::now(db).await?);
    let bases = base::store::of_cluster(db, place.cluster_id).await?;
    match base::choose(&bases, at).filter(|_| at < now && at >= place.since) {
        Some(base) => Ok(Moment { at, base: base.id, database: place.database }),
        None => Err(outside(&bases, place.since, now)),
    }
}

fn outside(bases: &[BaseBackup], since: DateTime<Utc>, now: DateTime<Utc>) -> Error {
    let text = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    // To the full second above: what is said can be asked for.
    let first = bases.iter().map(|base| base.finished_at).min().map(|first| first.max(since) + TimeDelta::seconds(1));
    let (code, message) = match first {
        Some(first) => ("outside_archive", format!("Possible are moments from {} to {}.", text(first), text(now))),
        None => ("no_archive", "There is no base backup of the server that the tenant was on.".to_owned()),
    };
    Error::field("at", code, message)
}

/// A moment by chance, of those that can be reached; none where none can.
pub async fn any(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Moment>> {
    let now = store::now(db).await?;
    let Some(place) = store::place_at(db, tenant, now).await? else { return Ok(None) };
    let bases = base::store::of_cluster(db, place.cluster_id).await?;
    let Some(first) = bases.iter().map(|base| base.finished_at).min().map(|first| first.max(place.since)) else { return Ok(None) };
    let span = (now - first).num_seconds();
    if span < 1 {
        return Ok(None);
    }
    let at = first + TimeDelta::seconds(rand::rng().random_range(0..span));
    // The tenant may have been on a server then of which there is no base backup.
    match plan(db, tenant, at).await {
        Err(Error::Invalid(_)) => Ok(None),
        planned => planned.map(Some),
    }
}
