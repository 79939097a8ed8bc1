//! One layer around every request: its id, its time limit, its log line, its figures, and the
//! headers of its answer. A panic becomes a 500 of this request alone.

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};
use tower::util::option_layer;
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    set_header::SetResponseHeaderLayer,
};
use uuid::Uuid;

use super::{
    leftover::read_to_its_end,
    problem::{Code, Fault, Meant, REQUEST_ID},
    rate_limit::{Limits, limited},
};
use crate::{
    Error, Result,
    act::{Actor, Author},
    audit::{Failure, Failures, is_recorded, resource},
};

/// No request keeps its client waiting longer, whatever hangs behind it.
const LIMIT: Duration = Duration::from_millis(2800);
const MAX_BODY: usize = 1 << 20;
const CORS_HEADERS: [&str; 11] = [
    "authorization",
    "content-type",
    "if-match",
    "idempotency-key",
    "last-event-id",
    "tus-resumable",
    "upload-checksum",
    "upload-length",
    "upload-metadata",
    "upload-offset",
    "x-tenant",
];
/// What scripts of other sites may read of an answer.
const CORS_EXPOSED: [&str; 13] = [
    "attachment-id",
    "etag",
    "location",
    "retry-after",
    "tus-resumable",
    "tus-version",
    "upload-expires",
    "upload-length",
    "upload-offset",
    "x-request-id",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
];
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Figures of all requests.
#[derive(Clone)]
pub struct HttpMetrics {
    requests: IntCounterVec,
    duration: HistogramVec,
}

impl HttpMetrics {
    /// Registers `http_requests_total` and `http_request_duration_seconds`.
    pub fn register(registry: &Registry) -> Result<Self> {
        let buckets = vec![0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0];
        let opts = HistogramOpts::new("http_request_duration_seconds", "Time from request to answer").buckets(buckets);
        let metrics = Self {
            requests: IntCounterVec::new(Opts::new("http_requests_total", "Requests answered"), &["method", "route", "status_code"])
                .map_err(Error::internal)?,
            duration: HistogramVec::new(opts, &["method", "route"]).map_err(Error::internal)?,
        };
        registry.register(Box::new(metrics.requests.clone())).map_err(Error::internal)?;
        registry.register(Box::new(metrics.duration.clone())).map_err(Error::internal)?;
        Ok(metrics)
    }
}

/// What the edge needs to know.
#[derive(Clone)]
pub struct Edge {
    /// Where the figures go.
    pub metrics: HttpMetrics,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted: Arc<[IpAddr]>,
    /// Where what was refused goes.
    pub failures: Failures,
    /// Origins of other sites that may call with credentials; usually none.
    pub cors: Vec<HeaderValue>,
    /// Who may come how often.
    pub limits: Limits,
    /// Routes that take their time, each with how long: bodies that come and go as fast as a network carries them.
    pub slow: &'static [(&'static str, &'static str, Duration)],
    /// Where a trusted peer says which country a request comes from; usually nowhere.
    pub country: Option<HeaderName>,
}

impl Edge {
    /// One without other sites, slow routes and countries.
    pub fn plain(metrics: HttpMetrics, trusted: Arc<[IpAddr]>, failures: Failures, limits: Limits) -> Self {
        Self { metrics, trusted, failures, cors: Vec::new(), limits, slow: &[], country: None }
    }
}

/// Who called, as far as the network tells.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address, from `X-Forwarded-For` only behind a trusted proxy.
    pub ip: Option<IpAddr>,
    /// The country of that address, as two letters, if a trusted proxy says it.
    pub country: Option<String>,
    /// What it calls itself, at most 255 characters.
    pub user_agent: Option<String>,
    /// The id of this request.
    pub request_id: String,
    arrived: Instant,
    who: Arc<Who>,
}

/// What becomes known of a request while it is answered; each once.
#[derive(Debug, Default)]
struct Who {
    tenant: OnceLock<(Uuid, String)>,
    actor: OnceLock<Actor>,
    aim: OnceLock<i64>,
}

impl Client {
    /// Says which tenant the request names.
    pub fn visits(&self, tenant: Uuid, slug: &str) {
        // Set once: a request has one tenant and one person.
        let _ = self.who.tenant.set((tenant, slug.to_owned()));
    }

    /// Says as whom it was made.
    pub fn is(&self, actor: Actor) {
        let _ = self.who.actor.set(actor);
    }

    /// Says as whom somebody wants to come in, who is not known yet.
    pub fn aims_at(&self, user: i64) {
        let _ = self.who.aim.set(user);
    }

    /// The author of an act that this client asks for as `actor`.
    pub fn author(&self, actor: Actor) -> Author {
        let (country, user_agent, request_id) = (self.country.clone(), self.user_agent.clone(), Some(self.request_id.clone()));
        Author { actor, ip: self.ip, country, user_agent, request_id, cause: None, depth: 0, arrived: Some(self.arrived) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::internal(anyhow::anyhow!("route without the edge layer")))
    }
}

/// Puts the edge around `router`, with problems for unknown paths and methods.
pub fn layered(router: Router, edge: Edge) -> Router {
    let is_open = !edge.cors.is_empty();
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(edge.cors.clone()))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(CORS_HEADERS.map(HeaderName::from_static))
        .expose_headers(CORS_EXPOSED.map(HeaderName::from_static))
        .allow_credentials(true);
    let limits = edge.limits.clone();
    router
        .fallback(async || Error::NotFound("not_found"))
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn(move |request, next| limited(limits.clone(), request, next)))
        // Without other sites nobody asks before they ask: OPTIONS is a method like any other.
        .layer(option_layer(is_open.then_some(cors)))
        .layer(from_fn_with_state(edge, around))
        .layer(from_fn(read_to_its_end))
}

