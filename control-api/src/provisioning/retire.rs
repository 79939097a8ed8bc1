//! A database that a tenant has left, as after a move or a restore, is kept for a while and then dropped.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{Result, act::Act};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{credentials, store, target};
use crate::{
    app::App,
    clusters,
    jobs::{self, Job, Kind, Performed, Planned},
};

/// Its only step.
pub const FIRST: &str = "drop";

/// What is to be dropped, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Left {
    /// The cluster.
    pub cluster_id: i64,
    /// The database.
    pub database: String,
    /// Its role.
    pub role: String,
    /// Since when the tenant is elsewhere, by the control database's clock. Former releases did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<DateTime<Utc>>,
}

/// Plans that what a tenant has left is dropped, not before `at`.
pub async fn plan(act: &mut Act, tenant: Uuid, left: &Left, at: DateTime<Utc>) -> Result<()> {
    jobs::plan(act, &Planned { at: Some(at), ..Planned::of_tenant(Kind::Retire, tenant, left)? }).await?;
    Ok(())
}

/// Drops it. What a tenant uses, whichever it is, is never dropped.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let left: Left = job.state()?;
    let mut db = app.db.read().await?;
    expect_unused(&mut db, &left).await?;
    drop(db);
    let options = clusters::options(&app.db, &app.keys.ring, left.cluster_id).await?;
    let mut server = clusters::connect(&options).await?;
    target::store::remove(&mut server, (&left.database, &left.role)).await?;
    server.close().await?;
    credentials::forget(&app.db, &app.keys.ring, job.tenant()?, &left.role).await?;
    Ok(Performed::done())
}

/// An error where a tenant has its data.
pub async fn expect_unused(db: &mut PgConnection, left: &Left) -> Result<()> {
    match store::is_used(db, left.cluster_id, &left.database, &left.role).await? {
        true => Err(anyhow::anyhow!("database {} is in use and is not dropped", left.database).into()),
        false => Ok(()),
    }
}
