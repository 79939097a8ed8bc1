//! Credits and invoices for operators.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    http::{Created, Json, Path},
    page::{Asked, Order, Page, Paging},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{CreditKind, EnterCredit, Entry, Invoice, InvoiceState, invoicing, ledger, model::VOID, store};
use crate::{app::App, events::Platform, operators::OperatorSession, tenants};

/// Which invoices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only those of this tenant, by its subdomain.
    tenant: Option<String>,
    /// Only those that stand there.
    state: Option<InvoiceState>,
}

/// What has come in for an invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayInvoice {
    /// How it is known, as the number of a transfer; up to 200 characters.
    payment: String,
}

/// What was put into a tenant's credits and taken out, the newest first.
#[utoipa::path(get, path = "/api/v1/operator/tenants/{slug}/credits", tag = "operators",
    params(("slug" = String, Path, description = "The subdomain"), Paging), responses((status = 200, body = Page<Entry>)),
    security(("bearer" = [])))]
pub async fn list_credits(
    State(app): State<App>,
    _session: OperatorSession,
    Path(slug): Path<String>,
    Asked { paging, .. }: Asked,
) -> Result<Json<Page<Entry>>> {
    let mut db = app.db.read().await?;
    let tenant = tenants::by_slug(&mut db, &slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let part = paging.part(&app.keys.cursors, &format!("operator:credits:{}", tenant.id), Order::Newest)?;
    let entries = store::entries(&mut db, tenant.id, &part).await?;
    let total = part.total(store::count_entries(&mut db, tenant.id)).await?;
    Ok(Json(part.page(entries, total, |entry| entry.number)?))
}

/// Puts something into a tenant's credits, or takes it out: one entry for each reference, however often it is sent.
/// `409 credits_too_low` below zero. Asks for a session of the last 15 minutes.
#[utoipa::path(post, path = "/api/v1/operator/tenants/{slug}/credits", tag = "operators", request_body = EnterCredit,
    params(("slug" = String, Path, description = "The subdomain")),
    responses((status = 201, body = Entry, headers(("Location" = String, description = "The tenant's credits")))),
    security(("bearer" = [])))]
pub async fn enter_credit(session: OperatorSession, Path(slug): Path<String>, Json(new): Json<EnterCredit>) -> Result<Created<Entry>> {
    session.must_be_fresh()?;
    let entry = session.act(async |act| {
        let tenant = tenants::by_slug(act.db(), &slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
        ledger::enter(act, tenant.id, &new).await
    });
    Ok(Created::at(format!("/api/v1/operator/tenants/{slug}/credits"), entry.await?))
}

/// Invoices without their lines, the newest first.
#[utoipa::path(get, path = "/api/v1/operator/invoices", tag = "operators", params(Which, Paging),
    responses((status = 200, body = Page<Invoice>)), security(("bearer" = [])))]
pub async fn list_invoices(
    State(app): State<App>,
    _session: OperatorSession,
    Asked { filter, paging }: Asked<Which>,
) -> Result<Json<Page<Invoice>>> {
    let which = (filter.tenant.as_deref(), filter.state);
    let part = paging.part(&app.keys.cursors, &format!("operator:invoices:{which:?}"), Order::Newest)?;
    let mut db = app.db.read().await?;
    let listed = store::list(&mut db, which, &part).await?;
    let total = part.total(store::count(&mut db, which)).await?;
    Ok(Json(part.page(listed, total, |invoice| invoice.id)?))
}

/// One invoice with its lines.
#[utoipa::path(get, path = "/api/v1/operator/invoices/{id}", tag = "operators", params(("id" = Uuid, Path, description = "The invoice's id")),
    responses((status = 200, body = Invoice)), security(("bearer" = [])))]
pub async fn show_invoice(State(app): State<App>, _session: OperatorSession, Path(id): Path<Uuid>) -> Result<Json<Invoice>> {
    super::invoice(&mut *app.db.read().await?, id).await.map(Json)
}

/// Notes that an issued invoice is paid. Asks for a session of the last 15 minutes. `409 conflict` for any other one.
#[utoipa::path(post, path = "/api/v1/operator/invoices/{id}/pay", tag = "operators", request_body = PayInvoice,
    params(("id" = Uuid, Path, description = "The invoice's id")), responses((status = 200, body = Invoice)), security(("bearer" = [])))]
pub async fn pay_invoice(session: OperatorSession, Path(id): Path<Uuid>, Json(came): Json<PayInvoice>) -> Result<Json<Invoice>> {
    session.must_be_fresh()?;
    session.act(async |act| pay(act, id, &came.payment).await).await.map(Json)
}

/// Says that an issued invoice is not to be paid; its credits come back. Asks for a session of the last 15 minutes.
/// `409 conflict` for any other one.
#[utoipa::path(post, path = "/api/v1/operator/invoices/{id}/void", tag = "operators",
    params(("id" = Uuid, Path, description = "The invoice's id")), responses((status = 200, body = Invoice)), security(("bearer" = [])))]
pub async fn void_invoice(session: OperatorSession, Path(id): Path<Uuid>) -> Result<Json<Invoice>> {
    session.must_be_fresh()?;
    session.act(async |act| void(act, id).await).await.map(Json)
}

/// The issued invoice, which nobody else changes until the act ends.
async fn issued(act: &mut Act, id: Uuid) -> Result<Invoice> {
    let invoice = store::lock(act.db(), id).await?.ok_or(Error::NotFound("invoice_not_found"))?;
    if invoice.state == InvoiceState::Issued { Ok(invoice) } else { Err(Error::conflict("conflict", "Only an issued invoice is open.")) }
}

/// The verb.
pub async fn pay(act: &mut Act, id: Uuid, payment: &str) -> Result<Invoice> {
    if !(1..=200).contains(&payment.chars().count()) || payment.chars().any(char::is_control) {
        return Err(Error::field("payment", "out_of_range", "From 1 to 200 characters in a line."));
    }
    let invoice = issued(act, id).await?;
    invoicing::pay(act, &invoice, payment).await?;
    super::invoice(act.db(), id).await
}

/// The verb. Nobody is asked for a payment any more; one that is under way is written down, and an operator's to give
/// back.
pub async fn void(act: &mut Act, id: Uuid) -> Result<Invoice> {
    let (now, invoice) = (act.now(), issued(act, id).await?);
    store::voided(act.db(), id, now).await?;
    if invoice.credits > 0 {
        let back = EnterCredit {
            kind: CreditKind::Refund,
            amount: invoice.credits,
            currency: invoice.currency.clone(),
            reference: format!("{VOID}{id}"),
            note: invoice.number.clone(),
        };
        ledger::book(act, invoice.tenant_id, &back).await?;
    }
    let voided = super::invoice(act.db(), id).await?;
    act.record(&Platform::InvoiceVoided(voided.clone())).await?;
    Ok(voided)
}
