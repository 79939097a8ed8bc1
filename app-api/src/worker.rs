//! Background work: what has happened is told to the broker, mails are sent, features react. Driven
//! by announcements of who has something new; a slow sweep over all tenants finds what was lost.
//! Publishing and sending have visits of their own: a mail relay in trouble delays no event.

mod housekeeping;
mod plan;
mod visit;

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, future::ready};
use secrecy::SecretString;
use shared::{
    Error, Result,
    audit::{self, Failure, Waiting},
    broker::{PEOPLE, consume},
    changes::spread,
    shutdown::Tasks,
    tenancy::follow_routes,
};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use visit::Cause;

use crate::{access, app::App, live, notifications, orders::ORDERS, reports, tickets};

pub use housekeeping::{Rounds, keep_all, keep_one, keep_trail};
pub use visit::{compare_orders, count_reports, fire_timers, go_on_importing, index_old, publish, send_mails};

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
    tasks.spawn("relay", visit::visits(app.clone(), Cause::News, tasks.stop(), async |app, tenant| publish(&app, &tenant).await));
    tasks.spawn("mails", visit::visits(app.clone(), Cause::News, tasks.stop(), async |app, tenant| send_mails(&app, &tenant).await));
    tasks.spawn("timers", timers(app.clone(), tasks.stop()));
    tasks.spawn("reports", visit::visits(app.clone(), Cause::Count, tasks.stop(), async |app, tenant| count_reports(&app, &tenant).await));
    tasks.spawn("imports", visit::visits(app.clone(), Cause::Time, tasks.stop(), async |app, tenant| go_on_importing(&app, &tenant).await));
    tasks.spawn("index", visit::visits(app.clone(), Cause::Leisure, tasks.stop(), async |app, tenant| index_old(&app, &tenant).await));
    tasks
        .spawn("orders", visit::visits(app.clone(), Cause::Leisure, tasks.stop(), async |app, tenant| compare_orders(&app, &tenant).await));
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

/// Does in every tenant what is due there, until `stop`.
pub async fn timers(app: App, stop: CancellationToken) {
    visit::visits(app, Cause::Time, stop, async |app, tenant| fire_timers(&app, &tenant).await).await;
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
