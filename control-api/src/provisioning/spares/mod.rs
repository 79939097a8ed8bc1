//! The warm pool (C-2): each cluster with room has some databases that wait for their tenants, each with a role of the
//! same name that nobody can come in by. Who signs up takes one, and what is left to do is to give both the tenant's
//! name, set a password and write the first rows.
//!
//! The name stands in the books before anything of it is made. A row that nobody finished in time, one of older
//! migrations, and one more than wanted is dropped with all that it names: a crash at any moment leaves nothing
//! behind for long.

mod store;

use std::time::Duration;

use chrono::TimeDelta;
use shared::{
    Error, Result,
    act::{Act, Author},
    crash,
};
use sqlx::Connection;
pub use store::Spare;
use uuid::Uuid;

use super::target;
use crate::{
    app::App,
    clusters::{self, Version},
};

/// While it lasts, nobody else makes or drops the same; longer than either may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Neither takes longer.
const LIMIT: Duration = Duration::from_secs(40);

/// Takes a database of this release's migrations that waits on the cluster, if there is one.
pub(super) async fn take(act: &mut Act, cluster: i64) -> Result<Option<String>> {
    store::take(act.db(), cluster, &Version::current()).await
}

/// Drops those that are not wanted, then makes those that are missing. What fails on one cluster keeps no other
/// waiting, and is tried again when the lease has ended.
pub async fn keep(app: &App) -> Result<()> {
    let (holder, wanted) = (Uuid::now_v7(), i64::from(app.rules.warm_databases));
    let mut failed = Ok(());
    while let Some(spare) = unwanted(app, holder, wanted).await? {
        failed = failed.and(within(discard(app, &spare, holder)).await);
    }
    let clusters = clusters::with_room(&mut *app.db.read().await?).await?;
    for cluster in clusters {
        while let Some(spare) = reserve(app, cluster, holder, wanted).await? {
            let made = within(make(app, &spare, holder)).await;
            let is_broken = made.is_err();
            failed = failed.and(made);
            if is_broken {
                break;
            }
        }
    }
    failed
}

async fn within(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::time::timeout(LIMIT, work).await.unwrap_or(Err(Error::Unavailable("cluster")))
}

async fn unwanted(app: &App, holder: Uuid, wanted: i64) -> Result<Option<Spare>> {
    let (mut db, now) = (app.db.read().await?, app.clock.now());
    store::claim_unwanted(&mut db, (holder, now, now + LEASE), &Version::current(), wanted).await
}

async fn discard(app: &App, spare: &Spare, holder: Uuid) -> Result<()> {
    let options = clusters::options(&app.db, &app.keys.ring, spare.cluster_id).await?;
    let mut server = clusters::connect(&options).await?;
    target::store::remove(&mut server, (&spare.name, &spare.name)).await?;
    server.close().await?;
    crash::point(|| "spare.dropped".into());
    store::forget(&mut *app.db.read().await?, &spare.name, holder).await
}

/// Enters a name for one more, if one is missing.
async fn reserve(app: &App, cluster: i64, holder: Uuid, wanted: i64) -> Result<Option<Spare>> {
    let spare = Spare { name: target::spare_name(), cluster_id: cluster };
    let reserved = app.db.act(Author::system("warm pool"), &app.clock, async |act| {
        let now = act.now();
        store::reserve(act.db(), &spare, (holder, now, now + LEASE), &Version::current(), wanted).await
    });
    let reserved = reserved.await?;
    crash::point(|| "spare.reserved".into());
    Ok(reserved.then_some(spare))
}

async fn make(app: &App, spare: &Spare, holder: Uuid) -> Result<()> {
    let options = clusters::options(&app.db, &app.keys.ring, spare.cluster_id).await?;
    let mut server = clusters::connect(&options).await?;
    let template = clusters::prepare(&mut server, &options).await?;
    target::store::ensure_closed_role(&mut server, &spare.name).await?;
    clusters::ensure_copy(&mut server, &template, &spare.name).await?;
    server.close().await?;
    crash::point(|| "spare.copied".into());
    let mut inside = clusters::connect(&options.database(&spare.name)).await?;
    target::store::grant(&mut inside, (&spare.name, &spare.name)).await?;
    inside.close().await?;
    crash::point(|| "spare.made".into());
    store::ready(&mut *app.db.read().await?, &spare.name, holder, app.clock.now()).await
}
