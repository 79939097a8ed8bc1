//! An answer, read to its end.

use axum::http::{HeaderMap, header};
use serde_json::Value;

use super::{Ask, Person};

#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, self.body);
        self
    }

    /// A problem with all its fields, this status and this code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}: {}", self.what, self.body);
        assert_eq!(self.header(header::CONTENT_TYPE.as_str()), "application/problem+json");
        assert_eq!(self.body["request_id"], self.header("x-request-id"));
        for field in ["type", "title", "status", "detail"] {
            assert!(!self.body[field].is_null(), "{}: {field}", self.what);
        }
        self
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Field and code of the first wrong field.
    pub fn wrong_field(&self) -> (String, String) {
        let error = &self.body["errors"][0];
        (error["field"].as_str().unwrap_or_default().into(), error["code"].as_str().unwrap_or_default().into())
    }
}

/// Asks again while the answer is `503`: on a busy machine the turns to hash passwords run out, and
/// trying again is what that answer asks for.
pub async fn served<'a>(ask: impl Fn() -> Ask<'a>) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
    }
}

impl Person {
    pub fn of(answer: &Answer) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let user = &answer.body["user"];
        Self {
            id: user["id"].as_i64().expect("an id"),
            email: text(&user["email"]),
            slug: text(&user["tenant"]["slug"]),
            access: text(&answer.body["access_token"]),
            refresh: text(&answer.body["refresh_token"]),
        }
    }
}
