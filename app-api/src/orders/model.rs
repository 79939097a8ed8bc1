//! What the orders service says, and what that means. Pure.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use serde_json::Value;
use shared::broker::{Message, unread};
use uuid::Uuid;

use crate::people::PersonId;

/// No number of an order has more characters, and no id.
const LONGEST: usize = 64;

/// What is asked: whether that order is there, for that customer of that tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Asked<'a> {
    /// The tenant.
    pub tenant: Uuid,
    /// The order.
    pub order_id: &'a str,
    /// The customer whose it must be.
    pub customer_id: PersonId,
}

/// An order as its service tells it, whole each time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Order {
    /// Its id, as customers write it.
    pub id: String,
    /// Whose shop it was made in.
    pub tenant: Uuid,
    /// Who has made it.
    pub customer_id: PersonId,
    /// Grows with each change: a higher one is newer.
    pub version: i64,
    /// What people call it.
    pub number: String,
    /// Where it stands.
    pub state: State,
    /// Whether it is paid.
    pub payment: Payment,
    /// What it is worth, in hundredths of its currency.
    pub amount_cents: i64,
    /// ISO 4217, as `EUR`.
    pub currency: String,
    /// When it was made.
    pub placed_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was made.
    Placed,
    /// It is accepted.
    Confirmed,
    /// It is on its way.
    Shipped,
    /// It has arrived.
    Delivered,
    /// It was called off.
    Cancelled,
    /// It has come back.
    Returned,
    /// Something that their next release knows.
    #[serde(other)]
    Other,
}

/// Whether an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// Not yet.
    Pending,
    /// It is.
    Paid,
    /// It was tried and failed.
    Failed,
    /// It was paid back.
    Refunded,
    /// Something that their next release knows.
    #[serde(other)]
    Other,
}

impl State {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Returned => "returned",
            Self::Other => "other",
        }
    }
}

impl Payment {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Refunded => "refunded",
            Self::Other => "other",
        }
    }
}

impl Order {
    /// Whether it can be kept: nothing of it is longer or smaller than such a thing is.
    fn sound(self) -> Result<Self, String> {
        let fits = |text: &str| !text.is_empty() && text.chars().count() <= LONGEST && !text.contains('\0');
        let is_money = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase()) && self.amount_cents >= 0;
        if fits(&self.id) && fits(&self.number) && is_money && self.version >= 0 { Ok(self) } else { Err("an order that cannot be".into()) }
    }
}

/// What is known of an order after it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is there, and theirs.
    Valid(Order),
    /// It is not there for them.
    Missing,
    /// Nobody answers.
    Silent,
    /// The service answers that it cannot say.
    Unable,
    /// The service answers, but what it says of this order cannot be read.
    Unreadable,
}

impl Finding {
    /// Its value in cents of a euro; none where it is unknown, or in another currency.
    pub fn euro_cents(&self) -> Option<i64> {
        match self {
            Self::Valid(order) => (order.currency == "EUR").then_some(order.amount_cents),
            Self::Missing | Self::Silent | Self::Unable | Self::Unreadable => None,
        }
    }

    /// Whether it says that a payment has failed.
    pub fn is_unpaid(&self) -> bool {
        matches!(self, Self::Valid(order) if order.payment == Payment::Failed)
    }
}

#[derive(Deserialize)]
struct Answer {
    /// Null is an answer, leaving it out is none.
    #[serde(default, deserialize_with = "present")]
    order: Option<Option<Value>>,
    /// Why the service cannot say it.
    error: Option<IgnoredAny>,
}

fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Value>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Why there is no finding.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoFinding {
    /// Nobody has answered.
    Silent(String),
    /// Somebody has: that they cannot say.
    Unable(String),
    /// Somebody has, and it cannot be read.
    Unreadable(String),
}

/// What an answer means to whoever asked; or why it is none.
pub(super) fn judged(answer: &[u8], asked: &Asked<'_>) -> Result<Finding, NoFinding> {
    let unreadable = |error: serde_json::Error| NoFinding::Unreadable(unread(&error));
    let answer: Answer = serde_json::from_slice(answer).map_err(unreadable)?;
    let order: Order = match answer {
        Answer { order: Some(Some(order)), .. } => serde_json::from_value(order).map_err(unreadable)?,
        Answer { error: Some(_), .. } => return Err(NoFinding::Unable("the service says that it cannot".into())),
        Answer { order: Some(None), .. } => return Ok(Finding::Missing),
        Answer { order: None, .. } => return Err(NoFinding::Unreadable("it says nothing of an order".into())),
    };
    let order = order.sound().map_err(NoFinding::Unreadable)?;
    if order.id != asked.order_id {
        return Err(NoFinding::Unreadable("the answer is about another order".into()));
    }
    let is_theirs = order.tenant == asked.tenant && order.customer_id == asked.customer_id;
    Ok(if is_theirs { Finding::Valid(order) } else { Finding::Missing })
}

#[derive(Deserialize)]
struct Envelope {
    tenant: Uuid,
    data: Order,
}

