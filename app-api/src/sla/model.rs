//! What is promised: targets for each priority, in a policy that fits some tickets.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{Calendar, Range};

/// The longest target, in minutes: a year.
const LONGEST: u32 = 525_600;

/// What a policy promises at one priority, in working minutes (T-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Until the first public answer of an agent, 1 to 525 600.
    #[schema(minimum = 1, maximum = 525_600)]
    pub response: u32,
    /// Until the resolution, 1 to 525 600.
    #[schema(minimum = 1, maximum = 525_600)]
    pub resolution: u32,
}

/// What a policy promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// Of tickets of low priority.
    pub low: Target,
    /// Of medium priority.
    pub medium: Target,
    /// Of high priority.
    pub high: Target,
    /// Of urgent ones.
    pub urgent: Target,
}

impl Targets {
    /// The name of a target that is out of bounds, if there is one.
    pub fn wrong(&self) -> Option<&'static str> {
        let all =
            [("targets.low", self.low), ("targets.medium", self.medium), ("targets.high", self.high), ("targets.urgent", self.urgent)];
        let is_wrong = |t: &Target| [t.response, t.resolution].iter().any(|minutes| !(1..=LONGEST).contains(minutes));
        all.into_iter().find(|(_, target)| is_wrong(target)).map(|(name, _)| name)
    }
}

/// A day without opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The local date.
    pub date: NaiveDate,
    /// What it is, 1 to 100 characters.
    #[schema(max_length = 100)]
    pub name: String,
}

/// Business hours as they are written down: what a [`Calendar`] is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// An IANA name, as `Europe/Paris`.
    pub time_zone: String,
    /// For Monday to Sunday the ranges of local minutes, as `[[540, 720], [780, 1080]]` for 9:00–12:00 and 13:00–18:00.
    #[schema(value_type = Vec<Vec<Vec<u16>>>, min_items = 7, max_items = 7)]
    pub week: Vec<Vec<Range>>,
    /// Days without opening, 500 at most.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub holidays: Vec<Holiday>,
}

impl Hours {
    /// The calendar, or which field is wrong and how.
    pub fn calendar(&self) -> Result<Calendar, (&'static str, &'static str)> {
        let zone: Tz = self.time_zone.parse().map_err(|_| ("time_zone", "unknown_value: An IANA name, as Europe/Paris."))?;
        let week = self.week.clone().try_into().map_err(|_| ("week", "invalid: Seven days, Monday first."))?;
        if self.week.iter().any(|day| day.len() > 10) {
            return Err(("week", "too_long: At most 10 ranges a day."));
        }
        if self.holidays.len() > 500 {
            return Err(("holidays", "too_long: At most 500 days."));
        }
        let is_named = |day: &Holiday| (1..=100).contains(&day.name.chars().count()) && !day.name.chars().any(char::is_control);
        if !self.holidays.iter().all(is_named) {
            return Err(("holidays", "invalid: Each has a name of 1 to 100 characters."));
        }
        let holidays: BTreeSet<NaiveDate> = self.holidays.iter().map(|day| day.date).collect();
        Calendar::new(zone, week, holidays).map_err(|wrong| ("week", wrong))
    }
}

/// A policy in one version, as tickets are measured by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its id.
    pub id: i64,
    /// Its version.
    pub version: i32,
    /// Its name.
    pub name: String,
    /// Whether every ticket fits.
    pub is_default: bool,
    /// What it asks of a ticket.
    pub fits: Fits,
    /// What it promises.
    pub targets: Targets,
    /// The hours that count; none for round the clock.
    pub hours: Option<Hours>,
}

impl Policy {
    /// The calendar of its hours; none for round the clock.
    pub fn calendar(&self) -> shared::Result<Option<Calendar>> {
        let calendar = self.hours.as_ref().map(Hours::calendar).transpose();
        calendar.map_err(|(field, wrong)| anyhow::anyhow!("policy {} counts in hours that cannot be: {field} {wrong}", self.id).into())
    }
}

