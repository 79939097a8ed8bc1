//! Credits and invoices: what they are, and how one is reckoned. No IO. All amounts are minor units.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::{FieldError, month::Month};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::plans::Had;

/// Why credits are put in or taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CreditKind {
    /// The tenant has paid for them.
    Purchase,
    /// They were given to it.
    Gift,
    /// They have paid an invoice, or a part of it.
    Spend,
    /// They come back from an invoice that is not to be paid.
    Refund,
    /// Somebody was wrong.
    Correction,
}

/// One thing that was put in or taken out.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CreditEntry)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// Whose credits.
    pub tenant_id: Uuid,
    /// From 1, without gaps.
    pub number: i64,
    /// Why.
    pub kind: CreditKind,
    /// How much; below zero it was taken out.
    pub amount: i64,
    /// What there was afterwards.
    pub balance: i64,
    /// ISO 4217.
    pub currency: String,
    /// What it is for; the same thing is entered once.
    pub reference: String,
    /// In somebody's words.
    pub note: Option<String>,
    /// When.
    pub made_at: DateTime<Utc>,
}

/// What a tenant has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Balance {
    /// ISO 4217.
    pub currency: String,
    /// How much.
    pub balance: i64,
}

/// Something to be put in or taken out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterCredit {
    /// Why; invoices alone spend.
    pub kind: CreditKind,
    /// How much, in minor units; a correction may be below zero.
    pub amount: i64,
    /// ISO 4217; it stays what it was at the first entry.
    pub currency: String,
    /// What it is for, as the number of a transfer; the same thing is entered once.
    pub reference: String,
    /// In your words.
    #[serde(default)]
    pub note: Option<String>,
}

impl EnterCredit {
    /// What is wrong with it.
    pub fn wrong(&self) -> Vec<FieldError> {
        let fits = match self.kind {
            CreditKind::Purchase | CreditKind::Gift | CreditKind::Refund => self.amount > 0,
            CreditKind::Spend => self.amount < 0,
            CreditKind::Correction => self.amount != 0,
        };
        let currency = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        let long = |text: &str, most| text.chars().count() <= most;
        [
            ("amount", fits && self.amount.unsigned_abs() <= 1_000_000_000_000, "Above zero, or below it as the kind asks."),
            ("currency", currency, "Three capital letters, as EUR."),
            ("reference", !self.reference.is_empty() && long(&self.reference, 120), "From 1 to 120 characters."),
            ("note", self.note.as_ref().is_none_or(|note| long(note, 500)), "At most 500 characters."),
        ]
        .into_iter()
        .filter(|(_, right, _)| !right)
        .map(|(field, _, text)| FieldError::new(field, "out_of_range", text))
        .collect()
    }
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum InvoiceState {
    /// It is being made.
    Draft,
    /// It is owed.
    Issued,
    /// It is paid.
    Paid,
    /// It is not to be paid.
    Void,
}

/// What a tenant owes for a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Invoice {
    /// Its id.
    pub id: Uuid,
    /// Who owes it.
    pub tenant_id: Uuid,
    /// Its subdomain.
    pub tenant: String,
    /// The first day of the month that it is for.
    pub period: NaiveDate,
    /// Where it stands.
    pub state: InvoiceState,
    /// Its number, as `2026-000001`, once it is issued.
    pub number: Option<String>,
    /// To whom it was issued.
    pub organisation: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// The sum of its lines.
    pub subtotal: i64,
    /// The tax's rate, in hundredths of a percent.
    pub tax_rate: i32,
    /// The tax.
    pub tax: i64,
    /// Both together.
    pub total: i64,
    /// What was paid of it from credits.
    pub credits: i64,
    /// What is left.
    pub due: i64,
    /// The payment, as whoever took it names it.
    pub payment: Option<String>,
    /// Why a payment was refused.
    pub refusal: Option<String>,
    /// When it was issued.
    pub issued_at: Option<DateTime<Utc>>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When it was voided.
    pub voided_at: Option<DateTime<Utc>>,
    /// What it consists of; left out of lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
}

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum LineKind {
    /// A plan, for so many days of the month.
    Plan,
    /// Tickets over the plan's limit.
    ExtraTickets,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = InvoiceLine)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// The plan.
    pub plan: String,
    /// From that day.
    pub starts: NaiveDate,
    /// Up to that day, which is not in it.
    pub ends: NaiveDate,
    /// Days, or tickets.
    pub quantity: i64,
    /// A whole month, or one ticket.
    pub unit: i64,
    /// What it comes to.
    pub amount: i64,
}

