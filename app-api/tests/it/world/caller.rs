//! Somebody who asks, and the answer they get.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, Response, StatusCode, header},
};
use serde_json::Value;
use shared::{
    auth::jwt::{Grant, Tokens},
    clock::Clock,
};
use tower::ServiceExt;

use super::{Instance, TestTenant};

/// Somebody who asks, with their token.
#[derive(Clone)]
pub struct Caller {
    pub id: i64,
    pub(super) grant: Grant,
    pub(super) tokens: Tokens,
    pub(super) clock: Clock,
    /// A token of one moment; without it each request has a new one.
    pub(super) kept: Option<String>,
    pub slug: &'static str,
    /// The tenant's database, where a test puts things that nobody has asked for.
    pub db: sqlx::PgPool,
    pub router: Router,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body, which must have come with `status`.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self.body
    }

    /// Asserts a problem of that status and code.
    #[track_caller]
    pub fn is(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status.as_u16(), self.body["code"].as_str()), (status, Some(code)), "{:#}", self.body);
        self.body
    }
}

impl Caller {
    /// The same person, asking at another tenant's address.
    pub fn at(&self, tenant: &TestTenant) -> Self {
        self.at_slug(tenant.slug)
    }

    pub fn at_slug(&self, slug: &'static str) -> Self {
        Self { slug, ..self.clone() }
    }

    /// The same person, asking another process.
    pub fn through(&self, instance: &Instance) -> Self {
        self.by_way_of(&instance.router)
    }

    /// The same person, asking this router.
    pub fn by_way_of(&self, router: &Router) -> Self {
        Self { router: router.clone(), ..self.clone() }
    }

    /// The same person, who does not refresh their token.
    pub fn who_keeps_the_token(&self) -> Self {
        Self { kept: Some(self.token()), ..self.clone() }
    }

    /// The same person, signed in once more.
    pub fn elsewhere(&self) -> Self {
        let grant = Grant { session: uuid::Uuid::now_v7(), ..self.grant.clone() };
        Self { grant, kept: None, ..self.clone() }
    }

    /// Ends the session of their token.
    pub async fn ends(&self, db: &mut sqlx::PgConnection) {
        let sql =
            "insert into sessions (id, tenant_id, user_id, client, created_at, last_used_at) values ($1, $2, $3, 'api', now(), now())";
        let opened = sqlx::query(sql).bind(self.grant.session).bind(self.grant.tenant).bind(self.id).execute(&mut *db).await;
        opened.expect("a session");
        let sql = "update sessions set revoked_at = now(), revoked_reason = 'logout' where id = $1";
        sqlx::query(sql).bind(self.grant.session).execute(db).await.expect("ended");
    }

    /// Asks until they get this answer, and fails after the five seconds that a change of access may take.
    pub async fn comes_to(&self, path: &str, status: u16) {
        let asking = async {
            while self.get(path).await.status != status {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let within = tokio::time::timeout(std::time::Duration::from_secs(5), asking).await;
        assert!(within.is_ok(), "{path} does not come to {status} within five seconds");
    }

    /// The same person, who shows something else.
    pub fn showing(&self, text: &str) -> Self {
        Self { kept: Some(text.to_owned()), ..self.clone() }
    }

    pub fn token(&self) -> String {
        self.kept.clone().unwrap_or_else(|| self.tokens.issue(&self.grant, self.clock.now()).expect("a token"))
    }

    pub fn request(&self, method: &Method, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, format!("{}.localhost:8080", self.slug))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token()))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(&Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.with(&Method::POST, path, body, &[]).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.with(&Method::PATCH, path, body, &[]).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.with(&Method::PUT, path, body, &[]).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(&Method::DELETE, path).body(Body::empty()).expect("a request")).await
    }

    pub async fn with(&self, method: &Method, path: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        read(response).await
    }

    /// Opens a ticket and gives its id.
    pub async fn opens(&self, subject: &str) -> i64 {
        let body = serde_json::json!({ "subject": subject, "description": "It smokes." });
        self.post("/api/v1/tickets", body).await.expect(201)["id"].as_i64().expect("an id")
    }

    pub async fn assigns(&self, ticket: i64, to: Option<i64>) -> Answer {
        self.post(&format!("/api/v1/tickets/{ticket}/assign"), serde_json::json!({ "assigned_to": to })).await
    }

    pub async fn sets(&self, ticket: i64, status: &str) -> Answer {
        self.post(&format!("/api/v1/tickets/{ticket}/status"), serde_json::json!({ "status": status, "reason": "because" })).await
    }

    pub async fn says(&self, ticket: i64, message: &str) -> Answer {
        self.post(&format!("/api/v1/tickets/{ticket}/messages"), serde_json::json!({ "message": message })).await
    }

    pub async fn notes(&self, ticket: i64, message: &str) -> Answer {
        self.post(&format!("/api/v1/tickets/{ticket}/messages"), serde_json::json!({ "message": message, "is_internal": true })).await
    }
}

async fn read(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 16 << 20).await.expect("a body");
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: parts.status, headers: parts.headers, body }
}
