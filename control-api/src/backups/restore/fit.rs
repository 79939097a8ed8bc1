//! The copy is made fit to be served: the newest schema, its role with rights, people and settings as the control plane has
//! them now, and events that this server's readers see.

use secrecy::ExposeSecret;
use shared::{Error, Result};
use sqlx::Connection;

use super::{people, state::State};
use crate::{
    app::App,
    backups::{inside, load, reach::Reach},
    fleet,
    jobs::Job,
    plans,
    provisioning::{credentials, target},
    tenants,
};

/// The step.
pub async fn make_fit(app: &App, job: &Job, state: &State) -> Result<()> {
    let (tenant, place) = (job.tenant()?, state.place()?);
    let password = credentials::make(&app.db, &app.keys.ring, tenant, &place).await?;
    let mut server = load::server(app, state.cluster_id).await?;
    target::store::ensure_role(&mut server, &place.role, password.expose_secret()).await?;
    server.close().await?;
    // A backup may be of a release before.
    Box::pin(fleet::bring_up(app, tenant, &place)).await?;
    let mut db = app.db.read().await?;
    let known = tenants::by_id(&mut db, tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let months = plans::audit_months(&mut db, tenant, app.clock.now()).await?;
    drop(db);
    let mut copy = Reach::on(app, state.cluster_id, &place.database).await?.connect().await?;
    let mut tx = copy.begin().await?;
    target::store::grant(&mut tx, (&place.database, &place.role)).await?;
    inside::store::age_events(&mut tx).await?;
    target::store::write_settings(&mut tx, &known, months).await?;
    people::catch_up(app, tenant, &mut tx).await?;
    tx.commit().await?;
    Ok(copy.close().await?)
}
