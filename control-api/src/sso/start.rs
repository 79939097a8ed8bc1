//! On the way to the provider.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::{Cookie, SameSite};
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::{
    Error, Result,
    auth::token::Opaque,
    config::SiteConfig,
    http::{Query, problem::Meant},
};
use utoipa::IntoParams;

use super::{Attempt, provider::Once, relying, sealed_for, store, text::Next};
use crate::{
    app::App,
    keys,
    tenants::{Entrance, Tenant},
};

/// How long somebody has at the provider.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// Where to go afterwards.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Afterwards {
    /// A path of this site; its first page unless told.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    next: Next,
}

/// Name and path of the cookie that ties an attempt to its browser. It has to come along when the
/// provider's page sends the browser back, which is a navigation from another site: `Lax` cookies do,
/// `Strict` ones do not. Nothing is done with it but finding the attempt.
pub fn name_and_path(site: &SiteConfig) -> (&'static str, &'static str) {
    if site.public_scheme == "https" { ("__Host-hd_sso", "/") } else { ("hd_sso", "/api/v1/auth/sso") }
}

/// The cookie's text.
pub fn cookie(app: &App, value: String, seconds: i64) -> String {
    let (name, path) = name_and_path(&app.site);
    let mut cookie = Cookie::new(name, value);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_path(path);
    cookie.set_secure(app.site.public_scheme == "https");
    format!("{cookie}; Max-Age={seconds}")
}

/// `302`, with a cookie.
pub fn redirect(to: &str, cookie: &str) -> Result<Response> {
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::try_from(to).map_err(Error::internal)?);
    headers.append(header::SET_COOKIE, HeaderValue::try_from(cookie).map_err(Error::internal)?);
    Ok(response)
}

/// What somebody gets whose browser was to show a page: the sign-in page, which says what went wrong.
/// Programs get the problem itself.
pub fn or_login_page(app: &App, tenant: &Tenant, headers: &HeaderMap, done: Result<Response>) -> Result<Response> {
    let navigates = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    match done {
        Err(error) if navigates => {
            let response = error.into_response();
            let code = response.status().as_u16();
            let retry = response.headers().get(header::RETRY_AFTER).cloned();
            let login = format!("{}/login?sso_error={code}", app.site.url(&tenant.slug));
            let mut page = redirect(&login, &cookie(app, String::new(), 0))?;
            page.extensions_mut().extend(response.extensions().clone());
            page.extensions_mut().insert(Meant(response.status()));
            if let Some(retry) = retry {
                page.headers_mut().insert(header::RETRY_AFTER, retry);
            }
            Ok(page)
        }
        other => other,
    }
}

/// Sends the browser to the organisation's provider.
#[utoipa::path(get, path = "/api/v1/auth/sso/start", tag = "sso", params(Afterwards), responses((status = 302)))]
pub async fn start_sso(
    State(app): State<App>,
    Entrance(tenant): Entrance,
    headers: HeaderMap,
    Query(afterwards): Query<Afterwards>,
) -> Result<Response> {
    let done = start(&app, &tenant, afterwards.next).await;
    or_login_page(&app, &tenant, &headers, done)
}

async fn start(app: &App, tenant: &Tenant, next: Next) -> Result<Response> {
    let provider = store::provider(&mut *app.db.read().await?, tenant.id).await?.filter(|p| p.enabled);
    let provider = provider.ok_or(Error::NotFound("not_found"))?;
    let now = app.clock.now();
    let (state, browser, verifier) = (Opaque::generate(), Opaque::generate(), SecretString::from(Opaque::generate().text));
    let once = Once { state: state.text, nonce: Opaque::generate().text, verifier };
    let door = app.outside.providers.door(&relying(app, tenant, &provider).await?, &once, now).await?;
    let (ring, verifier) = (&app.keys.ring, once.verifier.expose_secret().as_bytes());
    let sealed = keys::sealed(&app.db, ring, Some(tenant.id), verifier, &sealed_for(tenant.id)).await?;
    let attempt = Attempt {
        state_hash: state.hash,
        browser_hash: browser.hash,
        tenant_id: tenant.id,
        issuer: provider.issuer.as_str().to_owned(),
        nonce: once.nonce,
        sealed_verifier: sealed.bytes,
        next: next.as_str().to_owned(),
    };
    store::insert_attempt(&mut *app.db.read().await?, &attempt, now + LIFETIME).await?;
    redirect(door.as_str(), &cookie(app, browser.text, LIFETIME.num_seconds()))
}
