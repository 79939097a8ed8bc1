//! The kinds of work that are done in tenants behind everybody's back, each with its cause, and how a sweep learns whether there
//! is some.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures::{FutureExt, future::BoxFuture};
use shared::{Result, mail, outbox, tenancy::Tenant};

use super::plan::SOON;
use crate::{app::App, attachments, imports, reports, search, tickets};

/// What a visit leaves: when to come again, if something waits.
pub type Again = Result<Option<Duration>>;

/// What is done in a tenant.
pub(super) type Work = Arc<dyn Fn(App, Tenant) -> BoxFuture<'static, Again> + Send + Sync>;

/// What a kind of visit comes for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Something new.
    News,
    /// Its time, or that of whoever has waited. Something new may have brought it nearer: a moment after it is said, all kinds of
    /// this cause are looked for together.
    Time,
    /// Nothing presses: the sweep alone.
    Leisure,
}

/// A kind of work.
#[derive(Clone)]
pub(super) struct Kind {
    pub name: &'static str,
    pub cause: Cause,
    /// Does it.
    pub work: Work,
    /// What a sweep does: the same, or a question whether there is something, for what others may hold up.
    pub look: Work,
}

/// All kinds, in the order in which a sweep comes for them.
pub(super) fn all() -> Vec<Kind> {
    vec![
        kind("timers", Cause::Time, |app, tenant| async move { fire_timers(&app, &tenant.due()).await })
            .looked_for(|app, tenant| async move { fire_timers(&app, &tenant).await }),
        kind("jobs", Cause::Time, |app, tenant| async move { go_on_with_jobs(&app, &tenant).await })
            .looked_for(|app, tenant| async move { jobs_wait(&app, &tenant).await }),
        kind("relay", Cause::News, |app, tenant| async move { publish(&app, &tenant).await })
            .looked_for(|app, tenant| async move { waits_to_be_told(&app, &tenant).await }),
        kind("mails", Cause::News, |app, tenant| async move { send_mails(&app, &tenant).await })
            .looked_for(|app, tenant| async move { next_mail(&app, &tenant).await }),
        kind("files", Cause::News, |app, tenant| async move { look_after_files(&app, &tenant).await })
            .looked_for(|app, tenant| async move { attachments::next_work(&app, &tenant).await }),
        kind("reports", Cause::Time, |app, tenant| async move { count_reports(&app, &tenant).await }),
        kind("imports", Cause::Time, |app, tenant| async move { go_on_importing(&app, &tenant).await })
            .looked_for(|_, tenant| async move { imports::waits(&tenant).await }),
        kind("orders", Cause::Leisure, |app, tenant| async move { compare_orders(&app, &tenant).await })
            .looked_for(|app, tenant| async move { tickets::next_comparison(&app, &tenant).await }),
        // Last, since it may need a key that is not at hand.
        kind("index", Cause::Leisure, |app, tenant| async move { index_old(&app, &tenant).await }),
    ]
}

fn kind<F>(name: &'static str, cause: Cause, work: impl Fn(App, Tenant) -> F + Send + Sync + 'static) -> Kind
where
    F: Future<Output = Again> + Send + 'static,
{
    let work: Work = Arc::new(move |app, tenant| work(app, tenant).boxed());
    Kind { name, cause, look: work.clone(), work }
}

