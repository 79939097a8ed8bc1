//! What each step does on the tenant's cluster. Nothing here is written to the control database,
//! and no transaction of it is held meanwhile.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use shared::{Error, Result};
use sqlx::{Connection, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{
    Job, Step, credentials, store,
    target::{self, Place},
};
use crate::{
    app::App,
    clusters, members, plans,
    tenants::{self, Tenant},
};

/// No step takes longer.
const LIMIT: Duration = Duration::from_secs(40);

/// Does the work of the job's step on the cluster.
pub async fn perform(app: &App, job: &Job) -> Result<()> {
    let work = async {
        match job.step {
            Step::Place | Step::Activate | Step::Done | Step::Undone => Ok(()),
            Step::Role => make_role(app, job).await,
            Step::Database => make_database(app, job).await,
            Step::Grants => grant(app, job).await,
            Step::Seed => seed(app, job).await,
            Step::Undo => undo(app, job).await,
        }
    };
    tokio::time::timeout(LIMIT, work).await.unwrap_or(Err(Error::Unavailable("cluster")))
}

/// Where this try's database is to be, and how its cluster's administrator connects.
async fn held(app: &App, job: &Job) -> Result<(Place, PgConnectOptions)> {
    let place = store::place_held(&mut *app.db.read().await?, (job.tenant, job.holder), job.step).await?;
    reached(app, place, job.tenant).await
}

pub(super) async fn reached(app: &App, place: Option<Place>, tenant: Uuid) -> Result<(Place, PgConnectOptions)> {
    let place = place.ok_or_else(|| anyhow::anyhow!("tenant {tenant} has no place, or the job is another's"))?;
    let options = clusters::options(&app.db, &app.keys.ring, place.cluster_id).await?;
    Ok((place, options))
}

pub(super) async fn known(app: &App, id: Uuid) -> Result<Tenant> {
    let tenant = tenants::by_id(&mut *app.db.read().await?, id).await?;
    tenant.ok_or_else(|| Error::internal(anyhow::anyhow!("tenant {id} is gone")))
}

async fn make_role(app: &App, job: &Job) -> Result<()> {
    let (place, options) = held(app, job).await?;
    let password = credentials::make(&app.db, &app.keys.ring, job.tenant, &place).await?;
    let mut server = clusters::connect(&options).await?;
    target::store::ensure_role(&mut server, &place.role, password.expose_secret()).await?;
    Ok(server.close().await?)
}

/// The password of a served tenant's role, wherever its database is.
pub async fn password(app: &App, tenant: Uuid) -> Result<SecretString> {
    let place = store::place(&mut *app.db.read().await?, tenant).await?;
    let place = place.ok_or_else(|| anyhow::anyhow!("tenant {tenant} has no place"))?;
    credentials::password(&app.db, &app.keys.ring, tenant, &place).await
}

async fn make_database(app: &App, job: &Job) -> Result<()> {
    let (place, options) = held(app, job).await?;
    let mut server = clusters::connect(&options).await?;
    let template = clusters::prepare(&mut server, &options).await?;
    clusters::ensure_copy(&mut server, &template, &place.database).await?;
    Ok(server.close().await?)
}

async fn grant(app: &App, job: &Job) -> Result<()> {
    let (place, options) = held(app, job).await?;
    let mut inside = clusters::connect(&options.database(&place.database)).await?;
    target::store::grant(&mut inside, (&place.database, &place.role)).await?;
    Ok(inside.close().await?)
}

async fn seed(app: &App, job: &Job) -> Result<()> {
    let (place, options) = held(app, job).await?;
    adopt(app, job, &place, &options).await?;
    let tenant = known(app, job.tenant).await?;
    let people = members::all_active(&mut *app.db.read().await?, job.tenant).await?;
    let months = plans::audit_months(&mut *app.db.read().await?, job.tenant, app.clock.now()).await?;
    let mut inside = clusters::connect(&options.database(&place.database)).await?;
    let mut tx = inside.begin().await?;
    target::store::mark(&mut tx, &tenant).await?;
    target::store::write_settings(&mut tx, &tenant, months).await?;
    target::store::write_people(&mut tx, &people).await?;
    tx.commit().await?;
    inside.close().await?;
    store::applied(&mut *app.db.read().await?, job.tenant, &place.database, tenant.version).await
}

/// Makes the spare that was taken for this tenant its own.
async fn adopt(app: &App, job: &Job, place: &Place, options: &PgConnectOptions) -> Result<()> {
    let password = credentials::make(&app.db, &app.keys.ring, job.tenant, place).await?;
    let mut server = clusters::connect(options).await?;
    target::store::adopt(&mut server, &target::spare_of(&place.database), place, password.expose_secret()).await?;
    Ok(server.close().await?)
}

/// What was never placed has nothing to be taken back; what somebody has worked in is not taken back.
async fn undo(app: &App, job: &Job) -> Result<()> {
    let place = store::place_held(&mut *app.db.read().await?, (job.tenant, job.holder), job.step).await?;
    if place.is_none() {
        return Ok(());
    }
    let (place, options) = reached(app, place, job.tenant).await?;
    let mut server = clusters::connect(&options).await?;
    if target::store::is_open(&mut server, &place.database).await? {
        let mut inside = clusters::connect(&options.database(&place.database)).await?;
        target::store::expect_unused(&mut inside, job.tenant).await?;
        inside.close().await?;
    }
    // A spare that was taken goes first: whoever comes late to make it the tenant's finds none.
    let spare = target::spare_of(&place.database);
    target::store::remove(&mut server, (&spare, &spare)).await?;
    target::store::remove(&mut server, (&place.database, &place.role)).await?;
    server.close().await?;
    app.keys.ring.remove_credential(job.tenant, &place.role).await
}
