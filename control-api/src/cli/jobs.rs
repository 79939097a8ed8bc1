//! `control-api jobs …`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use uuid::Uuid;

use super::{
    database, print,
    watch::{Shown, line},
};
use crate::{
    config::DatabaseConfig,
    jobs::{self, JobStatus, Kind, Wanted},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show the newest jobs
    List {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Only those of this tenant, by its slug
        #[arg(long)]
        tenant: Option<String>,
        /// Only those of this kind, as `move`
        #[arg(long, value_parser = kind)]
        kind: Option<String>,
        /// Only those that stand there
        #[arg(long, value_enum)]
        status: Option<JobStatus>,
        /// Print a line of JSON for each
        #[arg(long)]
        json: bool,
    },
    /// Show a job, and wait for its end
    Show {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        shown: Shown,
        /// Its id
        id: Uuid,
    },
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { database: config, tenant, kind, status, json } => {
                let wanted = Wanted { tenant, kind, status };
                for job in jobs::newest(&mut *database(&config)?.read().await?, &wanted).await? {
                    print(json, &job, line(&job))?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Show { database: config, shown, id } => shown.job(&database(&config)?, id).await,
        }
    }
}

/// A typing error is no kind of which there are none.
fn kind(word: &str) -> Result<String, String> {
    let words = || Kind::ALL.map(Kind::as_str).join(", ");
    Kind::parse(word).map(|kind| kind.as_str().to_owned()).ok_or_else(|| format!("it is one of {}", words()))
}
