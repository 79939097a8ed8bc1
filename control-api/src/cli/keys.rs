//! `control-api keys …`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use shared::{act::Author, clock::Clock};

use super::{confirm::Sure, database, watch::Shown};
use crate::{
    config::{DatabaseConfig, VaultConfig},
    keys::{self, Listed, Masters, Scope},
    tenants,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show data keys and the master keys that wrap them, never a key itself
    List {
        #[command(flatten)]
        vault: Box<VaultConfig>,
        /// Only those of this tenant, by its slug
        #[arg(long)]
        tenant: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring everything under the master key of DB_ENCRYPTION_KEY, and wait until nothing is left under former ones
    RotateMaster {
        #[command(flatten)]
        vault: Box<VaultConfig>,
        #[command(flatten)]
        shown: Shown,
        #[command(flatten)]
        sure: Sure,
    },
    /// Exchange data keys for new ones, and wait until nothing is left under former ones
    RotateData(#[command(flatten)] Box<RotateData>),
}

#[derive(Args)]
pub(super) struct RotateData {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    sure: Sure,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The key of this tenant, by its slug
    #[arg(long)]
    tenant: Option<String>,
    /// The platform's own key
    #[arg(long)]
    platform: bool,
    /// Everybody's, and the platform's own
    #[arg(long)]
    all: bool,
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { vault, tenant, json } => list(&vault, tenant.as_deref(), json).await,
            Self::RotateMaster { vault, shown, sure } => rotate_master(&vault, &shown, &sure).await,
            Self::RotateData(told) => rotate_data(*told).await,
        }
    }
}

async fn list(vault: &VaultConfig, tenant: Option<&str>, json: bool) -> Result<ExitCode> {
    let (db, ring) = (database(&vault.database)?, vault.ring()?);
    let mut db = db.read().await?;
    let (listed, masters) = (keys::list(&mut db, tenant).await?, keys::masters(&mut db, &ring.key_id).await?);
    if json {
        println!("{}", serde_json::json!({ "master": masters, "data_keys": listed }));
        return Ok(ExitCode::SUCCESS);
    }
    listed.iter().for_each(|key| println!("{}", line(key)));
    println!("{}", summary(&masters));
    Ok(ExitCode::SUCCESS)
}

fn line(key: &Listed) -> String {
    let whose = key.tenant.as_deref().unwrap_or("(platform)");
    let retired = key.retired_at.map(|at| format!("\tretired {at}")).unwrap_or_default();
    format!("{whose}\tversion {}\tunder {}\tmade {}{retired}", key.version, key.master_key_id, key.created_at)
}

fn summary(masters: &Masters) -> String {
    let wraps: Vec<String> = masters.wraps.iter().map(|(id, keys)| format!("{id} wraps {keys}")).collect();
    let left = masters.left;
    format!(
        "master key {}: {}; not under it: {} data keys, {} values, {} backups of the control database",
        masters.newest,
        wraps.join(", "),
        left.data_keys,
        left.values,
        left.backups,
    )
}

async fn rotate_master(vault: &VaultConfig, shown: &Shown, sure: &Sure) -> Result<ExitCode> {
    let (db, to) = (database(&vault.database)?, vault.ring()?.key_id);
    sure.about(&format!("All data keys come under the master key {to}, which every process must have by now."), &to)?;
    let job = db.act(Author::system("command line"), &Clock::System, async |act| keys::ask_master(act, &to).await).await?;
    shown.job(&db, job).await
}

async fn rotate_data(told: RotateData) -> Result<ExitCode> {
    let db = database(&told.database)?;
    let (scope, word) = match &told.whose.tenant {
        Some(slug) => {
            let tenant = tenants::by_slug(&mut *db.read().await?, slug).await?.context("there is no such tenant")?;
            (Scope::Tenant(tenant.id), slug.as_str())
        }
        None if told.whose.platform => (Scope::Platform, "platform"),
        None => (Scope::All, "all"),
    };
    told.sure.about(&format!("New data keys are made ({word}), and all that the former ones have sealed is sealed anew."), word)?;
    let job = db.act(Author::system("command line"), &Clock::System, async |act| keys::ask_data(act, scope).await).await?;
    told.shown.job(&db, job).await
}
