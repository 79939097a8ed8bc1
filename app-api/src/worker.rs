//! Background work: what has happened is told to the broker, mails are sent, features react. Driven
//! by announcements of who has something new; a slow sweep over all tenants finds what was lost.
//! Publishing and sending have visits of their own: a mail relay in trouble delays no event.

mod housekeeping;
mod kinds;
mod plan;
mod sweep;
mod visit;

use std::{sync::Arc, time::Duration};

use futures::{
    FutureExt,
    future::{BoxFuture, join_all, ready},
};
use secrecy::SecretString;
use shared::{
    Error, Result,
    audit::{self, Failure, Waiting},
    broker::{PEOPLE, consume},
    changes::spread,
    shutdown::Tasks,
    tenancy::follow_routes,
};
use tokio::sync::{
    Notify,
    mpsc::{UnboundedReceiver, unbounded_channel},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use kinds::{Cause, Kind};
use sweep::{Heard, Swept, sweep};
use visit::{Told, Visits, visits};

use crate::{access, app::App, live, notifications, orders::ORDERS, reports, tickets};

pub use housekeeping::{Rounds, keep_all, keep_one, keep_trail};
pub use kinds::{
    compare_orders, count_reports, fire_timers, go_on_importing, go_on_with_jobs, index_old, look_after_files, publish, send_mails,
};

/// Starts every background task of this process.
pub fn start(app: &App, amqp: &SecretString, waiting: UnboundedReceiver<Uuid>, tasks: &Tasks) {
    let outside = &app.outside;
    tasks.spawn("announcements", spread(outside.changes.clone(), waiting, outside.cache.clone(), tasks.stop()));
    tasks.spawn("routes", follow_routes(app.tenants.clone(), outside.cache.clone(), tasks.stop()));
    let (tenants, stop) = (app.tenants.clone(), tasks.stop());
    tasks.spawn("keys", async move { tenants.ring().tend(|| ready(Ok(())), stop).await });
    tasks.spawn("access", access::follow(app.clone(), tasks.stop()));
    tasks.spawn("access hints", access::hear(app.clone(), tasks.stop()));
    tasks.spawn("presence", live::hear(app.clone(), tasks.stop()));
    for (name, work) in looked_after(app, kinds::all(), &tasks.stop()) {
        tasks.spawn(name, work);
    }
    tasks.spawn("housekeeping", housekeeping::keep(app.clone(), tasks.stop()));
    tasks.spawn("tidy", tidy(app.clone(), tasks.stop()));
    tasks.spawn("storage", prepare_storage(app.clone(), tasks.stop()));
    let (reader, stop) = (Arc::new(app.clone()), tasks.stop());
    tasks.spawn(PEOPLE.name, consume(amqp.clone(), PEOPLE, async move |m| tickets::follow_people(&reader, m).await, stop));
    let (reader, stop) = (Arc::new(app.clone()), tasks.stop());
    tasks.spawn(
        notifications::QUEUE.name,
        consume(amqp.clone(), notifications::QUEUE, async move |m| notifications::react(&reader, m).await, stop),
    );
    let (reader, stop) = (Arc::new(app.clone()), tasks.stop());
    tasks.spawn(
        notifications::INBOX.name,
        consume(amqp.clone(), notifications::INBOX, async move |m| notifications::inform(&reader, m).await, stop),
    );
    let (reader, stop) = (Arc::new(app.clone()), tasks.stop());
    tasks.spawn(reports::QUEUE.name, consume(amqp.clone(), reports::QUEUE, async move |m| reports::note(&reader, m).await, stop));
    let (reader, stop) = (Arc::new(app.clone()), tasks.stop());
    tasks.spawn(ORDERS.name, consume(amqp.clone(), ORDERS, async move |m| tickets::follow_orders(&reader, m).await, stop));
}

/// What looks after the tenants: the visits of each kind, those that follow announcements, and the sweep that finds what they were
/// not told.
fn looked_after(app: &App, kinds: Vec<Kind>, stop: &CancellationToken) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    let (missed, mut swept, mut works) = (Arc::new(Notify::new()), Vec::new(), Vec::new());
    let (away, gone) = unbounded_channel();
    let mut add = |name, sort: Visits| {
        let (next, waits) = unbounded_channel();
        let told = Told { waits, missed: missed.clone(), away: away.clone() };
        works.push((name, visits(app.clone(), sort, told, stop.clone()).boxed()));
        next
    };
    let mut following = Vec::new();
    for kind in kinds {
        let (name, look, cause) = (kind.name, kind.look.clone(), kind.cause);
        let one = Swept { name, look, next: add(name, Visits::of(kind)) };
        following.extend((cause == Cause::Time).then(|| one.clone()));
        swept.push(one);
    }
    drop(add("followers", Visits::following(following)));
    works.push(("sweep", sweep(app.clone(), swept, Heard { missed, gone }, stop.clone()).boxed()));
    works
}

/// Does in every tenant what nobody waits for, until `stop`; of all kinds those that are named.
pub async fn look_after(app: App, names: &[&str], stop: CancellationToken) {
    let kinds = kinds::all().into_iter().filter(|kind| names.contains(&kind.name)).collect();
    join_all(looked_after(&app, kinds, &stop).into_iter().map(|(_, work)| work)).await;
}

/// Writes what was refused into the audit trail of whose it was, until `stop`.
pub async fn write_failures(app: App, refused: Waiting, stop: CancellationToken) {
    let write = move |tenant: Option<Uuid>, failures: Vec<Failure>| write_refused(app.clone(), tenant, failures).boxed();
    audit::write_failures(refused, Box::new(write), stop).await;
}

async fn write_refused(app: App, tenant: Option<Uuid>, failures: Vec<Failure>) -> Result<()> {
    let Some(id) = tenant else { return Ok(()) };
    let tenant = app.tenants.by_id(id).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    tenant.db.write_failures(&failures).await
}

async fn tidy(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        app.tenants.tidy();
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(Duration::from_secs(5)) => {} }
    }
}

/// Makes the bucket, as soon as the store answers.
async fn prepare_storage(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() && app.outside.storage.prepare().await.is_err() {
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(Duration::from_secs(5)) => {} }
    }
}
