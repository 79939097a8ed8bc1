//! Asking a provider: no redirects, no proxy, no more than a quarter of a megabyte, no longer than five
//! seconds, and at no address that the guard refuses. The address that was looked at is the one that
//! is connected to, so a name that changes its mind in between gains nothing.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use openidconnect::{HttpRequest, HttpResponse};
use reqwest::{
    Client, Request,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use shared::{Error, Result};

use super::guard::Reach;

const LONGEST: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(2);
const MOST: usize = 256 * 1024;

/// Asks providers.
#[derive(Clone)]
pub struct Asker {
    http: Client,
    reach: Reach,
}

/// Looks names up, and refuses one that stands for any address out of reach.
struct Lookup(Reach);

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().all(|at| reach.reaches(at.ip())) {
                Ok(Box::new(found.into_iter()) as Addrs)
            } else {
                Err(out_of_reach().into())
            }
        })
    }
}

fn out_of_reach() -> io::Error {
    io::Error::other("this address is not asked")
}

impl Asker {
    /// Asks within this reach.
    pub fn new(reach: Reach) -> Result<Self> {
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(LONGEST)
            .connect_timeout(CONNECT)
            .https_only(reach == Reach::Internet)
            .dns_resolver(Arc::new(Lookup(reach)))
            .user_agent("Helpdeskly")
            .build()
            .map_err(Error::internal)?;
        Ok(Self { http, reach })
    }

    /// How far it reaches.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// One request and its whole answer.
    pub async fn ask(&self, request: HttpRequest) -> io::Result<HttpResponse> {
        let request = Request::try_from(request).map_err(io::Error::other)?;
        if !self.reach.allows(request.url()) {
            return Err(out_of_reach());
        }
        let mut response = self.http.execute(request).await.map_err(io::Error::other)?;
        let mut answer = HttpResponse::default();
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        while let Some(part) = response.chunk().await.map_err(io::Error::other)? {
            if answer.body().len() + part.len() > MOST {
                return Err(io::Error::other("this answer is too long"));
            }
            answer.body_mut().extend_from_slice(&part);
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let name = || "localhost".parse::<Name>().expect("a name");
        assert!(Lookup(Reach::Internet).resolve(name()).await.is_err());
        assert!(Lookup(Reach::Trial).resolve(name()).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_out_of_reach_is_not_asked() {
        shared::start_tls();
        let asker = Asker::new(Reach::Internet).expect("a client");
        for url in ["http://id.example.com/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://10.0.0.1/x"] {
            let request = openidconnect::http::Request::get(url).body(vec![]).expect("a request");
            let refused = asker.ask(request).await.expect_err(url);
            let text = format!("{refused:?}");
            assert!(text.contains("this address is not asked"), "{url}: {text}");
        }
    }
}