impl Kind {
    fn looked_for<F>(self, look: impl Fn(App, Tenant) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Again> + Send + 'static,
    {
        Self { look: Arc::new(move |app, tenant| look(app, tenant).boxed()), ..self }
    }
}

/// Whether events wait to be told.
async fn waits_to_be_told(app: &App, tenant: &Tenant) -> Again {
    let (count, _) = outbox::backlog(&tenant.db).await?;
    if count == 0 {
        app.backlog.note(tenant.id, None);
    }
    Ok((count > 0).then_some(Duration::ZERO))
}

/// When the next mail has its time.
async fn next_mail(app: &App, tenant: &Tenant) -> Again {
    Ok(mail::next_at(&tenant.db).await?.map(|at| until(at, app.clock.now())))
}

/// Publishes a tenant's events, and notes what waits when that fails.
pub async fn publish(app: &App, tenant: &Tenant) -> Again {
    let relayed = outbox::relay(&tenant.db, Some(tenant.id), app.outside.instance, &app.outside.broker, &app.clock).await;
    if relayed.is_err() {
        let (count, oldest) = outbox::backlog(&tenant.db).await?;
        app.backlog.note(tenant.id, oldest.map(|since| (count, since)));
    } else {
        app.backlog.note(tenant.id, None);
    }
    Ok(relayed?.held_elsewhere.then_some(outbox::PATIENCE))
}

/// Sends a tenant's mails.
pub async fn send_mails(app: &App, tenant: &Tenant) -> Again {
    let mailed = mail::deliver_due(&tenant.db, &app.outside.mailer, &app.clock).await?;
    Ok(mailed.next_at.map(|at| until(at, app.clock.now()).max(SOON)))
}

/// Does what is due in a tenant, and comes again when the next thing is: at most once in two seconds, which is well
/// within the five of T-13.
pub async fn fire_timers(app: &App, tenant: &Tenant) -> Again {
    Ok(again(tickets::fire_timers(tenant, &app.clock).await?))
}

/// When to come again for what is left.
fn again(left: tickets::Left) -> Option<Duration> {
    match left {
        tickets::Left::More => Some(Duration::ZERO),
        tickets::Left::After(wait) => Some(wait.to_std().unwrap_or_default().max(SOON)),
        tickets::Left::Nothing => None,
    }
}

/// Gives whoever has proved an address what is theirs, and goes on with bulk jobs that their process has left; comes again while
/// there is more to give. Neither waits for what goes wrong with the other.
pub async fn go_on_with_jobs(app: &App, tenant: &Tenant) -> Again {
    let handed = tickets::hand_over(tenant, &app.clock, &app.outside.cache).await;
    tickets::resume_jobs(tenant, app).await?;
    Ok(handed?.then_some(Duration::ZERO))
}

/// Whether somebody is to be given what is theirs, or a job was left.
async fn jobs_wait(app: &App, tenant: &Tenant) -> Again {
    let waits = tickets::has_to_hand_over(tenant).await? || tickets::has_jobs_left(tenant, &app.clock).await?;
    Ok(waits.then_some(Duration::ZERO))
}

/// Goes on with what is being imported, and comes again at once while there is more.
pub async fn go_on_importing(app: &App, tenant: &Tenant) -> Again {
    imports::go_on(tenant, &app.clock, &app.access).await
}

/// Looks at files that have come, and takes away what is nobody's; comes again when the next one has its time.
pub async fn look_after_files(app: &App, tenant: &Tenant) -> Again {
    attachments::work(app, tenant).await
}

/// Counts tickets that have changed, and a batch of those that nobody has told of; comes again while there are more, and when
/// another process is at it.
pub async fn count_reports(app: &App, tenant: &Tenant) -> Again {
    Ok(match reports::count(tenant, &app.clock).await? {
        reports::Left::More => Some(Duration::ZERO),
        reports::Left::Elsewhere => Some(SOON),
        reports::Left::Nothing => None,
    })
}

/// Looks at a batch of what was written before there was search, before it was kept since when customers wait, and before a field
/// was sensitive; comes again at once while there is more, and when values that wait may be sealed.
pub async fn index_old(app: &App, tenant: &Tenant) -> Again {
    // None of them waits for another that fails.
    let (waits, words) = (tickets::look_back(tenant, &app.clock).await, search::index_old(tenant, &app.clock).await);
    let sealed = tickets::seal_old(tenant, &app.clock).await;
    let (more, sealed) = (waits? | words?, again(sealed?));
    Ok(if more { Some(Duration::ZERO) } else { sealed })
}

/// Compares a batch of tickets with their orders, and comes again when the next one is to be.
pub async fn compare_orders(app: &App, tenant: &Tenant) -> Again {
    tickets::reconcile_orders(app, tenant).await
}

fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or_default()
}
