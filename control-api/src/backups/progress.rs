//! Says while something streams how far it is.

use std::time::Duration;

use crate::{
    app::App,
    jobs::{self, Job},
};

const EVERY: Duration = Duration::from_secs(1);

/// Does `work`, and says each second how much of `total` is done.
pub async fn told<T>(app: &App, job: &Job, (done, total): (impl Fn() -> u64, i64), work: impl Future<Output = T>) -> T {
    let telling = async {
        loop {
            tokio::time::sleep(EVERY).await;
            // Nobody's work waits for a bar.
            if let Err(error) = jobs::progress(app, job, done().cast_signed().min(total), total).await {
                tracing::debug!(%error, "nobody was told how far it is");
            }
        }
    };
    tokio::select! { done = work => done, () = telling => unreachable!("it is told until the work is done") }
}
