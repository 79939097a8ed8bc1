//! An invoice is made, by a job in three steps: what was used is counted, the invoice is issued in one act with its
//! number and what credits pay of it, and whoever takes payments is asked for the rest. A crash at any moment is resumed
//! by whoever looks next: there is one draft for a tenant's month, a number is drawn with the issue or not at all, and a
//! payment is asked for under the invoice's own id.

use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::{Act, Author},
    month::Month,
};
use uuid::Uuid;

use super::{CreditKind, EnterCredit, Invoice, InvoiceState, ledger, lines, payments::Charged, store, sums};
use crate::{
    app::App,
    events::Platform,
    jobs::{self, Job, Kind, Next, Patience, Performed, Planned},
    plans, tenants,
};

/// Its first step.
pub const FIRST: &str = "measure";
const ISSUE: &str = "issue";
const CHARGE: &str = "charge";
/// Invoices that are begun in one round; the next one begins the others.
const A_ROUND: i64 = 200;

/// What the steps leave to each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Making {
    invoice: Uuid,
    /// Tickets of the month, once they are counted.
    tickets: i64,
    /// What has become of the payment, once it was asked for.
    charged: Option<Charged>,
}

/// A step that fails is tried for ever: an invoice that is not there is one that nobody misses.
pub fn patience(_step: &str) -> Patience {
    Patience::Endless
}

/// Begins the invoices of the month before, for whoever owes something and has none yet; says how many.
pub async fn begin_due(db: &shared::db::Db, clock: &shared::clock::Clock) -> Result<usize> {
    let month = Month::of(clock.now()).previous();
    let owing = store::owing(&mut *db.read().await?, (month.first(), month.starts(), month.ends()), A_ROUND).await?;
    let mut begun = 0;
    for (tenant, currency) in owing {
        let one = db.act(Author::system("billing"), clock, async |act| begin(act, tenant, (month, &currency)).await);
        begun += usize::from(one.await?);
    }
    Ok(begun)
}

async fn begin(act: &mut Act, tenant: Uuid, (month, currency): (Month, &str)) -> Result<bool> {
    let (id, now) = (Uuid::now_v7(), act.now());
    if !store::insert_draft(act.db(), (id, tenant), month.first(), currency, now).await? {
        return Ok(false);
    }
    jobs::plan(act, &Planned::of_tenant(Kind::Invoice, tenant, &Making { invoice: id, tickets: 0, charged: None })?).await?;
    Ok(true)
}

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let making: Making = job.state()?;
    match job.step.as_str() {
        FIRST => Performed::then(ISSUE).leaving(&Making { tickets: measure(app, job, &making).await?, ..making }),
        ISSUE => Ok(Performed::then(CHARGE)),
        CHARGE => {
            let invoice = super::invoice(&mut *app.db.read().await?, making.invoice).await?;
            let charged = if invoice.state == InvoiceState::Issued { app.outside.payments.charge(&invoice).await? } else { None };
            Performed::done().leaving(&Making { charged, ..making })
        }
        _ => Err(job.unknown_step()),
    }
}

/// Counts the month's tickets where more of them cost something: otherwise the tenant's database need not be there.
async fn measure(app: &App, job: &Job, making: &Making) -> Result<i64> {
    let tenant = job.tenant()?;
    let mut db = app.db.read().await?;
    let month = Month::with(super::invoice(&mut db, making.invoice).await?.period);
    let had = plans::history(&mut db, tenant).await?;
    drop(db);
    let counts = had.iter().rfind(|held| held.since < month.ends()).is_some_and(|held| held.extra_ticket.is_some());
    if counts { plans::tickets_in(app, tenant, month).await } else { Ok(0) }
}

/// Writes what the step changes.
pub async fn note(act: &mut Act, app: &App, job: &Job, performed: &Performed) -> Result<()> {
    let making: Making = match &performed.state {
        Some(state) => serde_json::from_value(state.clone())?,
        None => job.state()?,
    };
    match (job.step.as_str(), performed.next) {
        (ISSUE, Next::Step(_)) => issue(act, app.rules.tax_rate, &making).await,
        (CHARGE, Next::Done) => match making.charged {
            Some(charged) => settle(act, making.invoice, charged).await,
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Issues the draft, with its number and what credits pay of it.
async fn issue(act: &mut Act, tax_rate: i32, making: &Making) -> Result<()> {
    let now = act.now();
    let Some(draft) = store::lock(act.db(), making.invoice).await?.filter(|i| i.state == InvoiceState::Draft) else { return Ok(()) };
    let tenant = tenants::by_id(act.db(), draft.tenant_id).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let had = plans::history(act.db(), draft.tenant_id).await?;
    let lines = lines(Month::with(draft.period), &had, making.tickets);
    for (line, position) in lines.iter().zip(1..) {
        store::insert_line(act.db(), draft.id, (position, line)).await?;
    }
    let held = store::hold_credits(act.db(), draft.tenant_id).await?.filter(|held| held.currency == draft.currency);
    let sums = sums(&lines, tax_rate, held.map_or(0, |held| held.balance));
    let year = super::year(now);
    let number = format!("{year}-{:06}", store::draw_number(act.db(), year).await?);
    if sums.credits > 0 {
        let spent = EnterCredit {
            kind: CreditKind::Spend,
            amount: -sums.credits,
            currency: draft.currency.clone(),
            reference: format!("invoice:{}", draft.id),
            note: Some(number.clone()),
        };
        ledger::enter(act, draft.tenant_id, &spent).await?;
    }
    store::issue(act.db(), draft.id, (&number, &tenant.organisation), (sums, tax_rate), now).await?;
    let issued = super::invoice(act.db(), draft.id).await?;
    act.record(&Platform::InvoiceIssued(issued)).await?;
    Ok(())
}

/// Notes what has become of a payment. Somebody may have noted it before, or voided the invoice meanwhile: money that
/// came for a void one is an operator's to give back.
async fn settle(act: &mut Act, id: Uuid, charged: Charged) -> Result<()> {
    let now = act.now();
    let Some(invoice) = store::lock(act.db(), id).await? else { return Ok(()) };
    match (invoice.state, charged) {
        (InvoiceState::Issued, Charged::Paid { payment }) => pay(act, &invoice, &payment).await,
        (InvoiceState::Issued, Charged::Refused { reason }) => {
            store::refused(act.db(), id, &reason).await?;
            let refused = super::invoice(act.db(), id).await?;
            act.record(&Platform::InvoiceRefused(refused)).await.map(drop)
        }
        (state, charged) => {
            tracing::warn!(invoice = %id, ?state, ?charged, at = %now, "what became of the payment changes nothing");
            Ok(())
        }
    }
}

/// Notes that an invoice, which the act holds, is paid.
pub(super) async fn pay(act: &mut Act, invoice: &Invoice, payment: &str) -> Result<()> {
    let now = act.now();
    store::paid(act.db(), invoice.id, payment, now).await?;
    let paid = super::invoice(act.db(), invoice.id).await?;
    act.record(&Platform::InvoicePaid(paid)).await?;
    Ok(())
}
