//! The lease of whoever walks: while it lasts, nobody else works on the same, and after a crash somebody does when it ends.

use std::time::Duration;

use chrono::TimeDelta;
use shared::{Error, Result};

/// How long it lasts.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);
/// How soon a step is tried again for which Vault did not answer.
pub const AWAY: TimeDelta = TimeDelta::seconds(3);
/// How often it is renewed while a step takes its time.
const RENEWAL: Duration = Duration::from_secs(4);

/// How long a step may take at most that asks and changes, and one that reads or copies all that somebody has. Both are far
/// beyond what either takes: it is for a server that has fallen silent, whose lease would be renewed for ever.
pub const BRIEF: Duration = Duration::from_secs(10 * 60);
/// See [`BRIEF`].
pub const LONG: Duration = Duration::from_secs(6 * 3600);
/// The same for what is done with one database after another by one task, and takes well below a second.
pub const LOOK: Duration = Duration::from_secs(40);

/// Does a step, and gives it up as failed when it takes longer than that.
pub async fn within<T, E: From<Error>>(limit: Duration, step: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let late = || Err(Error::internal(anyhow::anyhow!("it was not done within {} s", limit.as_secs())).into());
    tokio::time::timeout(limit, step).await.unwrap_or_else(|_| late())
}

/// Renews a lease until `renew` says that it is no longer ours.
pub async fn keep<F>(renew: impl Fn() -> F)
where
    F: Future<Output = Result<bool>>,
{
    loop {
        tokio::time::sleep(RENEWAL).await;
        // A database that is away takes nobody's lease; the step goes on.
        if let Ok(false) = renew().await {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_for_a_silent_server_fails_and_whoever_ends_in_time_does_not() {
        let late = within(Duration::from_millis(10), std::future::pending::<Result<()>>()).await;
        assert_eq!(late.expect_err("late").to_string(), "it was not done within 0 s");
        assert_eq!(within(LONG, async { Ok::<_, Error>(7) }).await.expect("in time"), 7);
        let failed = within(LONG, async { Err::<(), _>(Error::Contended) }).await;
        assert!(matches!(failed, Err(Error::Contended)), "its own error is told");
    }
}
