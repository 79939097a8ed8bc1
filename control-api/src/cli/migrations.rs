//! `control-api migrations …`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Subcommand;

use super::print;
use crate::fleet::lint;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check that migrations keep the rules, and that released ones are what they were; 0: they do, 1: they do not
    Lint {
        /// The folder that has `control`, `tenant` and the list of released files
        #[arg(default_value = "migrations")]
        folder: PathBuf,
        /// Print a line of JSON for each finding
        #[arg(long)]
        json: bool,
    },
}

impl Command {
    pub(super) fn run(self) -> Result<ExitCode> {
        let Self::Lint { folder, json } = self;
        let found = lint::check_folder(&folder)?;
        for f in &found {
            print(json, f, format_args!("{}:{}: {}: {}", f.file, f.line, f.rule, f.message))?;
        }
        Ok(if found.is_empty() { ExitCode::SUCCESS } else { 1.into() })
    }
}
