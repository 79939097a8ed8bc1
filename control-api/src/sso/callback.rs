//! Back from the provider.

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Actor,
    auth::token::hash,
    http::{Client, Query},
};
use utoipa::IntoParams;

use super::{
    Attempt, Provider,
    link::{Vouched, come_in_vouched},
    model::is_subject,
    open,
    provider::Once,
    relying,
    start::{cookie, name_and_path, or_login_page, redirect},
    store,
};
use crate::{
    app::App,
    sign_in::{Answer, Owed},
    tenants::{Entrance, Tenant},
};

/// What the provider sends back. Providers add fields of their own, which mean nothing here.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Brought {
    /// What it was given on the way there.
    state: Option<String>,
    /// What a token is exchanged for.
    code: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Opens a session for whom the provider vouches, and sends the browser inside; to the sign-in page when
/// a second factor is owed, with the token behind `#`, where no server sees it.
#[utoipa::path(get, path = "/api/v1/auth/sso/callback", tag = "sso", params(Brought), responses((status = 302)))]
pub async fn finish_sso(
    State(app): State<App>,
    Entrance(tenant): Entrance,
    client: Client,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Result<Response> {
    let done = finish(&app, &tenant, (&client, &headers), brought).await;
    app.figures.logins.with_label_values(&[done.as_ref().map_or("refused", |(_, answer)| answer.outcome())]).inc();
    let done = done.and_then(|(next, answer)| go(&app, &tenant, &next, answer));
    or_login_page(&app, &tenant, &headers, done)
}

async fn finish(app: &App, tenant: &Tenant, (client, headers): (&Client, &HeaderMap), brought: Brought) -> Result<(String, Answer)> {
    let (attempt, provider) = take(app, tenant, headers, brought.state.as_deref()).await?;
    let code = match (brought.code, brought.error) {
        (Some(code), None) if (1..=2048).contains(&code.len()) => code,
        _ => return Err(Error::Unauthenticated("sso_refused")),
    };
    let verifier = open(&mut *app.db.read().await?, app, tenant.id, &attempt.sealed_verifier).await?;
    let once = Once { state: String::new(), nonce: attempt.nonce, verifier };
    let claims = app.outside.providers.claims(&relying(app, tenant, &provider).await?, &once, code, app.clock.now()).await?;
    if !is_subject(&claims.subject) {
        return Err(Error::Unauthenticated("sso_refused"));
    }
    let vouched = Vouched { provider, claims };
    let author = client.author(Actor::Anonymous);
    let answer = app.db.act(author, &app.clock, async |act| come_in_vouched(act, app, tenant, &vouched).await).await?;
    Ok((attempt.next, answer))
}

/// The attempt that this browser is on, used up from now on, and the provider it led to.
async fn take(app: &App, tenant: &Tenant, headers: &HeaderMap, state: Option<&str>) -> Result<(Attempt, Provider)> {
    let refused = || Error::Unauthenticated("sso_refused");
    let jar = CookieJar::from_headers(headers);
    let browser = jar.get(name_and_path(&app.site).0).map(|cookie| hash(cookie.value())).ok_or_else(refused)?;
    let state = hash(state.ok_or_else(refused)?);
    let mut db = app.db.read().await?;
    let attempt = store::take_attempt(&mut db, tenant.id, (&state, &browser), app.clock.now()).await?.ok_or_else(refused)?;
    let provider = store::provider(&mut db, tenant.id).await?.filter(|p| p.enabled && p.issuer.as_str() == attempt.issuer);
    Ok((attempt, provider.ok_or_else(refused)?))
}

/// Inside, or to what is still owed.
fn go(app: &App, tenant: &Tenant, next: &str, answer: Answer) -> Result<Response> {
    let (home, gone) = (app.site.url(&tenant.slug), cookie(app, String::new(), 0));
    match answer.owed() {
        Some(Owed::Challenge(token)) => redirect(&format!("{home}/login#challenge={token}&next={}", escaped(next)), &gone),
        Some(Owed::Enrolment(token)) => redirect(&format!("{home}/login#enrolment={token}&next={}", escaped(next)), &gone),
        None => {
            let page = redirect(&format!("{home}{next}"), &gone)?;
            Ok(match answer {
                Answer::SignedIn(signed_in) => signed_in.within(|_| page),
                other @ (Answer::Challenge(_) | Answer::Enrolment(_)) => other.into_response(),
            })
        }
    }
}

fn escaped(next: &str) -> String {
    url::form_urlencoded::byte_serialize(next.as_bytes()).collect()
}
