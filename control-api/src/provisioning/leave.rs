//! All that a tenant has on clusters: its own database, and those that it has left and that wait to be
//! dropped. Looked at, closed, and taken away, when the tenant goes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Act};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{retire::Left, store, target};
use crate::{
    app::App,
    clusters,
    jobs::{self, Kind},
};

/// A database of a tenant, and what is in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Held {
    /// Where it is.
    #[serde(flatten)]
    pub left: Left,
    /// Its size on the server; none when it is not there or was never opened.
    pub bytes: Option<i64>,
    /// How many rows its tables have.
    pub rows: BTreeMap<String, i64>,
}

/// Everything that the tenant has, its own database first. One that has another tenant's marker is an error.
pub async fn look(app: &App, tenant: Uuid) -> Result<Vec<Held>> {
    let mut all = Vec::new();
    for left in all_of(&mut *app.db.read().await?, tenant).await? {
        all.push(measured(app, tenant, left).await?);
    }
    Ok(all)
}

async fn all_of(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Left>> {
    let own = store::place(db, tenant).await?;
    let own = own.map(|place| Left { cluster_id: place.cluster_id, database: place.database, role: place.role, left_at: None });
    let waiting = jobs::states_of(db, tenant, Kind::Retire).await?.into_iter().map(serde_json::from_value::<Left>);
    own.map(Ok).into_iter().chain(waiting).map(|left| left.map_err(Error::from)).collect()
}

async fn measured(app: &App, tenant: Uuid, left: Left) -> Result<Held> {
    let options = clusters::options(&app.db, &app.keys.ring, left.cluster_id).await?;
    let mut server = clusters::connect(&options).await?;
    let bytes = target::store::size(&mut server, &left.database).await?;
    server.close().await?;
    let mut rows = BTreeMap::new();
    if bytes.is_some() {
        let mut inside = clusters::connect(&options.database(&left.database)).await?;
        target::store::expect_owner(&mut inside, tenant).await?;
        rows = target::store::count_rows(&mut inside).await?;
        inside.close().await?;
    }
    Ok(Held { left, bytes, rows })
}

/// Lets nobody connect to a database any more, and ends the connections that there are.
pub async fn close(app: &App, tenant: Uuid, left: &Left) -> Result<()> {
    let mut server = reach(app, tenant, left).await?;
    target::store::close(&mut server, (&left.database, &left.role)).await?;
    Ok(server.close().await?)
}

/// Drops databases, and then their roles: one of them may have rights in another one's database. What another
/// tenant uses is never dropped.
pub async fn remove_all<'a>(app: &App, tenant: Uuid, all: impl Iterator<Item = &'a Left> + Clone) -> Result<()> {
    for left in all.clone() {
        let mut server = reach(app, tenant, left).await?;
        clusters::drop_database(&mut server, &left.database).await?;
        server.close().await?;
    }
    for left in all {
        let mut server = reach(app, tenant, left).await?;
        target::store::drop_role(&mut server, &left.role).await?;
        server.close().await?;
    }
    Ok(())
}

async fn reach(app: &App, tenant: Uuid, left: &Left) -> Result<PgConnection> {
    let mut db = app.db.read().await?;
    if store::is_used_by_another(&mut db, tenant, (left.cluster_id, &left.database, &left.role)).await? {
        return Err(anyhow::anyhow!("database {} is another tenant's", left.database).into());
    }
    drop(db);
    clusters::connect(&clusters::options(&app.db, &app.keys.ring, left.cluster_id).await?).await
}

/// Forgets where the tenant's data was, and how it had come there: nothing is left of it.
pub async fn forget(act: &mut Act, tenant: Uuid) -> Result<()> {
    let now = act.now();
    store::clear_place(act.db(), tenant, now).await?;
    store::forget(act.db(), tenant).await?;
    // They find nothing to do, and end.
    jobs::hurry(act, tenant, Kind::Retire).await
}
