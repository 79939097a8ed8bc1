//! `control-api operators …`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use shared::clock::Clock;

use super::{confirm::Sure, database, print};
use crate::{
    config::DatabaseConfig,
    operators::{Account, Operator, cli},
};

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
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show all of them
    List {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Print a line of JSON for each
        #[arg(long)]
        json: bool,
    },
    /// Take one out; whatever they hold ends at once
    Remove {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        sure: Sure,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Their address
        email: String,
    },
}

impl Command {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Add { database: config, email, name, json } => {
                let password = cli::add(&database(&config)?, &Clock::System, &email, &name).await?;
                let told = json!({ "email": email, "name": name, "password": password });
                print(json, &told, format_args!("{email} signs in with this password and sets up a second factor then:\n{password}"))?;
            }
            Self::List { database: config, json } => {
                for Account { operator, enrolled, .. } in cli::list(&database(&config)?).await? {
                    show(&operator, enrolled, json)?;
                }
            }
            Self::Remove { database: config, sure, json, email } => {
                let db = database(&config)?;
                sure.about(&format!("{email} will be no operator any more, and is signed out at once."), &email)?;
                cli::remove(&db, &Clock::System, &email).await?;
                print(json, &json!({ "email": email }), format_args!("{email} is no operator any more"))?;
            }
        }
        Ok(())
    }
}

fn show(operator: &Operator, enrolled: bool, json: bool) -> Result<()> {
    let Operator { id, email, name } = operator;
    let told = json!({ "id": id, "email": email, "name": name, "is_enrolled": enrolled });
    print(json, &told, format_args!("{id}\t{email}\t{name}\t{}", if enrolled { "enrolled" } else { "not enrolled" }))
}
