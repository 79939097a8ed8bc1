//! The stack's own OpenBao, with a transit key of the test's own, behind a gate that can be closed.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};
use shared::seal::{Entry, Keyring, Told, Vault};
use tokio::{io::copy_bidirectional, net::TcpListener, net::TcpStream, task::JoinSet};
use uuid::Uuid;

fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name}: run the tests with scripts/test"))
}

pub struct Bao {
    folder: PathBuf,
    key: String,
    gate: String,
    is_open: Arc<AtomicBool>,
}

impl Bao {
    pub async fn start() -> Self {
        shared::start_tls();
        let key = format!("test-{}", Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(&key);
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("token"), told("VAULT_TEST_ROOT_TOKEN")).expect("written");
        let is_open = Arc::new(AtomicBool::new(true));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let gate = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(keep_gate(listener, is_open.clone()));
        let bao = Self { folder, key, gate, is_open };
        bao.ask(reqwest::Method::POST, &format!("transit/keys/{}", bao.key), json!({ "derived": true })).await;
        bao
    }

    /// From now on nobody comes through, or everybody does.
    pub fn lets_in(&self, is_open: bool) {
        self.is_open.store(is_open, Ordering::SeqCst);
    }

    /// What a process is told that has just been started.
    pub fn told(&self) -> Told {
        Told {
            address: self.gate.clone(),
            ca: None,
            entry: Entry::TokenFile(self.folder.join("token")),
            transit: "transit".into(),
            key: self.key.clone(),
            kv: "secret".into(),
        }
    }

    /// The same by a role of its own, whose tokens live for a second.
    pub async fn told_a_role(&self) -> Told {
        let (post, get, key) = (reqwest::Method::POST, reqwest::Method::GET, &self.key);
        let policy = format!("path \"transit/+/{key}\" {{ capabilities = [\"update\"] }}");
        self.ask(post.clone(), &format!("sys/auth/{key}"), json!({ "type": "approle" })).await;
        self.ask(post.clone(), &format!("sys/policies/acl/{key}"), json!({ "policy": policy })).await;
        let role = json!({ "token_policies": [key], "token_ttl": "1s", "token_max_ttl": "1s" });
        self.ask(post.clone(), &format!("auth/{key}/role/it"), role).await;
        let id = self.ask(get, &format!("auth/{key}/role/it/role-id"), Value::Null).await.expect("an id");
        let secret = self.ask(post, &format!("auth/{key}/role/it/secret-id"), json!({})).await.expect("a secret id");
        let (id, file) = (id["data"]["role_id"].as_str().expect("text").to_owned(), self.folder.join("secret-id"));
        std::fs::write(&file, secret["data"]["secret_id"].as_str().expect("text")).expect("written");
        Told { entry: Entry::AppRole(key.clone(), id, file), ..self.told() }
    }

    /// Gives a token, puts it into the file, and says which.
    pub async fn gives_a_token(&self) -> String {
        let made = self.ask(reqwest::Method::POST, "auth/token/create", json!({ "ttl": "1h" })).await.expect("a token");
        let token = made["auth"]["client_token"].as_str().expect("text").to_owned();
        std::fs::write(self.folder.join("token"), &token).expect("written");
        token
    }

    /// Takes it back.
    pub async fn takes_back(&self, token: &str) {
        self.ask(reqwest::Method::POST, "auth/token/revoke", json!({ "token": token })).await;
    }

    /// The same by environment.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("VAULT_ADDR", self.gate.clone()),
            ("VAULT_TOKEN_FILE", self.folder.join("token").to_string_lossy().into_owned()),
            ("VAULT_TRANSIT_KEY", self.key.clone()),
        ]
    }

    /// A ring of a process that has just been started, and remembers nothing.
    pub fn ring(&self, local: Keyring) -> Keyring {
        local.kept_by(Vault::new(&self.told()).expect("a client"))
    }

    /// What stands in Vault about a tenant, if anything.
    pub async fn passwords(&self, tenant: Uuid) -> Option<Value> {
        let said = self.ask(reqwest::Method::GET, &format!("secret/data/tenants/{tenant}/db"), Value::Null).await?;
        Some(said["data"]["data"].clone())
    }

    /// How many versions of that there are.
    pub async fn versions(&self, tenant: Uuid) -> Option<usize> {
        let said = self.ask(reqwest::Method::GET, &format!("secret/metadata/tenants/{tenant}/db"), Value::Null).await?;
        said["data"]["versions"].as_object().map(|versions| versions.len())
    }

    /// A transit key that is not derived; its name.
    pub async fn has_a_plain_key(&self) -> String {
        let name = format!("{}-plain", self.key);
        self.ask(reqwest::Method::POST, &format!("transit/keys/{name}"), json!({})).await;
        name
    }

    /// Straight to the server, with all rights.
    async fn ask(&self, method: reqwest::Method, path: &str, body: Value) -> Option<Value> {
        let url = format!("{}/v1/{path}", told("VAULT_TEST_ADDR"));
        let asked = reqwest::Client::new().request(method, url).header("X-Vault-Token", told("VAULT_TEST_ROOT_TOKEN"));
        let asked = if body.is_null() { asked } else { asked.json(&body) };
        let answer = asked.send().await.expect("OpenBao answers");
        if answer.status() == 404 {
            return None;
        }
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        Some(answer.json().await.unwrap_or_default())
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).expect("removed");
    }
}

/// Hands connections on while the gate is open, and ends all of them when it is closed.
async fn keep_gate(listener: TcpListener, is_open: Arc<AtomicBool>) {
    let to = told("VAULT_TEST_ADDR").trim_start_matches("http://").to_owned();
    let mut through = JoinSet::new();
    loop {
        let arrived = tokio::time::timeout(std::time::Duration::from_millis(10), listener.accept()).await;
        if !is_open.load(Ordering::SeqCst) {
            through.abort_all();
            continue;
        }
        if let Ok(Ok((mut from, _))) = arrived {
            let to = to.clone();
            through.spawn(async move {
                let mut to = TcpStream::connect(to).await?;
                copy_bidirectional(&mut from, &mut to).await
            });
        }
    }
}
