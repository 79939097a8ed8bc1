//! What every tenant needs now and then, whether it is busy or not: its copy of people compared with
//! the control plane's, answers of yesterday and old mails forgotten; and its audit trail kept in order,
//! that of a suspended one too.

use std::{collections::HashSet, time::Duration};

use shared::{
    Result, audit, idempotency, mail,
    tenancy::{Quiet, Tenant},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{app::App, attachments, imports, people, tickets};

const EVERY: Duration = Duration::from_secs(300);
/// In so many rounds everybody is looked after once, quiet or not: within an hour.
const TURNS: u64 = 12;
const PAGE: i64 = 200;
const FORGOTTEN: i64 = 5000;

/// What the rounds remember.
pub struct Rounds {
    quiet: Quiet,
    /// Whose trails' months end soon, as far as was seen.
    unmade: HashSet<Uuid>,
}

impl Rounds {
    /// Looks after everybody at least once in `turns` rounds.
    pub fn new(turns: u64) -> Self {
        Self { quiet: Quiet::new(turns), unmade: HashSet::new() }
    }
}

/// Goes round all tenants, one after the other, until `stop`.
pub(super) async fn keep(app: App, stop: CancellationToken) {
    let (mut round, mut rounds) = (tokio::time::interval(EVERY), Rounds::new(TURNS));
    loop {
        tokio::select! { () = stop.cancelled() => return, _ = round.tick() => {} }
        tokio::select! { () = stop.cancelled() => return, () = keep_all(&app, &mut rounds) => {} }
    }
}

/// One round, which leaves out whoever is quiet.
pub async fn keep_all(app: &App, rounds: &mut Rounds) {
    let mut last = Uuid::nil();
    rounds.quiet.begin();
    while let Ok(page) = app.tenants.all_stored(last, PAGE).await {
        let Some(end) = page.last() else { break };
        last = *end;
        let written = app.tenants.written(&page).await.unwrap_or_default();
        for id in page {
            if rounds.quiet.wants(id, written.get(&id)) {
                look_after(app, id, rounds).await;
            }
        }
    }
    app.audit.figures.missing(rounds.unmade.len() as i64);
}

/// Does for one tenant what is due.
async fn look_after(app: &App, id: Uuid, rounds: &mut Rounds) {
    let Ok(Some(tenant)) = app.tenants.stored(id).await else { return };
    let kept = match app.tenants.passing(id).await {
        Ok(Some(active)) => keep_one(app, &active).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    match kept {
        Ok(()) => rounds.quiet.looked(id),
        Err(error) => {
            tracing::warn!(tenant = %id, %error, "housekeeping put off");
            rounds.quiet.failed(id);
        }
    }
    if keep_trail(app, &tenant).await {
        rounds.unmade.insert(id)
    } else {
        rounds.unmade.remove(&id)
    };
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
    tickets::release_leavers(tenant, &app.clock).await?;
    let (mut db, now) = (tenant.db.read().await?, app.clock.now());
    idempotency::forget_old(&mut db, now, FORGOTTEN).await?;
    tickets::forget_old_jobs(&mut db, now, FORGOTTEN).await?;
    people::find_twins(&mut db, now).await?;
    mail::sweep(&mut db, now, FORGOTTEN).await?;
    drop(db);
    imports::forget_old(tenant, &app.clock, now).await?;
    attachments::keep(app, tenant).await
}
