//! What a ticket knows of its order, and what it learns. Pure.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::{Finding, Order, Payment, State};

/// What `metadata.order` of a ticket holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Whether the order is there.
    pub validation: Validation,
    /// What it is like, where it is there.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// Whether an order is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// It is.
    Valid,
    /// Nobody has answered yet.
    Pending,
    /// It is not, for this customer.
    NotFound,
}

impl Validation {
    /// The word in JSON and history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Pending => "pending",
            Self::NotFound => "not_found",
        }
    }
}

/// What of an order those see who answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What people call it.
    pub number: String,
    /// Where it stands.
    pub state: State,
    /// Whether it is paid.
    pub payment: Payment,
    /// What it is worth, in hundredths of its currency.
    pub amount_cents: i64,
    /// ISO 4217.
    pub currency: String,
    /// When it was made.
    pub placed_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The state of the order that this is: a higher one is newer.
    pub version: i64,
}

impl Details {
    fn of(order: &Order) -> Self {
        Self {
            number: order.number.clone(),
            state: order.state,
            payment: order.payment,
            amount_cents: order.amount_cents,
            currency: order.currency.clone(),
            placed_at: order.placed_at,
            updated_at: order.updated_at,
            version: order.version,
        }
    }

    /// Whether people would see a difference.
    fn looks_like(&self, other: &Self) -> bool {
        let seen = |of: &Self| (of.number.clone(), of.state, of.payment, of.amount_cents, of.currency.clone());
        seen(self) == seen(other)
    }
}

/// How something was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It was asked for: of two that say the same version, the answer is right.
    Asked,
    /// An event told it: what is known already is not news.
    Told,
}

/// What is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// To keep it, without a word: nobody would see a difference.
    Kept(Known),
    /// To keep it and to say so.
    Changed(Known),
}

impl Known {
    /// What a new ticket knows.
    pub fn first(finding: &Finding) -> Self {
        match finding {
            Finding::Valid(order) => Self { validation: Validation::Valid, details: Some(Details::of(order)) },
            Finding::Missing => Self { validation: Validation::NotFound, details: None },
            Finding::Silent | Finding::Unable | Finding::Unreadable => Self { validation: Validation::Pending, details: None },
        }
    }

    /// What a ticket's metadata say, if they say anything of an order.
    pub fn of(metadata: Option<&Value>) -> Option<Self> {
        serde_json::from_value(metadata?.get("order")?.clone()).ok()
    }

    /// One line of a history, as `delivered, paid, 649.00 EUR`.
    pub fn line(&self) -> String {
        let Some(details) = &self.details else { return self.validation.as_str().to_owned() };
        let (whole, cents) = (details.amount_cents / 100, details.amount_cents % 100);
        format!("{}, {}, {whole}.{cents:02} {}", details.state.as_str(), details.payment.as_str(), details.currency)
    }
}

/// What a ticket that knows this does about a finding. What is older than what it knows it does not learn.
pub fn learn(known: Option<&Known>, finding: &Finding, source: Source) -> Step {
    let found = Known::first(finding);
    let before = known.and_then(|known| known.details.as_ref());
    match (finding, before, &found.details) {
        (Finding::Silent | Finding::Unable | Finding::Unreadable, ..) => Step::Nothing,
        (Finding::Missing, ..) if known.is_some_and(|known| known.validation == Validation::NotFound) => Step::Nothing,
        (Finding::Valid(_), Some(before), Some(after)) => {
            let is_news = match source {
                Source::Asked => after.version >= before.version,
                Source::Told => after.version > before.version,
            };
            match (is_news, before.looks_like(after)) {
                (false, _) => Step::Nothing,
                (true, false) => Step::Changed(found),
                (true, true) if before == after => Step::Nothing,
                (true, true) => Step::Kept(found),
            }
        }
        (Finding::Missing | Finding::Valid(_), ..) => Step::Changed(found),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn order(version: i64, state: State) -> Finding {
        Finding::Valid(Order {
            id: "A-1".into(),
            tenant: Uuid::nil(),
            customer_id: 7,
            version,
            number: "2026-1".into(),
            state,
            payment: Payment::Paid,
            amount_cents: 64_905,
            currency: "EUR".into(),
            placed_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        })
    }

    fn step(known: Option<&Known>, finding: &Finding, source: Source) -> &'static str {
        match learn(known, finding, source) {
            Step::Nothing => "nothing",
            Step::Kept(_) => "kept",
            Step::Changed(known) => match known.validation {
                Validation::Valid => "valid",
                Validation::NotFound => "not found",
                Validation::Pending => "pending",
            },
        }
    }

    #[test]
    fn what_a_ticket_learns() {
        use Source::{Asked, Told};
        let (shipped, missing, silent) = (order(3, State::Shipped), Finding::Missing, Finding::Silent);
        let [pending, not_found, third] = [&silent, &missing, &shipped].map(|finding| Some(Known::first(finding)));
        for (known, finding, asked, told) in [
            // From before anybody asked.
            (None, &shipped, "valid", "valid"),
            (None, &missing, "not found", "not found"),
            (None, &silent, "nothing", "nothing"),
            (pending.as_ref(), &shipped, "valid", "valid"),
            (pending.as_ref(), &missing, "not found", "not found"),
            (pending.as_ref(), &silent, "nothing", "nothing"),
            (pending.as_ref(), &Finding::Unable, "nothing", "nothing"),
            (pending.as_ref(), &Finding::Unreadable, "nothing", "nothing"),
            (not_found.as_ref(), &shipped, "valid", "valid"),
            (not_found.as_ref(), &missing, "nothing", "nothing"),
            (not_found.as_ref(), &silent, "nothing", "nothing"),
            (third.as_ref(), &missing, "not found", "not found"),
            (third.as_ref(), &silent, "nothing", "nothing"),
            (third.as_ref(), &Finding::Unable, "nothing", "nothing"),
            (third.as_ref(), &Finding::Unreadable, "nothing", "nothing"),
            // The same again.
            (third.as_ref(), &shipped, "nothing", "nothing"),
            // Newer, and older than what is known.
            (third.as_ref(), &order(4, State::Delivered), "valid", "valid"),
            (third.as_ref(), &order(4, State::Shipped), "kept", "kept"),
            (third.as_ref(), &order(2, State::Placed), "nothing", "nothing"),
            // One version says two things: whoever was asked is right.
            (third.as_ref(), &order(3, State::Delivered), "valid", "nothing"),
        ] {
            assert_eq!((step(known, finding, Asked), step(known, finding, Told)), (asked, told), "{known:?} {finding:?}");
        }
    }

    #[test]
    fn what_is_known_is_kept_as_it_was_and_shown_in_a_line() {
        for (finding, word, line) in [
            (order(3, State::Shipped), "valid", "shipped, paid, 649.05 EUR"),
            (Finding::Missing, "not_found", "not_found"),
            (Finding::Silent, "pending", "pending"),
            (Finding::Unable, "pending", "pending"),
            (Finding::Unreadable, "pending", "pending"),
        ] {
            let known = Known::first(&finding);
            let metadata = json!({ "order": known });
            assert_eq!((metadata["order"]["validation"].as_str(), known.line().as_str()), (Some(word), line));
            assert_eq!(Known::of(Some(&metadata)), Some(known));
        }
        assert_eq!(json!(Known::first(&Finding::Silent)), json!({ "validation": "pending" }));
        assert_eq!([Known::of(None), Known::of(Some(&json!({}))), Known::of(Some(&json!({ "order": 1 })))], [None, None, None]);
    }
}
