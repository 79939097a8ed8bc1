//! A device that keeps passkeys, in software: it answers as an authenticator and its browser would,
//! and lies where a test wants it to.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::auth::token::Opaque;

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const ATTESTED: u8 = 1 << 6;

/// One passkey, at the page that it was made on.
#[derive(Clone)]
pub struct Device {
    key: SigningKey,
    id: Vec<u8>,
    handle: String,
    /// The page that asks.
    pub origin: String,
    /// For which host the key is; the browser takes it from the options.
    pub rp_id: Option<String>,
    /// How often the key was used; 0 stays 0, as with keys that are copied between devices.
    pub counter: u32,
    /// Whether the device looks whose finger it is.
    pub verifies: bool,
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Device {
    /// A device on a page of this organisation.
    pub fn at(slug: &str) -> Self {
        let key = SigningKey::from_slice(&Opaque::generate().hash).expect("a key");
        Self {
            key,
            id: Opaque::generate().hash,
            handle: String::new(),
            origin: format!("http://{slug}.localhost:8080"),
            rp_id: None,
            counter: 1,
            verifies: true,
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false }).to_string().into_bytes()
    }

    fn authenticator_data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let rp_id = self.rp_id.as_deref().unwrap_or(rp_id);
        [sha256(rp_id.as_bytes()), vec![PRESENT | verified | flags], self.counter.to_be_bytes().to_vec()].concat()
    }

    /// The public key as COSE has it: EC2, ES256, P-256.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().expect("x").to_vec(), point.y().expect("y").to_vec());
        let entries = [(1, Cbor::Integer(2)), (3, Cbor::Integer(-7)), (-1, Cbor::Integer(1)), (-2, Cbor::Bytes(x)), (-3, Cbor::Bytes(y))];
        let map: BTreeMap<Cbor, Cbor> = entries.into_iter().map(|(key, value)| (Cbor::Integer(key), value)).collect();
        serde_cbor_2::to_vec(&Cbor::Map(map)).expect("CBOR")
    }

    /// Makes the passkey that the options ask for.
    pub fn make(&mut self, options: &Value) -> Value {
        self.handle = options["user"]["id"].as_str().expect("a handle").to_owned();
        let rp_id = options["rp"]["id"].as_str().expect("a host");
        let mut data = self.authenticator_data(rp_id, ATTESTED);
        data.extend([0; 16]);
        data.extend((self.id.len() as u16).to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public_key());
        let object: BTreeMap<Cbor, Cbor> = [
            (Cbor::Text("fmt".into()), Cbor::Text("none".into())),
            (Cbor::Text("attStmt".into()), Cbor::Map(BTreeMap::new())),
            (Cbor::Text("authData".into()), Cbor::Bytes(data)),
        ]
        .into();
        let object = serde_cbor_2::to_vec(&Cbor::Map(object)).expect("CBOR");
        let client_data = self.client_data("webauthn.create", options);
        json!({
            "id": text(&self.id),
            "rawId": text(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": { "clientDataJSON": text(&client_data), "attestationObject": text(&object), "transports": ["internal", "smart-card"] },
        })
    }

    /// Shows the passkey, as the options ask. The counter goes on, unless it stands at 0.
    pub fn show(&mut self, options: &Value) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let rp_id = options["rpId"].as_str().expect("a host");
        let (data, client_data) = (self.authenticator_data(rp_id, 0), self.client_data("webauthn.get", options));
        let signature: Signature = self.key.sign(&[data.clone(), sha256(&client_data)].concat());
        json!({
            "id": text(&self.id),
            "rawId": text(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(&client_data),
                "authenticatorData": text(&data),
                "signature": text(signature.to_der().as_bytes()),
                "userHandle": self.handle,
            },
        })
    }

    /// Says to be somebody else's.
    pub fn pretend(&mut self, handle: &str) {
        handle.clone_into(&mut self.handle);
    }

    /// Under which name it knows its owner.
    pub fn handle(&self) -> &str {
        &self.handle
    }
}
