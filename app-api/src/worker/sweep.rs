//! What nobody has told of is found by a sweep: once a minute each tenant in whose database something was written is asked for
//! every kind of work, one after the other, so that it costs one connection. What is left for later is told to the kind's own
//! visits.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use rand::{rng, seq::SliceRandom};
use shared::{Result, tenancy::Quiet};
use tokio::{
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender},
    },
    time::{MissedTickBehavior, timeout},
};
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
/// Tenants looked at at the same time: where a server swallows questions, others keep most of the turns that there are.
const AT_ONCE: usize = 4;
/// So long a sweep tries those whose server does not say how much was written: the others wait for the next one.
const AT_MOST: Duration = Duration::from_secs(20);
/// So long PostgreSQL may keep to itself how much a connection has written.
const KEPT_BACK: Duration = Duration::from_secs(11);
const PAGE: i64 = 200;

/// How a kind of work is looked for, and whom to tell when it is to be done in a tenant.
#[derive(Clone)]
pub(super) struct Swept {
    pub name: &'static str,
    pub look: Work,
    pub next: UnboundedSender<(Uuid, Duration)>,
}

/// What visits tell the sweep.
pub(super) struct Heard {
    /// Announcements were missed.
    pub missed: Arc<Notify>,
    /// Tenants that are not served: once they are, they are looked at, whether anything was written or not.
    pub gone: UnboundedReceiver<Uuid>,
}

/// How a look at a tenant went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Well,
    /// A kind of work failed: the next sweep looks again.
    NotAll,
    /// Not served.
    Away,
    /// Its database could not be asked.
    Unreached,
}

/// Sweeps until `stop`: each minute, and when somebody has missed announcements.
pub(super) async fn sweep(app: App, kinds: Vec<Swept>, mut heard: Heard, stop: CancellationToken) {
    let (mut quiet, mut round) = (Quiet::new(TURNS), tokio::time::interval(EVERY));
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = round.tick() => {}
            () = heard.missed.notified() => round.reset_after(KEPT_BACK),
        }
        while let Ok(tenant) = heard.gone.try_recv() {
            quiet.failed(tenant);
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

/// Looks at everybody who is not quiet; last at those whose server does not even say how much was written, in any order.
async fn everybody(app: &App, kinds: &[Swept], quiet: &mut Quiet) -> Result<()> {
    let (mut last, mut known, mut unknown) = (Uuid::nil(), Vec::new(), Vec::new());
    loop {
        let page = app.tenants.active(last, PAGE).await?;
        let Some(end) = page.last() else { break };
        last = *end;
        let written = app.tenants.written(&page).await?;
        for tenant in page.into_iter().filter(|tenant| quiet.wants(*tenant, written.get(tenant))) {
            let them = if written.contains_key(&tenant) { &mut known } else { &mut unknown };
            them.push(tenant);
        }
    }
    let unreached = look_at(app, kinds, quiet, (known, AT_ONCE)).await;
    // Their servers answer: many may have come at once.
    look_at(app, kinds, quiet, (unreached, AT_ONCE)).await;
    unknown.shuffle(&mut rng());
    let _ = timeout(AT_MOST, look_at(app, kinds, quiet, (unknown, 1))).await;
    Ok(())
}

/// Looks at tenants, so many at a time; says whose databases could not be asked.
async fn look_at(app: &App, kinds: &[Swept], quiet: &mut Quiet, (tenants, at_once): (Vec<Uuid>, usize)) -> Vec<Uuid> {
    let looks = stream::iter(tenants).map(|tenant| async move { (tenant, look(app, tenant, kinds).await) });
    let (mut looks, mut unreached) = (looks.buffer_unordered(at_once), Vec::new());
    while let Some((tenant, look)) = looks.next().await {
        match look {
            Look::Well => quiet.looked(tenant),
            Look::NotAll | Look::Away => quiet.failed(tenant),
            Look::Unreached => {
                quiet.failed(tenant);
                unreached.push(tenant);
            }
        }
    }
    unreached
}

/// Looks for each kind of work in a tenant; one that fails is tried again by its own visits, and keeps no other from being looked for.
pub(super) async fn look(app: &App, tenant: Uuid, kinds: &[Swept]) -> Look {
    let mut look = Look::Well;
    for kind in kinds {
        let next = match visit(app.clone(), tenant, (kind.name, kind.look.clone())).await {
            Visited::Looked(next) => next,
            Visited::Away => return Look::Away,
            Visited::Unreached => return Look::Unreached,
            Visited::Failed => {
                look = Look::NotAll;
                Some(SOON)
            }
        };
        if let Some(after) = next {
            // Without somebody who hears it the process is ending.
            let _ = kind.next.send((tenant, after));
        }
    }
    look
}
