//! `control-api clusters check`.

use std::{io::IsTerminal, process::ExitCode};

use anyhow::Result;
use clap::Args;
use indicatif::ProgressBar;
use shared::clock::Clock;

use super::{confirm::Sure, database, print};
use crate::{
    config::SealConfig,
    inspection::{self, Asked, Finding, Inspector},
};

/// Something is wrong.
const WRONG: u8 = 1;

#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    seal: SealConfig,
    #[command(flatten)]
    sure: Sure,
    /// Put right what can be: drop what has been in no book for a day and old templates, give rights anew
    #[arg(long)]
    fix: bool,
    /// Look at this database or role alone; may be said more than once
    #[arg(long)]
    only: Vec<String>,
    /// Print a line of JSON for each finding
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) async fn run(self) -> Result<ExitCode> {
        if self.fix {
            self.sure.about("Databases and roles that stand in no book will be dropped.", "drop")?;
        }
        let (db, ring) = (database(&self.seal.database)?, self.seal.ring()?);
        let inspector = Inspector { db: &db, ring: &ring, clock: &Clock::System };
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let seen = |cluster: &str, tenants: usize| {
            bar.set_message(format!("{cluster}: {tenants} tenants"));
            bar.tick();
        };
        let findings = inspection::check(&inspector, &Asked { fix: self.fix, only: self.only.clone() }, seen).await?;
        bar.finish_and_clear();
        for finding in &findings {
            print(self.json, finding, line(finding)?)?;
        }
        let is_wrong = findings.iter().any(|finding| !finding.fixed);
        Ok(if is_wrong { WRONG.into() } else { ExitCode::SUCCESS })
    }
}

fn line(finding: &Finding) -> Result<String> {
    let what = serde_json::to_value(finding.what)?;
    let words = [
        finding.cluster.as_str(),
        what.as_str().unwrap_or_default(),
        finding.name.as_str(),
        finding.tenant.as_deref().unwrap_or("-"),
        finding.detail.as_deref().unwrap_or("-"),
        if finding.fixed {
            "fixed"
        } else if finding.can_be_fixed {
            "can be fixed"
        } else {
            "-"
        },
    ];
    Ok(words.join("\t"))
}