/// The order that an event is about, as it is since then; or why it cannot be read.
pub fn told(message: &Message) -> Result<Order, String> {
    let envelope: Envelope = message.read()?;
    // Page 11, T11: header, envelope and order must agree on whose order this is.
    if envelope.tenant != message.tenant || envelope.data.tenant != message.tenant {
        return Err("the envelope names another tenant".into());
    }
    envelope.data.sound()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ACME: Uuid = Uuid::from_u128(1);

    fn order() -> Value {
        json!({ "id": "A-1", "tenant": ACME, "customer_id": 7, "version": 3, "number": "2026-1", "state": "shipped", "payment": "paid",
            "amount_cents": 64_900, "currency": "EUR", "placed_at": "2026-03-01T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z" })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut order = order();
        order[field] = value;
        order
    }

    fn verdict(answer: &Value) -> &'static str {
        let asked = Asked { tenant: ACME, order_id: "A-1", customer_id: 7 };
        match judged(answer.to_string().as_bytes(), &asked) {
            Ok(Finding::Valid(_)) => "valid",
            Ok(Finding::Missing) => "missing",
            Ok(Finding::Silent | Finding::Unable | Finding::Unreadable) => "a finding that is none",
            Err(NoFinding::Silent(_)) => "silent",
            Err(NoFinding::Unable(_)) => "unable",
            Err(NoFinding::Unreadable(_)) => "unreadable",
        }
    }

    #[test]
    fn what_an_answer_means() {
        for (answer, meaning) in [
            (json!({ "order": order() }), "valid"),
            (json!({ "order": order(), "served_by": "eu-1" }), "valid"),
            (json!({ "order": with("gift", json!(true)) }), "valid"),
            (json!({ "order": with("state", json!("lost_at_sea")) }), "valid"),
            (json!({ "order": null }), "missing"),
            (json!({ "order": with("tenant", json!(Uuid::from_u128(2))) }), "missing"),
            (json!({ "order": with("customer_id", json!(8)) }), "missing"),
            (json!({ "order": with("id", json!("A-2")) }), "unreadable"),
            (json!({ "order": with("id", json!("a-1")) }), "unreadable"),
            (json!({ "order": with("version", json!(-1)) }), "unreadable"),
            (json!({ "order": with("amount_cents", json!(-1)) }), "unreadable"),
            (json!({ "order": with("currency", json!("euro")) }), "unreadable"),
            (json!({ "order": with("number", json!("")) }), "unreadable"),
            (json!({ "order": with("number", json!("é".repeat(64))) }), "valid"),
            (json!({ "order": with("number", json!("é".repeat(65))) }), "unreadable"),
            (json!({ "order": with("number", json!("a\0b")) }), "unreadable"),
            (json!({ "order": with("placed_at", json!("yesterday")) }), "unreadable"),
            (json!({ "error": "overloaded" }), "unable"),
            (json!({ "order": null, "error": { "code": 500 } }), "unable"),
            (json!({ "order": null, "error": null }), "missing"),
            (json!({ "order": order(), "error": null }), "valid"),
            (json!({}), "unreadable"),
            (json!("order"), "unreadable"),
        ] {
            assert_eq!(verdict(&answer), meaning, "{answer}");
        }
    }

    #[test]
    fn an_event_is_read_when_header_envelope_and_order_name_one_tenant() {
        let message = |tenant: Uuid, body: &Value| Message {
            id: Uuid::from_u128(9),
            exchange: "orders_exchange".into(),
            routing_key: "orders.order.shipped".into(),
            tenant,
            occurred_at: String::new(),
            body: body.to_string().into_bytes(),
        };
        let (globex, envelope) = (Uuid::from_u128(2), |tenant: Uuid, order: Value| json!({ "tenant": tenant, "data": order }));
        let theirs = with("tenant", json!(globex));
        for (header, body, read) in [
            (ACME, envelope(ACME, order()), true),
            (globex, envelope(ACME, order()), false),
            (ACME, envelope(globex, order()), false),
            (ACME, envelope(ACME, theirs), false),
            (ACME, envelope(ACME, with("version", json!("3"))), false),
            (ACME, json!({ "tenant": ACME }), false),
        ] {
            assert_eq!(told(&message(header, &body)).is_ok(), read, "{header} {body}");
        }
    }

    #[test]
    fn no_word_of_an_answer_or_of_an_event_is_told_to_the_log() {
        let asked = Asked { tenant: ACME, order_id: "A-1", customer_id: 7 };
        for answer in [
            json!({ "order": with("version", json!("ana@acme.test")) }),
            json!({ "order": with("id", json!("ana@acme.test")) }),
            json!({ "order": "ana@acme.test" }),
            json!({ "error": { "customer": "ana@acme.test" } }),
            json!("ana@acme.test"),
        ] {
            let judged = judged(answer.to_string().as_bytes(), &asked);
            let (NoFinding::Silent(why) | NoFinding::Unable(why) | NoFinding::Unreadable(why)) = judged.expect_err("no finding");
            assert!(!why.contains("ana"), "{answer}: {why}");
        }
        let body = json!({ "tenant": ACME, "data": with("version", json!("ana@acme.test")) });
        let message = Message {
            id: Uuid::nil(),
            exchange: "orders_exchange".into(),
            routing_key: "orders.order.shipped".into(),
            tenant: ACME,
            occurred_at: String::new(),
            body: body.to_string().into_bytes(),
        };
        let why = told(&message).expect_err("it cannot be read");
        assert!(!why.contains("ana"), "{why}");
    }

    #[test]
    fn only_euros_and_failed_payments_count() {
        let found = |order: Value| Finding::Valid(serde_json::from_value(order).expect("an order"));
        for (finding, cents, unpaid) in [
            (found(order()), Some(64_900), false),
            (found(with("currency", json!("USD"))), None, false),
            (found(with("payment", json!("failed"))), Some(64_900), true),
            (found(with("payment", json!("refunded"))), Some(64_900), false),
            (Finding::Missing, None, false),
            (Finding::Silent, None, false),
            (Finding::Unable, None, false),
            (Finding::Unreadable, None, false),
        ] {
            assert_eq!((finding.euro_cents(), finding.is_unpaid()), (cents, unpaid), "{finding:?}");
        }
    }
}
