//! An organisation's own invoices, for its admins, in the days of grace before a deletion too: it has to keep them. A
//! draft is nobody's yet.

use axum::extract::State;
use shared::{
    Error, Result,
    http::{Json, Path},
    page::{Asked, Order, Page, Paging},
    session::Role,
};
use uuid::Uuid;

use super::{Invoice, InvoiceState, store};
use crate::{app::App, session::Remaining};

/// The organisation's invoices without their lines, the newest first.
///
/// They can be read in the days of grace before a deletion, too.
#[utoipa::path(get, path = "/api/v1/tenant/invoices", tag = "tenants", params(Paging), responses((status = 200, body = Page<Invoice>)),
    security(("bearer" = [])))]
pub async fn list_own_invoices(State(app): State<App>, session: Remaining, Asked { paging, .. }: Asked) -> Result<Json<Page<Invoice>>> {
    session.must_be(Role::Admin)?;
    let tenant = &session.tenant;
    let part = paging.part(&app.keys.cursors, &format!("invoices:{}", tenant.id), Order::Newest)?;
    let mut db = app.db.read().await?;
    let listed = store::list_issued(&mut db, tenant.id, &part).await?;
    let total = part.total(store::count_issued(&mut db, tenant.id)).await?;
    Ok(Json(part.page(listed, total, |invoice| invoice.id)?))
}

/// One of the organisation's invoices with its lines.
#[utoipa::path(get, path = "/api/v1/tenant/invoices/{id}", tag = "tenants", params(("id" = Uuid, Path, description = "The invoice's id")),
    responses((status = 200, body = Invoice)), security(("bearer" = [])))]
pub async fn show_own_invoice(State(app): State<App>, session: Remaining, Path(id): Path<Uuid>) -> Result<Json<Invoice>> {
    session.must_be(Role::Admin)?;
    let found = store::by_id(&mut *app.db.read().await?, id).await?;
    let own = found.filter(|invoice| invoice.tenant_id == session.tenant.id && invoice.state != InvoiceState::Draft);
    own.map(Json).ok_or(Error::NotFound("invoice_not_found"))
}
