//! What tests of files need: forms, contents, and what is known of them afterwards.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::Value;
use shared::storage::prefix_of;

use crate::world::{Answer, Caller, TestApp, TestTenant};

/// What every scanner finds, in two halves: none is to find this file.
pub fn eicar() -> Vec<u8> {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STAND", "ARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

/// A file as a form sends it.
pub struct Sent<'a> {
    pub name: &'a str,
    pub kind: Option<&'a str>,
    pub bytes: &'a [u8],
    pub fields: &'a [(&'a str, &'a str)],
    pub key: Option<&'a str>,
}

impl<'a> Sent<'a> {
    pub fn file(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { name, kind: None, bytes, fields: &[], key: None }
    }

    pub fn request(&self, caller: &Caller, ticket: i64) -> Request<Body> {
        let mut body = Vec::new();
        for (name, value) in self.fields {
            body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        let name = self.name.replace('"', "%22");
        body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n").into_bytes());
        body.extend(self.kind.map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default().into_bytes());
        body.extend(b"\r\n");
        body.extend(self.bytes);
        body.extend(b"\r\n--edge--\r\n");
        let mut request = caller
            .request(&Method::POST, &format!("/api/v1/tickets/{ticket}/attachments"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        if let Some(key) = self.key {
            request = request.header("idempotency-key", key);
        }
        request.body(Body::from(body)).expect("a request")
    }

    pub async fn by(&self, caller: &Caller, ticket: i64) -> Answer {
        caller.send(self.request(caller, ticket)).await
    }
}

/// A small text, sent.
pub async fn attached(caller: &Caller, ticket: i64, name: &str) -> Value {
    Sent::file(name, format!("what stands in {name}").as_bytes()).by(caller, ticket).await.expect(201)
}

/// The objects below a tenant's files.
pub async fn objects(app: &TestApp, tenant: &TestTenant) -> Vec<String> {
    let listed = app.app.outside.storage.list(&format!("{}tickets/", prefix_of(tenant.id)), None).await.expect("a list");
    listed.objects.into_iter().map(|object| object.key).collect()
}

/// What a signed address gives: status, headers and bytes.
pub async fn fetched(caller: &Caller, url: &str, range: Option<&str>) -> (u16, axum::http::HeaderMap, Vec<u8>) {
    let path = &url[url.find("/api/").expect("a path")..];
    let mut request = Request::builder().uri(path).header(header::HOST, format!("{}.localhost:8080", caller.slug));
    if let Some(range) = range {
        request = request.header(header::RANGE, range);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = tower::ServiceExt::oneshot(caller.router.clone(), request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 64 << 20).await.expect("bytes");
    (parts.status.as_u16(), parts.headers, bytes.to_vec())
}
