//! How an invoice is reckoned. No IO. All amounts are minor units.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use shared::month::Month;

use super::{Line, LineKind};
use crate::plans::Had;

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

/// Days of a month on which a tenant had a plan.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    /// The plan.
    pub held: &'a Had,
    /// From that day.
    pub starts: NaiveDate,
    /// Up to that day, which is not in it.
    pub ends: NaiveDate,
}

impl Span<'_> {
    fn days(&self) -> i64 {
        (self.ends - self.starts).num_days()
    }

    /// The moments between which its days are.
    pub fn bounds(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        (midnight(self.starts), midnight(self.ends))
    }

    /// Whether tickets count in it.
    pub fn is_metered(&self) -> bool {
        self.held.extra_ticket.is_some_and(|unit| unit > 0)
    }

    /// What the plan costs for its days.
    fn price(&self, month: Month) -> Option<Line> {
        let (unit, quantity) = (self.held.price, self.days());
        let amount = rounded(i128::from(unit) * i128::from(quantity), month.days().into());
        (unit > 0).then(|| self.line(LineKind::Plan, (quantity, unit), amount))
    }

    /// What so many tickets cost, of which the plan's limit is free in proportion to the days: rounded up.
    fn extra(&self, month: Month, tickets: i64) -> Option<Line> {
        let (unit, limit) = (self.held.extra_ticket.filter(|unit| *unit > 0)?, self.held.tickets_a_month?);
        let included = (i128::from(limit) * i128::from(self.days()) + i128::from(month.days()) - 1) / i128::from(month.days());
        let quantity = i64::try_from(i128::from(tickets) - included).ok().filter(|extra| *extra > 0)?;
        Some(self.line(LineKind::ExtraTickets, (quantity, unit), quantity.saturating_mul(unit)))
    }

    fn line(&self, kind: LineKind, (quantity, unit): (i64, i64), amount: i64) -> Line {
        Line { kind, plan: self.held.plan.clone(), starts: self.starts, ends: self.ends, quantity, unit, amount }
    }
}

/// The days of a month by the plan that was held, the last one of a day for the whole day.
pub fn spans(month: Month, had: &[Had]) -> Vec<Span<'_>> {
    let (first, end) = (month.first(), month.next().first());
    let until = |i: usize| had.get(i + 1).map_or(end, |next| next.since.date_naive());
    let mut spans: Vec<Span<'_>> = Vec::new();
    for (i, held) in had.iter().enumerate() {
        let (starts, ends) = (held.since.date_naive().max(first), until(i).min(end));
        match spans.last_mut() {
            _ if starts >= ends => {}
            // Back at the same plan on the same day: it was never left.
            Some(last) if last.held.plan == held.plan && last.held.is_priced_like(held) => last.ends = ends,
            _ => spans.push(Span { held, starts, ends }),
        }
    }
    spans
}

/// The lines of a month: each plan with a price for its days, and what the tickets of these days cost that are more than
/// its limit allows in so many days.
pub fn lines(month: Month, spans: &[Span<'_>], tickets: &[i64]) -> Vec<Line> {
    let prices = spans.iter().filter_map(|span| span.price(month));
    let extras = spans.iter().zip(tickets).filter_map(|(span, tickets)| span.extra(month, *tickets));
    prices.chain(extras).collect()
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

    fn told(had: &[Had], tickets: &[i64]) -> Vec<String> {
        let month: Month = "2026-11".parse().expect("a month");
        let day = |d: NaiveDate| d.format("%m-%d").to_string();
        lines(month, &spans(month, had), tickets)
            .iter()
            .map(|l| format!("{} {}..{} {}x{}={}", l.plan, day(l.starts), day(l.ends), l.quantity, l.unit, l.amount))
            .collect()
    }

    #[test]
    fn a_month_is_paid_by_the_days_on_which_each_plan_was_held() {
        let team = || had("team", "2026-10-05", 4900);
        for (had, tickets, lines) in [
            (vec![], &[][..], vec![]),
            (vec![team()], &[999], vec!["team 11-01..12-01 30x4900=4900"]),
            (vec![had("team", "2026-11-16", 4900)], &[0], vec!["team 11-16..12-01 15x4900=2450"]),
            (vec![had("team", "2026-12-01", 4900)], &[], vec![]),
            (vec![team(), had("free", "2026-11-01", 0)], &[0], vec![]),
            (vec![team(), had("free", "2026-11-11", 0)], &[0, 0], vec!["team 11-01..11-11 10x4900=1633"]),
            (
                vec![team(), had("business", "2026-11-11", 19900)],
                &[0, 0],
                vec!["team 11-01..11-11 10x4900=1633", "business 11-11..12-01 20x19900=13267"],
            ),
            // The last one of a day has the day.
            (
                vec![team(), had("free", "2026-11-11", 0), had("business", "2026-11-11", 19900)],
                &[0, 0],
                vec!["team 11-01..11-11 10x4900=1633", "business 11-11..12-01 20x19900=13267"],
            ),
            // Left and come back to on one day, it was never left.
            (vec![team(), had("free", "2026-11-11", 0), had("team", "2026-11-11", 4900)], &[0], vec!["team 11-01..12-01 30x4900=4900"]),
            (vec![had("metered", "2026-01-01", 0)], &[100], vec![]),
            (vec![had("metered", "2026-01-01", 0)], &[130], vec!["metered 11-01..12-01 30x5=150"]),
            (vec![had("metered", "2026-01-01", 900)], &[130], vec!["metered 11-01..12-01 30x900=900", "metered 11-01..12-01 30x5=150"]),
            // Each plan says what the tickets of its own days cost; a third of the month has a third of the limit.
            (vec![had("metered", "2026-01-01", 0), had("team", "2026-11-30", 0)], &[130, 9], vec!["metered 11-01..11-30 33x5=165"]),
            (vec![had("team", "2026-01-01", 0), had("metered", "2026-11-30", 0)], &[5000, 4], vec![]),
            (vec![had("team", "2026-01-01", 0), had("metered", "2026-11-30", 0)], &[5000, 5], vec!["metered 11-30..12-01 1x5=5"]),
            (vec![had("metered", "2026-01-01", 0), had("free", "2026-11-11", 0)], &[34, 0], vec![]),
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
}
