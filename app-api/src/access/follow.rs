//! Following the table, and acting on it: sessions are refused, people are read anew, streams end.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use futures::StreamExt;
use shared::{Result, cache::ACCESS};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{ended::KEPT, model::Change, store};
use crate::{app::App, people::PersonId};

/// How often an instance looks by itself.
const EVERY: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_secs(2);
/// People of so many tenants are read anew at the same time: those that hang hold up no others.
const AT_ONCE: usize = 64;

/// Somebody in a tenant.
type Whose = (Uuid, PersonId);

/// Follows the table until `stop`. Whoever has to be read anew is, besides: a tenant's database that
/// hangs keeps nobody else's change waiting.
pub async fn follow(app: App, stop: CancellationToken) {
    let (changed, waiting) = mpsc::unbounded_channel();
    tokio::select! { () = stop.cancelled() => {}, () = look_always(&app, changed) => {}, () = renew_always(&app, waiting) => {} }
}

async fn look_always(app: &App, changed: mpsc::UnboundedSender<Whose>) {
    loop {
        match look(app).await {
            // An error means that nobody reads people anew any more: the process stops.
            Ok(people) => people.into_iter().for_each(|whose| changed.send(whose).unwrap_or_default()),
            Err(error) => tracing::debug!(%error, "what has ended cannot be asked"),
        }
        app.access.0.ended.tidy(Instant::now());
        tokio::select! { () = app.access.0.hinted.notified() => {}, () = tokio::time::sleep(EVERY) => {} }
    }
}

/// Wakes the follower whenever Redis says that there is something new, until `stop`.
pub async fn hear(app: App, stop: CancellationToken) {
    let hearing = async {
        loop {
            if let Ok(told) = app.outside.cache.listen(ACCESS).await {
                let mut told = std::pin::pin!(told);
                while told.next().await.is_some() {
                    app.access.0.hinted.notify_one();
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! { () = stop.cancelled() => {}, () = hearing => {} }
}

/// Looks once. What needs nobody else happens here; the answer is who has to be read anew.
async fn look(app: &App) -> Result<Vec<Whose>> {
    let last = app.access.0.position.lock().expect("nobody panics while holding the position").clone();
    let control = &app.outside.control;
    let (mut snapshot, mut changes) = match &last {
        Some(last) => store::since(control, last).await?,
        None => store::recent(control, KEPT).await?,
    };
    if last.is_some_and(|last| !last.is_followed_by(&snapshot)) {
        (snapshot, changes) = store::recent(control, KEPT).await?;
    }
    let mut people = Vec::new();
    for change in changes {
        people.extend(apply(app, change).await);
    }
    *app.access.0.position.lock().expect("nobody panics while holding the position") = Some(snapshot);
    app.access.0.looks.fetch_add(1, Ordering::Relaxed);
    app.access.0.looked.send_replace(Some(Instant::now()));
    Ok(people)
}

async fn apply(app: &App, change: Change) -> Option<Whose> {
    match change {
        Change::SessionEnded { tenant, user, session } => {
            app.access.0.ended.add(session);
            app.hubs.knock(tenant, Some(user));
            None
        }
        Change::MemberChanged { tenant, user } => Some((tenant, user)),
        Change::TenantChanged { tenant } => {
            app.tenants.forget_route(tenant).await;
            app.hubs.knock(tenant, None);
            None
        }
        Change::KeyChanged { tenant, user, key } => {
            app.access.0.keys.end(key);
            app.hubs.knock(tenant, Some(user));
            None
        }
    }
}

/// Reads people anew, tenant by tenant. Those whose tenant's database does not answer are tried again.
async fn renew_always(app: &App, mut waiting: mpsc::UnboundedReceiver<Whose>) {
    let mut due = BTreeSet::new();
    loop {
        tokio::select! {
            Some(whose) = waiting.recv() => drop(due.insert(whose)),
            () = tokio::time::sleep(EVERY), if !due.is_empty() => {}
        }
        due.extend(std::iter::from_fn(|| waiting.try_recv().ok()));
        let renewing = futures::stream::iter(by_tenant(due)).map(|(tenant, people)| renew(app, tenant, people));
        due = renewing.buffer_unordered(AT_ONCE).flat_map(futures::stream::iter).collect().await;
    }
}

fn by_tenant(due: BTreeSet<Whose>) -> BTreeMap<Uuid, Vec<PersonId>> {
    let mut tenants = BTreeMap::<_, Vec<_>>::new();
    due.into_iter().for_each(|(tenant, person)| tenants.entry(tenant).or_default().push(person));
    tenants
}

/// Reads a tenant's people anew and ends their streams if need be; gives back whose turn comes again.
async fn renew(app: &App, tenant: Uuid, people: Vec<PersonId>) -> Vec<Whose> {
    for (at, person) in people.iter().enumerate() {
        if let Err(error) = renew_one(app, tenant, *person).await {
            tracing::debug!(%tenant, %error, "changed people are read again later");
            return people[at..].iter().map(|person| (tenant, *person)).collect();
        }
    }
    Vec::new()
}

async fn renew_one(app: &App, tenant: Uuid, person: PersonId) -> Result<()> {
    if let Some(tenant) = app.tenants.passing(tenant).await? {
        app.people.renew(&tenant, person).await?;
    }
    app.hubs.knock(tenant, Some(person));
    Ok(())
}
