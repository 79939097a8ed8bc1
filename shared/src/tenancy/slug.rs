//! Which tenant a request names: by its host, or by `X-Tenant` for API clients (P-1).

use std::{fmt, sync::Arc};

use axum::http::{HeaderMap, HeaderName, Uri, header};

use crate::{Error, Result};

/// A subdomain label of the right form: `^[a-z][a-z0-9-]{1,30}[a-z0-9]$` (C-1). Whether it may be
/// taken is the control plane's rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(Arc<str>);

impl Slug {
    /// The slug in `text`, upper case folded.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let bytes = text.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        let right =
            (3..=32).contains(&bytes.len()) && bytes[0].is_ascii_lowercase() && bytes.iter().all(inner) && bytes[bytes.len() - 1] != b'-';
        right.then(|| Self(text.into()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

static X_TENANT: HeaderName = HeaderName::from_static("x-tenant");

/// The tenant that a request names. `400` when host and header disagree or stand twice,
/// `404 tenant_not_found` when neither names one.
pub fn named(headers: &HeaderMap, uri: &Uri, base_domain: &str) -> Result<Slug> {
    let by_header = only(headers, &X_TENANT)?;
    let host = only(headers, &header::HOST)?;
    if let (Some(authority), Some(host)) = (uri.authority(), host)
        && authority.as_str() != host
    {
        return Err(contradiction());
    }
    let host = host.or_else(|| uri.authority().map(|a| a.as_str())).unwrap_or_default();
    let by_host = label(host, base_domain);
    match (by_host, by_header.map(str::to_ascii_lowercase)) {
        (Some(host), Some(header)) if host != header => Err(contradiction()),
        (Some(label), _) | (None, Some(label)) => Slug::parse(&label).ok_or(Error::NotFound("tenant_not_found")),
        (None, None) => Err(Error::NotFound("tenant_not_found")),
    }
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(contradiction());
    }
    first.map(|v| v.to_str().map_err(|_| contradiction())).transpose()
}

fn contradiction() -> Error {
    Error::Malformed { code: "bad_request", detail: "The request names more than one tenant.".into() }
}

/// The label before the base domain, lower case; none when the host is another one.
fn label(host: &str, base_domain: &str) -> Option<String> {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let label = name.strip_suffix(&base_domain.to_ascii_lowercase())?.strip_suffix('.')?;
    Some(label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(host: &[&str], tenant: &[&str]) -> Result<Slug> {
        let mut headers = HeaderMap::new();
        for h in host {
            headers.append(header::HOST, h.parse().expect("a value"));
        }
        for t in tenant {
            headers.append(X_TENANT.clone(), t.parse().expect("a value"));
        }
        named(&headers, &Uri::from_static("/api/v1/tickets"), "localhost")
    }

    #[test]
    fn the_tenant_is_named_by_host_or_header_and_never_by_two_things() {
        for (host, tenant, slug) in [
            ("acme.localhost", None, Some("acme")),
            ("ACME.Localhost.:8080", None, Some("acme")),
            ("127.0.0.1:6501", Some("acme"), Some("acme")),
            ("acme.localhost", Some("Acme"), Some("acme")),
            ("acme.localhost.evil", None, None),
            ("evilocalhost", None, None),
            ("a.b.localhost", None, None),
            ("localhost", None, None),
            ("-x.localhost", None, None),
        ] {
            let got = ask(&[host], tenant.as_slice()).ok();
            assert_eq!(got.as_ref().map(Slug::as_str), slug, "{host} {tenant:?}");
        }
        for (hosts, tenants) in [
            (&["acme.localhost"][..], &["globex"][..]),
            (&["acme.localhost", "globex.localhost"], &[]),
            (&["127.0.0.1"], &["acme", "globex"]),
        ] {
            assert!(matches!(ask(hosts, tenants), Err(Error::Malformed { .. })), "{hosts:?} {tenants:?}");
        }
    }
}
