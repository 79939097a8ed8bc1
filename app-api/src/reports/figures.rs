//! The numbers of a report, from counted facts.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::fact::Kind;

/// How many facts of each kind, and the sum of their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Kind, (i64, i64)>);

impl Tally {
    /// Adds so many of a kind.
    pub fn add(&mut self, kind: Kind, count: i64, total: i64) {
        let sum = self.0.entry(kind).or_default();
        *sum = (sum.0 + count, sum.1 + total);
    }

    /// Adds all of another.
    pub fn join(&mut self, other: &Self) {
        other.0.iter().for_each(|(kind, (count, total))| self.add(*kind, *count, *total));
    }

    /// How many of a kind.
    pub fn count(&self, kind: Kind) -> i64 {
        self.0.get(&kind).map_or(0, |(count, _)| *count)
    }

    /// By how many tickets the work that is left grows.
    pub fn growth(&self) -> i64 {
        let [created, reopened, resolved, closed] =
            [Kind::Created, Kind::Reopened, Kind::Resolved, Kind::ClosedUnresolved].map(|kind| self.count(kind));
        created + reopened - resolved - closed
    }

    fn mean(&self, kind: Kind) -> Option<f64> {
        self.0.get(&kind).filter(|(count, _)| *count > 0).map(|(count, total)| *total as f64 / *count as f64)
    }
}

/// What happened in some days, or to some tickets in them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Figures {
    /// Tickets that were opened.
    pub created: i64,
    /// First answers.
    pub answered: i64,
    /// Resolutions.
    pub resolved: i64,
    /// Resolutions that were taken back.
    pub reopened: i64,
    /// Tickets that were closed without a resolution.
    pub closed_unresolved: i64,
    /// Minutes from a ticket's opening to its first answer, on average; null where there is none.
    pub first_response_minutes: Option<f64>,
    /// Minutes from a ticket's opening to its resolution, on average; null where there is none.
    pub resolution_minutes: Option<f64>,
    /// Promises of a first answer.
    pub response: Compliance,
    /// Promises of a resolution.
    pub resolution: Compliance,
    /// Ratings.
    pub csat: Satisfaction,
}

/// Promises that were kept or missed. One that is neither yet is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Compliance {
    /// How many were kept.
    pub met: i64,
    /// How many were missed.
    pub breached: i64,
    /// The share that was kept, 0 to 1; null where there is none.
    pub rate: Option<f64>,
}

/// How content customers are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Satisfaction {
    /// How many resolutions were rated.
    pub answers: i64,
    /// Points on average, 1 to 5; null where there is none.
    pub average: Option<f64>,
}

impl From<&Tally> for Figures {
    fn from(tally: &Tally) -> Self {
        let compliance = |met, breached| {
            let (met, breached) = (tally.count(met), tally.count(breached));
            let of = met + breached;
            Compliance { met, breached, rate: (of > 0).then(|| met as f64 / of as f64) }
        };
        Self {
            created: tally.count(Kind::Created),
            answered: tally.count(Kind::Answered),
            resolved: tally.count(Kind::Resolved),
            reopened: tally.count(Kind::Reopened),
            closed_unresolved: tally.count(Kind::ClosedUnresolved),
            first_response_minutes: tally.mean(Kind::Answered),
            resolution_minutes: tally.mean(Kind::Resolved),
            response: compliance(Kind::ResponseMet, Kind::ResponseBreached),
            resolution: compliance(Kind::ResolutionMet, Kind::ResolutionBreached),
            csat: Satisfaction { answers: tally.count(Kind::Rated), average: tally.mean(Kind::Rated) },
        }
    }
}

/// How long something took. Minutes are rounded up to two digits that count, as 1500 for 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spread {
    /// Half of them took no longer; null where there is none.
    pub median_minutes: Option<i64>,
    /// Nine of ten took no longer.
    pub p90_minutes: Option<i64>,
}

impl Spread {
    /// Of so many of each length, the shortest first.
    pub fn of(lengths: &BTreeMap<i64, i64>) -> Self {
        Self { median_minutes: percentile(lengths, 50), p90_minutes: percentile(lengths, 90) }
    }
}

/// The least length that so many hundredths do not exceed.
fn percentile(lengths: &BTreeMap<i64, i64>, percent: i64) -> Option<i64> {
    let all: i64 = lengths.values().sum();
    let mut seen = 0;
    lengths.iter().find_map(|(length, count)| {
        seen += count;
        (*count > 0 && seen * 100 >= all * percent).then_some(*length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(counted: &[(Kind, i64, i64)]) -> Tally {
        let mut tally = Tally::default();
        counted.iter().for_each(|(kind, count, total)| tally.add(*kind, *count, *total));
        tally
    }

    #[test]
    fn of_nothing_there_is_no_average_and_no_share() {
        let none = Figures::from(&Tally::default());
        assert_eq!((none.created, none.first_response_minutes, none.response.rate, none.csat.average), (0, None, None, None));
        // What was taken back leaves a sum of nothing.
        let taken_back = Figures::from(&tally(&[(Kind::Rated, 1, 5), (Kind::Rated, -1, -5)]));
        assert_eq!((taken_back.csat.answers, taken_back.csat.average), (0, None));
    }

    #[test]
    fn averages_and_shares_are_of_what_was_counted() {
        let found = Figures::from(&tally(&[
            (Kind::Answered, 4, 90),
            (Kind::Resolved, 2, 600),
            (Kind::ResponseMet, 3, 0),
            (Kind::ResponseBreached, 1, 0),
            (Kind::ResolutionBreached, 2, 0),
            (Kind::Rated, 2, 9),
        ]));
        assert_eq!((found.first_response_minutes, found.resolution_minutes), (Some(22.5), Some(300.0)));
        assert_eq!(found.response, Compliance { met: 3, breached: 1, rate: Some(0.75) });
        assert_eq!(found.resolution, Compliance { met: 0, breached: 2, rate: Some(0.0) });
        assert_eq!(found.csat, Satisfaction { answers: 2, average: Some(4.5) });
    }

    #[test]
    fn what_is_left_grows_by_what_comes_and_comes_back_and_shrinks_by_what_ends() {
        let of = [
            (Kind::Created, 9, 0),
            (Kind::Reopened, 2, 0),
            (Kind::Resolved, 5, 77),
            (Kind::ClosedUnresolved, 1, 0),
            (Kind::Answered, 9, 9),
        ];
        assert_eq!(tally(&of).growth(), 5);
    }

    #[test]
    fn a_percentile_is_the_least_that_so_many_do_not_exceed() {
        for (lengths, median, p90) in [
            (&[][..], None, None),
            (&[(5, 1)], Some(5), Some(5)),
            (&[(5, 1), (9, 1)], Some(5), Some(9)),
            (&[(1, 5), (2, 4), (3, 1)], Some(1), Some(2)),
            (&[(1, 49), (2, 51)], Some(2), Some(2)),
            (&[(1, 0), (2, 1)], Some(2), Some(2)),
        ] {
            let lengths: BTreeMap<i64, i64> = lengths.iter().copied().collect();
            assert_eq!(Spread::of(&lengths), Spread { median_minutes: median, p90_minutes: p90 }, "{lengths:?}");
        }
    }
}
