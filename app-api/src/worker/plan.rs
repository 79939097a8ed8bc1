//! Who is to be visited, and when. Of those whose server does not answer one is tried at a time: they keep nobody waiting.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

/// Tenants visited at the same time.
pub(super) const AT_ONCE: usize = 8;
/// Of these, so many at most may be of those who fail: each holds one of the instance's turns for as long as anybody waits.
const AT_LEISURE: usize = 1;
/// How soon a visit that failed is tried again.
pub(super) const SOON: Duration = Duration::from_secs(2);

/// Who is to be visited, and when.
#[derive(Default)]
pub(super) struct Plan {
    /// How long after an announcement: whoever has a lot to announce is visited once for all of it.
    settle: Duration,
    due: HashMap<Uuid, Instant>,
    /// Who has failed more than once in a row.
    leisure: HashMap<Uuid, Instant>,
    /// Who is being visited, and whether they are one of those.
    running: HashMap<Uuid, bool>,
    /// Announced while being visited: the visit may have come too early.
    again: HashSet<Uuid>,
    /// Whose last visit has failed.
    failing: HashSet<Uuid>,
}

impl Plan {
    /// Nobody is to be visited; whoever is announced is visited so much later.
    pub fn new(settle: Duration) -> Self {
        Self { settle, ..Self::default() }
    }

    fn add(&mut self, tenant: Uuid, at: Instant) {
        if self.running.contains_key(&tenant) {
            self.again.insert(tenant);
        }
        keep_earliest(&mut self.due, tenant, at);
    }

    /// The tenant has something new.
    pub fn announced(&mut self, tenant: Uuid, now: Instant) {
        self.add(tenant, now + self.settle);
    }

    /// The tenant has something, after that time.
    pub fn waits(&mut self, tenant: Uuid, after: Duration, now: Instant) {
        self.add(tenant, now + after);
    }

    /// The time of day has jumped ahead: what was planned by it comes that much sooner.
    pub fn jumped(&mut self, ahead: Duration) {
        for at in self.due.values_mut() {
            *at = at.checked_sub(ahead).unwrap_or(*at);
        }
    }

    /// Whoever is to be visited now, unless enough are.
    pub fn next(&mut self, now: Instant) -> Option<Uuid> {
        if self.running.len() >= AT_ONCE {
            return None;
        }
        let [due, leisure] = [&self.due, &self.leisure].map(|all| self.first(all).filter(|(_, at)| *at <= now).map(|(id, _)| id));
        let leisure = leisure.filter(|_| self.at_leisure() < AT_LEISURE);
        let (tenant, fails) = leisure.map(|tenant| (tenant, true)).or(due.map(|tenant| (tenant, false)))?;
        self.due.remove(&tenant);
        self.leisure.remove(&tenant);
        self.running.insert(tenant, fails);
        Some(tenant)
    }

    /// A visit has ended; come again after that time, if something waits.
    pub fn done(&mut self, tenant: Uuid, revisit: Option<Duration>, now: Instant) {
        self.failing.remove(&tenant);
        self.ended(tenant, now);
        if let Some(after) = revisit {
            self.waits(tenant, after, now);
        }
    }

    /// A visit has failed. It is tried again soon, and as long as it fails, whoever can be visited goes first.
    pub fn failed(&mut self, tenant: Uuid, now: Instant) {
        self.ended(tenant, now);
        let plan = if self.failing.insert(tenant) { &mut self.due } else { &mut self.leisure };
        keep_earliest(plan, tenant, now + SOON);
    }

    fn ended(&mut self, tenant: Uuid, now: Instant) {
        self.running.remove(&tenant);
        if self.again.remove(&tenant) {
            self.announced(tenant, now);
        }
    }

    /// When the next of those comes who may be visited then.
    pub fn wakes(&self) -> Option<Instant> {
        let leisure = Some(&self.leisure).filter(|_| self.at_leisure() < AT_LEISURE);
        let next = [Some(&self.due), leisure].into_iter().flatten().filter_map(|all| self.first(all));
        next.map(|(_, at)| at).min()
    }

    /// How many of those are being visited who fail.
    fn at_leisure(&self) -> usize {
        self.running.values().filter(|fails| **fails).count()
    }

