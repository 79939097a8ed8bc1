//! `control-api audit …`.

use std::process::ExitCode;

use anyhow::Result;
use chrono::Months;
use clap::Subcommand;
use serde_json::json;

use super::{confirm::Sure, print};
use crate::{
    audit::{self, Scope, Trails},
    config::SealConfig,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check that trails are what was sealed: prints a line of JSON for each; 0: sound, 1: tampered with, 2: not readable
    Verify {
        #[command(flatten)]
        config: Box<SealConfig>,
        /// One tenant's trail, by its slug; without it, the control database's
        #[arg(long, conflicts_with = "all")]
        tenant: Option<String>,
        /// The control database's trail and every tenant's
        #[arg(long)]
        all: bool,
        /// For how many months rows are kept; what is younger and gone was taken
        #[arg(long, default_value_t = 60)]
        kept_months: u32,
    },
    /// Take a tenant's trail as it is, once it is known why it does not contain its kept seal, as after a restore
    Reanchor {
        #[command(flatten)]
        config: Box<SealConfig>,
        #[command(flatten)]
        sure: Sure,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Its slug
        slug: String,
    },
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Verify { config, tenant, all, kept_months } => verify(&config, tenant, all, Months::new(kept_months)).await,
            Self::Reanchor { config, sure, json, slug } => {
                let trails = Trails::new(&config)?;
                sure.about(&format!("The kept seal of {slug} is given up; whatever its trail lacks is not missed any more."), &slug)?;
                audit::reanchor(&trails, &slug).await?;
                print(json, &json!({ "tenant": slug }), format_args!("the audit trail of {slug} is kept as it is now"))?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

async fn verify(config: &SealConfig, tenant: Option<String>, all: bool, months: Months) -> Result<ExitCode> {
    let scope = tenant.map_or(if all { Scope::All } else { Scope::Control }, Scope::Tenant);
    let trails = Trails::new(config)?;
    let code = audit::check(&trails, &scope, months, |checked| {
        println!("{}", serde_json::to_string(checked).unwrap_or_else(|error| error.to_string()));
    });
    Ok(code.await?.into())
}
