//! Exchanging a refresh token for a new pair.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::{amr::Amr, token::Opaque},
    http::Client,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    ClientKind, Family, LIFETIME, LoggedIn, Opened, Reason, SignedIn,
    leave::Presented,
    rotation::{Verdict, judge},
    store,
};
use crate::{
    app::App,
    events::{Event, Whom},
    identities::Token,
    mails::{self, Notice},
    members::{self, Member},
    tenants::{self, NamedEntrance, Tenant},
};

/// The refresh token of an API client; browsers send a cookie instead.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The token.
    pub refresh_token: Option<Token>,
}

/// What came of it. Ending a family is written too, though its asker is refused.
enum Outcome {
    Exchanged(Box<(Tenant, Member, Opened)>),
    Refused,
    /// The tenant is closed to them, and says so.
    Closed(Error),
}

/// A new access token, and the refresh token for the next time.
#[utoipa::path(
    post,
    path = "/api/v1/auth/refresh",
    tag = "sessions",
    request_body(content = Option<Refresh>, description = "Empty for browsers"),
    responses((status = 200, body = LoggedIn))
)]
pub async fn refresh(State(app): State<App>, named: NamedEntrance, client: Client, presented: Presented) -> Result<SignedIn> {
    let refused = Error::Unauthenticated("unauthenticated");
    let Some(token) = presented.token else { return Err(refused) };
    let (hash, at) = (token.hash(), named.0.map(|t| t.id));
    let outcome = app.db.act(client.author(Actor::Anonymous), &app.clock, async |act| exchange(act, &app, &hash, at).await).await?;
    match outcome {
        Outcome::Exchanged(done) => {
            let (tenant, member, opened) = *done;
            SignedIn::new(&app, &tenant, member, opened)
        }
        Outcome::Closed(why) => Err(why),
        Outcome::Refused => Err(refused),
    }
}

/// The verb. `at` is the tenant that the request named, if any.
async fn exchange(act: &mut Act, app: &App, hash: &[u8], at: Option<Uuid>) -> Result<Outcome> {
    let Some(family) = store::lock_family(act.db(), hash).await? else { return Ok(Outcome::Refused) };
    let Some(shown) = store::shown(act.db(), hash).await? else { return Ok(Outcome::Refused) };
    let tenant = tenants::by_id(act.db(), family.tenant_id).await?.filter(|t| at.is_none_or(|at| at == t.id));
    let member = members::find(act.db(), family.tenant_id, family.user_id).await?.filter(Member::is_active);
    let (Some(tenant), Some(member)) = (tenant, member) else { return Ok(Outcome::Refused) };
    match tenant.status.door().lets_in(member.role()) {
        Ok(()) => {}
        Err(Error::NotFound(_)) => return Ok(Outcome::Refused),
        Err(why) => return Ok(Outcome::Closed(why)),
    }
    let amr = Amr::of(&family.amr);
    if app.rules.needs_second_factor(member.role()) && !amr.is_two_factors() {
        return Ok(Outcome::Refused);
    }
    let now = act.now();
    match judge(shown, now) {
        Verdict::Refuse => Ok(Outcome::Refused),
        Verdict::RevokeFamily => {
            stolen(act, app, &family, &tenant, &member).await?;
            Ok(Outcome::Refused)
        }
        Verdict::Exchange => {
            let refresh = Opaque::generate();
            store::exchange(act.db(), family.id, hash, now).await?;
            store::insert_token(act.db(), family.id, &refresh.hash, Some(hash), (now, now + LIFETIME)).await?;
            let opened = Opened { id: family.id, client: ClientKind::parse(&family.client), amr, refresh };
            Ok(Outcome::Exchanged(Box::new((tenant, member, opened))))
        }
    }
}

/// Ends the family and tells its owner, by mail: whoever holds the other token must not be asked.
async fn stolen(act: &mut Act, app: &App, family: &Family, tenant: &Tenant, member: &Member) -> Result<()> {
    let now = act.now();
    store::end(act.db(), family.id, Reason::Reuse, now).await?;
    let whom = Whom { tenant_id: family.tenant_id, user_id: family.user_id };
    act.record(&Event::SessionsEnded(whom, Reason::Reuse.as_str())).await?;
    let to = mails::Addressee { email: &member.email, firstname: &member.firstname, locale: member.locale };
    let link = format!("{}/login", app.site.url(&tenant.slug));
    mails::send(act, app, to, &mails::Text::Security(Notice::SessionEnded { organisation: &tenant.organisation, link: &link })).await
}
