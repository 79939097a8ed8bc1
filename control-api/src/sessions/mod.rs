//! Sessions: a sign-in and everything refreshed from it. An access token lives for a quarter of an
//! hour; the refresh token is good for one exchange within seven days. Somebody who shows an
//! exchanged one again is a thief or was robbed, and the whole session ends, unless the exchange's
//! answer was lost on its way: then nobody has used what it carried.

mod answer;
mod arrival;
mod device;
mod leave;
mod list;
mod refresh;
mod rotation;
mod store;

pub use answer::{Joined, LoggedIn, OwnTenant, SessionUser, SignedIn, answer_with, set_cookie};
pub use arrival::tell_of_new_device;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use shared::{
    Result,
    act::{Act, Author},
    auth::{amr::Amr, token::Opaque},
};
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    events::{Event, Whom},
    members::Member,
};

/// How long a refresh token may be exchanged.
pub const LIFETIME: TimeDelta = TimeDelta::days(7);

/// How long a session can be refreshed in all; then one signs in again.
pub const LONGEST: TimeDelta = TimeDelta::days(90);

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(refresh::refresh))
        .routes(routes!(leave::logout))
        .routes(routes!(leave::logout_all))
        .routes(routes!(list::list_sessions))
        .routes(routes!(list::end_session))
}

/// What asks: it decides where the refresh token goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// A program: the token is in the answer's body.
    #[default]
    Api,
    /// A browser: the token is in a cookie that no script can read.
    Browser,
}

impl ClientKind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Browser => "browser",
        }
    }

    /// The client of that word.
    pub fn parse(word: &str) -> Self {
        if word == "browser" { Self::Browser } else { Self::Api }
    }
}

/// Why a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Its holder left.
    Logout,
    /// Its holder ended it from another one, or from its list.
    Revoked,
    /// Its holder left everywhere.
    LogoutAll,
    /// An exchanged token was shown again.
    Reuse,
    /// Its holder no longer belongs to the tenant.
    Removed,
    /// Somebody else proved that the address is theirs.
    AddressProved,
    /// Its holder got a second factor, or lost one.
    SecondFactorChanged,
    /// Its holder has become an admin, for which they lack a second factor.
    RoleChanged,
    /// Its holder chose a new password, elsewhere.
    PasswordChanged,
    /// A link from a mail led to a new password.
    PasswordReset,
    /// Its holder has another address.
    AddressChanged,
    /// Its holder was a customer, and is staff now.
    BecameStaff,
    /// The identity provider that said who its holder is does so no more.
    ProviderGone,
    /// The tenant is being deleted, and its holder is none of its admins.
    TenantDeleting,
    /// Its tenant was brought back to a moment before it began.
    Restored,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Revoked => "revoked",
            Self::LogoutAll => "logout_all",
            Self::Reuse => "reuse",
            Self::Removed => "removed",
            Self::AddressProved => "address_proved",
            Self::SecondFactorChanged => "second_factor_changed",
            Self::RoleChanged => "role_changed",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::AddressChanged => "address_changed",
            Self::BecameStaff => "became_staff",
            Self::ProviderGone => "provider_gone",
            Self::TenantDeleting => "tenant_deleting",
            Self::Restored => "restored",
        }
    }
}

struct NewSession {
    id: Uuid,
    tenant_id: Uuid,
    user_id: i64,
    client: ClientKind,
    amr: Amr,
    ip: Option<String>,
    country: Option<String>,
    user_agent: Option<String>,
}

struct Family {
    id: Uuid,
    tenant_id: Uuid,
    user_id: i64,
    client: String,
    amr: Vec<String>,
}

/// A session with a refresh token that was just made.
pub struct Opened {
    id: Uuid,
    client: ClientKind,
    amr: Amr,
    refresh: Opaque,
}

/// A session that has not been ended.
pub struct Living {
    /// How its holder proved who they are.
    pub amr: Amr,
    /// When they last did so in full.
    pub proved_at: DateTime<Utc>,
}

