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
    visit::{Visited, visit},
};
use crate::app::App;

/// How often every active tenant that has written anything is visited, announced or not.
const EVERY: Duration = Duration::from_secs(60);
/// In so many sweeps everybody is visited once, quiet or not: within an hour.
const TURNS: u64 = 60;
/// Tenants looked at at the same time: where a server swallows questions, others keep most of the turns that there are.
const AT_ONCE: usize = 4;
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

/// Looks at everybody who is not quiet; last at those whose server does not even say how much was written.
async fn everybody(app: &App, kinds: &[Swept], quiet: &mut Quiet) -> Result<()> {
    let (mut last, mut unknown) = (Uuid::nil(), Vec::new());
    loop {
        let page = app.tenants.active(last, PAGE).await?;
        let Some(end) = page.last() else { break };
        last = *end;
        let written = app.tenants.written(&page).await?;
        let wanted = page.into_iter().filter(|tenant| quiet.wants(*tenant, written.get(tenant)));
        let (known, mut others): (Vec<_>, Vec<_>) = wanted.partition(|tenant| written.contains_key(tenant));
        unknown.append(&mut others);
        look_at(app, kinds, quiet, known).await;
    }
    look_at(app, kinds, quiet, unknown).await;
    Ok(())
}

async fn look_at(app: &App, kinds: &[Swept], quiet: &mut Quiet, tenants: Vec<Uuid>) {
    let mut looks = stream::iter(tenants).map(|tenant| async move { (tenant, look(app, tenant, kinds).await) }).buffer_unordered(AT_ONCE);
    while let Some((tenant, is_known)) = looks.next().await {
        if is_known { quiet.looked(tenant) } else { quiet.failed(tenant) }
    }
}

/// Looks for each kind of work in a tenant. False when that has failed, or when the tenant is not served: the next sweep looks
/// again.
async fn look(app: &App, tenant: Uuid, kinds: &[Swept]) -> bool {
    for kind in kinds {
        let Visited::Looked(next) = visit(app.clone(), tenant, kind.look.clone()).await else { return false };
        if let Some(after) = next {
            // Without somebody who hears it the process is ending.
            let _ = kind.next.send((tenant, after));
        }
    }
    true
}
