//! What every tenant needs now and then, whether it is busy or not: its copy of people compared with
//! the control plane's, answers of yesterday forgotten.

use std::time::Duration;

use shared::{Result, tenancy::Tenant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{app::App, idempotency};

const EVERY: Duration = Duration::from_secs(300);
const PAGE: i64 = 200;
const FORGOTTEN: i64 = 5000;

/// Goes round all active tenants, one after the other, until `stop`.
pub(super) async fn keep(app: App, stop: CancellationToken) {
    let mut round = tokio::time::interval(EVERY);
    loop {
        tokio::select! { () = stop.cancelled() => return, _ = round.tick() => {} }
        tokio::select! { () = stop.cancelled() => return, () = everybody(&app) => {} }
    }
}

async fn everybody(app: &App) {
    let mut last = Uuid::nil();
    while let Ok(page) = app.tenants.active(last, PAGE).await {
        let Some(end) = page.last() else { return };
        last = *end;
        for id in page {
            if let Ok(Some(tenant)) = app.tenants.passing(id).await
                && let Err(error) = one(app, &tenant).await
            {
                tracing::warn!(tenant = %id, %error, "housekeeping put off");
            }
        }
    }
}

async fn one(app: &App, tenant: &Tenant) -> Result<()> {
    let repaired = app.people.reconcile(tenant).await?;
    if repaired > 0 {
        tracing::warn!(tenant = %tenant.id, repaired, "the copy of people had fallen behind");
    }
    idempotency::forget_old(&mut *tenant.db.read().await?, app.clock.now(), FORGOTTEN).await?;
    Ok(())
}
