//! Nobody comes too often. Each plane has one table that says for each operation how it
//! is counted; this layer counts before anything else is asked, so that a refusal costs no query.
//! Redis counts for all instances together. While it is away, each counts for itself.

mod local;
mod policy;
mod window;

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, RwLock},
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
pub use policy::{
    ANONYMOUS, Asker, Bucket, CUSTOMER, KEYS, Policy, Rate, Row, STAFF, TENANT, bucket_of_unsound_keys, buckets, buckets_of_key, network,
};
use prometheus::{IntCounterVec, Opts, Registry};
use uuid::Uuid;

use self::{
    local::Local,
    window::{Level, Taken},
};
use super::Client;
use crate::{Error, Result, auth::jwt::Tokens, cache::Cache, clock::Clock, session};

/// How an API key begins.
const KEY: &str = "hdk_";

/// Counts requests.
#[derive(Clone)]
pub struct Limits(Option<Arc<Inner>>);

struct Inner {
    table: HashMap<(&'static str, &'static str), Policy>,
    tokens: Tokens,
    clock: Clock,
    cache: Cache,
    local: Local,
    /// Tenants with a measure of their own, as far as this process has seen them.
    measures: RwLock<HashMap<Uuid, Rate>>,
    decided: IntCounterVec,
}

/// How a request is counted before it is answered.
struct Asked {
    policy: Policy,
    buckets: Vec<Bucket>,
    /// For one that shows a key: what counts it besides if the key opens nothing.
    unsound: Option<Bucket>,
}

/// Goes with a request that shows an API key, so that whoever finds the key sound can count it.
#[derive(Clone)]
struct KeyShown {
    inner: Arc<Inner>,
    policy: Policy,
    told: Arc<OnceLock<Told>>,
}

/// What a client is told about the bucket that counts for it.
struct Told {
    limit: u32,
    level: Level,
}

impl Limits {
    /// Counts as `table` says. What it does not name is counted as usual.
    pub fn new(table: &[Row], tokens: Tokens, clock: Clock, cache: Cache) -> Self {
        let opts = Opts::new("rate_limit_decisions_total", "Requests counted, by who decided and how");
        let decided = IntCounterVec::new(opts, &["by", "decision"]).expect("the name and its labels are sound");
        let table = table.iter().map(|(method, path, policy)| ((*method, *path), *policy)).collect();
        Self(Some(Arc::new(Inner { table, tokens, clock, cache, local: Local::default(), measures: RwLock::default(), decided })))
    }

    /// Refuses nobody: for load tests.
    pub fn off() -> Self {
        Self(None)
    }

    /// Remembers how many requests a minute a tenant may make; none: as many as usual. The layer counts before it
    /// knows any tenant, so the first request that a process sees is counted by what it knew before.
    pub fn learn(parts: &Parts, tenant: Uuid, a_minute: Option<u32>) {
        let Some(Self(Some(inner))) = parts.extensions.get::<Self>() else { return };
        let measure = a_minute.map(Rate::a_minute);
        if inner.measure(tenant) == measure {
            return;
        }
        let mut measures = inner.measures.write().expect("nobody panics while holding the measures");
        match measure {
            Some(rate) => measures.insert(tenant, rate),
            None => measures.remove(&tenant),
        };
    }

    /// Counts a request whose API key was found sound, or says `429 rate_limited`: which key that is, and
    /// whose, the layer could not know.
    pub async fn take_key(parts: &Parts, tenant: Uuid, key: i64) -> Result<()> {
        let Some(shown) = parts.extensions.get::<KeyShown>() else { return Ok(()) };
        let buckets = buckets_of_key(shown.policy, (tenant, key), shown.inner.whole(tenant));
        let taken = shown.inner.take(&buckets).await;
        let told = told(&buckets, &taken);
        let until = told.level.until;
        // Once: a request shows one key.
        let _ = shown.told.set(told);
        if taken.refused_by.is_some() { Err(Error::TooMany { retry_after: whole_seconds(until) }) } else { Ok(()) }
    }

    /// Counts something that only a handler knows about, or says `429 rate_limited`.
    pub async fn take(&self, buckets: &[Bucket]) -> Result<()> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let taken = inner.take(buckets).await;
        match taken.refused_by {
            Some(i) => Err(Error::TooMany { retry_after: whole_seconds(taken.levels[i].until) }),
            None => Ok(()),
        }
    }

    /// Registers `rate_limit_decisions_total`.
    pub fn register(&self, registry: &Registry) -> Result<()> {
        let Some(inner) = &self.0 else { return Ok(()) };
        registry.register(Box::new(inner.decided.clone())).map_err(Error::internal)
    }
}

/// The layer. It needs the edge around it, which knows the client.
pub(super) async fn limited(limits: Limits, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(limits.clone());
    let Some(inner) = limits.0 else { return next.run(request).await };
    let asked = inner.asked(&request);
    if asked.buckets.is_empty() {
        return next.run(request).await;
    }
    let taken = inner.admit(&asked).await;
    let told = told(&asked.buckets, &taken);
    match (taken.refused_by, asked.unsound) {
        (Some(_), _) => {
            let mut refusal = Error::TooMany { retry_after: whole_seconds(told.level.until) }.into_response();
            tell(&mut refusal, &told);
            refusal
        }
        (None, Some(unsound)) => with_key((inner, asked.policy), request, next, (told, unsound)).await,
        (None, None) => {
            let mut response = next.run(request).await;
            tell(&mut response, &told);
            response
        }
    }
}