/// What lines come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// Their sum.
    pub subtotal: i64,
    /// The tax on it.
    pub tax: i64,
    /// Both.
    pub total: i64,
    /// What credits pay of it.
    pub credits: i64,
    /// What is left.
    pub due: i64,
}

/// The lines of a month: each plan with a price for the days on which it was held, the last one of a day for the whole
/// day; and the tickets over the limit of the plan that was held at the end.
pub fn lines(month: Month, had: &[Had], tickets: i64) -> Vec<Line> {
    let (starts, ends) = (month.first(), month.next().first());
    let until = |i: usize| had.get(i + 1).map_or(ends, |next| next.since.date_naive());
    let mut lines: Vec<Line> = had
        .iter()
        .enumerate()
        .map(|(i, held)| (held, held.since.date_naive().max(starts), until(i).min(ends)))
        .filter(|(held, from, to)| held.price > 0 && from < to)
        .map(|(held, from, to)| {
            let quantity = (to - from).num_days();
            let amount = rounded(i128::from(held.price) * i128::from(quantity), month.days().into());
            Line { kind: LineKind::Plan, plan: held.plan.clone(), starts: from, ends: to, quantity, unit: held.price, amount }
        })
        .collect();
    let last = had.iter().rfind(|held| held.since < month.ends());
    if let Some((held, unit, limit)) = last.and_then(|held| Some((held, held.extra_ticket?, held.tickets_a_month?)))
        && tickets > limit
        && unit > 0
    {
        let quantity = tickets - limit;
        let amount = quantity.saturating_mul(unit);
        lines.push(Line { kind: LineKind::ExtraTickets, plan: held.plan.clone(), starts, ends, quantity, unit, amount });
    }
    lines
}

/// What the lines come to with a tax of so many hundredths of a percent, and what credits pay of it.
pub fn sums(lines: &[Line], tax_rate: i32, credits: i64) -> Sums {
    let subtotal = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.amount));
    let tax = rounded(i128::from(subtotal) * i128::from(tax_rate), 10_000);
    let total = subtotal.saturating_add(tax);
    let credits = credits.clamp(0, total);
    Sums { subtotal, tax, total, credits, due: total - credits }
}

