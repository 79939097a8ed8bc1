//! Asking Vault: with a token, for two seconds at most, without redirects and proxies. Nothing of what is asked or
//! answered is logged.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context;
use reqwest::{Certificate, Client, Method, StatusCode, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{Error, Result};

/// How long an answer is waited for, and a connection.
const LONGEST: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(1);
/// What JSON is called that changes a part of a secret (RFC 7396).
const PATCH: &str = "application/merge-patch+json";

/// By what a process comes in.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A token in a file, which is read anew when it is not good any more.
    TokenFile(PathBuf),
    /// An AppRole: its mount, the role's id, and the file with the secret id.
    AppRole(String, String, PathBuf),
}

/// What Vault says.
pub(super) enum Answer {
    /// What was asked for, or nothing besides that it is done.
    Said(Value),
    /// There is no such thing.
    Absent,
    /// It is not done so; why.
    Refused(String),
}

pub(super) struct Http {
    client: Client,
    address: String,
    entry: Entry,
    token: Mutex<Option<SecretString>>,
}

fn away() -> Error {
    Error::Unavailable(super::VAULT)
}

impl Http {
    pub(super) fn new(address: &str, ca: Option<&PathBuf>, entry: Entry) -> Result<Self> {
        let mut builder =
            Client::builder().redirect(Policy::none()).no_proxy().timeout(LONGEST).connect_timeout(CONNECT).user_agent("Helpdeskly");
        if let Some(file) = ca {
            let pem = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
            builder = builder.tls_certs_only(Certificate::from_pem_bundle(&pem).map_err(Error::internal)?);
        }
        let client = builder.build().map_err(Error::internal)?;
        Ok(Self { client, address: address.trim_end_matches('/').to_owned(), entry, token: Mutex::default() })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Forgets the token: whoever asks next comes in anew.
    pub(super) async fn leave(&self) {
        self.token.lock().await.take();
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer> {
        self.ask(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Answer> {
        self.ask(Method::PATCH, path, Some(body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<Answer> {
        self.ask(Method::DELETE, path, None).await
    }

    /// A token that is not good any more is exchanged for another one, once.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let token = self.token(None).await?;
        match self.send(method.clone(), path, body, Some(&token)).await? {
            (StatusCode::FORBIDDEN, _) => {
                let token = self.token(Some(&token)).await?;
                judge(path, self.send(method, path, body, Some(&token)).await?)
            }
            answer => judge(path, answer),
        }
    }

    /// The token; another one than `refused`. The lock is held meanwhile, so one comes in for all.
    async fn token(&self, refused: Option<&SecretString>) -> Result<SecretString> {
        let mut token = self.token.lock().await;
        let is_good = |known: &SecretString| refused.is_none_or(|refused| refused.expose_secret() != known.expose_secret());
        if let Some(known) = token.as_ref().filter(|known| is_good(known)) {
            return Ok(known.clone());
        }
        let new = match &self.entry {
            Entry::TokenFile(file) => read(file)?,
            Entry::AppRole(mount, role, file) => self.come_in(mount, role, &read(file)?).await?,
        };
        *token = Some(new.clone());
        Ok(new)
    }

    async fn come_in(&self, mount: &str, role: &str, secret: &SecretString) -> Result<SecretString> {
        let path = format!("auth/{mount}/login");
        let body = json!({ "role_id": role, "secret_id": secret.expose_secret() });
        match judge(&path, self.send(Method::POST, &path, Some(&body), None).await?)? {
            Answer::Said(said) => said["auth"]["client_token"].as_str().map(SecretString::from).ok_or_else(away),
            Answer::Absent | Answer::Refused(_) => {
                tracing::warn!(path, "Vault lets this process in by no such role");
                Err(away())
            }
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>, token: Option<&SecretString>) -> Result<(StatusCode, Value)> {
        let mut request = self.client.request(method.clone(), format!("{}/v1/{path}", self.address));
        if let Some(token) = token {
            request = request.header("X-Vault-Token", token.expose_secret());
        }
        // First, or it would be named a second time.
        if method == Method::PATCH {
            request = request.header("Content-Type", PATCH);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        // The error of a request may name its address, and nothing secret is in that.
        let sent = async { whole(request.send().await?).await };
        sent.await.map_err(|error: reqwest::Error| {
            tracing::warn!(path, error = %error.without_url(), "Vault does not answer");
            away()
        })
    }
}

async fn whole(response: reqwest::Response) -> reqwest::Result<(StatusCode, Value)> {
    let status = response.status();
    let bytes = response.bytes().await?;
    Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
}

/// A refusal of the token is an outage for whoever waits: somebody gives the right, and it goes on.
fn judge(path: &str, (status, said): (StatusCode, Value)) -> Result<Answer> {
    match status {
        status if status.is_success() => Ok(Answer::Said(said)),
        StatusCode::NOT_FOUND => Ok(Answer::Absent),
        StatusCode::BAD_REQUEST => Ok(Answer::Refused(said["errors"][0].as_str().unwrap_or("no reason").to_owned())),
        status => {
            let reason = said["errors"][0].as_str().unwrap_or_default();
            tracing::warn!(path, status = status.as_u16(), reason, "Vault refuses");
            Err(away())
        }
    }
}

fn read(file: &PathBuf) -> Result<SecretString> {
    let text = fs::read_to_string(file).map_err(|error| {
        tracing::warn!(file = %file.display(), %error, "the way into Vault cannot be read");
        away()
    })?;
    Ok(text.trim().into())
}
