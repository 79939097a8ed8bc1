//! What tests of files need: forms, contents, and what is known of them afterwards.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, Method, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
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
pub async fn fetched(caller: &Caller, url: &str, range: Option<&str>) -> (u16, HeaderMap, Vec<u8>) {
    fetched_if(caller, url, range.map(|range| (header::RANGE, range)).as_slice()).await
}

/// The same with other conditions.
pub async fn fetched_if(caller: &Caller, url: &str, asked: &[(HeaderName, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let path = &url[url.find("/api/").expect("a path")..];
    let mut request = Request::builder().uri(path).header(header::HOST, format!("{}.localhost:8080", caller.slug));
    for (name, value) in asked {
        request = request.header(name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = tower::ServiceExt::oneshot(caller.router.clone(), request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 64 << 20).await.expect("bytes");
    (parts.status.as_u16(), parts.headers, bytes.to_vec())
}

/// A client of resumable uploads.
pub struct Tus<'a> {
    pub caller: &'a Caller,
    pub ticket: i64,
}

impl Tus<'_> {
    /// Announces a file; more pairs of metadata may follow.
    pub async fn announces(&self, name: &str, length: usize, more: &[(&str, &str)]) -> Answer {
        let ticket = self.ticket.to_string();
        let pairs = [("filename", name), ("ticket_id", ticket.as_str())].into_iter().chain(more.iter().copied());
        let metadata: Vec<String> = pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).collect();
        let request = self.request(&Method::POST, "/api/v1/uploads");
        let request = request.header("upload-length", length).header("upload-metadata", metadata.join(","));
        self.caller.send(request.body(Body::empty()).expect("a request")).await
    }

    /// The address of a file that is announced and taken.
    pub async fn begins(&self, name: &str, length: usize, more: &[(&str, &str)]) -> String {
        let begun = self.announces(name, length, more).await;
        assert_eq!(begun.status, 201, "{begun:?}");
        begun.headers[header::LOCATION].to_str().expect("an address").to_owned()
    }

    /// Sends bytes from there on.
    pub async fn sends(&self, upload: &str, offset: usize, body: impl Into<Body>) -> Answer {
        self.sends_with(upload, offset, body, &[]).await
    }

    pub async fn sends_with(&self, upload: &str, offset: usize, body: impl Into<Body>, more: &[(&str, &str)]) -> Answer {
        let mut request = self.request(&Method::PATCH, upload).header(header::CONTENT_TYPE, "application/offset+octet-stream");
        for (name, value) in [("upload-offset", offset.to_string().as_str())].iter().chain(more) {
            request = request.header(*name, *value);
        }
        self.caller.send(request.body(body.into()).expect("a request")).await
    }

    /// How far it is; none where there is no such upload any more.
    pub async fn is_at(&self, upload: &str) -> Option<usize> {
        let answer = self.caller.send(self.request(&Method::HEAD, upload).body(Body::empty()).expect("a request")).await;
        answer.headers.get("upload-offset").map(|offset| offset.to_str().expect("digits").parse().expect("a number"))
    }

    pub fn request(&self, method: &Method, path: &str) -> axum::http::request::Builder {
        self.caller.request(method, path).header("tus-resumable", "1.0.0")
    }
}

/// A body that breaks off after these bytes.
pub fn cut(bytes: Vec<u8>) -> Body {
    let pieces = [Ok(axum::body::Bytes::from(bytes)), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    Body::from_stream(futures::stream::iter(pieces))
}
