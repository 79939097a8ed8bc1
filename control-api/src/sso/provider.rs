//! A provider as we know it: what it tells of itself, kept for ten minutes, and what it says of people.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
        CoreProviderMetadata,
    },
};
use secrecy::{ExposeSecret, SecretString};
use shared::{Error, Result};
use url::Url;

use super::{
    ask::Asker,
    guard::Reach,
    text::{ClientName, Issuer},
};

/// How long a provider's own word about itself is kept.
const KEPT: TimeDelta = TimeDelta::minutes(10);
/// How old it must be to be asked for anew when a token's key is not in it.
const YOUNG: TimeDelta = TimeDelta::seconds(30);
/// How many providers are kept.
const MOST: usize = 256;
/// How long a request waits for a provider; it has other things to do, too.
const PATIENCE: Duration = Duration::from_millis(2200);
/// How old a token may be, and how far clocks may be apart.
const AGE: TimeDelta = TimeDelta::minutes(10);
/// The algorithms that are believed; any other is not, whatever the provider says of itself.
const BELIEVED: [CoreJwsSigningAlgorithm; 2] = [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256];

/// All providers.
#[derive(Clone)]
pub struct Providers {
    asker: Asker,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<CoreProviderMetadata>,
    at: DateTime<Utc>,
}

/// An organisation, as its provider knows it.
pub struct Relying {
    /// The provider.
    pub issuer: Issuer,
    /// The organisation's id there.
    pub client_id: ClientName,
    /// Its secret.
    pub secret: SecretString,
    /// Where the provider sends people back to.
    pub callback: String,
}

/// What makes one attempt unlike all others.
pub struct Once {
    /// Comes back in the URL.
    pub state: String,
    /// Comes back in the token.
    pub nonce: String,
    /// Proves to the provider that who asks for the token is who sent somebody there (PKCE).
    pub verifier: SecretString,
}

/// Whom a provider vouches for.
#[derive(Debug, Clone)]
pub struct Claims {
    /// Its own name for them.
    pub subject: String,
    /// Their address.
    pub email: Option<String>,
    /// It says that the address is theirs.
    pub email_verified: bool,
    /// First name.
    pub firstname: Option<String>,
    /// Last name.
    pub lastname: Option<String>,
}

fn away() -> Error {
    Error::Unavailable("identity provider")
}

fn refused() -> Error {
    Error::Unauthenticated("sso_refused")
}

impl Providers {
    /// Providers within this reach; nothing is asked before it is needed.
    pub fn new(reach: Reach) -> Result<Self> {
        Ok(Self { asker: Asker::new(reach)?, known: Arc::default() })
    }

    /// Whether the provider is one, at an address that is asked.
    pub async fn check(&self, issuer: &Issuer, now: DateTime<Utc>) -> Result<()> {
        let wrong = |code, text| Err(Error::field("issuer", code, text));
        if !Url::parse(issuer.as_str()).is_ok_and(|url| self.asker.reach().allows(&url)) {
            return wrong("invalid", "Only https addresses on the internet are asked.");
        }
        // One text for all that may be wrong: what answers behind an address is nobody's to read here.
        if self.fetch(issuer, now).await.is_err() {
            wrong("unreachable", "There is no OpenID provider that answers as one.")
        } else {
            Ok(())
        }
    }

    /// Where to send somebody.
    pub async fn door(&self, relying: &Relying, once: &Once, now: DateTime<Utc>) -> Result<Url> {
        let known = self.known(&relying.issuer, now).await?;
        let client = client(&known.metadata, relying)?;
        let verifier = PkceCodeVerifier::new(once.verifier.expose_secret().to_owned());
        let (state, nonce) = (CsrfToken::new(once.state.clone()), Nonce::new(once.nonce.clone()));
        let (url, ..) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state.clone(), move || nonce.clone())
            .add_scope(Scope::new("email".into()))
            .add_scope(Scope::new("profile".into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        if self.asker.reach().allows(&url) { Ok(url) } else { Err(away()) }
    }

    /// Exchanges the code that somebody brought, and says whom the provider vouches for.
    pub async fn claims(&self, relying: &Relying, once: &Once, code: String, now: DateTime<Utc>) -> Result<Claims> {
        let work = async {
            let known = self.known(&relying.issuer, now).await?;
            let token = self.exchange(&known, relying, once, code).await?;
            match self.verify(&known, relying, (&token, &once.nonce), now) {
                Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
                    if now - known.at > YOUNG =>
                {
                    let renewed = self.fetch(&relying.issuer, now).await?;
                    self.verify(&renewed, relying, (&token, &once.nonce), now)
                }
                other => other,
            }
            .map_err(|error| {
                tracing::warn!(%error, issuer = relying.issuer.as_str(), "a provider's token was not believed");
                refused()
            })
        };
        tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(away()))
    }