/// Which tickets a policy is for: any of the categories, any of the tags, any of the teams. Empty lists ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fits {
    /// Categories.
    pub categories: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Teams.
    pub teams: Vec<i64>,
}

/// What a policy looks at.
#[derive(Debug, Clone, Copy)]
pub struct Traits<'a> {
    /// The ticket's category.
    pub category: Option<&'a str>,
    /// Its tags.
    pub tags: &'a [String],
    /// Its team.
    pub team_id: Option<i64>,
}

impl Fits {
    fn takes(&self, ticket: Traits<'_>) -> bool {
        let category = self.categories.is_empty() || ticket.category.is_some_and(|c| self.categories.iter().any(|own| own == c));
        let tags = self.tags.is_empty() || self.tags.iter().any(|own| ticket.tags.contains(own));
        let team = self.teams.is_empty() || ticket.team_id.is_some_and(|t| self.teams.contains(&t));
        category && tags && team
    }
}

/// The policy of a ticket: the first that fits, in their order, of which the default one is the last.
pub fn choose<'a>(policies: &'a [Policy], ticket: Traits<'_>) -> Option<&'a Policy> {
    policies.iter().find(|policy| policy.is_default || policy.fits.takes(ticket))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn seeds() -> Targets {
        let target = |response, resolution| Target { response, resolution };
        Targets { low: target(2880, 10_080), medium: target(1440, 4320), high: target(240, 1440), urgent: target(60, 240) }
    }

    fn policy(id: i64, fits: Fits) -> Policy {
        Policy { id, version: 1, name: id.to_string(), is_default: id == 0, fits, targets: seeds(), hours: None }
    }

    #[test]
    fn the_first_policy_that_fits_is_the_tickets_own() {
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let policies = [
            policy(1, Fits { categories: words(&["billing", "returns"]), tags: words(&["vip"]), teams: vec![] }),
            policy(2, Fits { tags: words(&["vip", "press"]), ..Fits::default() }),
            policy(3, Fits { teams: vec![7], ..Fits::default() }),
            policy(0, Fits::default()),
        ];
        for (category, tags, team_id, chosen) in [
            (Some("billing"), &["vip"][..], None, 1),
            (Some("billing"), &[], None, 0),
            (Some("repair"), &["vip"], None, 2),
            (None, &["press"], Some(7), 2),
            (None, &[], Some(7), 3),
            (None, &[], Some(8), 0),
            (None, &[], None, 0),
        ] {
            let tags = words(tags);
            let found = choose(&policies, Traits { category, tags: &tags, team_id }).map(|p| p.id);
            assert_eq!(found, Some(chosen), "{category:?} {tags:?} {team_id:?}");
        }
    }

    #[test]
    fn targets_and_hours_that_cannot_be_are_named() {
        let mut targets = seeds();
        targets.high.response = 0;
        assert_eq!((seeds().wrong(), targets.wrong()), (None, Some("targets.high")));
        let hours = Hours { time_zone: "Europe/Paris".into(), week: vec![vec![(540, 1080)]; 7], holidays: vec![] };
        assert!(hours.calendar().is_ok());
        let holiday = Holiday { date: NaiveDate::MIN, name: String::new() };
        for (wrong, field) in [
            (Hours { time_zone: "Mars/Olympus".into(), ..hours.clone() }, "time_zone"),
            (Hours { week: vec![vec![]; 6], ..hours.clone() }, "week"),
            (Hours { week: vec![vec![]; 7], ..hours.clone() }, "week"),
            (Hours { week: vec![vec![(0, 1); 11]; 7], ..hours.clone() }, "week"),
            (Hours { holidays: vec![holiday], ..hours }, "holidays"),
        ] {
            assert_eq!(wrong.calendar().expect_err("wrong").0, field);
        }
    }
}
