//! How fast a file must come. Whoever falls silent, or sends next to nothing, has a turn that others wait for.

use std::time::{Duration, Instant};

/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(15);
/// How long one may take, however little comes.
const BEGINNING: Duration = Duration::from_secs(30);
/// Bytes that must come each second after that, on average: what a telephone has at the edge of a slow net (EDGE). More than ten minutes
/// nobody has in one go ([`crate::limits::SLOW`]); who sends in pieces goes on where it broke off.
const LEAST: u64 = 8 << 10;

/// How fast a file has come so far. Only the time counts in which we waited for it.
pub(super) struct Pace {
    silence: Duration,
    beginning: Duration,
    waited: Duration,
    bytes: u64,
}

impl Pace {
    /// Of a file that begins.
    pub(super) fn new() -> Self {
        Self::of(SILENCE, BEGINNING)
    }

    fn of(silence: Duration, beginning: Duration) -> Self {
        Self { silence, beginning, waited: Duration::ZERO, bytes: 0 }
    }

    /// So many bytes more have come.
    pub(super) fn came(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// Waits for what comes next; none where it comes too late.
    pub(super) async fn next<T>(&mut self, next: impl Future<Output = T>) -> Option<T> {
        let (begun, left) = (Instant::now(), allowed(self.beginning, self.bytes).saturating_sub(self.waited));
        let came = tokio::time::timeout(left.min(self.silence), next).await;
        self.waited += begun.elapsed();
        came.ok()
    }
}

/// How long so many bytes may take.
fn allowed(beginning: Duration, bytes: u64) -> Duration {
    beginning + Duration::from_secs(bytes / LEAST)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[test]
    fn what_comes_slowly_may_take_long_and_what_hardly_comes_may_not() {
        for (bytes, seconds) in [(0, 30), (100, 30), (8 << 10, 31), (5 << 20, 670), (100 << 20, 12_830)] {
            assert_eq!(allowed(BEGINNING, bytes), Duration::from_secs(seconds), "{bytes}");
        }
    }

    #[tokio::test]
    async fn whoever_sends_a_byte_now_and_then_is_never_silent_and_too_slow_all_the_same() {
        let mut pace = Pace::of(Duration::from_millis(500), Duration::from_millis(300));
        let mut bytes = 0;
        while pace.next(tokio::time::sleep(Duration::from_millis(40))).await.is_some() {
            pace.came(1);
            bytes += 1;
            assert!(bytes < 10, "it goes on and on");
        }
        assert!(bytes > 0);
        // Whoever has sent a lot is owed time by that.
        let mut pace = Pace::of(Duration::from_millis(200), Duration::ZERO);
        assert_eq!(pace.next(pending::<()>()).await, None);
        pace.came(1 << 20);
        assert_eq!(pace.next(ready(7)).await, Some(7));
        assert_eq!(pace.next(pending::<()>()).await, None, "and is silent no longer than others");
    }

    #[tokio::test]
    async fn time_that_is_ours_does_not_count() {
        let mut pace = Pace::of(Duration::from_millis(400), Duration::from_millis(400));
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(pace.next(tokio::time::sleep(Duration::from_millis(1))).await, Some(()));
    }
}
