//! What was refused. The edge hands it over after the answer and goes on; a task writes it. The queue
//! is bounded: what does not fit, or finds no database, is counted, not waited for.

use std::{collections::HashMap, time::Duration};

use axum::http::Method;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use prometheus::IntCounter;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::store;
use crate::{
    Result,
    act::{Actor, Author},
    clock::Clock,
    db::Db,
};

const ROOM: usize = 4096;
const BATCH: usize = 256;
/// How long the first of a batch waits for others: a flood of one kind becomes one row.
const GATHER: Duration = Duration::from_millis(250);
const AGAIN: Duration = Duration::from_secs(2);
/// Refused for coming too often.
const TOO_MANY: u16 = 429;
/// Where organisations sign up: no tenant is there yet.
const SIGN_UP: &str = "/api/v1/tenants";
/// A door, though a browser is led through it by GET.
const SSO_CALLBACK: &str = "/api/v1/auth/sso/callback";

/// A change that was refused, or somebody who was not let in.
#[derive(Debug, Clone)]
pub struct Failure {
    /// In which tenant; none on the platform's own routes.
    pub tenant: Option<Uuid>,
    /// Who asked, from where.
    pub author: Author,
    /// Method and route, as `POST /api/v1/tickets/{ticket}/status`.
    pub action: String,
    /// What it was about, as `ticket:42`.
    pub resource: String,
    /// The answer's status.
    pub status: u16,
    /// The answer's code, as `illegal_transition`.
    pub code: Option<&'static str>,
    /// How long it took.
    pub took: Duration,
    /// When it was answered.
    pub at: DateTime<Utc>,
    /// How often the same was refused at about the same time.
    pub times: u32,
}

/// Where the edge hands over what was refused.
#[derive(Clone)]
pub struct Failures {
    queue: mpsc::Sender<Failure>,
    pub(crate) clock: Clock,
    /// Refused changes that nobody will find in the trail.
    pub dropped: IntCounter,
}

/// What waits to be written.
pub struct Waiting {
    queue: mpsc::Receiver<Failure>,
    dropped: IntCounter,
    #[cfg(feature = "testing")]
    settled: tokio::sync::watch::Sender<u64>,
}

impl Failures {
    /// A queue and its other end, for [`write_failures`].
    pub fn new(clock: Clock) -> Result<(Self, Waiting)> {
        let (queue, waiting) = mpsc::channel(ROOM);
        let dropped = IntCounter::new("audit_failures_dropped_total", "Refused changes that could not be written into the audit trail")
            .map_err(crate::Error::internal)?;
        let waiting = Waiting {
            queue: waiting,
            dropped: dropped.clone(),
            #[cfg(feature = "testing")]
            settled: tokio::sync::watch::Sender::new(0),
        };
        Ok((Self { queue, clock, dropped }, waiting))
    }

    /// Never waits.
    pub(crate) fn hand_over(&self, failure: Failure) {
        if self.queue.try_send(failure).is_err() {
            self.dropped.inc();
        }
    }
}

impl Db {
    /// Writes what was refused in this database: all of it, or none.
    pub async fn write_failures(&self, failures: &[Failure]) -> Result<()> {
        let mut connection = self.begin().await?;
        for failure in failures {
            store::refused(&mut connection, failure, self.lacks_months()).await?;
        }
        connection.commit(None).await
    }
}

impl Waiting {
    /// How many have been written so far, for a test that waits for some.
    #[cfg(feature = "testing")]
    pub fn written(&self) -> tokio::sync::watch::Receiver<u64> {
        self.settled.subscribe()
    }
}

/// How a plane writes what one tenant was refused.
pub type Write = dyn Fn(Option<Uuid>, Vec<Failure>) -> BoxFuture<'static, Result<()>> + Send + Sync;

/// Writes what waits, tenant by tenant, by `write`, until `stop`; then what is left, once.
pub async fn write_failures(mut waiting: Waiting, write: Box<Write>, stop: CancellationToken) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let stopped = tokio::select! {
            biased;
            got = waiting.queue.recv_many(&mut batch, 1) => got == 0,
            () = stop.cancelled() => true,
        };
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(GATHER) => {} }
        while batch.len() < BATCH
            && let Ok(failure) = waiting.queue.try_recv()
        {
            batch.push(failure);
        }
        if stopped && batch.is_empty() {
            return;
        }
        for (tenant, failures) in by_tenant(std::mem::take(&mut batch)) {
            write_one(&waiting, &*write, tenant, failures, stop.is_cancelled()).await;
        }
    }
}

async fn write_one(waiting: &Waiting, write: &Write, tenant: Option<Uuid>, failures: Vec<Failure>, last: bool) {
    let count = failures.len() as u64;
    let mut done = write(tenant, failures.clone()).await;
    if done.is_err() && !last {
        tokio::time::sleep(AGAIN).await;
        done = write(tenant, failures).await;
    }
    if let Err(error) = done {
        tracing::warn!(?tenant, count, %error, "refused changes are missing in the audit trail");
        waiting.dropped.inc_by(count);
    }
    #[cfg(feature = "testing")]
    waiting.settled.send_modify(|n| *n += count);
}

