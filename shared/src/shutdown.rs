//! Stopping in order: accept nothing new, finish what runs, within thirty seconds.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The tasks of a process and the word that stops them.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// The word to stop.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs a task that is waited for at the end.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(work);
    }

    /// Says stop, and waits at most fifteen seconds for everybody; together with the requests that
    /// are still answered (ten) that stays below the thirty that a process may take (P-12).
    pub async fn finish(&self) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(Duration::from_secs(15), self.tracker.wait()).await.is_err() {
            tracing::warn!(left = self.tracker.len(), "stopping before every task has ended");
        }
    }

    /// Says stop when the process gets SIGTERM or SIGINT.
    pub fn stop_on_signal(&self) -> std::io::Result<()> {
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let stop = self.stop.clone();
        tokio::spawn(async move {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            stop.cancel();
        });
        Ok(())
    }
}
