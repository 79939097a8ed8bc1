//! Leaving: this session, or all of them.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::CookieJar;
use shared::{
    Error, Result,
    act::{Act, Actor},
    http::{Client, Json, NoContent},
    tenancy::{Slug, named},
};
use uuid::Uuid;

use super::{
    Reason,
    answer::{cookie, name_and_path, set_cookie},
    refresh::Refresh,
    store,
};
use crate::{
    app::App,
    events::{Event, Whom},
    identities::Token,
    members,
    session::Remaining,
    tenants,
};

/// The refresh token that a request shows: in its body, else in the browser's cookie.
pub struct Presented {
    /// The token, if there is one.
    pub token: Option<Token>,
}

impl FromRequest<App> for Presented {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let jar = CookieJar::from_headers(request.headers());
        let cookie = jar.get(name_and_path(&app.site).0).and_then(|c| Token::try_from(c.value().to_owned()).ok());
        let foreign = is_foreign(&request, app);
        let in_body = body(request, app).await?.refresh_token;
        if in_body.is_none() && cookie.is_some() && foreign {
            return Err(Error::Forbidden("forbidden"));
        }
        Ok(Self { token: in_body.or(cookie) })
    }
}

/// The body, which browsers may leave empty. With a type it must be JSON: a form of another site
/// could not send that.
async fn body(request: Request, app: &App) -> Result<Refresh> {
    if request.headers().contains_key(header::CONTENT_TYPE) {
        let Json(body) = Json::<Refresh>::from_request(request, app).await?;
        return Ok(body);
    }
    let bytes = Bytes::from_request(request, app).await.map_err(|_| Error::PayloadTooLarge)?;
    if bytes.is_empty() { Ok(Refresh::default()) } else { Err(Error::UnsupportedMediaType) }
}

/// Whether a page of another site makes the browser ask (page 11, A9). Programs say nothing of it.
fn is_foreign(request: &Request, app: &App) -> bool {
    let headers = request.headers();
    let own = named(headers, request.uri(), &app.site.base_domain).map(|slug| app.site.url(slug.as_str())).ok();
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("null").to_ascii_lowercase());
    let allowed = |origin: &str| own.as_deref() == Some(origin) || app.site.cors_origins.iter().any(|o| o == origin);
    match (text("origin"), text("sec-fetch-site")) {
        (Some(origin), _) => !allowed(&origin),
        (None, Some(site)) => site != "same-origin" && site != "none",
        (None, None) => false,
    }
}

/// Ends this session. Without an access token the refresh token says which one.
#[utoipa::path(
    post,
    path = "/api/v1/auth/logout",
    tag = "sessions",
    request_body(content = Option<Refresh>, description = "Only without an access token"),
    responses((status = 204)),
    security(("bearer" = []), ())
)]
pub async fn logout(State(app): State<App>, client: Client, request: Request) -> Result<Response> {
    let (mut parts, rest) = request.into_parts();
    if parts.headers.contains_key(header::AUTHORIZATION) {
        let Remaining(session) = Remaining::from_request_parts(&mut parts, &app).await?;
        let whom = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
        session.act(async |act| end(act, session.id, whom).await).await?;
        return Ok(gone(&app));
    }
    let at = named(&parts.headers, &parts.uri, &app.site.base_domain).ok();
    let presented = Presented::from_request(Request::from_parts(parts, rest), &app).await?;
    let token = presented.token.ok_or(Error::Unauthenticated("unauthenticated"))?;
    app.db.act(client.author(Actor::Anonymous), &app.clock, async |act| end_by_token(act, &token, at.as_ref()).await).await?;
    Ok(gone(&app))
}

/// A token of one tenant is none at another. Whoever leaves may do so at closed doors as well.
async fn end_by_token(act: &mut Act, token: &Token, at: Option<&Slug>) -> Result<()> {
    let nobody = || Error::Unauthenticated("unauthenticated");
    let family = store::lock_family(act.db(), &token.hash()).await?.ok_or_else(nobody)?;
    let tenant = tenants::by_id(act.db(), family.tenant_id).await?.ok_or_else(nobody)?;
    if at.is_some_and(|at| at.as_str() != tenant.slug) {
        return Err(nobody());
    }
    let whom = Whom { tenant_id: family.tenant_id, user_id: family.user_id };
    members::speaks(act, whom).await?;
    end(act, family.id, whom).await
}

async fn end(act: &mut Act, id: Uuid, whom: Whom) -> Result<()> {
    let now = act.now();
    if store::end(act.db(), id, Reason::Logout, now).await? {
        act.record(&Event::SessionsEnded(whom, Reason::Logout.as_str())).await?;
    }
    Ok(())
}

/// Ends all of one's sessions, in every tenant; in this one alone where nobody but the organisation's own
/// identity provider says who one is.
#[utoipa::path(post, path = "/api/v1/auth/logout-all", tag = "sessions", responses((status = 204)), security(("bearer" = [])))]
pub async fn logout_all(State(app): State<App>, Remaining(session): Remaining) -> Result<Response> {
    let whom = session.member.whom();
    session
        .act(async |act| match session.amr.proves_account() {
            true => super::end_all(act, whom.user_id, Reason::LogoutAll).await,
            false => super::end_in_tenant(act, whom, Reason::LogoutAll).await,
        })
        .await?;
    Ok(gone(&app))
}

/// `204`, and the browser forgets its cookie.
fn gone(app: &App) -> Response {
    let mut response = NoContent.into_response();
    set_cookie(&mut response, Some(cookie(app, String::new(), 0)));
    response
}