    fn first(&self, all: &HashMap<Uuid, Instant>) -> Option<(Uuid, Instant)> {
        let free = all.iter().filter(|(id, _)| !self.running.contains_key(*id));
        free.map(|(id, at)| (*id, *at)).min_by_key(|(_, at)| *at)
    }
}

fn keep_earliest(all: &mut HashMap<Uuid, Instant>, tenant: Uuid, at: Instant) {
    let kept = all.entry(tenant).or_insert(at);
    *kept = at.min(*kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants<const N: usize>() -> [Uuid; N] {
        std::array::from_fn(|_| Uuid::now_v7())
    }

    #[test]
    fn whose_time_has_come_goes_before_who_fails_and_these_never_stand_still() {
        let (mut plan, begun) = (Plan::default(), Instant::now());
        let (away, due, now) = (tenants::<20>(), tenants::<10>(), begun + SOON);
        away.iter().chain(&away).for_each(|tenant| plan.failed(*tenant, begun));
        for tenant in &away {
            plan.due.remove(tenant);
        }
        due.iter().for_each(|tenant| plan.announced(*tenant, now));
        let first: Vec<Uuid> = std::iter::from_fn(|| plan.next(now)).collect();
        let count = |some: &[Uuid], all: &[Uuid]| some.iter().filter(|tenant| all.contains(tenant)).count();
        assert_eq!((count(&first, &due), count(&first, &away)), (AT_ONCE - AT_LEISURE, AT_LEISURE));
        first.iter().for_each(|tenant| plan.done(*tenant, None, now));
        let second: Vec<Uuid> = std::iter::from_fn(|| plan.next(now)).collect();
        assert_eq!((count(&second, &due), count(&second, &away)), (10 - (AT_ONCE - AT_LEISURE), AT_LEISURE), "nor ever more");
    }

    #[test]
    fn whoever_fails_again_and_again_keeps_nobody_waiting_and_is_visited_still() {
        let (mut plan, mut now, away, [well]) = (Plan::default(), Instant::now(), tenants::<20>(), tenants());
        away.iter().for_each(|tenant| plan.announced(*tenant, now));
        for _ in 0..2 {
            let tried = std::iter::from_fn(|| plan.next(now).inspect(|tenant| plan.failed(*tenant, now)));
            assert_eq!(tried.count(), 20, "each is tried again soon");
            now += SOON;
        }
        plan.announced(well, now);
        let next: Vec<Uuid> = std::iter::from_fn(|| plan.next(now)).collect();
        assert!(next.len() == AT_LEISURE + 1 && next.contains(&well), "{next:?}");
    }

    #[test]
    fn what_is_announced_often_is_visited_once_when_it_has_settled() {
        let (mut plan, now, [tenant]) = (Plan::new(SOON), Instant::now(), tenants());
        plan.announced(tenant, now);
        plan.announced(tenant, now + SOON / 2);
        assert_eq!((plan.next(now + SOON / 2), plan.next(now + SOON)), (None, Some(tenant)));
        plan.announced(tenant, now + SOON);
        plan.done(tenant, None, now + SOON);
        assert_eq!(plan.wakes(), Some(now + SOON * 2));
    }

    #[test]
    fn a_tenant_is_visited_once_at_a_time_and_again_when_it_was_announced_meanwhile() {
        let (mut plan, now, [tenant]) = (Plan::default(), Instant::now(), tenants());
        plan.announced(tenant, now);
        assert_eq!(plan.next(now), Some(tenant));
        plan.announced(tenant, now);
        assert_eq!(plan.next(now), None);
        plan.done(tenant, None, now);
        assert_eq!(plan.next(now), Some(tenant));
        plan.done(tenant, Some(SOON), now);
        assert_eq!((plan.next(now), plan.wakes()), (None, Some(now + SOON)));
        assert_eq!(plan.next(now + SOON), Some(tenant));
    }

    #[test]
    fn a_clock_that_jumps_ahead_brings_what_is_due_nearer() {
        let (mut plan, now, [tenant]) = (Plan::default(), Instant::now() + Duration::from_secs(7200), tenants());
        plan.announced(tenant, now + Duration::from_secs(3600));
        plan.jumped(Duration::from_secs(3000));
        assert_eq!(plan.wakes(), Some(now + Duration::from_secs(600)));
    }
}
