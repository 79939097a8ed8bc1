//! How much a new ticket presses (T-20): what was asked for, unless a rule says more. What an agent sets by hand wins
//! over every rule. Pure.

use super::model::Priority;

/// Above this an order's value makes its ticket high.
const DEAR_CENTS: i64 = 50_000;
/// With more tickets than these in one category, a customer has a problem that keeps coming back.
const REPEATED: i64 = 3;
/// Categories that say that a payment has failed.
const PAYMENT_FAILURES: [&str; 3] = ["payment_failure", "payment_failed", "echec_paiement"];

/// What is known when a ticket is opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Opening<'a> {
    /// What was asked for.
    pub asked: Option<Priority>,
    /// Whether an agent asked for it.
    pub by_hand: bool,
    /// The category.
    pub category: Option<&'a str>,
    /// Tickets of this customer in this category, this one included.
    pub in_category: i64,
    /// Whether the customer is one.
    pub vip: bool,
    /// The order's value in cents of a euro.
    pub order_cents: Option<i64>,
    /// Whether the order says that its payment failed.
    pub unpaid: bool,
}

/// The priority and why: the names of the rules that count, in the order in which they were applied.
pub(super) fn decide(new: &Opening<'_>) -> (Priority, String) {
    let asked = new.asked.unwrap_or_default();
    if new.by_hand && new.asked.is_some() {
        return (asked, "manual".into());
    }
    let rules = [
        (Priority::High, "order_value", new.order_cents.is_some_and(|cents| cents > DEAR_CENTS)),
        (Priority::Urgent, "payment_failure", new.unpaid || new.category.is_some_and(is_payment_failure)),
        (Priority::High, "repeated", new.in_category > REPEATED),
    ];
    let highest = rules.iter().filter(|(_, _, applies)| *applies).map(|(priority, ..)| *priority).chain([asked]).max().unwrap_or(asked);
    let mut why: Vec<&str> =
        rules.iter().filter(|(p, _, applies)| *applies && *p == highest && *p > asked).map(|(_, name, _)| *name).collect();
    if why.is_empty() {
        why.push(if new.asked.is_some() { "requested" } else { "default" });
    }
    let raised = if new.vip { highest.raised() } else { None };
    if raised.is_some() {
        why.push("vip");
    }
    (raised.unwrap_or(highest), why.join(", "))
}

/// What an order that becomes known only now makes of a priority, and why: the same as if it had been known at the opening.
/// Nothing where the ticket presses as much already, or somebody has set it. `order` is its value in cents of a euro, and
/// whether its payment failed.
pub(super) fn with_order(now: (Priority, &str), order: (Option<i64>, bool), vip: bool) -> Option<(Priority, String)> {
    let ((priority, reason), (order_cents, unpaid)) = (now, order);
    let counts = unpaid || order_cents.is_some_and(|cents| cents > DEAR_CENTS);
    let (to, why) = decide(&Opening { order_cents, unpaid, vip, ..Opening::default() });
    (counts && reason != "manual" && to > priority).then_some((to, why))
}

fn is_payment_failure(category: &str) -> bool {
    let name: String = category.chars().map(|c| if matches!(c, ' ' | '-') { '_' } else { c }).collect();
    PAYMENT_FAILURES.contains(&name.to_lowercase().replace('é', "e").as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Priority::{High, Low, Medium, Urgent};

    #[test]
    fn the_highest_rule_wins_a_vip_gets_one_more_and_a_hand_wins_over_all() {
        let new = Opening::default;
        let (order, failed) = (Some(50_001), Some("Payment failure"));
        for (opening, priority, why) in [
            (new(), Medium, "default"),
            (Opening { asked: Some(Low), ..new() }, Low, "requested"),
            (Opening { order_cents: Some(50_000), ..new() }, Medium, "default"),
            (Opening { order_cents: order, ..new() }, High, "order_value"),
            (Opening { order_cents: order, asked: Some(Urgent), ..new() }, Urgent, "requested"),
            (Opening { order_cents: order, asked: Some(High), ..new() }, High, "requested"),
            (Opening { category: failed, ..new() }, Urgent, "payment_failure"),
            (Opening { category: Some("échec-paiement"), ..new() }, Urgent, "payment_failure"),
            (Opening { unpaid: true, order_cents: order, ..new() }, Urgent, "payment_failure"),
            (Opening { in_category: 3, ..new() }, Medium, "default"),
            (Opening { in_category: 4, ..new() }, High, "repeated"),
            (Opening { in_category: 4, order_cents: order, ..new() }, High, "order_value, repeated"),
            (Opening { vip: true, ..new() }, High, "default, vip"),
            (Opening { vip: true, asked: Some(Low), ..new() }, Medium, "requested, vip"),
            (Opening { vip: true, in_category: 4, ..new() }, Urgent, "repeated, vip"),
            (Opening { vip: true, category: failed, ..new() }, Urgent, "payment_failure"),
            (Opening { by_hand: true, asked: Some(Low), vip: true, category: failed, ..new() }, Low, "manual"),
            (Opening { by_hand: true, vip: true, ..new() }, High, "default, vip"),
        ] {
            assert_eq!(decide(&opening), (priority, why.to_owned()), "{opening:?}");
        }
    }

    #[test]
    fn an_order_that_is_known_late_leads_to_the_same_priority_as_one_that_was_known_at_once() {
        for (cents, unpaid, why) in [
            (None, false, None),
            (Some(50_000), false, None),
            (Some(50_001), false, Some("order_value")),
            (Some(1), true, Some("payment_failure")),
        ] {
            for asked in [None, Some(Low), Some(Medium), Some(High), Some(Urgent)] {
                for (vip, in_category, by_hand) in
                    [(false, 1, false), (true, 1, false), (false, 9, false), (true, 9, false), (true, 1, true)]
                {
                    let unknown = Opening { asked, vip, in_category, by_hand, ..Opening::default() };
                    let (before, reason) = decide(&unknown);
                    let (expected, _) = decide(&Opening { order_cents: cents, unpaid, ..unknown });
                    let late = with_order((before, &reason), (cents, unpaid), vip);
                    assert_eq!(late.as_ref().map_or(before, |(to, _)| *to), expected, "{unknown:?} {cents:?} {unpaid}");
                    if let Some((_, said)) = late {
                        assert_eq!(Some(said.as_str().trim_end_matches(", vip")), why);
                    }
                }
            }
        }
        // Raised by a breach, or set by an agent.
        assert_eq!(with_order((High, "sla_breach"), (Some(50_001), false), false), None);
        assert_eq!(with_order((Low, "manual"), (Some(50_001), true), true), None);
    }
}
