//! What each step does on the tenant's cluster. Nothing here is written to the control database,
//! and no transaction of it is held meanwhile.

use std::time::Duration;

use shared::{Error, Result};
use sqlx::{Connection, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{
    Step, store,
    target::{self, Place},
};
use crate::{
    app::App,
    clusters, members,
    tenants::{self, Tenant},
};

/// No step takes longer.
const LIMIT: Duration = Duration::from_secs(40);

/// Does the step's work on the cluster.
pub async fn perform(app: &App, tenant: Uuid, step: Step) -> Result<()> {
    let work = async {
        match step {
            Step::Place | Step::Activate | Step::Done | Step::Undone => Ok(()),
            Step::Role => make_role(app, tenant).await,
            Step::Database => make_database(app, tenant).await,
            Step::Grants => grant(app, tenant).await,
            Step::Seed => seed(app, tenant).await,
            Step::Undo => undo(app, tenant).await,
        }
    };
    tokio::time::timeout(LIMIT, work).await.unwrap_or(Err(Error::Unavailable("cluster")))
}

/// Where the tenant's database is and how its cluster's administrator connects.
async fn found(app: &App, tenant: Uuid) -> Result<(Place, PgConnectOptions)> {
    let mut db = app.db.read().await?;
    let place = store::place(&mut db, tenant).await?.ok_or_else(|| anyhow::anyhow!("tenant {tenant} has no place"))?;
    let options = clusters::options(&mut db, &app.keys.sealer, place.cluster_id).await?;
    Ok((place, options))
}

async fn known(app: &App, id: Uuid) -> Result<Tenant> {
    let tenant = tenants::by_id(&mut *app.db.read().await?, id).await?;
    tenant.ok_or_else(|| Error::internal(anyhow::anyhow!("tenant {id} is gone")))
}

async fn make_role(app: &App, tenant: Uuid) -> Result<()> {
    let (place, options) = found(app, tenant).await?;
    let password = app.keys.sealer.open(&place.sealed_password, &target::owner(tenant))?;
    let password = String::from_utf8(password).map_err(Error::internal)?;
    let mut server = clusters::connect(&options).await?;
    target::store::ensure_role(&mut server, &place.role, &password).await?;
    Ok(server.close().await?)
}

async fn make_database(app: &App, tenant: Uuid) -> Result<()> {
    let (place, options) = found(app, tenant).await?;
    let mut server = clusters::connect(&options).await?;
    let template = clusters::prepare(&mut server, &options).await?;
    target::store::ensure_database(&mut server, &place.database, &template).await?;
    Ok(server.close().await?)
}

async fn grant(app: &App, tenant: Uuid) -> Result<()> {
    let (place, options) = found(app, tenant).await?;
    let mut inside = clusters::connect(&options.database(&place.database)).await?;
    target::store::grant(&mut inside, &place).await?;
    Ok(inside.close().await?)
}

async fn seed(app: &App, id: Uuid) -> Result<()> {
    let (place, options) = found(app, id).await?;
    let tenant = known(app, id).await?;
    let people = members::all_active(&mut *app.db.read().await?, id).await?;
    let mut inside = clusters::connect(&options.database(&place.database)).await?;
    let mut tx = inside.begin().await?;
    target::store::mark(&mut tx, &tenant).await?;
    target::store::write_settings(&mut tx, &tenant).await?;
    for person in &people {
        target::store::write_person(&mut tx, person).await?;
    }
    tx.commit().await?;
    inside.close().await?;
    store::applied(&mut *app.db.read().await?, id, tenant.version).await
}

/// What was never placed has nothing to be taken back.
async fn undo(app: &App, tenant: Uuid) -> Result<()> {
    if store::place(&mut *app.db.read().await?, tenant).await?.is_none() {
        return Ok(());
    }
    let (place, options) = found(app, tenant).await?;
    let mut server = clusters::connect(&options).await?;
    target::store::remove(&mut server, &place).await?;
    Ok(server.close().await?)
}

/// Carries changed settings into the databases of tenants whose own are older. A tenant whose
/// server is away is left for the next round.
pub async fn carry_settings(app: &App) -> Result<()> {
    // Named, so that the connection is given back before the work begins.
    let behind = store::behind(&mut *app.db.read().await?, 100).await?;
    for id in behind {
        if let Err(error) = carry(app, id).await {
            tracing::warn!(tenant = %id, %error, "settings wait");
        }
    }
    Ok(())
}

async fn carry(app: &App, id: Uuid) -> Result<()> {
    let (place, options) = found(app, id).await?;
    let mut inside = clusters::connect(&options.database(&place.database)).await?;
    let mut tx = inside.begin().await?;
    // Read after the lock, so that of two carriers the later one writes the later settings.
    target::store::lock_settings(&mut tx).await?;
    let tenant = known(app, id).await?;
    target::store::write_settings(&mut tx, &tenant).await?;
    tx.commit().await?;
    inside.close().await?;
    store::applied(&mut *app.db.read().await?, id, tenant.version).await
}
