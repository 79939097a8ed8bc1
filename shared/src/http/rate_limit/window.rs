//! Counting in Redis: a sliding window, exact to the microsecond. Redis keeps the times of what it
//! let through, at most as many as the rate allows. One script looks at all buckets of a request
//! and counts it in all of them or in none, so that any number of instances may ask at once.

use std::{sync::LazyLock, time::Duration};

use redis::Script;

use super::policy::Bucket;
use crate::cache::Cache;

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));

/// What was found for one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// How many more it would let through now.
    pub remaining: u32,
    /// After which time it lets one more through than now.
    pub until: Duration,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Which bucket refuses; none when the request was counted.
    pub refused_by: Option<usize>,
    /// Each bucket, in the order of the question.
    pub levels: Vec<Level>,
}

/// Counts a request in all `buckets`, or in none when one of them is full. `None` when Redis is away.
pub async fn take(cache: &Cache, buckets: &[Bucket]) -> Option<Taken> {
    let mut call = TAKE.prepare_invoke();
    for bucket in buckets {
        call.key(cache.named(&bucket.key)).arg(bucket.rate.times).arg(u64::from(bucket.rate.seconds) * 1_000_000);
    }
    let said: Vec<i64> = cache.run(&call).await?;
    let (refused, levels) = said.split_first()?;
    let level = |pair: &[i64]| Level { remaining: pair[0].max(0) as u32, until: Duration::from_micros(pair[1].max(0) as u64) };
    let levels: Vec<Level> = levels.chunks_exact(2).map(level).collect();
    (levels.len() == buckets.len()).then(|| Taken { refused_by: usize::try_from(refused - 1).ok(), levels })
}
