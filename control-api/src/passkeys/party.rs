//! The tenant as authenticators know it (WebAuthn's relying party): its own host and nothing above it.
//! Browsers let no page of another tenant ask for a passkey of this one, and a public suffix such as
//! `localhost` could not be asked for at all.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::{Error, Result};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::{app::App, members::Member, tenants::Tenant};

/// A tenant, asking authenticators.
pub struct Party(Webauthn);

/// What to ask, and what has to be known when the answer comes.
pub struct Asked {
    /// For the browser.
    pub options: Value,
    /// For us.
    pub state: Value,
}

impl Party {
    /// The tenant at its own address.
    pub fn of(app: &App, tenant: &Tenant) -> Result<Self> {
        let origin = Url::parse(&app.site.url(&tenant.slug)).map_err(Error::internal)?;
        let host = origin.host_str().unwrap_or_default();
        let builder = WebauthnBuilder::new(host, &origin).map_err(Error::internal)?;
        builder.rp_name(&tenant.organisation).build().map(Self).map_err(Error::internal)
    }

    /// Asks for a new passkey that is none of `known`. One that its device can find by itself is
    /// preferred: only such a one is a way in of its own.
    pub fn ask_for_new(&self, handle: Uuid, member: &Member, known: Vec<Vec<u8>>) -> Result<Asked> {
        let display = format!("{} {}", member.firstname, member.lastname);
        let (options, state) = self.0.start_passkey_registration(handle, &member.email, &display, Some(known)).map_err(Error::internal)?;
        let mut options = serde_json::to_value(options)?["publicKey"].take();
        options["authenticatorSelection"]["residentKey"] = json!("preferred");
        Ok(Asked { options, state: serde_json::to_value(state)? })
    }

    /// The new passkey; `422` when this is no answer to what was asked.
    pub fn made(&self, answer: Value, state: Value) -> Result<Passkey> {
        let state: PasskeyRegistration = serde_json::from_value(state)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_value(answer).map_err(|_| not_one())?;
        self.0.finish_passkey_registration(&answer, &state).map_err(|error| {
            tracing::info!(%error, "a passkey was not taken");
            not_one()
        })
    }

    /// Asks for one of these passkeys, or without any for whichever the device finds.
    pub fn ask_for(&self, allowed: &[Vec<u8>]) -> Result<Asked> {
        let (options, state) = self.0.start_discoverable_authentication().map_err(Error::internal)?;
        let mut options = serde_json::to_value(options)?["publicKey"].take();
        let named = |id: &Vec<u8>| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) });
        options["allowCredentials"] = allowed.iter().map(named).collect();
        Ok(Asked { options, state: serde_json::to_value(state)? })
    }

    /// Whether the answer to what was asked was given with this passkey, as it is kept at this moment.
    pub fn shown(
        &self,
        answer: &PublicKeyCredential,
        state: DiscoverableAuthentication,
        passkey: &Passkey,
    ) -> Result<AuthenticationResult, WebauthnError> {
        self.0.finish_discoverable_authentication_v2(answer, state, passkey)
    }
}

fn not_one() -> Error {
    Error::field("credential", "invalid", "This is no new passkey for this organisation.")
}