    async fn exchange(&self, known: &Known, relying: &Relying, once: &Once, code: String) -> Result<CoreIdToken> {
        let client = client(&known.metadata, relying)?;
        let asker = self.asker.clone();
        let http = move |request| {
            let asker = asker.clone();
            async move { asker.ask(request).await }
        };
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|_| away())?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(once.verifier.expose_secret().to_owned()));
        match request.request_async(&http).await {
            Ok(answer) => answer.id_token().cloned().ok_or_else(refused),
            Err(RequestTokenError::ServerResponse(answer)) => {
                tracing::warn!(error = %answer.error(), issuer = relying.issuer.as_str(), "a provider gave no token");
                Err(refused())
            }
            Err(error) => {
                tracing::warn!(%error, issuer = relying.issuer.as_str(), "a provider did not answer");
                Err(away())
            }
        }
    }

    fn verify(
        &self,
        known: &Known,
        relying: &Relying,
        (token, nonce): (&CoreIdToken, &str),
        now: DateTime<Utc>,
    ) -> Result<Claims, ClaimsVerificationError> {
        let issued = move |at: DateTime<Utc>| if (now - at).abs() <= AGE { Ok(()) } else { Err("issued at another time".to_owned()) };
        let client = client(&known.metadata, relying).map_err(|e| ClaimsVerificationError::Other(e.to_string()))?;
        let verifier = client.id_token_verifier().set_allowed_algs(BELIEVED).set_time_fn(move || now).set_issue_time_verifier_fn(issued);
        token.claims(&verifier, &Nonce::new(nonce.to_owned())).map(read)
    }

    /// The provider, as it was known lately or is now.
    async fn known(&self, issuer: &Issuer, now: DateTime<Utc>) -> Result<Known> {
        let kept = self.known.lock().expect("nobody panics while holding the providers").get(issuer.as_str()).cloned();
        match kept {
            Some(known) if now - known.at < KEPT => Ok(known),
            _ => self.fetch(issuer, now).await,
        }
    }

    /// Asks the provider about itself. Whoever asks for it waits only so long; the answer is kept even
    /// when it comes later.
    async fn fetch(&self, issuer: &Issuer, now: DateTime<Utc>) -> Result<Known> {
        let (providers, issuer) = (self.clone(), issuer.clone());
        let work = tokio::spawn(async move {
            let asker = providers.asker.clone();
            let http = move |request| {
                let asker = asker.clone();
                async move { asker.ask(request).await }
            };
            let url = IssuerUrl::new(issuer.as_str().to_owned()).map_err(|_| away())?;
            let metadata = CoreProviderMetadata::discover_async(url, &http).await.map_err(|error| {
                tracing::warn!(%error, issuer = issuer.as_str(), "a provider did not tell about itself");
                away()
            })?;
            Ok(providers.keep(&issuer, metadata, now))
        });
        tokio::time::timeout(PATIENCE, work).await.map_err(|_| away())?.map_err(Error::internal)?
    }

    fn keep(&self, issuer: &Issuer, metadata: CoreProviderMetadata, now: DateTime<Utc>) -> Known {
        let known = Known { metadata: Arc::new(metadata), at: now };
        let mut all = self.known.lock().expect("nobody panics while holding the providers");
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, known)| known.at).map(|(issuer, _)| issuer.clone())
        {
            all.remove(&oldest);
        }
        all.insert(issuer.as_str().to_owned(), known.clone());
        known
    }
}

type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// The organisation at the provider. A secret goes into the header where the provider takes it there.
fn client(metadata: &CoreProviderMetadata, relying: &Relying) -> Result<Client> {
    let callback = RedirectUrl::new(relying.callback.clone()).map_err(Error::internal)?;
    let secret = ClientSecret::new(relying.secret.expose_secret().to_owned());
    let ways = metadata.token_endpoint_auth_methods_supported();
    let in_body = ways.is_some_and(|ways| !ways.contains(&CoreClientAuthMethod::ClientSecretBasic));
    let client = CoreClient::from_provider_metadata(metadata.clone(), ClientId::new(relying.client_id.as_str().to_owned()), Some(secret));
    let client = client.set_redirect_uri(callback);
    Ok(client.set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }))
}

fn read(claims: &CoreIdTokenClaims) -> Claims {
    Claims {
        subject: claims.subject().as_str().to_owned(),
        email: claims.email().map(|email| email.as_str().to_owned()),
        email_verified: claims.email_verified() == Some(true),
        firstname: claims.given_name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned()),
        lastname: claims.family_name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned()),
    }
}
