//! `control-api identities …`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use shared::clock::Clock;

use super::{confirm::Sure, database, print};
use crate::{config::DatabaseConfig, two_factor};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Take all second factors from somebody who has lost them; admins set up new ones at the next sign-in
    #[command(name = "reset-2fa")]
    ResetTwoFactor {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        sure: Sure,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// The domain that mails come from
        #[arg(long, env)]
        base_domain: String,
        /// Their e-mail address
        email: String,
    },
}

impl Command {
    pub(super) async fn run(self) -> Result<()> {
        let Self::ResetTwoFactor { database: config, sure, json, base_domain, email } = self;
        let db = database(&config)?;
        sure.about(&format!("{email} will have no second factor any more, is signed out everywhere, and gets a mail."), &email)?;
        let taken = two_factor::reset(&db, &Clock::System, &base_domain, &email).await?;
        let told = json!({ "email": email, "taken": taken });
        print(json, &told, format_args!("{email} has no second factor any more; there were {taken}"))
    }
}
