//! An identity provider on this machine, which says what a test has it say.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::auth::token::Opaque;
use tokio::task::AbortHandle;

pub const CLIENT: &str = "helpdesk at acme";
pub const SECRET: &str = "a secret of the client";

/// See the module.
#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    tells: Arc<Mutex<Tells>>,
    server: AbortHandle,
}

struct Tells {
    key: SigningKey,
    kid: String,
    document: Value,
    /// By code: the PKCE challenge that was sent, and the token.
    tokens: HashMap<String, (String, String)>,
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// HMAC-SHA-256 (RFC 2104), with which nobody may sign.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = sha256(&[&block.map(|b| b ^ 0x36)[..], message].concat());
    sha256(&[&block.map(|b| b ^ 0x5c)[..], &inner].concat())
}

pub fn new_key() -> SigningKey {
    SigningKey::from_slice(&Opaque::generate().hash).expect("a key")
}

/// How a token is signed.
pub enum Signed {
    /// As it should.
    Well,
    /// By somebody else, under the same name.
    ByAnother,
    /// Not at all.
    Not,
    /// With what the client knows, too.
    WithTheSecret,
    /// And changed afterwards.
    ThenChanged,
}

impl Provider {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        let tells = Tells { key: new_key(), kid: "k1".into(), document, tokens: HashMap::new() };
        let tells = Arc::new(Mutex::new(tells));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document_of))
            .route("/jwks", get(keys))
            .route("/token", post(exchange))
            .with_state(Arc::clone(&tells));
        let server = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Self { issuer, tells, server }
    }

    /// Nobody answers any more.
    pub fn stop(&self) {
        self.server.abort();
    }

    fn tells(&self) -> std::sync::MutexGuard<'_, Tells> {
        self.tells.lock().expect("what it tells")
    }

    /// Says something else of itself.
    pub fn say(&self, field: &str, value: Value) {
        self.tells().document[field] = value;
    }

    /// Signs with another key from now on.
    pub fn rotate(&self) {
        let mut tells = self.tells();
        (tells.key, tells.kid) = (new_key(), "k2".into());
    }

    /// A code for these claims, for whoever knows what the challenge was made of.
    pub fn code(&self, challenge: &str, claims: &Value, signed: &Signed) -> String {
        let code = Opaque::generate().text;
        let token = self.token(claims, signed);
        self.tells().tokens.insert(code.clone(), (challenge.to_owned(), token));
        code
    }

    fn token(&self, claims: &Value, signed: &Signed) -> String {
        let tells = self.tells();
        let alg = match signed {
            Signed::Not => "none",
            Signed::WithTheSecret => "HS256",
            Signed::Well | Signed::ByAnother | Signed::ThenChanged => "ES256",
        };
        let head = text(json!({ "alg": alg, "kid": tells.kid, "typ": "JWT" }).to_string());
        let body = format!("{head}.{}", text(claims.to_string()));
        let ecdsa = |key: &SigningKey| {
            let signature: Signature = key.sign(body.as_bytes());
            text(signature.to_bytes())
        };
        match signed {
            Signed::Well => format!("{body}.{}", ecdsa(&tells.key)),
            Signed::ByAnother => format!("{body}.{}", ecdsa(&new_key())),
            Signed::Not => format!("{body}."),
            Signed::WithTheSecret => format!("{body}.{}", text(hmac(SECRET.as_bytes(), body.as_bytes()))),
            Signed::ThenChanged => {
                let mut other = claims.clone();
                other["sub"] = json!("somebody else");
                format!("{head}.{}.{}", text(other.to_string()), ecdsa(&tells.key))
            }
        }
    }
}

type Shared = State<Arc<Mutex<Tells>>>;

async fn document_of(State(tells): Shared) -> Json<Value> {
    Json(tells.lock().expect("what it tells").document.clone())
}

async fn keys(State(tells): Shared) -> Json<Value> {
    let tells = tells.lock().expect("what it tells");
    let point = tells.key.verifying_key().to_sec1_point(false);
    let (x, y) = (text(point.x().expect("x")), text(point.y().expect("y")));
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": tells.kid, "x": x, "y": y }] }))
}

async fn exchange(State(tells): Shared, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> (StatusCode, Json<Value>) {
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET))));
    let known = headers.get("authorization").is_some_and(|value| value == basic.as_str());
    let found = tells.lock().expect("what it tells").tokens.remove(&form["code"]);
    let proved = |challenge: &str| form.get("code_verifier").is_some_and(|v| text(sha256(v.as_bytes())) == challenge);
    match found {
        Some((challenge, token)) if known && proved(&challenge) && form["grant_type"] == "authorization_code" => {
            (StatusCode::OK, Json(json!({ "access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": token })))
        }
        _ => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))),
    }
}
