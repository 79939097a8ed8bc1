//! Credits and invoices: what they are. No IO. All amounts are minor units.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::FieldError;
use utoipa::ToSchema;
use uuid::Uuid;

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
    /// ISO 4217; that of the tenant's plan, or another one while there are no credits.
    pub currency: String,
    /// What it is for, as the number of a transfer; the same thing is entered once. What begins with `invoice:` or
    /// `void:` is the platform's own.
    pub reference: String,
    /// In your words.
    #[serde(default)]
    pub note: Option<String>,
}

/// What the references begin with of what invoices take, and of what voided ones give back.
const OWN: [&str; 2] = [INVOICE, VOID];
pub(super) const INVOICE: &str = "invoice:";
pub(super) const VOID: &str = "void:";

impl EnterCredit {
    /// What is wrong with it.
    pub fn wrong(&self) -> Vec<FieldError> {
        let fits = match self.kind {
            CreditKind::Purchase | CreditKind::Gift | CreditKind::Refund => self.amount > 0,
            CreditKind::Spend => self.amount < 0,
            CreditKind::Correction => self.amount != 0,
        };
        let currency = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        // Commands print them in lines.
        let is_line = |text: &str, most| text.chars().count() <= most && !text.chars().any(char::is_control);
        [
            ("amount", fits, "Above zero, or below it as the kind asks."),
            ("currency", currency, "Three capital letters, as EUR."),
            ("reference", !self.reference.is_empty() && is_line(&self.reference, 120), "From 1 to 120 characters in a line."),
            ("note", self.note.as_ref().is_none_or(|note| is_line(note, 500)), "At most 500 characters in a line."),
        ]
        .into_iter()
        .filter(|(_, right, _)| !right)
        .map(|(field, _, text)| FieldError::new(field, "out_of_range", text))
        .collect()
    }

    /// What is wrong with it when somebody has typed it; what invoices take and give back is as large as it is.
    pub fn typed_wrong(&self) -> Vec<FieldError> {
        let mut wrong = self.wrong();
        if self.amount.unsigned_abs() > 1_000_000_000_000 && wrong.iter().all(|w| w.field != "amount") {
            wrong.push(FieldError::new("amount", "out_of_range", "At most 1000000000000."));
        }
        if self.kind == CreditKind::Spend {
            wrong.push(FieldError::new("kind", "invalid", "Invoices alone spend; a correction may take out."));
        }
        // Whoever had taken it would keep an invoice from being issued, or voided.
        if OWN.iter().any(|own| self.reference.starts_with(own)) {
            wrong.push(FieldError::new("reference", "invalid", "What begins like this is the platform's own."));
        }
        wrong
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

#[cfg(test)]
mod tests {
    use super::*;

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
        for (kind, amount, wrong) in [
            (Purchase, 1_000_000_000_000, vec![]),
            (Purchase, 1_000_000_000_001, vec!["amount"]),
            (Correction, -1_000_000_000_001, vec!["amount"]),
            (Spend, -1, vec!["kind"]),
        ] {
            let entry = EnterCredit { kind, amount, currency: "EUR".into(), reference: "r".into(), note: None };
            assert!(entry.wrong().is_empty(), "{kind:?} {amount}");
            assert_eq!(entry.typed_wrong().iter().map(|w| w.field.as_str()).collect::<Vec<_>>(), wrong, "{kind:?} {amount}");
        }
        for (reference, wrong) in [("invoice:1", true), ("void:1", true), ("invoice 1", false), ("avoid:1", false)] {
            let entry = EnterCredit { kind: Gift, amount: 1, currency: "EUR".into(), reference: reference.into(), note: None };
            assert!(entry.wrong().is_empty(), "{reference}: it is the platform's");
            assert_eq!(entry.typed_wrong().iter().any(|w| w.field == "reference"), wrong, "{reference}");
        }
        let wrong = EnterCredit { kind: Gift, amount: 1, currency: "eur".into(), reference: String::new(), note: None };
        assert_eq!(wrong.wrong().iter().map(|w| w.field.as_str()).collect::<Vec<_>>(), ["currency", "reference"]);
        let forged = "x\n9\tpurchase\t500000 EUR\tleaves 500000";
        let entry = EnterCredit { currency: "EUR".into(), reference: forged.into(), note: Some(forged.into()), ..wrong };
        assert_eq!(entry.wrong().iter().map(|w| w.field.as_str()).collect::<Vec<_>>(), ["reference", "note"], "it would be read as a line");
    }
}
