//! The answer to everything that opens or refreshes a session.

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Serialize;
use shared::{
    Result,
    auth::jwt::{Grant, LIFETIME as ACCESS_LIFETIME},
    config::SiteConfig,
    http::Json,
    session::Role,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{AllOfBuilder, Ref, RefOr, Schema, schema::AnyOfBuilder},
};
use uuid::Uuid;

use super::{ClientKind, LIFETIME, Opened};
use crate::{
    app::App,
    identities::Locale,
    members::Member,
    tenants::{Status, Tenant},
};

/// Name and path of the cookie that holds a browser's refresh token. On https the name's prefix makes
/// browsers take it from this very host alone, not from a sibling subdomain (page 11, A8); they ask
/// for the whole path then.
pub fn name_and_path(site: &SiteConfig) -> (&'static str, &'static str) {
    if site.public_scheme == "https" { ("__Host-hd_refresh", "/") } else { ("hd_refresh", "/api/v1/auth") }
}

/// The tenant of a session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnTenant {
    id: Uuid,
    slug: String,
    organisation: String,
    /// Where it stands in its life; while it is `deleting`, only its deletion is to be seen.
    status: Status,
}

impl From<&Tenant> for OwnTenant {
    fn from(t: &Tenant) -> Self {
        Self { id: t.id, slug: t.slug.clone(), organisation: t.organisation.clone(), status: t.status }
    }
}

/// Whose session it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionUser {
    id: i64,
    email: String,
    firstname: String,
    lastname: String,
    role: Role,
    locale: Locale,
    /// They have proved their address.
    email_verified: bool,
    tenant: OwnTenant,
}

/// An access token and whose it is.
#[derive(Serialize, ToSchema)]
pub struct LoggedIn {
    /// For `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: i64,
    /// Good for one exchange; API clients only.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    user: SessionUser,
}

/// [`LoggedIn`], and the cookie where the client is a browser.
pub struct SignedIn {
    body: LoggedIn,
    cookie: Option<String>,
}

impl SignedIn {
    /// The answer for a session that was just opened or refreshed.
    pub fn new(app: &App, tenant: &Tenant, member: Member, opened: Opened) -> Result<Self> {
        let grant =
            Grant { user_id: member.user_id, tenant: tenant.id, role: member.role.clone(), session: opened.id, amr: opened.amr.words() };
        let access_token = app.keys.tokens.issue(&grant, app.clock.now())?;
        let (refresh_token, cookie) = match opened.client {
            ClientKind::Api => (Some(opened.refresh.text), None),
            ClientKind::Browser => (None, Some(cookie(app, opened.refresh.text, LIFETIME.num_seconds()))),
        };
        let user = SessionUser {
            id: member.user_id,
            role: member.role(),
            email: member.email,
            firstname: member.firstname,
            lastname: member.lastname,
            locale: member.locale,
            email_verified: member.verified,
            tenant: tenant.into(),
        };
        let expires_in = ACCESS_LIFETIME.num_seconds();
        Ok(Self { body: LoggedIn { access_token, token_type: "Bearer", expires_in, refresh_token, user }, cookie })
    }
}

impl SignedIn {
    /// The answer as a part of another.
    pub fn within<T: IntoResponse>(self, wrap: impl FnOnce(LoggedIn) -> T) -> Response {
        let mut response = wrap(self.body).into_response();
        set_cookie(&mut response, self.cookie);
        response
    }
}

impl IntoResponse for SignedIn {
    fn into_response(self) -> Response {
        answer_with((), Some(self))
    }
}

/// An answer of its own, with the fields of [`LoggedIn`] where a session was opened.
#[derive(Serialize)]
pub struct Joined<T> {
    #[serde(flatten)]
    own: T,
    #[serde(flatten)]
    login: Option<LoggedIn>,
}

/// By hand: what is derived for a flattened option fits the answer with a session alone.
impl<T: ToSchema> PartialSchema for Joined<T> {
    fn schema() -> RefOr<Schema> {
        let own = || Ref::from_schema_name(T::name());
        let both = AllOfBuilder::new().item(own()).item(Ref::from_schema_name(LoggedIn::name()));
        AnyOfBuilder::new().item(own()).item(both).into()
    }
}

impl<T: ToSchema> ToSchema for Joined<T> {
    fn name() -> Cow<'static, str> {
        format!("{}AndLogin", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend([(T::name().into(), T::schema()), (LoggedIn::name().into(), LoggedIn::schema())]);
        T::schemas(schemas);
        LoggedIn::schemas(schemas);
    }
}

/// An answer of its own, with the fields and the cookie of a session where one was opened.
pub fn answer_with<T: Serialize>(own: T, login: Option<SignedIn>) -> Response {
    let (login, cookie) = login.map_or((None, None), |login| (Some(login.body), login.cookie));
    let mut response = Json(Joined { own, login }).into_response();
    set_cookie(&mut response, cookie);
    response
}

/// The cookie's text. Strict, for this host alone, and hidden from scripts.
pub fn cookie(app: &App, value: String, seconds: i64) -> String {
    let (name, path) = name_and_path(&app.site);
    let mut cookie = Cookie::new(name, value);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path(path);
    cookie.set_secure(app.site.public_scheme == "https");
    format!("{cookie}; Max-Age={seconds}")
}

/// Puts the cookie into an answer.
pub fn set_cookie(response: &mut Response, cookie: Option<String>) {
    if let Some(value) = cookie.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
