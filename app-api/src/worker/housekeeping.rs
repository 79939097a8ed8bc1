//! What every tenant needs now and then, whether it is busy or not: its copy of people compared with
//! the control plane's, answers of yesterday and old mails forgotten; and its audit trail kept in order,
//! that of a suspended one too.

use std::time::Duration;

use shared::{Result, audit, idempotency, mail, tenancy::Tenant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;

const EVERY: Duration = Duration::from_secs(300);
const PAGE: i64 = 200;
const FORGOTTEN: i64 = 5000;

/// Goes round all tenants, one after the other, until `stop`.
pub(super) async fn keep(app: App, stop: CancellationToken) {
    let mut round = tokio::time::interval(EVERY);
    loop {
        tokio::select! { () = stop.cancelled() => return, _ = round.tick() => {} }
        tokio::select! { () = stop.cancelled() => return, () = keep_all(&app) => {} }
    }
}

/// One round.
pub async fn keep_all(app: &App) {
    let (mut last, mut missing) = (Uuid::nil(), 0);
    while let Ok(page) = app.tenants.all_stored(last, PAGE).await {
        let Some(end) = page.last() else { break };
        last = *end;
        for id in page {
            let Ok(Some(tenant)) = app.tenants.stored(id).await else { continue };
            if let Ok(Some(active)) = app.tenants.passing(id).await
                && let Err(error) = keep_one(app, &active).await
            {
                tracing::warn!(tenant = %id, %error, "housekeeping put off");
            }
            missing += i64::from(keep_trail(app, &tenant).await);
        }
    }
    app.audit.figures.missing(missing);
}

/// Keeps a tenant's audit trail in order; true when its months ahead end soon.
pub async fn keep_trail(app: &App, tenant: &Tenant) -> bool {
    let kept = audit::keep(&tenant.db, app.clock.now()).await;
    if let Err(error) = &kept {
        tracing::warn!(tenant = %tenant.id, %error, "the audit trail waits to be kept in order");
    }
    app.audit.figures.note(&kept, app.clock.now())
}

/// Does for one tenant what is due.
pub async fn keep_one(app: &App, tenant: &Tenant) -> Result<()> {
    let repaired = app.people.reconcile(tenant).await?;
    if repaired > 0 {
        tracing::warn!(tenant = %tenant.id, repaired, "the copy of people had fallen behind");
    }
    let (mut db, now) = (tenant.db.read().await?, app.clock.now());
    idempotency::forget_old(&mut db, now, FORGOTTEN).await?;
    mail::sweep(&mut db, now, FORGOTTEN).await.map(drop)
}
