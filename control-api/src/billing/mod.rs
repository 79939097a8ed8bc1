//! Billing: prepaid credits in a ledger that is only appended to, and invoices as data. Each month, whoever had a plan
//! with a price in the month before gets an invoice: made by a job (`invoicing`), numbered without gaps in its year,
//! reduced by credits, and never changed once it is issued. Amounts are whole numbers of the currency's minor units.
//! Whoever takes payments is asked if there is somebody (`payments`); otherwise an operator notes what came in.

mod books;
mod invoicing;
mod ledger;
mod model;
mod operator;
mod own;
mod payments;
mod reckoning;
mod store;
mod unexpected;

use chrono::{DateTime, Utc};
pub use invoicing::{FIRST, begin_due, begin_missing, begin_month, note, patience, perform};
pub use ledger::enter;
pub use model::{Balance, CreditKind, EnterCredit, Entry, Invoice, InvoiceState, Line, LineKind};
pub use operator::{pay, void};
pub use payments::{Payments, PaymentsConfig, Provider};
pub use reckoning::{Span, Sums, lines, spans, sums};
use shared::{Error, Result, page::Part};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub use self::{
    books::{Trouble, check},
    unexpected::{Unexpected, returned},
};
use crate::app::App;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(operator::list_credits, operator::enter_credit))
        .routes(routes!(operator::list_invoices))
        .routes(routes!(operator::show_invoice))
        .routes(routes!(operator::pay_invoice))
        .routes(routes!(operator::void_invoice))
        .routes(routes!(own::list_own_invoices))
        .routes(routes!(own::show_own_invoice))
}

/// A tenant's credits, once it has had any.
pub async fn balance(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Balance>> {
    store::balance(db, tenant).await
}

/// Whether an invoice of the tenant is being made, which its data is needed for.
pub async fn is_making(db: &mut PgConnection, tenant: Uuid) -> Result<bool> {
    store::is_making(db, tenant).await
}

/// What was put into a tenant's credits and taken out.
pub async fn entries(db: &mut PgConnection, tenant: Uuid, part: &Part<'_, i64>) -> Result<Vec<Entry>> {
    store::entries(db, tenant, part).await
}

/// The thousand newest of them.
pub async fn newest_entries(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Entry>> {
    store::newest_entries(db, tenant).await
}

/// The thousand newest invoices, of one tenant if asked for.
pub async fn newest_invoices(db: &mut PgConnection, tenant: Option<&str>) -> Result<Vec<Invoice>> {
    store::newest_invoices(db, tenant).await
}

/// One invoice with its lines. `404 invoice_not_found`.
pub async fn invoice(db: &mut PgConnection, id: Uuid) -> Result<Invoice> {
    store::by_id(db, id).await?.ok_or(Error::NotFound("invoice_not_found"))
}

/// The year in which something is issued.
fn year(at: DateTime<Utc>) -> i32 {
    chrono::Datelike::year(&at)
}
