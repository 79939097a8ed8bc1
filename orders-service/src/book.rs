//! Which orders there are. Those that were put in belong to their customer. Of all others the id says what they are like, and
//! they belong to whoever asks:
//!
//! | id | the order |
//! |---|---|
//! | `NONE-…`, or without capital letters and a hyphen | is not there |
//! | `OTHER-…` | is another customer's |
//! | `ABROAD-…` | is another tenant's |
//! | `UNPAID-…` | its payment has failed |
//! | `SLOW-…` | is there, but the answer takes three seconds |
//! | `MUTE-…` | is never spoken of |
//! | `FAILS-…` | the service says that it cannot say |
//! | any other | is on its way and paid |
//!
//! It is worth as many euros as its last digits say, modulo 600.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use shared::clock::Clock;
use uuid::Uuid;

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Whose shop it was made in.
    pub tenant: Uuid,
    /// Who has made it.
    pub customer_id: i64,
    /// Grows with each change.
    pub version: i64,
    /// What people call it.
    pub number: String,
    /// Where it stands.
    pub state: String,
    /// Whether it is paid.
    pub payment: String,
    /// What it is worth.
    pub amount_cents: i64,
    /// In which currency.
    pub currency: String,
    /// When it was made.
    pub placed_at: String,
    /// When it last changed.
    pub updated_at: String,
}

/// What somebody asks.
#[derive(Debug, Clone, Deserialize)]
pub struct Question {
    /// The tenant.
    pub tenant: Uuid,
    /// The order.
    pub order_id: String,
    /// The customer.
    pub customer_id: i64,
}

/// What shall become of an order; what is left out stays.
#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    /// The order, as a question names it.
    #[serde(flatten)]
    pub of: Question,
    /// The last word of the topic, as `delivered`.
    pub event: String,
    /// Where it stands.
    pub state: Option<String>,
    /// Whether it is paid.
    pub payment: Option<String>,
    /// What it is worth.
    pub amount_cents: Option<i64>,
}

/// All orders.
#[derive(Debug, Clone, Default)]
pub struct Book {
    put: HashMap<(Uuid, String), Order>,
    changed: HashMap<(Uuid, String, i64), Order>,
}

impl Book {
    /// Puts an order in, or in the place of what it was like before.
    pub fn put(&mut self, order: Order) {
        self.put.insert((order.tenant, order.id.clone()), order);
    }

    /// The order, whosever it is.
    pub fn find(&self, question: &Question) -> Option<Order> {
        let (tenant, id) = (question.tenant, question.order_id.clone());
        let kept = self.put.get(&(tenant, id.clone())).or_else(|| self.changed.get(&(tenant, id, question.customer_id)));
        kept.cloned().or_else(|| made(question))
    }

    /// Changes an order that there is, and gives it as it is then.
    pub fn change(&mut self, change: &Change) -> Option<Order> {
        let before = self.find(&change.of)?;
        let after = Order {
            version: before.version + 1,
            state: change.state.clone().unwrap_or(before.state),
            payment: change.payment.clone().unwrap_or(before.payment),
            amount_cents: change.amount_cents.unwrap_or(before.amount_cents),
            updated_at: now(),
            ..before
        };
        let key = (change.of.tenant, change.of.order_id.clone());
        match self.put.get_mut(&key) {
            Some(kept) => *kept = after.clone(),
            None => drop(self.changed.insert((key.0, key.1, change.of.customer_id), after.clone())),
        }
        Some(after)
    }
}

/// The order that follows from its id.
fn made(question: &Question) -> Option<Order> {
    let (kind, number) = question.order_id.split_once('-')?;
    if kind.is_empty() || kind == "NONE" || !kind.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let begin = number.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let euros = number[begin..].bytes().fold(0, |sum, digit| (sum * 10 + i64::from(digit - b'0')) % 600);
    Some(Order {
        id: question.order_id.clone(),
        tenant: if kind == "ABROAD" { Uuid::max() } else { question.tenant },
        customer_id: question.customer_id + i64::from(kind == "OTHER"),
        version: 1,
        number: number.to_owned(),
        state: "shipped".into(),
        payment: if kind == "UNPAID" { "failed" } else { "paid" }.into(),
        amount_cents: euros * 100,
        currency: "EUR".into(),
        placed_at: "2026-02-28T10:00:00Z".into(),
        updated_at: "2026-03-01T08:00:00Z".into(),
    })
}

/// The time, as messages tell it.
pub fn now() -> String {
    Clock::System.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}
