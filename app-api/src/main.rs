//! `app-api`: serves tenants (`serve`), does their background work alone (`work`), or prints its
//! OpenAPI document (`openapi`).

use std::process::ExitCode;

use anyhow::Result;
use app_api::{app::App, config::Config, router, worker};
use clap::{Parser, Subcommand};
use shared::{
    config::report,
    shutdown::{self, Tasks},
    telemetry,
};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The app plane of Helpdeskly: tickets from each tenant's own database
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and do the background work
    Serve(#[command(flatten)] Box<Config>),
    /// Do the background work without serving
    Work(#[command(flatten)] Box<Config>),
    /// What `serve` and `work` are told
    #[command(subcommand)]
    Config(Settings),
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Subcommand)]
enum Settings {
    /// Say all that is wrong with the settings of `serve`, without starting; 0: nothing, 78: `serve` would not start
    Check {
        #[command(flatten)]
        config: Box<Config>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

fn main() -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    shutdown::run(runtime, told(Cli::parse().command))
}

async fn told(command: Command) -> Result<ExitCode> {
    match command {
        Command::Openapi => {
            println!("{}", router::document()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Config(Settings::Check { config, json }) => Ok(report(&config.check(), json)),
        Command::Serve(config) => run(*config, true).await,
        Command::Work(config) => run(*config, false).await,
    }
}

async fn run(config: Config, serve: bool) -> Result<ExitCode> {
    telemetry::start(&config.log);
    shared::start_tls();
    if let Err(refused) = config.check() {
        return Ok(refused.tell());
    }
    let tasks = Tasks::default();
    tasks.stop_on_signal()?;
    let (app, waiting, refused) = App::new(&config)?;
    worker::start(&app, &config.parts.amqp_url, waiting, &tasks);
    // Requests are still answered for a while after the word to stop, and some of them refused.
    let answered = CancellationToken::new();
    tasks.spawn("refused changes", worker::write_failures(app.clone(), refused, answered.clone()));
    let served = if serve { router::serve(&app, &config, &tasks).await } else { idle(&tasks).await };
    answered.cancel();
    tasks.finish().await;
    served.map(|()| ExitCode::SUCCESS)
}

async fn idle(tasks: &Tasks) -> Result<()> {
    tasks.stop().cancelled().await;
    Ok(())
}
