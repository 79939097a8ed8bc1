//! Stopping in order: accept nothing new, finish what runs, within thirty seconds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// So long whatever still blocks a thread of its own is waited for when all else has ended: with what [`Tasks::finish`] and requests
/// may take that stays below the thirty seconds that a process has (P-12).
const LEFT: Duration = Duration::from_secs(3);

/// Runs a process to its end. Work on threads of its own cannot be broken off: what takes too long is left in the middle.
pub fn run<T>(runtime: Runtime, work: impl Future<Output = T>) -> T {
    run_within(runtime, work, LEFT)
}

fn run_within<T>(runtime: Runtime, work: impl Future<Output = T>, left: Duration) -> T {
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(left);
    done
}

/// Comes when the word to stop is as old as `grace`: what still runs then is left in the middle.
pub async fn overdue(stop: &CancellationToken, grace: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(grace).await;
}

/// The tasks of a process and the word that stops them.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    /// How many of each name run.
    running: Arc<Mutex<BTreeMap<&'static str, usize>>>,
}

/// A task that runs, by its name; dropped when it ends, even by a panic.
struct Running {
    name: &'static str,
    all: Arc<Mutex<BTreeMap<&'static str, usize>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut all = self.all.lock().expect("nobody panics while holding the names");
        all.entry(self.name).and_modify(|n| *n -= 1);
    }
}

impl Tasks {
    /// The word to stop.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs a task that is waited for at the end. `name` is for the log, should it not end.
    pub fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        *self.running.lock().expect("nobody panics while holding the names").entry(name).or_default() += 1;
        let running = Running { name, all: self.running.clone() };
        self.tracker.spawn(async move {
            let _running = running;
            work.await;
        });
    }

    /// Who runs.
    pub fn running(&self) -> Vec<&'static str> {
        let all = self.running.lock().expect("nobody panics while holding the names");
        all.iter().filter(|(_, n)| **n > 0).map(|(name, _)| *name).collect()
    }

    /// Says stop, and waits at most fifteen seconds for everybody; together with the requests that
    /// are still answered (ten) that stays below the thirty that a process may take (P-12).
    pub async fn finish(&self) {
        self.finish_within(Duration::from_secs(15)).await;
    }

    async fn finish_within(&self, patience: Duration) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(patience, self.tracker.wait()).await.is_err() {
            tracing::warn!(left = ?self.running(), "stopping before every task has ended");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_ends_though_something_blocks_a_thread() {
        let (begun, runtime) = (std::time::Instant::now(), Runtime::new().expect("a runtime"));
        let (free, blocked) = std::sync::mpsc::channel::<()>();
        let done = run_within(
            runtime,
            async move {
                tokio::task::spawn_blocking(move || blocked.recv_timeout(Duration::from_secs(60)));
                7
            },
            Duration::from_millis(50),
        );
        assert_eq!((done, begun.elapsed() < Duration::from_secs(30)), (7, true));
        drop(free);
    }

    #[tokio::test]
    async fn whoever_does_not_stop_is_waited_for_and_named() {
        let tasks = Tasks::default();
        let stop = tasks.stop();
        tasks.spawn("obedient", async move { stop.cancelled().await });
        tasks.spawn("stubborn", std::future::pending());
        tasks.spawn("broken", async { panic!("on purpose") });
        tasks.finish_within(Duration::from_millis(50)).await;
        assert_eq!(tasks.running(), ["stubborn"]);
    }
}
