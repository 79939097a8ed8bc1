//! Seeing the keys, and ending one.

use axum::extract::State;
use shared::{
    Error, Result,
    http::{Json, NoContent, Path},
    page::{Asked, Order, Page, Paging},
    session::Role,
};

use super::{model::Shown, store};
use crate::{
    app::App,
    events::{Event, Whom},
    members,
    session::Session,
};

/// The tenant's keys, the newest first; those that were taken back are gone, those that have expired
/// are not.
#[utoipa::path(
    get,
    path = "/api/v1/api-keys",
    tag = "api keys",
    params(Paging),
    responses((status = 200, body = Page<Shown>)),
    security(("bearer" = []))
)]
pub async fn list_api_keys(State(app): State<App>, session: Session, Asked { paging, .. }: Asked) -> Result<Json<Page<Shown>>> {
    session.must_be(Role::Admin)?;
    let tenant = session.tenant.id;
    let part = paging.part(&app.keys.cursors, &format!("api-keys:{tenant}"), Order::Newest)?;
    let mut db = app.db.read().await?;
    let keys = store::list(&mut db, tenant, &part).await?.into_iter().map(Shown::from).collect();
    let total = part.total(store::count(&mut db, tenant)).await?;
    Ok(Json(part.page(keys, total, |key: &Shown| key.id)?))
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