/// By tenant, in order; those refused for coming too often as one row per person and route.
fn by_tenant(batch: Vec<Failure>) -> Vec<(Option<Uuid>, Vec<Failure>)> {
    let mut tenants: Vec<(Option<Uuid>, Vec<Failure>)> = Vec::new();
    let mut floods: HashMap<(Option<Uuid>, String, String), (usize, usize)> = HashMap::new();
    for failure in batch {
        let at = tenants.iter().position(|(tenant, _)| *tenant == failure.tenant).unwrap_or_else(|| {
            tenants.push((failure.tenant, Vec::new()));
            tenants.len() - 1
        });
        if failure.status == TOO_MANY {
            let whose = format!("{:?} {:?}", failure.author.actor, failure.author.ip);
            let place = floods.entry((failure.tenant, whose, failure.action.clone())).or_insert((at, tenants[at].1.len()));
            if let Some(first) = tenants[place.0].1.get_mut(place.1) {
                first.times += 1;
                continue;
            }
        }
        tenants[at].1.push(failure);
    }
    tenants
}

/// Whether a refusal belongs into the trail: a change that somebody known asked for, or somebody who
/// was not let in. A token that has ended is neither. Signing up asks for the password of an address that
/// is known, so it is a door, too.
pub(crate) fn is_recorded(method: &Method, route: &str, status: u16, (actor, tenant): (Option<&Actor>, bool)) -> bool {
    let changes = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method) || route == SSO_CALLBACK;
    let platform = route.starts_with("/api/v1/operator/auth/");
    let door = platform || (route.starts_with("/api/v1/auth/") && tenant);
    let leaving = ["/refresh", "/logout", "/logout-all"].iter().any(|end| route.ends_with(end));
    match actor {
        Some(_) => changes && status >= 400,
        None if route == SIGN_UP => changes && matches!(status, 409 | TOO_MANY),
        None => changes && door && !leaving && matches!(status, 401 | 403 | 404 | TOO_MANY),
    }
}

/// What a request is about, from its route and path: the last parameter with the noun before it.
pub(crate) fn resource(route: &str, path: &str) -> String {
    let (mut noun, mut about) = ("", None);
    for (pattern, said) in route.split('/').zip(path.split('/')) {
        if pattern.starts_with('{') {
            let sane = said.len() <= 64 && said.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            about = Some(format!("{}:{}", singular(noun), if sane { said } else { "?" }));
        } else {
            noun = pattern;
        }
    }
    about.unwrap_or_else(|| singular(noun).to_owned())
}

fn singular(noun: &str) -> &str {
    match noun {
        "members" => "user",
        "status" => "status",
        other => other.strip_suffix('s').unwrap_or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_recorded_when_somebody_known_wanted_a_change_or_was_not_let_in() {
        let ana = Actor::Person { id: 1, role: "agent".into() };
        for (method, route, status, actor, tenant, recorded) in [
            (Method::POST, "/api/v1/tickets", 422, Some(&ana), true, true),
            (Method::DELETE, "/api/v1/members/{user_id}", 503, Some(&ana), true, true),
            (Method::POST, "/api/v1/tickets", 201, Some(&ana), true, false),
            (Method::GET, "/api/v1/tickets/{ticket}", 404, Some(&ana), true, false),
            (Method::POST, "/api/v1/tickets", 401, None, true, false),
            (Method::POST, "/api/v1/auth/login", 401, None, true, true),
            (Method::POST, "/api/v1/auth/login", 429, None, true, true),
            (Method::POST, "/api/v1/auth/login", 422, None, true, false),
            (Method::POST, "/api/v1/auth/login", 404, None, false, false),
            (Method::POST, "/api/v1/auth/refresh", 401, None, true, false),
            (Method::POST, "/api/v1/operator/auth/login", 401, None, false, true),
            (Method::GET, "/api/v1/auth/me", 401, None, true, false),
            (Method::GET, "/api/v1/auth/sso/callback", 401, None, true, true),
            (Method::GET, "/api/v1/auth/sso/callback", 302, None, true, false),
            (Method::POST, "/api/v1/tenants", 409, None, false, true),
            (Method::POST, "/api/v1/tenants", 429, None, false, true),
            (Method::POST, "/api/v1/tenants", 422, None, false, false),
            (Method::GET, "/api/v1/tenants", 429, None, false, false),
        ] {
            assert_eq!(is_recorded(&method, route, status, (actor, tenant)), recorded, "{method} {route} {status}");
        }
    }

    #[test]
    fn a_resource_is_the_noun_with_what_the_path_says_and_nothing_odd() {
        for (route, path, said) in [
            ("/api/v1/tickets/{ticket}/status", "/api/v1/tickets/TKT-7/status", "ticket:TKT-7"),
            ("/api/v1/members/{user_id}", "/api/v1/members/5", "user:5"),
            ("/api/v1/tickets", "/api/v1/tickets", "ticket"),
            ("/api/v1/invitations/{id}", "/api/v1/invitations/%3Cb%3E", "invitation:?"),
        ] {
            assert_eq!(resource(route, path), said);
        }
    }

    #[test]
    fn a_flood_of_one_person_is_one_row_and_everything_else_its_own() {
        let failure = |tenant: u128, status: u16| Failure {
            tenant: Some(Uuid::from_u128(tenant)),
            author: Author::system("test"),
            action: "POST /x".into(),
            resource: "x".into(),
            status,
            code: None,
            took: Duration::ZERO,
            at: DateTime::UNIX_EPOCH,
            times: 1,
        };
        let batch = [(1, 429), (2, 429), (1, 429), (1, 409), (1, 409), (1, 429)].map(|(tenant, status)| failure(tenant, status));
        let told: Vec<Vec<(u16, u32)>> =
            by_tenant(batch.into()).into_iter().map(|(_, rows)| rows.iter().map(|f| (f.status, f.times)).collect()).collect();
        assert_eq!(told, [vec![(429, 3), (409, 1), (409, 1)], vec![(429, 1)]]);
    }
}
