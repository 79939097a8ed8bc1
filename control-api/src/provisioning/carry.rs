//! Changed settings go into the databases of the tenants.

use shared::{Error, Result};
use sqlx::Connection;
use uuid::Uuid;

use super::{
    perform::{known, reached},
    store, target,
};
use crate::{app::App, clusters, lease, plans};

/// How many are looked up at a time.
const A_PAGE: i64 = 100;

/// Carries changed settings into the databases of tenants whose own are older; whoever's database cannot be reached is
/// left for the next round. A server that does not answer is left alone for the rest of this one: however many
/// tenants it has, others do not wait behind them.
pub async fn carry_settings(app: &App) -> Result<()> {
    let (mut after, mut away) = (Uuid::nil(), Vec::new());
    loop {
        // Named, so that the connection is given back before the work begins.
        let behind = store::behind(&mut *app.db.read().await?, (after, &away), app.clock.now(), A_PAGE).await?;
        let Some((last, _)) = behind.last() else { return Ok(()) };
        after = *last;
        for (id, cluster) in behind {
            if away.contains(&cluster) {
                continue;
            }
            if let Err(error) = lease::within(lease::LOOK, carry(app, id)).await {
                tracing::warn!(tenant = %id, %error, "settings wait");
                if !answers(app, cluster).await {
                    away.push(cluster);
                }
            }
        }
    }
}

async fn answers(app: &App, cluster: i64) -> bool {
    let asked = async {
        let options = clusters::options(&app.db, &app.keys.ring, cluster).await?;
        Ok::<_, Error>(clusters::connect(&options).await?.close().await?)
    };
    asked.await.is_ok()
}

/// The lock is the connection's and not a transaction's: what is to be written is asked of the control database once it
/// is held, so that of two carriers the later one writes the later settings, and no transaction waits meanwhile.
async fn carry(app: &App, id: Uuid) -> Result<()> {
    let place = store::place(&mut *app.db.read().await?, id).await?;
    let (place, options) = reached(app, place, id).await?;
    let mut inside = clusters::connect(&options.database(&place.database)).await?;
    target::store::lock_settings(&mut inside).await?;
    let now = app.clock.now();
    let tenant = known(app, id).await?;
    let months = plans::audit_months(&mut *app.db.read().await?, id, now).await?;
    let mut tx = inside.begin().await?;
    target::store::write_settings(&mut tx, &tenant, months).await?;
    tx.commit().await?;
    // With the connection goes the lock.
    inside.close().await?;
    let mut db = app.db.read().await?;
    plans::kept_as_of(&mut db, id, now).await?;
    store::applied(&mut db, id, &place.database, tenant.version).await
}
