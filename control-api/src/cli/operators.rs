//! `control-api operators …`.

use anyhow::Result;
use clap::Subcommand;
use shared::clock::Clock;

use super::database;
use crate::{config::DatabaseConfig, operators::cli};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add one, and show their first password
    Add {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Their address
        email: String,
        /// Their name
        #[arg(long)]
        name: String,
    },
    /// Show all of them
    List(#[command(flatten)] DatabaseConfig),
    /// Take one out; whatever they hold ends at once
    Remove {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Their address
        email: String,
    },
}

impl Command {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Add { database: config, email, name } => {
                let password = cli::add(&database(&config)?, &Clock::System, &email, &name).await?;
                println!("{email} signs in with this password and sets up a second factor then:");
                println!("{password}");
            }
            Self::List(config) => {
                for account in cli::list(&database(&config)?).await? {
                    let state = if account.enrolled { "enrolled" } else { "not enrolled" };
                    println!("{}\t{}\t{}\t{state}", account.operator.id, account.operator.email, account.operator.name);
                }
            }
            Self::Remove { database: config, email } => {
                cli::remove(&database(&config)?, &Clock::System, &email).await?;
                println!("{email} is no operator any more");
            }
        }
        Ok(())
    }
}
