//! An invoice is made, by a job in three steps: what was used is counted, the invoice is issued in one act with its
//! number and what credits pay of it, and whoever takes payments is asked for the rest. A crash at any moment is resumed
//! by whoever looks next: there is one draft for a tenant's month, a number is drawn with the issue or not at all, and a
//! payment is asked for under the invoice's own id.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::{Act, Author},
    clock::Clock,
    db::Db,
    month::Month,
};
use uuid::Uuid;

use super::{
    CreditKind, EnterCredit, Invoice, InvoiceState, Span, ledger, lines, model::INVOICE, payments::Charged, spans, store, sums, unexpected,
};
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
/// How long a payment that is under way is left alone: banks take days.
const UNDER_WAY: TimeDelta = TimeDelta::hours(6);
/// How long after a failed question a payment that nobody knows of is looked for once more.
const LATE: TimeDelta = TimeDelta::hours(1);

/// What the steps leave to each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Making {
    invoice: Uuid,
    /// Tickets of the month by the days of each plan, once they are counted.
    #[serde(default)]
    counted: Option<Vec<i64>>,
    /// These days, and each plan.
    #[serde(default)]
    days: Option<Vec<Days>>,
    /// What has become of the payment, once it was asked for.
    charged: Option<Charged>,
}

/// Days of the month on which a plan was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Days {
    plan: String,
    starts: NaiveDate,
    ends: NaiveDate,
}

impl Days {
    fn of(spans: &[Span<'_>]) -> Option<Vec<Self>> {
        Some(spans.iter().map(|span| Self { plan: span.held.plan.clone(), starts: span.starts, ends: span.ends }).collect())
    }
}

/// A step that fails is tried for ever: an invoice that is not there is one that nobody misses.
pub fn patience(_step: &str) -> Patience {
    Patience::Endless
}

/// Begins the invoices of all months that are over, for whoever owes something and has had none yet; says how many.
pub async fn begin_due(db: &Db, clock: &Clock) -> Result<usize> {
    let Some(first) = store::first_owed(&mut *db.read().await?, None).await? else { return Ok(0) };
    let (mut begun, mut last) = (0, None);
    for month in over(first, clock.now()) {
        match begin_month(db, clock, month, None).await {
            Ok(some) => begun += some,
            Err(error) => last = Some(error),
        }
    }
    last.map_or(Ok(begun), Err)
}

/// The months since that moment that are over.
fn over(first: DateTime<Utc>, now: DateTime<Utc>) -> impl Iterator<Item = Month> {
    std::iter::successors(Some(Month::of(first)), |month| Some(month.next())).take_while(move |month| month.ends() <= now)
}

/// Begins the invoices of all months of a tenant that are over and have had none, a voided one neither: before its data
/// goes, of which they are made.
pub async fn begin_missing(act: &mut Act, tenant: Uuid) -> Result<()> {
    let (now, first) = (act.now(), store::first_owed(act.db(), Some(tenant)).await?);
    let Some(first) = first else { return Ok(()) };
    for month in over(first, now) {
        let owing = store::owing(act.db(), (month.first(), month.starts(), month.ends()), (Some(tenant), false), 1).await?;
        for (tenant, currency) in owing {
            begin(act, tenant, (month, &currency)).await?;
        }
    }
    Ok(())
}

/// Begins the invoices of a month. For one tenant alone, another one instead of one that was voided. Where one fails, the
/// others are begun, and what was wrong with the last such is told.
pub async fn begin_month(db: &Db, clock: &Clock, month: Month, only: Option<Uuid>) -> Result<usize> {
    if month.ends() > clock.now() {
        return Err(Error::field("month", "invalid", "It is not over."));
    }
    let owing =
        store::owing(&mut *db.read().await?, (month.first(), month.starts(), month.ends()), (only, only.is_some()), A_ROUND).await?;
    let (mut begun, mut last) = (0, None);
    for (tenant, currency) in owing {
        match db.act(Author::system("billing"), clock, async |act| begin(act, tenant, (month, &currency)).await).await {
            Ok(is_new) => begun += usize::from(is_new),
            Err(error) => {
                tracing::warn!(%tenant, %month, %error, "its invoice is not begun");
                last = Some(error);
            }
        }
    }
    last.map_or(Ok(begun), Err)
}

async fn begin(act: &mut Act, tenant: Uuid, (month, currency): (Month, &str)) -> Result<bool> {
    let (id, now) = (Uuid::now_v7(), act.now());
    // Whoever plans a purge holds the tenant, too: one of both sees the other.
    let Some(known) = tenants::by_id(act.db(), tenant).await? else { return Ok(false) };
    tenants::hold(act, &known.slug).await?;
    if !jobs::states_of(act.db(), tenant, Kind::Purge).await?.is_empty()
        || !store::insert_draft(act.db(), (id, tenant), month.first(), currency, now).await?
    {
        return Ok(false);
    }
    jobs::plan(act, &Planned::of_tenant(Kind::Invoice, tenant, &Making { invoice: id, counted: None, days: None, charged: None })?).await?;
    let begun = super::invoice(act.db(), id).await?;
    act.record(&Platform::InvoiceBegun(begun)).await?;
    Ok(true)
}

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let making: Making = job.state()?;
    match job.step.as_str() {
        FIRST => Performed::then(ISSUE).leaving(&measure(app, job, making).await?),
        // Begun by a release that counted otherwise, or the plans of the month have become others since.
        ISSUE if making.counted.is_none() || making.days != held(app, job, &making).await? => Ok(Performed::then(FIRST)),
        ISSUE => Ok(Performed::then(CHARGE)),
        CHARGE => charge(app, job, making).await,
        _ => Err(job.unknown_step()),
    }
}

