//! Rolls: who has called lately, each with a mark. Whoever does not call again is off the roll by themselves.

use std::{sync::LazyLock, time::Duration};

use redis::Script;

use super::Cache;

static CALL: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("roll.lua")));

/// On one roll at most.
const MOST: usize = 50;

/// Who is on a roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roll {
    /// Whether whoever called was not on it with that mark before.
    pub changed: bool,
    /// Everybody else and their marks.
    pub others: Vec<(i64, u32)>,
}

/// Has `who` call with a mark, which counts for `ttl`; without one they leave. `None` when Redis is away.
pub(super) async fn call(cache: &Cache, key: &str, (who, mark): (i64, Option<u32>), ttl: Duration) -> Option<Roll> {
    let mut call = CALL.key(cache.named(key));
    call.arg(who).arg(mark.map_or(-1, i64::from)).arg(ttl.as_millis() as u64).arg(MOST);
    let said = cache.run(&call).await?;
    let (changed, others) = said.split_first()?;
    let others = others.chunks_exact(2).map(|pair| (pair[0], u32::try_from(pair[1]).unwrap_or_default()));
    Some(Roll { changed: *changed == 1, others: others.collect() })
}
