//! What operators see and set of clusters, and how one leaves the books.

use axum::extract::State;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
};

use super::{Change, Listed, store};
use crate::{app::App, events::Platform, operators::OperatorSession, provisioning};

/// Servers that hold tenants' databases, the oldest first.
#[utoipa::path(get, path = "/api/v1/operator/clusters", tag = "operators", params(Paging),
    responses((status = 200, body = Page<Listed>)), security(("bearer" = [])))]
pub async fn list_clusters(State(app): State<App>, _session: OperatorSession, Asked { paging, .. }: Asked) -> Result<Json<Page<Listed>>> {
    let part = paging.part(&app.keys.cursors, "operator:clusters", Order::Oldest)?;
    let mut db = app.db.read().await?;
    let listed = store::page(&mut db, &part).await?;
    let total = part.total(store::count(&mut db)).await?;
    Ok(Json(part.page(listed, total, |cluster| cluster.id)?))
}

/// One of them.
#[utoipa::path(get, path = "/api/v1/operator/clusters/{name}", tag = "operators",
    params(("name" = String, Path, description = "The cluster's name")), responses((status = 200, body = Listed)), security(("bearer" = [])))]
pub async fn show_cluster(State(app): State<App>, _session: OperatorSession, Path(name): Path<String>) -> Result<Json<Listed>> {
    super::by_name(&mut *app.db.read().await?, &name).await.map(Json)
}

/// Opens or closes it to new tenants, or limits how much it may hold. Asks for a session of the last 15 minutes.
#[utoipa::path(patch, path = "/api/v1/operator/clusters/{name}", tag = "operators", request_body = Change,
    params(("name" = String, Path, description = "The cluster's name")), responses((status = 200, body = Listed)), security(("bearer" = [])))]
pub async fn change_cluster(
    State(_app): State<App>,
    session: OperatorSession,
    Path(name): Path<String>,
    Json(to): Json<Change>,
) -> Result<Json<Listed>> {
    session.must_be_fresh()?;
    session.act(async |act| change(act, &name, &to).await).await.map(Json)
}

/// The verb. Tenants that wait for room are looked at again.
pub async fn change(act: &mut Act, name: &str, to: &Change) -> Result<Listed> {
    let before = super::by_name(act.db(), name).await?;
    let now = act.now();
    store::change(act.db(), before.id, to, now).await?;
    let after = super::by_name(act.db(), name).await?;
    act.record_change(&Platform::ClusterChanged(after.clone()), &serde_json::to_value(&before)?, &serde_json::to_value(&after)?).await?;
    provisioning::look_again(act).await?;
    Ok(after)
}

/// Takes a closed cluster that holds nothing out of the books; what is on the server stays there.
/// `409 cluster_open` while it is open, `409 cluster_in_use` while tenants, spare databases or open jobs are there.
pub async fn remove(act: &mut Act, name: &str) -> Result<()> {
    let cluster = super::by_name(act.db(), name).await?;
    if cluster.accepting {
        return Err(Error::conflict("cluster_open", "Close it first, and let its spare databases go."));
    }
    store::remove(act.db(), cluster.id).await?;
    act.record(&Platform::ClusterRemoved(cluster)).await?;
    Ok(())
}
