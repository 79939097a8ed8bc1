//! The command line: serves the control plane (`serve`), brings its database up to date (`migrate`), manages
//! clusters, tenants and people, or prints the OpenAPI document (`openapi`). Each file here is one word of it.

mod audit;
mod backup;
mod base_backups;
mod billing;
mod cluster_check;
mod clusters;
mod config;
mod confirm;
mod fleet;
mod identities;
mod jobs;
mod keys;
mod migrations;
mod operators;
mod plans;
mod progress;
mod serve;
mod tenants;
#[cfg(test)]
mod told;
mod wal;
mod watch;

use std::{fmt::Display, process::ExitCode};

use anyhow::{Context, Result, anyhow};
use clap::{Parser, Subcommand};
use secrecy::ExposeSecret;
use serde::Serialize;
use shared::{Error, db::Db, start_tls};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};

use crate::{
    app,
    config::{Config, DatabaseConfig},
    router,
};

/// The control plane of Helpdeskly: who the tenants and the people are
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and do the background work
    Serve(#[command(flatten)] Box<Config>),
    /// What `serve` is told
    #[command(subcommand)]
    Config(config::Command),
    /// Bring the control database up to date
    Migrate(#[command(flatten)] DatabaseConfig),
    /// The servers that hold tenants' databases
    #[command(subcommand)]
    Clusters(clusters::Command),
    /// Tenants
    #[command(subcommand)]
    Tenants(tenants::Command),
    /// The files of migrations
    #[command(subcommand)]
    Migrations(migrations::Command),
    /// Long work: what is done, was done and waits
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Backups, and the way back
    #[command(subcommand)]
    Backup(backup::Command),
    /// What seals secrets: master keys and data keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// How much tenants may have, and for what price
    #[command(subcommand)]
    Plans(plans::Command),
    /// Prepaid credits and invoices
    #[command(subcommand)]
    Billing(billing::Command),
    /// Copies of whole servers, from which moments are reached
    #[command(subcommand)]
    BaseBackups(base_backups::Command),
    /// A server's log: what PostgreSQL itself calls
    #[command(subcommand)]
    Wal(wal::Command),
    /// The audit trails
    #[command(subcommand)]
    Audit(audit::Command),
    /// People
    #[command(subcommand)]
    Identities(identities::Command),
    /// The people who run the platform
    #[command(subcommand)]
    Operators(operators::Command),
    /// Print the OpenAPI document
    Openapi,
}

impl Cli {
    /// Does what the words say.
    pub async fn run(self) -> Result<ExitCode> {
        start_tls();
        self.done().await.map_err(unfolded)
    }

    async fn done(self) -> Result<ExitCode> {
        match self.command {
            Command::Openapi => println!("{}", router::document()?),
            Command::Serve(config) => return serve::serve(*config).await,
            Command::Config(command) => return Ok(command.run()),
            Command::Migrate(config) => migrate(&config).await?,
            Command::Audit(command) => return command.run().await,
            Command::Jobs(command) => return command.run().await,
            Command::Backup(command) => return command.run().await,
            Command::Keys(command) => return command.run().await,
            Command::Plans(command) => command.run().await?,
            Command::Billing(command) => return command.run().await,
            Command::BaseBackups(command) => return command.run().await,
            Command::Wal(command) => return command.run().await,
            Command::Tenants(command) => return command.run().await,
            Command::Clusters(command) => return command.run().await,
            Command::Migrations(command) => return command.run(),
            Command::Identities(command) => command.run().await?,
            Command::Operators(command) => command.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The same error, or what is wrong with the input, a line for each field: the error itself does not say it.
fn unfolded(error: anyhow::Error) -> anyhow::Error {
    let wrong = error.chain().find_map(|cause| match cause.downcast_ref() {
        Some(Error::Invalid(wrong)) => Some(wrong),
        _ => None,
    });
    let Some(wrong) = wrong else { return error };
    let told = wrong.iter().map(|wrong| match wrong.field.as_str() {
        "" => wrong.message.clone(),
        field => format!("{field}: {}", wrong.message),
    });
    anyhow!(told.collect::<Vec<_>>().join("\n"))
}

/// The control database alone.
fn database(config: &DatabaseConfig) -> Result<Db> {
    Ok(app::database(&config.control_database_url)?.0)
}

/// Prints a document as a line of JSON, for programs, or else words.
fn print(json: bool, document: &impl Serialize, words: impl Display) -> Result<()> {
    println!("{}", if json { serde_json::to_string(document)? } else { words.to_string() });
    Ok(())
}

async fn migrate(config: &DatabaseConfig) -> Result<()> {
    // Not the API's connection: a migration may take longer than any of its statements.
    let options: PgConnectOptions = config.control_database_url.expose_secret().parse()?;
    let mut connection = options.options([("lock_timeout", "10s")]).connect().await.context("the control database does not answer")?;
    router::MIGRATIONS.run(&mut connection).await.context("migrating the control database")?;
    println!("the control database is up to date");
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use shared::{Error, error::FieldError};

    use super::{Cli, unfolded};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_input_that_is_not_valid_says_what_is_wrong_with_it() {
        let wrong = |fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(field, message)| FieldError::new(*field, "x", *message));
            anyhow::Error::from(Error::Invalid(fields.collect()))
        };
        let two = || wrong(&[("at", "Too early."), ("slug", "Too long.")]);
        for (error, told) in [
            (two(), "at: Too early.\nslug: Too long."),
            (two().context("asked"), "at: Too early.\nslug: Too long."),
            (wrong(&[("", "No object.")]), "No object."),
            (Error::conflict("conflict", "Not now.").into(), "conflict: Not now."),
            (anyhow::anyhow!("the disk is full"), "the disk is full"),
        ] {
            assert_eq!(unfolded(error).to_string(), told);
        }
    }
}
