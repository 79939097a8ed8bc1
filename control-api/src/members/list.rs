//! Who belongs to the tenant.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    http::Json,
    page::{Asked, Order, Page, Paging},
    session::Role,
};
use utoipa::{IntoParams, ToSchema};

use super::{Member, store};
use crate::{
    api_keys::{MembersRead, Scoped},
    app::App,
};

/// A member as admins see them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct Shown {
    id: i64,
    email: String,
    firstname: String,
    lastname: String,
    role: Role,
    email_verified: bool,
    /// They have a second factor.
    two_factor: bool,
    /// A customer whose tickets press one level more.
    vip: bool,
    joined_at: DateTime<Utc>,
    /// Grows with each change of name, address, language, role or of being a VIP; the `ETag`.
    version: i64,
}

impl From<Member> for Shown {
    fn from(m: Member) -> Self {
        Self {
            id: m.user_id,
            role: m.role(),
            email: m.email,
            firstname: m.firstname,
            lastname: m.lastname,
            email_verified: m.verified,
            two_factor: m.two_factor,
            vip: m.vip,
            joined_at: m.joined_at,
            version: m.version,
        }
    }
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only these roles, separated by commas.
    role: Option<String>,
}

/// The roles named in a filter; all of them without one.
fn roles(filter: Option<&str>) -> Result<Vec<String>> {
    let Some(filter) = filter else { return Ok(Role::ALL.map(|r| r.as_str().to_owned()).into()) };
    let parse = |word: &str| Role::parse(word).map(|r| r.as_str().to_owned());
    let parsed: Option<Vec<String>> = filter.split(',').map(parse).collect();
    parsed.ok_or_else(|| Error::field("role", "unknown_value", "customer, agent, manager or admin"))
}

/// Members, the oldest account first.
#[utoipa::path(
    get,
    path = "/api/v1/members",
    tag = "members",
    params(Which, Paging),
    responses((status = 200, body = Page<Shown>)),
    security(("bearer" = []))
)]
pub async fn list_members(State(app): State<App>, session: Scoped<MembersRead>, asked: Asked<Which>) -> Result<Json<Page<Shown>>> {
    session.must_be(Role::Admin)?;
    let (tenant, roles) = (session.tenant.id, roles(asked.filter.role.as_deref())?);
    let part = asked.paging.part(&app.keys.cursors, &format!("members:{tenant}:{}", roles.join(",")), Order::Oldest)?;
    let mut db = app.db.read().await?;
    let members = store::list(&mut db, tenant, &roles, &part).await?.into_iter().map(Shown::from).collect();
    let total = part.total(store::count(&mut db, tenant, &roles)).await?;
    Ok(Json(part.page(members, total, |member: &Shown| member.id)?))
}

#[cfg(test)]
mod tests {
    use super::roles;

    #[test]
    fn a_filter_names_roles_and_nothing_else() {
        for (filter, count) in [
            (None, Some(4)),
            (Some("agent"), Some(1)),
            (Some("agent,admin"), Some(2)),
            (Some(""), None),
            (Some("boss"), None),
            (Some("agent,"), None),
        ] {
            assert_eq!(roles(filter).ok().map(|r| r.len()), count, "{filter:?}");
        }
    }
}
