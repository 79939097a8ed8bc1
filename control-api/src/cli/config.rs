//! `control-api config …`.

use std::process::ExitCode;

use clap::Subcommand;
use shared::config::report;

use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Say all that is wrong with the settings of `serve`, without starting; 0: nothing, 78: `serve` would not start
    Check {
        #[command(flatten)]
        config: Box<Config>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Command {
    pub(super) fn run(self) -> ExitCode {
        let Self::Check { config, json } = self;
        report(&config.check(), json)
    }
}
