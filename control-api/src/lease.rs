//! The lease of whoever walks: while it lasts, nobody else works on the same, and after a crash somebody does when it ends.

use std::time::Duration;

use chrono::TimeDelta;
use shared::Result;

/// How long it lasts.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);
/// How soon a step is tried again for which Vault did not answer.
pub const AWAY: TimeDelta = TimeDelta::seconds(3);
/// How often it is renewed while a step takes its time.
const RENEWAL: Duration = Duration::from_secs(4);

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
