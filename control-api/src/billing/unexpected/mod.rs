//! Money that came for an invoice that is not owed any more, because it was voided or paid otherwise while the payment was
//! under way. It is written down, stands among what does not add up, and somebody gives it back.

mod store;

use serde::Serialize;
use shared::{Error, Result, act::Act};
use uuid::Uuid;

use super::Invoice;
use crate::events::Platform;

/// What came.
#[derive(Debug, Clone, Serialize)]
pub struct Unexpected {
    /// Whose.
    pub tenant_id: Uuid,
    /// For which invoice.
    pub invoice_id: Uuid,
    /// Its number.
    pub number: Option<String>,
    /// The payment, as whoever took it names it.
    pub payment: String,
    /// How much.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

/// Notes what came for an invoice, which the act holds.
pub(super) async fn note(act: &mut Act, invoice: Invoice, payment: String) -> Result<()> {
    let now = act.now();
    let Invoice { id: invoice_id, tenant_id, number, currency, due: amount, state, .. } = invoice;
    let came = Unexpected { tenant_id, invoice_id, number, payment, amount, currency };
    store::insert(act.db(), &came, state, now).await?;
    act.record(&Platform::PaymentUnexpected(came)).await.map(drop)
}

/// The verb. It has been given back, as `why` says.
pub async fn returned(act: &mut Act, (invoice, payment): (Uuid, &str), why: &str) -> Result<Unexpected> {
    if why.is_empty() || why.chars().count() > 500 {
        return Err(Error::field("note", "out_of_range", "From 1 to 500 characters."));
    }
    let now = act.now();
    let returned = store::returned(act.db(), (invoice, payment), why, now).await?.ok_or(Error::NotFound("not_found"))?;
    act.record(&Platform::PaymentReturned(returned.clone())).await?;
    Ok(returned)
}
