//! Counting in this process alone. It stands in front of Redis, since whoever has just been refused
//! need not be asked about again, and it stands in for Redis while that is away.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};

use super::{
    policy::{Bucket, Rate},
    window::{Level, Taken},
};

/// So often do we throw away what means nothing any more.
const MANY: usize = 50_000;

type Limiter = RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// What this process knows by itself.
#[derive(Default)]
pub struct Local {
    limiters: Mutex<HashMap<Rate, Arc<Limiter>>>,
    full: Mutex<HashMap<String, Instant>>,
    asked: AtomicUsize,
}

impl Local {
    /// The bucket that is known to be full, and for how long it stays so.
    pub fn full(&self, buckets: &[Bucket]) -> Option<(usize, Duration)> {
        self.tidy();
        let full = self.full.lock().expect("nobody panics while holding what is full");
        let left = |bucket: &Bucket| full.get(&bucket.key)?.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        buckets.iter().enumerate().find_map(|(i, bucket)| Some((i, left(bucket)?)))
    }

    /// Remembers what Redis said, so that a full bucket is not asked about again, and so that nobody
    /// begins anew when Redis goes away.
    pub fn learn(&self, buckets: &[Bucket], taken: &Taken) {
        match taken.refused_by {
            None => buckets.iter().for_each(|bucket| drop(self.limiter(bucket.rate).check_key(&bucket.key))),
            Some(i) => {
                let mut full = self.full.lock().expect("nobody panics while holding what is full");
                full.insert(buckets[i].key.clone(), Instant::now() + taken.levels[i].until);
            }
        }
    }

    /// Counts a request here alone: a whole rate at once, then evenly (GCRA). What comes before the
    /// bucket that refuses has counted it already.
    pub fn take(&self, buckets: &[Bucket]) -> Taken {
        let mut taken = Taken { refused_by: None, levels: Vec::with_capacity(buckets.len()) };
        for (i, bucket) in buckets.iter().enumerate() {
            let limiter = self.limiter(bucket.rate);
            let level = match limiter.check_key(&bucket.key) {
                Ok(state) => Level { remaining: state.remaining_burst_capacity(), until: pause(bucket.rate) },
                Err(wait) => {
                    taken.refused_by = Some(i);
                    Level { remaining: 0, until: wait.wait_time_from(limiter.clock().now()) }
                }
            };
            taken.levels.push(level);
            if taken.refused_by.is_some() {
                break;
            }
        }
        taken
    }

    fn limiter(&self, rate: Rate) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().expect("nobody panics while holding the limiters");
        let limiter = limiters.entry(rate).or_insert_with(|| {
            let times = NonZeroU32::new(rate.times).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::with_period(pause(rate)).expect("a rate has a window").allow_burst(times);
            Arc::new(RateLimiter::dashmap(quota).with_middleware())
        });
        limiter.clone()
    }

    /// Throws away what means nothing any more; now and then, for it looks at everything.
    fn tidy(&self) {
        if self.asked.fetch_add(1, Ordering::Relaxed) % MANY == MANY - 1 {
            self.limiters.lock().expect("nobody panics while holding the limiters").values().for_each(|l| l.retain_recent());
            let now = Instant::now();
            self.full.lock().expect("nobody panics while holding what is full").retain(|_, until| *until > now);
        }
    }
}

/// The time that one request takes up.
fn pause(rate: Rate) -> Duration {
    Duration::from_secs(rate.seconds.max(1).into()) / rate.times.max(1)
}
