//! `control-api identities …`.

use anyhow::Result;
use clap::Subcommand;
use shared::clock::Clock;

use super::database;
use crate::{config::DatabaseConfig, two_factor};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Take all second factors from somebody who has lost them; admins set up new ones at the next sign-in
    #[command(name = "reset-2fa")]
    ResetTwoFactor {
        #[command(flatten)]
        database: DatabaseConfig,
        /// The domain that mails come from
        #[arg(long, env)]
        base_domain: String,
        /// Their e-mail address
        email: String,
    },
}

impl Command {
    pub(super) async fn run(self) -> Result<()> {
        let Self::ResetTwoFactor { database: config, base_domain, email } = self;
        let taken = two_factor::reset(&database(&config)?, &Clock::System, &base_domain, &email).await?;
        println!("{email} has no second factor any more; there were {taken}");
        Ok(())
    }
}
