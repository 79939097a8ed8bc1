//! Something is put into a tenant's credits, or taken out.

use shared::{Error, Result, act::Act};
use uuid::Uuid;

use super::{EnterCredit, Entry, store};
use crate::{events::Platform, plans, tenants};

/// The verb of whoever types it: the currency is that of the tenant's plan, if that has a price, or else `409
/// other_currency`.
pub async fn enter(act: &mut Act, tenant: Uuid, new: &EnterCredit) -> Result<Entry> {
    let wrong = new.typed_wrong();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    // Whoever gives the tenant another plan holds it, too: one of both sees the other's currency.
    let known = tenants::by_id(act.db(), tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    tenants::hold(act, &known.slug).await?;
    let plan = plans::of(act.db(), tenant).await?;
    if plan.costs() && plan.currency != new.currency {
        return Err(Error::conflict("other_currency", "This tenant's plan is paid in another currency."));
    }
    book(act, tenant, new).await
}

/// The same for what invoices take and give back. Entries of one tenant follow each other, so the balance is exact and
/// never below zero: `409 credits_too_low`. What was entered under this reference already is given again; under another
/// kind or amount it is `409 conflict`. An account with nothing in it goes on in the entry's currency.
pub(super) async fn book(act: &mut Act, tenant: Uuid, new: &EnterCredit) -> Result<Entry> {
    let wrong = new.wrong();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let account = store::hold_account(act.db(), tenant, &new.currency).await?;
    if account.currency != new.currency && account.balance != 0 {
        return Err(Error::conflict("other_currency", "This tenant has credits in another currency."));
    }
    if let Some(known) = store::by_reference(act.db(), tenant, &new.reference).await? {
        let same = known.kind == new.kind && known.amount == new.amount && known.currency == new.currency;
        return if same { Ok(known) } else { Err(Error::conflict("conflict", "Something else has this reference already.")) };
    }
    let balance = account.balance.checked_add(new.amount).filter(|balance| *balance >= 0);
    let balance = balance.ok_or_else(|| Error::conflict("credits_too_low", "There are not so many credits."))?;
    let (now, made_by) = (act.now(), serde_json::to_value(&act.author().actor)?);
    if account.currency != new.currency {
        store::set_currency(act.db(), tenant, &new.currency).await?;
    }
    store::insert_entry(act.db(), (tenant, account.entries + 1, balance), new, (&made_by, now)).await?;
    let entry = store::by_reference(act.db(), tenant, &new.reference).await?;
    let entry = entry.ok_or_else(|| anyhow::anyhow!("the entry was not written"))?;
    act.record(&Platform::CreditEntered(entry.clone())).await?;
    Ok(entry)
}
