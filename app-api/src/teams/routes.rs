//! `/api/v1/teams`: the staff reads them, managers and admins arrange them.

use std::collections::BTreeSet;

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, NoQuery, Path, Tagged},
    idempotency::{Keyed, Once},
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;

use super::{
    model::{Name, NewMember, Team, Way},
    store,
};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    people::{self, TeamId},
    permissions::Permission,
    session::Session,
};

/// Members that a team has at most.
const MOST: usize = 500;

/// A team to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTeam {
    /// Its name, which no other team has, in capitals or not.
    #[schema(value_type = String, max_length = 64)]
    name: Name,
    /// How its new tickets are given out; by hand unless told.
    #[serde(default)]
    assignment: Way,
    /// Who belongs to it, at most 500.
    #[serde(default)]
    members: Vec<NewMember>,
}

/// What of a team shall be another way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditTeam {
    /// Its name.
    #[schema(value_type = Option<String>, max_length = 64)]
    name: Option<Name>,
    /// How its new tickets are given out.
    assignment: Option<Way>,
    /// Who belongs to it, all of them.
    members: Option<Vec<NewMember>>,
}

/// Lists the teams, the oldest first.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams", params(Paging), responses((status = 200, body = Page<Team>)))]
pub(super) async fn list_teams(session: Session, State(app): State<App>, Asked { paging, .. }: Asked) -> Result<Json<Page<Team>>> {
    session.may(Permission::SeeAgents)?;
    let part = paging.part(&app.cursors, &format!("teams:{}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let teams = store::list(&mut db, &part).await?;
    let total = part.total(store::count(&mut db)).await?;
    Ok(Json(part.page(teams, total, |team| team.id)?))
}

/// Shows one team.
#[utoipa::path(get, path = "/api/v1/teams/{team}", tag = "teams", params(("team" = i64, Path, description = "Id")),
    responses((status = 200, body = Team, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_team(session: Session, Path(id): Path<TeamId>, _: NoQuery) -> Result<Tagged<Team>> {
    session.may(Permission::SeeAgents)?;
    let team = store::find(&mut *session.read().await?, id).await?;
    Ok(Tagged(team.version, team))
}

/// Makes a team. With an `Idempotency-Key` a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/teams", tag = "teams", request_body = NewTeam,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Team, headers(("Location" = String, description = "The team"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn create_team(session: Session, Keyed { body: new, key }: Keyed<NewTeam>) -> Result<Once> {
    session.may(Permission::Arrange)?;
    session
        .once(key.as_ref(), "teams", async |act| {
            check_members(act, &new.members).await?;
            let now = act.now();
            let id = store::insert(act.db(), new.name.as_str(), new.assignment, now).await?;
            store::set_members(act.db(), id, &new.members).await?;
            let team = store::find(act.db(), id).await?;
            act.record(&Setting::new(Noun::Team, Deed::Created, id, told(&team))).await?;
            Once::created(format!("/api/v1/teams/{id}"), &team)
        })
        .await
}

/// Changes a team. What is left out stays.
#[utoipa::path(patch, path = "/api/v1/teams/{team}", tag = "teams", request_body = EditTeam,
    params(("team" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Team, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn edit_team(
    session: Session,
    Path(id): Path<TeamId>,
    version: IfMatch,
    Json(to): Json<EditTeam>,
) -> Result<Tagged<Team>> {
    session.may(Permission::Arrange)?;
    let team = session
        .act(async |act| {
            let before = store::lock(act.db(), id).await?;
            version.check(before.version)?;
            if let Some(members) = &to.members {
                check_members(act, members).await?;
                store::set_members(act.db(), id, members).await?;
            }
            let name = to.name.as_ref().map_or(&*before.name, Name::as_str);
            let now = act.now();
            store::update(act.db(), id, name, to.assignment.unwrap_or(before.assignment), now).await?;
            let after = store::find(act.db(), id).await?;
            act.record_change(&Setting::new(Noun::Team, Deed::Changed, id, told(&after)), &told(&before), &told(&after)).await?;
            Ok(after)
        })
        .await?;
    Ok(Tagged(team.version, team))
}

/// Takes a team away, which must have no ticket left that is not closed. Its categories lead to no team then.
#[utoipa::path(delete, path = "/api/v1/teams/{team}", tag = "teams",
    params(("team" = i64, Path, description = "Id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 204)))]
pub(super) async fn delete_team(session: Session, Path(id): Path<TeamId>, version: IfMatch) -> Result<NoContent> {
    session.may(Permission::Arrange)?;
    session
        .act(async |act| {
            let before = store::lock(act.db(), id).await?;
            version.check(before.version)?;
            if store::has_work(act.db(), id).await? {
                return Err(Error::conflict("conflict", "Tickets that are not closed are in its queue: move them first."));
            }
            let now = act.now();
            store::archive(act.db(), id, now).await?;
            act.record_change(&Setting::new(Noun::Team, Deed::Deleted, id, json!({ "name": before.name })), &told(&before), &json!({}))
                .await?;
            Ok(())
        })
        .await?;
    Ok(NoContent)
}

async fn check_members(act: &mut Act, members: &[NewMember]) -> Result<()> {
    if members.len() > MOST {
        return Err(Error::field("members", "too_long", format!("At most {MOST} members.")));
    }
    let mut seen = BTreeSet::new();
    for (n, member) in members.iter().enumerate() {
        if !seen.insert(member.user_id) {
            return Err(Error::field(format!("members[{n}].user_id"), "invalid", "They stand in the list already."));
        }
        if !people::assignable(act.db(), member.user_id).await? {
            return Err(Error::field(format!("members[{n}].user_id"), "unknown_value", "There is no such agent."));
        }
    }
    Ok(())
}

/// What event and trail say of a team: people by their ids.
fn told(team: &Team) -> serde_json::Value {
    let members: Vec<_> = team.members.iter().map(|member| json!({ "user_id": member.user_id, "skills": member.skills })).collect();
    json!({ "name": team.name, "assignment": team.assignment, "members": members })
}
