//! The passwords of a tenant's databases: one secret of the KV store for each tenant, `tenants/{id}/db`, with a password for
//! each role. While a tenant is restored it has two databases, so it has two roles.

use std::time::Instant;

use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Vault, memory::HELD};
use crate::{Error, Result};

/// How often somebody who meets another one at a tenant's first secret looks again.
const TRIES: u8 = 3;

fn name(tenant: Uuid, role: &str) -> String {
    format!("tenant:{tenant}:db:{role}")
}

impl Vault {
    fn kv(&self, what: &str, tenant: Uuid) -> String {
        format!("{}/{what}/tenants/{tenant}/db", self.0.kv)
    }

    /// The password of a tenant's role, if there is one.
    pub async fn credential(&self, tenant: Uuid, role: &str) -> Result<Option<SecretString>> {
        let (name, now) = (name(tenant, role), Instant::now());
        let held = self.0.memory.find(&name, now);
        if let Some(found) = held.as_ref().filter(|found| found.is_fresh) {
            return text(&found.secret).map(Some);
        }
        self.0.memory.ask(&name, now);
        match (self.read(tenant, role).await, held) {
            (Err(Error::Unavailable(_)), Some(found)) => text(&found.secret).map(Some),
            (asked, _) => asked,
        }
    }

    /// As it stands in Vault now.
    async fn read(&self, tenant: Uuid, role: &str) -> Result<Option<SecretString>> {
        let said = match self.0.http.get(&self.kv("data", tenant)).await? {
            Answer::Absent => return Ok(None),
            answer => answer.said()?,
        };
        let Some(password) = said["data"]["data"][role].as_str() else { return Ok(None) };
        let secret = SecretSlice::from(password.as_bytes().to_vec());
        self.0.memory.keep(name(tenant, role), secret, (Instant::now(), HELD));
        Ok(Some(password.into()))
    }

    /// Gives a role that password, unless it has one by then; says which one it has.
    pub async fn settle(&self, tenant: Uuid, role: &str, password: &SecretString) -> Result<SecretString> {
        let path = self.kv("data", tenant);
        for _ in 0..TRIES {
            let (version, known) = match self.0.http.get(&path).await? {
                Answer::Absent => (0, Value::Null),
                answer => {
                    let said = answer.said()?;
                    (said["data"]["metadata"]["version"].as_u64().unwrap_or_default(), said["data"]["data"].clone())
                }
            };
            if let Some(known) = known[role].as_str() {
                return Ok(known.into());
            }
            // Whoever writes meanwhile makes another version of it, and this one is refused.
            let mut all = known.as_object().cloned().unwrap_or_default();
            all.insert(role.to_owned(), password.expose_secret().into());
            match self.0.http.post(&path, &json!({ "options": { "cas": version }, "data": all })).await? {
                Answer::Refused(_) => {}
                answer => {
                    answer.said()?;
                    return Ok(password.clone());
                }
            }
        }
        Err(Error::Contended)
    }

    /// Takes a role's password away; twice is once.
    pub async fn remove(&self, tenant: Uuid, role: &str) -> Result<()> {
        self.0.memory.forget(&name(tenant, role));
        match self.0.http.patch(&self.kv("data", tenant), &json!({ "data": { role: null } })).await? {
            Answer::Absent => Ok(()),
            answer => answer.said().map(drop),
        }
    }

    /// Takes all passwords of a tenant away, those of former versions too.
    pub async fn remove_all(&self, tenant: Uuid) -> Result<()> {
        self.forget(tenant);
        match self.0.http.delete(&self.kv("metadata", tenant)).await? {
            Answer::Absent => Ok(()),
            answer => answer.said().map(drop),
        }
    }
}

fn text(secret: &SecretSlice<u8>) -> Result<SecretString> {
    let text = std::str::from_utf8(secret.expose_secret()).map_err(Error::internal)?;
    Ok(text.into())
}
