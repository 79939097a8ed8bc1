//! Looks at every database once a day: whether it has this release's schema, and whether that is what a new
//! database has. Somebody who works by hand, or a restore, may have left another one (handbook 12.2, I29).

use std::collections::HashMap;

use chrono::TimeDelta;
use shared::Result;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{
    Fleet, store,
    target::{self, Aim},
};
use crate::{clusters, figures::Figures, lease, provisioning};

/// How old a look may be.
const AGE: TimeDelta = TimeDelta::days(1);
/// Databases that one round looks at.
const ROUND: i64 = 50;

/// Looks at the databases that nobody has looked at for a day. One that does not answer is left for the next round.
pub async fn look_around(fleet: &Fleet) -> Result<()> {
    let unseen = store::unseen(&mut *fleet.db.read().await?, fleet.clock.now() - AGE, ROUND).await?;
    let mut right = HashMap::new();
    for tenant in unseen {
        if let Err(error) = lease::within(lease::LOOK, look(fleet, tenant, &mut right)).await {
            tracing::warn!(%tenant, %error, "its schema was not looked at");
        }
    }
    Ok(())
}

async fn look(fleet: &Fleet, tenant: Uuid, right: &mut HashMap<i64, String>) -> Result<()> {
    let mut db = fleet.db.read().await?;
    let Some(place) = provisioning::place(&mut db, tenant).await? else { return Ok(()) };
    drop(db);
    let server = clusters::options(&fleet.db, &fleet.ring, place.cluster_id).await?;
    let (versions, shape) = target::look(&Aim { tenant, place: &place, server: server.clone() })
        .await
        .map_err(|trouble| anyhow::anyhow!("{}", trouble.text()))?;
    // Of another schema than this release's nobody here knows what is right.
    let is_drifted = versions == fleet.migrations.versions() && shape != right_shape(place.cluster_id, &server, right).await?;
    if is_drifted {
        tracing::error!(%tenant, "its schema is not what a new database of this version has");
    }
    let now = fleet.clock.now();
    store::note_schema(&mut *fleet.db.read().await?, tenant, (&versions, &shape), is_drifted, now).await
}

/// The shape that is right on a server, as far as it is known.
async fn right_shape(cluster: i64, server: &PgConnectOptions, right: &mut HashMap<i64, String>) -> Result<String> {
    if let Some(known) = right.get(&cluster) {
        return Ok(known.clone());
    }
    let mut administrator = clusters::connect(server).await?;
    let shape = of_a_new_one(&mut administrator, server).await?;
    administrator.close().await?;
    Ok(right.entry(cluster).or_insert(shape).clone())
}

/// The shape of a new database: nobody may enter the template itself, so a copy is made for that.
async fn of_a_new_one(server: &mut PgConnection, options: &PgConnectOptions) -> Result<String> {
    let template = clusters::prepare(server, options).await?;
    let name = format!("hd_shape_{}", Uuid::new_v4().simple());
    clusters::ensure_copy(server, &template, &name).await?;
    let shape = target::shape(options.clone().database(&name)).await;
    clusters::drop_copy(server, &name).await?;
    shape
}

/// Shows on /metrics what is known.
pub async fn count(fleet: &Fleet, figures: &Figures) -> Result<()> {
    let counted = store::counted(&mut *fleet.db.read().await?, (&fleet.migrations.versions(), fleet.migrations.newest())).await?;
    figures.schemas_behind.set(counted.behind);
    figures.schemas_drifted.set(counted.drifted);
    figures.migrations_failed.set(counted.failed);
    Ok(())
}