/// A quotient of numbers that are not negative, to the nearest whole one; halves up.
fn rounded(of: i128, by: i128) -> i64 {
    i64::try_from((2 * of + by) / (2 * by)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> DateTime<Utc> {
        format!("{day}T15:00:00Z").parse().expect("a time")
    }

    fn had(plan: &str, since: &str, price: i64) -> Had {
        let (extra_ticket, tickets_a_month) = if plan == "metered" { (Some(5), Some(100)) } else { (None, Some(100)) };
        Had { plan: plan.into(), since: at(since), price, extra_ticket, tickets_a_month, currency: "EUR".into() }
    }

    fn told(had: &[Had], tickets: i64) -> Vec<String> {
        let month: Month = "2026-11".parse().expect("a month");
        let day = |d: NaiveDate| d.format("%m-%d").to_string();
        lines(month, had, tickets)
            .iter()
            .map(|l| format!("{} {}..{} {}x{}={}", l.plan, day(l.starts), day(l.ends), l.quantity, l.unit, l.amount))
            .collect()
    }

    #[test]
    fn a_month_is_paid_by_the_days_on_which_each_plan_was_held() {
        let team = || had("team", "2026-10-05", 4900);
        for (had, tickets, lines) in [
            (vec![], 0, vec![]),
            (vec![team()], 999, vec!["team 11-01..12-01 30x4900=4900"]),
            (vec![had("team", "2026-11-16", 4900)], 0, vec!["team 11-16..12-01 15x4900=2450"]),
            (vec![had("team", "2026-12-01", 4900)], 0, vec![]),
            (vec![team(), had("free", "2026-11-01", 0)], 0, vec![]),
            (vec![team(), had("free", "2026-11-11", 0)], 0, vec!["team 11-01..11-11 10x4900=1633"]),
            (
                vec![team(), had("business", "2026-11-11", 19900)],
                0,
                vec!["team 11-01..11-11 10x4900=1633", "business 11-11..12-01 20x19900=13267"],
            ),
            // The last one of a day has the day.
            (
                vec![team(), had("free", "2026-11-11", 0), had("business", "2026-11-11", 19900)],
                0,
                vec!["team 11-01..11-11 10x4900=1633", "business 11-11..12-01 20x19900=13267"],
            ),
            (vec![had("metered", "2026-01-01", 0)], 100, vec![]),
            (vec![had("metered", "2026-01-01", 0)], 130, vec!["metered 11-01..12-01 30x5=150"]),
            (vec![had("metered", "2026-01-01", 900)], 130, vec!["metered 11-01..12-01 30x900=900", "metered 11-01..12-01 30x5=150"]),
            // The plan at the end says what more tickets cost.
            (vec![had("metered", "2026-01-01", 0), had("team", "2026-11-30", 0)], 130, vec![]),
        ] {
            assert_eq!(told(&had, tickets), lines, "{had:?}");
        }
    }

    #[test]
    fn tax_is_rounded_once_and_credits_pay_what_there_is() {
        let line = |amount| Line {
            kind: LineKind::Plan,
            plan: "team".into(),
            starts: at("2026-11-01").date_naive(),
            ends: at("2026-12-01").date_naive(),
            quantity: 30,
            unit: amount,
            amount,
        };
        for (amounts, rate, credits, expected) in [
            (&[][..], 2000, 500, (0, 0, 0, 0, 0)),
            (&[4900], 2000, 0, (4900, 980, 5880, 0, 5880)),
            (&[4900], 2000, 880, (4900, 980, 5880, 880, 5000)),
            (&[4900], 2000, 9999, (4900, 980, 5880, 5880, 0)),
            (&[1, 1], 2500, 0, (2, 1, 3, 0, 3)),
            (&[333, 333], 550, 0, (666, 37, 703, 0, 703)),
            (&[4900], 0, 100, (4900, 0, 4900, 100, 4800)),
        ] {
            let lines: Vec<Line> = amounts.iter().map(|amount| line(*amount)).collect();
            let s = sums(&lines, rate, credits);
            assert_eq!((s.subtotal, s.tax, s.total, s.credits, s.due), expected, "{amounts:?} {rate} {credits}");
        }
    }

    #[test]
    fn an_entry_says_what_is_wrong_with_it() {
        use CreditKind::{Correction, Gift, Purchase, Refund, Spend};
        for (kind, amount, right) in [
            (Purchase, 1, true),
            (Purchase, -1, false),
            (Gift, 0, false),
            (Refund, 1, true),
            (Spend, -1, true),
            (Spend, 1, false),
            (Correction, -1, true),
            (Correction, 1, true),
            (Correction, 0, false),
        ] {
            let entry = EnterCredit { kind, amount, currency: "EUR".into(), reference: "r".into(), note: None };
            assert_eq!(entry.wrong().is_empty(), right, "{kind:?} {amount}");
        }
        let wrong = EnterCredit { kind: Gift, amount: 1, currency: "eur".into(), reference: String::new(), note: None };
        assert_eq!(wrong.wrong().iter().map(|w| w.field.as_str()).collect::<Vec<_>>(), ["currency", "reference"]);
    }
}
