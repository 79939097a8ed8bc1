//! What an admin may see and set of their own tenant (T-9).

use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, Tagged},
    session::Role,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Status, Tenant, store};
use crate::{
    api_keys::{Scoped, SettingsRead, SettingsWrite},
    app::App,
    events::{Event, Whom},
    identities::{Locale, Name},
    members,
};

/// Days, from 1 to 365.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = i32, minimum = 1, maximum = 365)]
pub struct Days(pub(super) i32);

/// Hours, from 1 to 8760.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = i32, minimum = 1, maximum = 8760)]
pub struct Hours(pub(super) i32);

impl TryFrom<i64> for Days {
    type Error = &'static str;

    fn try_from(n: i64) -> Result<Self, Self::Error> {
        i32::try_from(n).ok().filter(|n| (1..=365).contains(n)).map(Self).ok_or("out_of_range: from 1 to 365")
    }
}

impl TryFrom<i64> for Hours {
    type Error = &'static str;

    fn try_from(n: i64) -> Result<Self, Self::Error> {
        i32::try_from(n).ok().filter(|n| (1..=8760).contains(n)).map(Self).ok_or("out_of_range: from 1 to 8760")
    }
}

/// A tenant as its admins see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantSettings {
    id: Uuid,
    slug: String,
    organisation: String,
    /// The language of what the tenant writes to people.
    locale: Locale,
    status: Status,
    /// Where its people find it.
    url: String,
    /// Days that a ticket waits for its customer before it is closed.
    waiting_close_days: i32,
    /// Hours within which a resolution may be contested.
    resolved_close_hours: i32,
    /// Customers may come in by a link instead of a password.
    customer_magic_link: bool,
    version: i64,
}

/// What to change; absent fields stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeTenant)]
pub struct Change {
    /// The organisation's name.
    pub organisation: Option<Name>,
    /// The language of what the tenant writes to people.
    pub locale: Option<Locale>,
    /// Days that a ticket waits for its customer before it is closed.
    pub waiting_close_days: Option<Days>,
    /// Hours within which a resolution may be contested.
    pub resolved_close_hours: Option<Hours>,
    /// Customers may come in by a link instead of a password.
    pub customer_magic_link: Option<bool>,
}

fn shown(app: &App, t: Tenant) -> Tagged<TenantSettings> {
    let settings = TenantSettings {
        url: app.site.url(&t.slug),
        id: t.id,
        slug: t.slug,
        organisation: t.organisation,
        locale: t.locale,
        status: t.status,
        waiting_close_days: t.waiting_close_days,
        resolved_close_hours: t.resolved_close_hours,
        customer_magic_link: t.customer_magic_link,
        version: t.version,
    };
    Tagged(t.version, settings)
}

/// The tenant and its settings.
#[utoipa::path(
    get,
    path = "/api/v1/tenant",
    tag = "tenants",
    responses((status = 200, body = TenantSettings, headers(("ETag" = String, description = "The version, in quotes")))),
    security(("bearer" = []))
)]
pub async fn show_tenant(State(app): State<App>, session: Scoped<SettingsRead>) -> Result<Tagged<TenantSettings>> {
    session.must_be(Role::Admin)?;
    Ok(shown(&app, session.tenant.clone()))
}

/// Changes name, language or settings.
#[utoipa::path(
    patch,
    path = "/api/v1/tenant",
    tag = "tenants",
    params(("If-Match" = Option<String>, Header, description = "Refuse when the version is another one")),
    request_body = Change,
    responses((status = 200, body = TenantSettings, headers(("ETag" = String, description = "The version, in quotes")))),
    security(("bearer" = []))
)]
pub async fn change_tenant(
    State(app): State<App>,
    session: Scoped<SettingsWrite>,
    version: IfMatch,
    Json(wish): Json<Change>,
) -> Result<Tagged<TenantSettings>> {
    session.must_be(Role::Admin)?;
    let whom = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
    let changed = session.act(async |act| change(act, whom, &wish, &version).await).await?;
    Ok(shown(&app, changed))
}

/// The verb; the tenant's own database follows within moments (see `provisioning`).
async fn change(act: &mut Act, by: Whom, wish: &Change, version: &IfMatch) -> Result<Tenant> {
    members::must_be_admin(act, by).await?;
    let id = by.tenant_id;
    let before = store::lock(act.db(), id).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    version.check(before.version)?;
    let now = act.now();
    store::change(act.db(), id, wish, now).await?;
    let after = store::by_id(act.db(), id).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    act.record_change(&Event::TenantUpdated(after.clone()), &serde_json::to_value(&before)?, &serde_json::to_value(&after)?).await?;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_to_their_range() {
        for (n, days, hours) in [
            (0, false, false),
            (1, true, true),
            (365, true, true),
            (366, false, true),
            (8760, false, true),
            (8761, false, false),
            (i64::MAX, false, false),
            (-1, false, false),
        ] {
            assert_eq!(Days::try_from(n).is_ok(), days, "{n} days");
            assert_eq!(Hours::try_from(n).is_ok(), hours, "{n} hours");
        }
    }
}
