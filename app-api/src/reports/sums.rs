//! Sums for each day: over all, and over what a fact may be looked at by. What has changed in facts is what changes in sums,
//! so both stay one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::fact::{Fact, Kind};

/// By what sums are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Nothing: all facts.
    All,
    /// How long it took, or how many points: see [`rounded`].
    Value,
    /// Who is to answer for it.
    Agent,
    /// The priority then.
    Priority,
    /// The category.
    Category,
    /// The team.
    Team,
    /// How the ticket came.
    Channel,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 7] = [Self::All, Self::Value, Self::Agent, Self::Priority, Self::Category, Self::Team, Self::Channel];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Value => "value",
            Self::Agent => "agent",
            Self::Priority => "priority",
            Self::Category => "category",
            Self::Team => "team",
            Self::Channel => "channel",
        }
    }

    /// Where a fact stands in it: empty for none; nowhere, where it has no value.
    fn place(self, fact: &Fact) -> Option<String> {
        let id = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
        match self {
            Self::All => Some(String::new()),
            Self::Value => fact.value.map(|value| rounded(value.into()).to_string()),
            Self::Agent => Some(id(fact.agent_id)),
            Self::Priority => Some(fact.priority.clone()),
            Self::Category => Some(fact.category.clone().unwrap_or_default()),
            Self::Team => Some(id(fact.team_id)),
            Self::Channel => Some(fact.channel.clone()),
        }
    }
}

/// A number rounded up to two digits that count: 61 stays, 125 is 130, and 1440 is 1500. So the median of what was rounded is
/// the median, rounded; and a day has few different ones.
pub fn rounded(value: i64) -> i64 {
    let mut step = 1;
    while value / step >= 100 {
        step *= 10;
    }
    (value + step - 1) / step * step
}

/// What is to be written so that facts are as they should.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The names of those that are gone.
    pub gone: Vec<(i64, Kind, i64)>,
    /// Those that are new or another way.
    pub put: Vec<Fact>,
    /// By how much sums change, in the order in which they are written.
    pub sums: Vec<Sum>,
}

/// A change of a sum.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Sum {
    pub dimension: Dimension,
    pub day: NaiveDate,
    pub kind: Kind,
    pub value: String,
    pub count: i64,
    pub total: i64,
}

/// What leads from the facts before to those after, of the same tickets.
pub fn difference(before: Vec<Fact>, after: Vec<Fact>) -> Difference {
    let mut left: BTreeMap<_, _> = before.into_iter().map(|fact| (fact.name(), fact)).collect();
    let (mut found, mut sums) = (Difference::default(), Sums::default());
    for fact in after {
        match left.remove(&fact.name()) {
            Some(same) if same == fact => {}
            other => {
                other.iter().for_each(|other| sums.add(other, -1));
                sums.add(&fact, 1);
                found.put.push(fact);
            }
        }
    }
    left.values().for_each(|gone| sums.add(gone, -1));
    found.gone = left.into_keys().collect();
    found.sums = sums.changes();
    found
}

/// Dimension, day, kind, value.
type Place = (Dimension, NaiveDate, Kind, String);

#[derive(Default)]
struct Sums(BTreeMap<Place, (i64, i64)>);

impl Sums {
    fn add(&mut self, fact: &Fact, sign: i64) {
        for dimension in Dimension::ALL {
            let Some(value) = dimension.place(fact) else { continue };
            let sum = self.0.entry((dimension, fact.day, fact.kind, value)).or_default();
            sum.0 += sign;
            sum.1 += sign * i64::from(fact.value.unwrap_or_default());
        }
    }

    fn changes(self) -> Vec<Sum> {
        let changed = self.0.into_iter().filter(|(_, sum)| *sum != (0, 0));
        changed.map(|((dimension, day, kind, value), (count, total))| Sum { dimension, day, kind, value, count, total }).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Days};

    use super::*;

    fn fact(kind: Kind, source: i64, agent_id: Option<i64>, value: Option<i32>) -> Fact {
        Fact {
            ticket_id: 1,
            kind,
            source,
            at: DateTime::UNIX_EPOCH,
            day: DateTime::UNIX_EPOCH.date_naive(),
            agent_id,
            priority: "low".into(),
            category: None,
            team_id: Some(3),
            channel: "web".into(),
            value,
        }
    }

    fn sum(found: &Difference, dimension: Dimension, value: &str) -> Option<(i64, i64)> {
        found.sums.iter().find(|sum| sum.dimension == dimension && sum.value == value).map(|sum| (sum.count, sum.total))
    }

    #[test]
    fn numbers_are_rounded_up_to_two_digits_and_keep_their_order() {
        for (value, expected) in [
            (0, 0),
            (1, 1),
            (61, 61),
            (99, 99),
            (100, 100),
            (101, 110),
            (125, 130),
            (990, 990),
            (991, 1000),
            (1440, 1500),
            (i32::MAX.into(), 2_200_000_000),
        ] {
            assert_eq!(rounded(value), expected, "{value}");
        }
        assert!((0..20_000).map(rounded).is_sorted());
    }

    #[test]
    fn what_is_the_same_changes_nothing_however_often_it_is_counted() {
        let facts = vec![fact(Kind::Created, 0, None, None), fact(Kind::Resolved, 9, Some(7), Some(125))];
        assert_eq!(difference(facts.clone(), facts), Difference::default());
    }

    #[test]
    fn sums_change_by_what_came_what_went_and_what_is_another_way() {
        let new = difference(Vec::new(), vec![fact(Kind::Resolved, 9, Some(7), Some(125)), fact(Kind::Resolved, 12, Some(7), Some(10))]);
        assert_eq!((new.gone.len(), new.put.len()), (0, 2));
        assert_eq!(sum(&new, Dimension::All, ""), Some((2, 135)));
        assert_eq!(sum(&new, Dimension::Agent, "7"), Some((2, 135)));
        assert_eq!((sum(&new, Dimension::Value, "130"), sum(&new, Dimension::Value, "10")), (Some((1, 125)), Some((1, 10))));
        assert_eq!((sum(&new, Dimension::Category, ""), sum(&new, Dimension::Team, "3")), (Some((2, 135)), Some((2, 135))));
        let moved = difference(vec![fact(Kind::Resolved, 9, Some(7), Some(125))], vec![fact(Kind::Resolved, 9, Some(8), Some(125))]);
        assert_eq!((sum(&moved, Dimension::Agent, "7"), sum(&moved, Dimension::Agent, "8")), (Some((-1, -125)), Some((1, 125))));
        assert_eq!((sum(&moved, Dimension::All, ""), moved.gone.len(), moved.put.len()), (None, 0, 1));
        let gone = difference(vec![fact(Kind::Created, 0, None, None)], Vec::new());
        assert_eq!((sum(&gone, Dimension::All, ""), sum(&gone, Dimension::Value, "0")), (Some((-1, 0)), None));
        assert_eq!(gone.gone, [(1, Kind::Created, 0)]);
    }

    #[test]
    fn a_fact_that_comes_on_another_day_leaves_the_one_before() {
        let before = fact(Kind::Created, 0, None, None);
        let after = Fact { day: before.day + Days::new(1), ..before.clone() };
        let found = difference(vec![before.clone()], vec![after.clone()]);
        let all: Vec<_> = found.sums.iter().filter(|sum| sum.dimension == Dimension::All).map(|sum| (sum.day, sum.count)).collect();
        assert_eq!(all, [(before.day, -1), (after.day, 1)]);
    }
}
