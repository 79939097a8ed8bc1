//! Seeing the keys, and ending one.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    http::{Json, NoContent, Path, Query},
    page::{Limit, Page},
    session::Role,
};
use utoipa::IntoParams;

use super::{model::Shown, store};
use crate::{
    app::App,
    events::{Event, Whom},
    members,
    session::Session,
};

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// From 1 to 100; 50 unless told.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The tenant's keys, the newest first; those that were taken back are gone, those that have expired
/// are not.
#[utoipa::path(
    get,
    path = "/api/v1/api-keys",
    tag = "api keys",
    params(Which),
    responses((status = 200, body = Page<Shown>)),
    security(("bearer" = []))
)]
pub async fn list_api_keys(State(app): State<App>, session: Session, Query(which): Query<Which>) -> Result<Json<Page<Shown>>> {
    session.must_be(Role::Admin)?;
    let (list, cursors) = (format!("api-keys:{}", session.tenant.id), &app.keys.cursors);
    let before = which.cursor.as_deref().map_or(Ok(i64::MAX), |cursor| cursors.open(&list, cursor))?;
    let rows = store::list(&mut *app.db.read().await?, session.tenant.id, before, which.limit.probe()).await?;
    let page = Page::cut(rows, which.limit, cursors, &list, |key| key.id)?;
    Ok(Json(Page { data: page.data.into_iter().map(Shown::from).collect(), page: page.page }))
}

/// Takes a key back: it opens nothing any more, at every instance within seconds.
#[utoipa::path(
    delete,
    path = "/api/v1/api-keys/{id}",
    tag = "api keys",
    params(("id" = i64, Path)),
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn revoke_api_key(session: Session, Path(id): Path<i64>) -> Result<NoContent> {
    session.must_be(Role::Admin)?;
    let whom = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
    session
        .act(async |act| {
            members::must_be_admin(act, whom).await?;
            let now = act.now();
            let revoked = store::revoke(act.db(), whom.tenant_id, id, now).await?.ok_or(Error::NotFound("not_found"))?;
            act.record(&Event::ApiKeyRevoked(revoked.into())).await
        })
        .await?;
    Ok(NoContent)
}
