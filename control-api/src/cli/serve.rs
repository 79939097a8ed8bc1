//! `control-api serve`.

use std::process::ExitCode;

use anyhow::Result;
use shared::{shutdown::Tasks, telemetry};
use tokio_util::sync::CancellationToken;

use crate::{app::App, audit, config::Config, router, worker};

pub(super) async fn serve(config: Config) -> Result<ExitCode> {
    telemetry::start(&config.log);
    if let Err(refused) = config.check() {
        return Ok(refused.tell());
    }
    let tasks = Tasks::default();
    tasks.stop_on_signal()?;
    let (app, refused) = App::new(&config)?;
    worker::start(&app, &tasks);
    // Requests are still answered for a while after the word to stop, and some of them refused.
    let answered = CancellationToken::new();
    tasks.spawn("refused changes", audit::write_failures(app.clone(), refused, answered.clone()));
    let served = router::serve(&app, &config, &tasks).await;
    answered.cancel();
    tasks.finish().await;
    served.map(|()| ExitCode::SUCCESS)
}