/// Opens a session for a member who has proved `amr`. Only `sign_in::come_in` knows whether that is
/// enough.
pub async fn open(act: &mut Act, member: &Member, client: ClientKind, amr: Amr) -> Result<Opened> {
    let Author { ip, country, user_agent, .. } = act.author().clone();
    let (tenant_id, user_id) = (member.tenant_id, member.user_id);
    let (id, ip) = (Uuid::now_v7(), ip.map(|ip| ip.to_string()));
    let new = NewSession { id, tenant_id, user_id, client, amr, ip, country, user_agent };
    let (now, refresh) = (act.now(), Opaque::generate());
    store::insert(act.db(), &new, now).await?;
    store::insert_token(act.db(), new.id, &refresh.hash, None, (now, now + LIFETIME)).await?;
    act.record(&Event::SignedIn(Whom { tenant_id, user_id }, new.id)).await?;
    Ok(Opened { id: new.id, client, amr, refresh })
}

/// The session of a token, unless it has been ended.
pub async fn living(db: &mut PgConnection, id: Uuid, tenant: Uuid, user: i64) -> Result<Option<Living>> {
    store::living(db, id, tenant, user).await
}

/// Ends a person's sessions in one tenant.
pub async fn end_in_tenant(act: &mut Act, whom: Whom, reason: Reason) -> Result<()> {
    end(act, whom.user_id, (Some(whom.tenant_id), None), reason).await
}

/// Ends a person's sessions in one tenant but one.
pub async fn end_others_in_tenant(act: &mut Act, whom: Whom, keep: Option<Uuid>, reason: Reason) -> Result<()> {
    end(act, whom.user_id, (Some(whom.tenant_id), keep), reason).await
}

/// Ends all of a person's sessions.
pub async fn end_all(act: &mut Act, user_id: i64, reason: Reason) -> Result<()> {
    end(act, user_id, (None, None), reason).await
}

/// Ends all of a person's sessions but one.
pub async fn end_others(act: &mut Act, user_id: i64, keep: Option<Uuid>, reason: Reason) -> Result<()> {
    end(act, user_id, (None, keep), reason).await
}

/// Ends the sessions of a tenant whose holders an identity provider had let in.
pub async fn end_vouched(act: &mut Act, tenant_id: Uuid) -> Result<()> {
    let now = act.now();
    for user_id in store::end_vouched(act.db(), tenant_id, Reason::ProviderGone, now).await? {
        act.record(&Event::SessionsEnded(Whom { tenant_id, user_id }, Reason::ProviderGone.as_str())).await?;
    }
    Ok(())
}

/// Ends the sessions of everybody in a tenant that is being deleted but these. There may be very many: the
/// tenant's own event tells of them all.
pub async fn end_of_tenant(act: &mut Act, tenant_id: Uuid, but: &[i64]) -> Result<u64> {
    let now = act.now();
    store::end_of_tenant(act.db(), tenant_id, but, Reason::TenantDeleting, now).await
}

/// Ends the sessions of a tenant that began after a moment to which the tenant was brought back.
pub async fn end_since(act: &mut Act, tenant_id: Uuid, moment: DateTime<Utc>) -> Result<()> {
    let now = act.now();
    for user_id in store::end_since(act.db(), (tenant_id, moment), Reason::Restored, now).await? {
        act.record(&Event::SessionsEnded(Whom { tenant_id, user_id }, Reason::Restored.as_str())).await?;
    }
    Ok(())
}

/// The holder of a session has just proved again who they are; `amr` is all that they have proved.
pub async fn prove_again(act: &mut Act, id: Uuid, amr: Amr) -> Result<()> {
    let now = act.now();
    store::prove_again(act.db(), id, amr, now).await
}

async fn end(act: &mut Act, user_id: i64, which: (Option<Uuid>, Option<Uuid>), reason: Reason) -> Result<()> {
    let now = act.now();
    for tenant_id in store::end_of(act.db(), user_id, which, reason, now).await? {
        act.record(&Event::SessionsEnded(Whom { tenant_id, user_id }, reason.as_str())).await?;
    }
    Ok(())
}

/// Forgets sessions that ended long ago, at most `limit` of them, and as many refresh tokens that lead to
/// nothing any more; the answer is the larger number of the two.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    Ok(store::sweep(db, now, limit).await?.max(store::sweep_tokens(db, now, limit).await?))
}

/// Forgets changes of access that everybody knows, and devices that nobody came with for long, at most
/// `limit` of each.
pub async fn sweep_traces(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    Ok(store::sweep_changes(db, limit).await?.max(store::sweep_devices(db, now, limit).await?))
}