/// Answers a request that shows a key. One that opens nothing is counted once more, as a stranger's.
async fn with_key((inner, policy): (Arc<Inner>, Policy), mut request: Request, next: Next, (told, unsound): (Told, Bucket)) -> Response {
    let shown = KeyShown { inner: inner.clone(), policy, told: Arc::default() };
    request.extensions_mut().insert(shown.clone());
    let mut response = next.run(request).await;
    match shown.told.get() {
        Some(of_key) if of_key.level.remaining < told.level.remaining => tell(&mut response, of_key),
        Some(_) => tell(&mut response, &told),
        None => {
            inner.note_unsound(unsound).await;
            tell(&mut response, &told);
        }
    }
    response
}

impl Inner {
    fn asked(&self, request: &Request) -> Asked {
        let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
        let policy = self.policy(method, path);
        let ip = request.extensions().get::<Client>().and_then(|client| client.ip);
        let network = ip.map_or_else(|| "unknown".to_owned(), network);
        let asker = self.asker(request.headers());
        let whole = match asker {
            Asker::Person { tenant, .. } => self.whole(tenant),
            Asker::Nobody | Asker::Key => TENANT,
        };
        let unsound = (asker == Asker::Key).then(|| bucket_of_unsound_keys(&network));
        Asked { policy, buckets: buckets(policy, asker, &network, whole), unsound }
    }

    fn measure(&self, tenant: Uuid) -> Option<Rate> {
        self.measures.read().expect("nobody panics while holding the measures").get(&tenant).copied()
    }

    fn whole(&self, tenant: Uuid) -> Rate {
        self.measure(tenant).unwrap_or(TENANT)
    }

    /// Counts a request, unless it shows a key and comes from where too many opened nothing.
    async fn admit(&self, asked: &Asked) -> Taken {
        match asked.unsound.as_ref().and_then(|unsound| self.local.full(std::slice::from_ref(unsound))) {
            Some((_, until)) => self.decide("memory", refused(&asked.buckets, 0, until)),
            None => self.take(&asked.buckets).await,
        }
    }

    /// Counts a key that opened nothing. When there were too many, the next ones are not looked at.
    async fn note_unsound(&self, unsound: Bucket) {
        let buckets = [unsound];
        let taken = self.take(&buckets).await;
        if taken.refused_by.is_some() {
            self.local.learn(&buckets, &taken);
        }
    }

    fn policy(&self, method: &str, path: &str) -> Policy {
        self.table.get(&(method, path)).copied().unwrap_or(Policy::Usual)
    }

    /// Who asks. A token that is not ours, or not of now, makes nobody of its holder.
    fn asker(&self, headers: &HeaderMap) -> Asker {
        // Read as the handlers read it, who let the scheme be written in any way.
        if session::shown(headers).is_some_and(|token| token.starts_with(KEY)) {
            return Asker::Key;
        }
        let bearer = headers.get(header::AUTHORIZATION);
        let person = bearer.and_then(|_| session::claims(headers, &self.tokens, &self.clock).ok()).and_then(|claims| {
            if let Some(pass) = claims.pass() {
                // Below zero there are no people.
                return Some(Asker::Person { tenant: pass.tenant, user: -pass.operator, staff: true });
            }
            let staff = session::Role::parse(&claims.role)?.is_staff();
            Some(Asker::Person { tenant: claims.tenant, user: claims.sub.parse().ok()?, staff })
        });
        person.unwrap_or(Asker::Nobody)
    }

    async fn take(&self, buckets: &[Bucket]) -> Taken {
        if let Some((i, until)) = self.local.full(buckets) {
            return self.decide("memory", refused(buckets, i, until));
        }
        let Some(taken) = window::take(&self.cache, buckets).await else {
            return self.decide("instance", self.local.take(buckets));
        };
        self.local.learn(buckets, &taken);
        self.decide("redis", taken)
    }

    fn decide(&self, by: &str, taken: Taken) -> Taken {
        let decision = if taken.refused_by.is_some() { "refused" } else { "allowed" };
        self.decided.with_label_values(&[by, decision]).inc();
        taken
    }
}

fn refused(buckets: &[Bucket], by: usize, until: Duration) -> Taken {
    Taken { refused_by: Some(by), levels: vec![Level { remaining: 0, until }; buckets.len()] }
}

/// The bucket that refuses, else the one that will be the first to.
fn told(buckets: &[Bucket], taken: &Taken) -> Told {
    let first = taken.levels.iter().enumerate().min_by_key(|(_, level)| level.remaining).map_or(0, |(i, _)| i);
    let i = taken.refused_by.unwrap_or(first);
    Told { limit: buckets[i].rate.times, level: taken.levels[i] }
}

/// Rounded up: who waits that long is let in.
fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_millis().div_ceil(1000).max(1) as u64)
}

/// Whoever a handler refuses has nothing left either, until it says.
fn tell(response: &mut Response, told: &Told) {
    let refused = response.status() == StatusCode::TOO_MANY_REQUESTS;
    let (again, headers) = (response.headers().get(header::RETRY_AFTER).cloned(), response.headers_mut());
    let (remaining, reset) = match again.filter(|_| refused) {
        Some(again) => (0, again),
        None => (told.level.remaining, whole_seconds(told.level.until).as_secs().into()),
    };
    headers.insert(HeaderName::from_static("ratelimit-limit"), told.limit.into());
    headers.insert(HeaderName::from_static("ratelimit-remaining"), remaining.into());
    headers.insert(HeaderName::from_static("ratelimit-reset"), reset);
}
