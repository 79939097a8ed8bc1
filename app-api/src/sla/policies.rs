//! `/api/v1/sla/policies`: what is promised to which tickets. Staff read it, admins write it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, NoQuery, Path, Tagged},
    idempotency::{Keyed, Once},
    line::Line,
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;

use super::{model::Targets, store};
use crate::{
    app::App,
    events::{Deed, Noun, Setting},
    permissions::Permission,
    session::Session,
};

/// A policy to be added, or what one shall be from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavePolicy {
    /// Its name.
    pub name: Line<100>,
    /// Policies are tried by this number, the lowest first; the default one comes last in any case.
    #[serde(default)]
    pub position: i32,
    /// Tickets of any of these categories, at most 50; of all, if there are none. Not for the default policy, like tags and teams.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub categories: Vec<Line<64>>,
    /// Tickets with any of these tags, at most 50.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub tags: Vec<Line<64>>,
    /// Tickets of any of these teams, at most 50.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub teams: Vec<i64>,
    /// What it promises, in working minutes.
    pub targets: Targets,
    /// The business hours that count; null for round the clock.
    #[serde(default)]
    pub calendar_id: Option<i64>,
}

impl SavePolicy {
    /// The categories, as texts.
    pub fn categories(&self) -> Vec<String> {
        self.categories.iter().map(|c| c.as_str().to_owned()).collect()
    }

    /// The tags, as texts.
    pub fn tags(&self) -> Vec<String> {
        self.tags.iter().map(|t| t.as_str().to_owned()).collect()
    }

    fn check(&self) -> Result<()> {
        if let Some(field) = self.targets.wrong() {
            return Err(Error::field(field, "out_of_range", "1 to 525600 minutes."));
        }
        for (field, count) in [("categories", self.categories.len()), ("tags", self.tags.len()), ("teams", self.teams.len())] {
            if count > 50 {
                return Err(Error::field(field, "too_long", "At most 50."));
            }
        }
        Ok(())
    }

    fn asks_for_something(&self) -> bool {
        !(self.categories.is_empty() && self.tags.is_empty() && self.teams.is_empty())
    }
}

