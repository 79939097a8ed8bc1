//! What nobody goes on with is ended after a week, and its file forgotten; the file of what is over is forgotten, and
//! after thirty days all of it.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    Result,
    act::{Act, Author},
    clock::Clock,
    tenancy::Tenant,
};

use super::{run::cancel, store::over};

const LEFT: TimeDelta = TimeDelta::days(7);
const KEPT: TimeDelta = TimeDelta::days(30);

/// Ends and forgets what is due.
pub async fn forget_old(tenant: &Tenant, clock: &Clock, now: DateTime<Utc>) -> Result<()> {
    let left = over::left(&mut *tenant.db.read().await?, now - LEFT).await?;
    for id in left {
        tenant.db.act(Author::system("imports"), clock, async |act| expire(act, id, now - LEFT).await).await?;
    }
    while tenant.db.apply(async |db| over::forget_parts(db).await).await? > 0 {}
    while tenant.db.apply(async |db| over::forget_samples(db).await).await? > 0 {}
    while tenant.db.apply(async |db| over::forget_keys(db).await).await? > 0 {}
    tenant.db.apply(async |db| over::forget_over(db, now - KEPT).await.map(drop)).await
}

/// Ends what is still left when it is looked at again: somebody may have just gone on with it.
async fn expire(act: &mut Act, id: i64, before: DateTime<Utc>) -> Result<()> {
    if over::lock_left(act.db(), id, before).await? {
        cancel(act, None, (id, Some("expired"))).await?;
    }
    Ok(())
}