/// Counts the month's tickets where more of them cost something: otherwise the tenant's database need not be there.
async fn measure(app: &App, job: &Job, making: Making) -> Result<Making> {
    let id = job.tenant()?;
    let mut db = app.db.read().await?;
    let month = Month::with(super::invoice(&mut db, making.invoice).await?.period);
    let had = plans::history(&mut db, id).await?;
    drop(db);
    let (spans, mut counted) = (spans(month, &had), Vec::new());
    for span in &spans {
        counted.push(match span.is_metered() {
            true => plans::tickets_between(app, id, span.bounds()).await?.ok_or(Error::Unavailable("tenant database"))?,
            false => 0,
        });
    }
    Ok(Making { counted: Some(counted), days: Days::of(&spans), ..making })
}

/// By which plans the days of the month are held now.
async fn held(app: &App, job: &Job, making: &Making) -> Result<Option<Vec<Days>>> {
    let mut db = app.db.read().await?;
    let month = Month::with(super::invoice(&mut db, making.invoice).await?.period);
    let had = plans::history(&mut db, job.tenant()?).await?;
    Ok(Days::of(&spans(month, &had)))
}

/// Asks for what is left to pay. What may have been asked for before is looked for even if it is not owed any more.
async fn charge(app: &App, job: &Job, making: Making) -> Result<Performed> {
    let (payments, now) = (&app.outside.payments, app.clock.now());
    let invoice = super::invoice(&mut *app.db.read().await?, making.invoice).await?;
    if invoice.due == 0 {
        return Ok(Performed::done());
    }
    if let Some(until) = payments.rests(now) {
        return Ok(Performed::at(CHARGE, until));
    }
    let is_owed = invoice.state == InvoiceState::Issued;
    let known = if is_owed { payments.charge(&invoice, now).await? } else { payments.find(&invoice, now).await? };
    match known {
        Some(Charged::Pending) => Ok(Performed::at(CHARGE, now + UNDER_WAY)),
        // The question that failed may still be on its way.
        None if !is_owed && job.attempts > 0 => Ok(Performed::at(CHARGE, now + LATE)),
        charged => Performed::done().leaving(&Making { charged, ..making }),
    }
}

/// Writes what the step changes.
pub async fn note(act: &mut Act, app: &App, job: &Job, performed: &Performed) -> Result<()> {
    let making: Making = match &performed.state {
        Some(state) => serde_json::from_value(state.clone())?,
        None => job.state()?,
    };
    match (job.step.as_str(), performed.next) {
        (ISSUE, Next::Step(CHARGE)) => issue(act, app.rules.tax_rate, &making).await,
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
    let (month, counted) = (Month::with(draft.period), making.counted.as_deref().unwrap_or_default());
    let spans = spans(month, &had);
    // They have become others a moment ago: the next try counts anew.
    if making.days != Days::of(&spans) {
        return Err(Error::internal(anyhow::anyhow!("the plans of invoice {} are others than were counted", draft.id)));
    }
    let lines = lines(month, &spans, counted);
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
            reference: format!("{INVOICE}{}", draft.id),
            note: Some(number.clone()),
        };
        ledger::book(act, draft.tenant_id, &spent).await?;
    }
    store::issue(act.db(), draft.id, (&number, &tenant.organisation), (sums, tax_rate), now).await?;
    let issued = super::invoice(act.db(), draft.id).await?;
    act.record(&Platform::InvoiceIssued(issued)).await?;
    Ok(())
}

/// Notes what has become of a payment. Somebody may have noted another one before, or voided the invoice meanwhile: what
/// comes then is an operator's to give back.
async fn settle(act: &mut Act, id: Uuid, charged: Charged) -> Result<()> {
    let Some(invoice) = store::lock(act.db(), id).await? else { return Ok(()) };
    match (invoice.state, charged) {
        (InvoiceState::Issued, Charged::Paid { payment }) => pay(act, &invoice, &payment).await,
        (InvoiceState::Issued, Charged::Refused { reason }) => {
            store::refused(act.db(), id, &reason).await?;
            let refused = super::invoice(act.db(), id).await?;
            act.record(&Platform::InvoiceRefused(refused)).await.map(drop)
        }
        (InvoiceState::Paid | InvoiceState::Void, Charged::Paid { payment }) if invoice.payment.as_ref() != Some(&payment) => {
            unexpected::note(act, invoice, payment).await
        }
        _ => Ok(()),
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