/// A policy as it is read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SlaPolicy)]
pub struct Shown {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Policies are tried by this number, the lowest first.
    pub position: i32,
    /// Whether it is for every ticket that no other fits.
    pub is_default: bool,
    /// Categories; of all, if there are none.
    pub categories: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Teams.
    pub teams: Vec<i64>,
    /// What it promises, in working minutes.
    pub targets: Targets,
    /// The business hours that count; null for round the clock.
    pub calendar_id: Option<i64>,
    /// Grows with each edit; the `ETag`.
    pub version: i32,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Lists the policies, the oldest first; `position` says in which order they are tried.
#[utoipa::path(get, path = "/api/v1/sla/policies", tag = "sla", params(Paging), responses((status = 200, body = Page<Shown>)))]
pub(super) async fn list_sla_policies(session: Session, State(app): State<App>, Asked { paging, .. }: Asked) -> Result<Json<Page<Shown>>> {
    session.may(Permission::SeeTargets)?;
    let part = paging.part(&app.cursors, &format!("sla_policies:{}", session.tenant.id), Order::Oldest)?;
    let mut db = session.read().await?;
    let rows = store::policies(&mut db, &part).await?;
    let total = part.total(store::count_policies(&mut db)).await?;
    Ok(Json(part.page(rows, total, |policy| policy.id)?))
}

/// Shows one policy.
#[utoipa::path(get, path = "/api/v1/sla/policies/{id}", tag = "sla", params(("id" = i64, Path, description = "Its id")),
    responses((status = 200, body = Shown, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn show_sla_policy(session: Session, Path(id): Path<i64>, _: NoQuery) -> Result<Tagged<Shown>> {
    session.may(Permission::SeeTargets)?;
    let policy = store::policy(&mut *session.read().await?, id).await?;
    Ok(Tagged(policy.version.into(), policy))
}

/// Adds a policy; it counts for tickets that are opened from now on.
#[utoipa::path(post, path = "/api/v1/sla/policies", tag = "sla", request_body = SavePolicy,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Shown, headers(("Location" = String, description = "The policy")))))]
pub(super) async fn add_sla_policy(session: Session, Keyed { body: new, key }: Keyed<SavePolicy>) -> Result<Once> {
    session.may(Permission::SetTargets)?;
    new.check()?;
    session
        .once(key.as_ref(), "sla/policies", async |act| {
            let policy = add(act, &new).await?;
            Once::created(format!("/api/v1/sla/policies/{}", policy.id), &policy)
        })
        .await
}

async fn add(act: &mut Act, new: &SavePolicy) -> Result<Shown> {
    let now = act.now();
    if store::count_policies(act.db()).await? >= store::MOST {
        return Err(Error::conflict("conflict", format!("There are {} policies, which is as many as there may be.", store::MOST)));
    }
    let id = store::insert_policy(act.db(), new, now).await?;
    store::write_version(act.db(), id, 1, &new.targets, now).await?;
    let policy = store::policy(act.db(), id).await?;
    act.record_change(&changed(Deed::Created, &policy), &Value::Null, &told(&policy)).await?;
    Ok(policy)
}

/// Replaces a policy. Tickets that run under it keep what it promised them (page 11, C13).
#[utoipa::path(put, path = "/api/v1/sla/policies/{id}", tag = "sla", request_body = SavePolicy,
    params(("id" = i64, Path, description = "Its id"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Shown, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn replace_sla_policy(
    session: Session,
    Path(id): Path<i64>,
    version: IfMatch,
    Json(to): Json<SavePolicy>,
) -> Result<Tagged<Shown>> {
    session.may(Permission::SetTargets)?;
    to.check()?;
    let replaced = session
        .act(async |act| {
            let before = store::lock_policy(act.db(), id).await?;
            version.check(before.version.into())?;
            if before.is_default && to.asks_for_something() {
                return Err(Error::field("categories", "invalid", "The default policy is for every ticket."));
            }
            let now = act.now();
            let version = store::update_policy(act.db(), id, &to, now).await?;
            store::write_version(act.db(), id, version, &to.targets, now).await?;
            let after = store::policy(act.db(), id).await?;
            let event = changed(Deed::Changed, &after);
            act.record_change(&event, &told(&before), &told(&after)).await?;
            Ok(after)
        })
        .await?;
    Ok(Tagged(replaced.version.into(), replaced))
}

/// Takes a policy out of use. The default one stays.
#[utoipa::path(delete, path = "/api/v1/sla/policies/{id}", tag = "sla", params(("id" = i64, Path, description = "Its id")), responses((status = 204)))]
pub(super) async fn archive_sla_policy(session: Session, Path(id): Path<i64>) -> Result<NoContent> {
    session.may(Permission::SetTargets)?;
    session
        .act(async |act| {
            let before = store::lock_policy(act.db(), id).await?;
            if before.is_default {
                return Err(Error::conflict("conflict", "The default policy stays: every ticket has one."));
            }
            let now = act.now();
            store::archive(act.db(), id, now).await?;
            let event = changed(Deed::Deleted, &before);
            act.record_change(&event, &told(&before), &Value::Null).await?;
            Ok(())
        })
        .await?;
    Ok(NoContent)
}

fn changed(deed: Deed, policy: &Shown) -> Setting {
    Setting::new(Noun::SlaPolicy, deed, policy.id, json!({ "name": policy.name, "version": policy.version }))
}

fn told(policy: &Shown) -> Value {
    json!({
        "name": policy.name, "position": policy.position, "categories": policy.categories, "tags": policy.tags,
        "teams": policy.teams, "targets": policy.targets, "calendar_id": policy.calendar_id,
    })
}
