//! What nobody goes on with is ended after a week, and its file forgotten; what is over is forgotten after thirty days.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Result, act::Author, clock::Clock, tenancy::Tenant};

use super::{run::cancel, store};

const LEFT: TimeDelta = TimeDelta::days(7);
const KEPT: TimeDelta = TimeDelta::days(30);

/// Ends and forgets what is due.
pub async fn forget_old(tenant: &Tenant, clock: &Clock, now: DateTime<Utc>) -> Result<()> {
    let left = store::left(&mut *tenant.db.read().await?, now - LEFT).await?;
    for id in left {
        tenant.db.act(Author::system("imports"), clock, async |act| cancel(act, None, (id, Some("expired"))).await.map(drop)).await?;
    }
    tenant.db.apply(async |db| store::forget_over(db, now - KEPT).await.map(drop)).await
}