async fn around(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let client = client(&edge, &request, started);
    let id = client.request_id.clone();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |m| m.as_str().to_owned());
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(client.clone());
    let mut response = REQUEST_ID.scope(id.clone(), guarded(next, request, patience(edge.slow, &method, &route))).await;
    finish(&mut response, &id);
    let status = response.status();
    let took = started.elapsed();
    let label = label(&method);
    edge.metrics.requests.with_label_values(&[label, &route, status.as_str()]).inc();
    edge.metrics.duration.with_label_values(&[label, &route]).observe(took.as_secs_f64());
    log(&response, &client, &method, &route, took);
    note_failure(&edge.failures, &response, &client, (&method, &route, &path));
    response
}

/// How long a route may take.
fn patience(slow: &[(&str, &str, Duration)], method: &Method, route: &str) -> Duration {
    slow.iter().find(|(of, path, _)| *of == method.as_str() && *path == route).map_or(LIMIT, |(.., time)| *time)
}

/// The method as a label: a closed list, for anybody may invent methods and each would stay for ever.
fn label(method: &Method) -> &str {
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];
    if known.contains(method) { method.as_str() } else { "OTHER" }
}

/// The one line of a request: who asked what, and what became of it. Never bodies or addresses.
fn log(response: &Response, client: &Client, method: &Method, route: &str, took: Duration) {
    let (status, duration_us) = (response.status().as_u16(), took.as_micros() as u64);
    let id = client.request_id.as_str();
    let tenant = client.who.tenant.get().map(|(_, slug)| slug.as_str());
    let user = client.who.actor.get().and_then(Actor::person);
    let fault = response.extensions().get::<Fault>().map(|fault| fault.0.as_str());
    match fault {
        Some(_) if status == 500 => tracing::error!(request_id = id, tenant, user, %method, route, status, duration_us, fault, "request"),
        Some(_) => tracing::warn!(request_id = id, tenant, user, %method, route, status, duration_us, fault, "request"),
        None => tracing::info!(request_id = id, tenant, user, %method, route, status, duration_us, "request"),
    }
}

/// What became of the request, where the answer leads a browser elsewhere to say it.
fn meant(response: &Response) -> StatusCode {
    response.extensions().get::<Meant>().map_or(response.status(), |meant| meant.0)
}

/// Hands over what was refused, for the audit trail. The answer does not wait for it.
fn note_failure(failures: &Failures, response: &Response, client: &Client, (method, route, path): (&Method, &str, &str)) {
    let (status, who) = (meant(response).as_u16(), &client.who);
    let tenant = who.tenant.get().map(|(id, _)| *id);
    if !is_recorded(method, route, status, (who.actor.get(), tenant.is_some())) {
        return;
    }
    failures.hand_over(Failure {
        tenant,
        author: client.author(who.actor.get().cloned().unwrap_or(Actor::Anonymous)),
        action: format!("{method} {route}"),
        resource: who.aim.get().map_or_else(|| resource(route, path), |user| format!("user:{user}")),
        status,
        code: response.extensions().get::<Code>().map(|code| code.0),
        took: client.arrived.elapsed(),
        at: failures.clock.now(),
        times: 1,
    });
}

/// Runs the route within the time limit; a panic is answered, not passed on.
async fn guarded(next: Next, request: Request, limit: Duration) -> Response {
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Error::internal(anyhow::anyhow!("the route panicked")).into_response(),
        Err(_) => Error::Unavailable("dependency").into_response(),
    }
}

/// What the interactive pages of the API may do: scripts of our own, and the styles that they bring.
pub fn page_policy() -> SetResponseHeaderLayer<HeaderValue> {
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))
}

fn finish(response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(X_REQUEST_ID.clone(), id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

fn client(edge: &Edge, request: &Request, arrived: Instant) -> Client {
    let text = |name: &HeaderName| request.headers().get(name).and_then(|v| v.to_str().ok());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip().to_canonical());
    let forwarded = text(&HeaderName::from_static("x-forwarded-for")).and_then(|v| v.rsplit(',').next()?.trim().parse().ok());
    let is_ours = peer.is_some_and(|peer| edge.trusted.contains(&peer));
    Client {
        ip: forwarded.filter(|_| is_ours).or(peer),
        country: edge.country.as_ref().filter(|_| is_ours).and_then(text).and_then(country),
        user_agent: text(&header::USER_AGENT).map(|agent| agent.chars().take(255).collect()),
        arrived,
        who: Arc::default(),
        request_id: text(&X_REQUEST_ID).filter(|id| is_sane(id)).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned),
    }
}

/// Two letters. `XX` is what proxies say of an address that they do not know.
fn country(text: &str) -> Option<String> {
    let is_country = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) && !text.eq_ignore_ascii_case("xx");
    is_country.then(|| text.to_ascii_uppercase())
}

fn is_sane(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::{country, is_sane};

    #[test]
    fn a_country_has_two_letters() {
        for (text, expected) in [("FR", Some("FR")), ("de", Some("DE")), ("XX", None), ("T1", None), ("", None), ("FRA", None), ("é", None)]
        {
            assert_eq!(country(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_request_id_is_taken_over_only_when_sane() {
        for (id, sane) in [
            ("0192-abc.DEF_9", true),
            ("short", true),
            ("", false),
            ("with space in it", false),
            ("a\u{e9}aaaaaaaa", false),
            (&"x".repeat(65), false),
        ] {
            assert_eq!(is_sane(id), sane, "{id}");
        }
    }
}
