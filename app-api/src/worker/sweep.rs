//! What nobody has told of is found by a sweep: once a minute each tenant in whose database something was written is asked for
//! every kind of work, one after the other, so that it costs one connection. What is left for later is told to the kind's own
//! visits.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use shared::{Result, tenancy::Quiet};
use tokio::sync::{Notify, mpsc::UnboundedSender};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    kinds::Work,
    plan::SOON,
    visit::{Visited, visit},
};
use crate::app::App;

/// How often every active tenant that has written anything is visited, announced or not.
const EVERY: Duration = Duration::from_secs(60);
/// In so many sweeps everybody is visited once, quiet or not: within an hour.
const TURNS: u64 = 60;
/// Tenants visited at the same time.
const AT_ONCE: usize = 8;
const PAGE: i64 = 200;

/// How a kind of work is looked for, and whom to tell when it is to be done in a tenant.
pub(super) struct Swept {
    pub look: Work,
    pub next: UnboundedSender<(Uuid, Duration)>,
}

/// Sweeps until `stop`: each minute, and when `missed` says that somebody has missed announcements.
pub(super) async fn sweep(app: App, kinds: Vec<Swept>, missed: Arc<Notify>, stop: CancellationToken) {
    let (mut quiet, mut round) = (Quiet::new(TURNS), tokio::time::interval(EVERY));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = round.tick() => {}
            () = missed.notified() => {}
        }
        quiet.begin();
        tokio::select! {
            () = stop.cancelled() => return,
            done = everybody(&app, &kinds, &mut quiet) => if let Err(error) = done {
                tracing::warn!(%error, "sweep put off");
            },
        }
    }
}

/// Visits everybody who is not quiet.
async fn everybody(app: &App, kinds: &[Swept], quiet: &mut Quiet) -> Result<()> {
    let mut last = Uuid::nil();
    loop {
        let page = app.tenants.active(last, PAGE).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = *end;
        let written = app.tenants.written(&page).await?;
        let wanted: Vec<Uuid> = page.into_iter().filter(|tenant| quiet.wants(*tenant, written.get(tenant))).collect();
        let mut visits = stream::iter(wanted).map(|tenant| async move { (tenant, look(app, tenant, kinds).await) }).buffer_unordered(AT_ONCE);
        while let Some((tenant, is_known)) = visits.next().await {
            if is_known { quiet.looked(tenant) } else { quiet.failed(tenant) }
        }
    }
}

/// Looks for each kind of work in a tenant. False when that has failed, and is left to the kind itself, or when the tenant is not
/// served.
async fn look(app: &App, tenant: Uuid, kinds: &[Swept]) -> bool {
    let mut is_known = true;
    for kind in kinds {
        let next = match visit(app.clone(), tenant, kind.look.clone()).await {
            Visited::Looked(next) => next,
            Visited::Away => return false,
            Visited::Failed => {
                is_known = false;
                Some(SOON)
            }
        };
        if let Some(after) = next {
            // Without somebody who hears it the process is ending.
            let _ = kind.next.send((tenant, after));
        }
    }
    is_known
}
