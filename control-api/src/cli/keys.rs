//! `control-api keys …`.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use shared::{act::Author, clock::Clock, db::Db};

use super::{confirm::Sure, database, watch::Shown};
use crate::{
    config::{DatabaseConfig, SealConfig},
    keys::{self, Listed, Masters, Scope},
    tenants,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show data keys and the master keys that wrap them, never a key itself
    List {
        #[command(flatten)]
        seal: Box<SealConfig>,
        /// Only those of this tenant, by its slug
        #[arg(long)]
        tenant: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring everything under the master key of DB_ENCRYPTION_KEY, or under a next version of Vault's, and wait until nothing is
    /// left under former ones
    RotateMaster {
        #[command(flatten)]
        seal: Box<SealConfig>,
        #[command(flatten)]
        shown: Shown,
        #[command(flatten)]
        sure: Sure,
    },
    /// Bring into Vault what DB_ENCRYPTION_KEY and the control database have kept, and wait until nothing is left here
    ToVault {
        #[command(flatten)]
        seal: Box<SealConfig>,
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
            Self::List { seal, tenant, json } => list(&seal, tenant.as_deref(), json).await,
            Self::RotateMaster { seal, shown, sure } => rotate_master(&seal, &shown, &sure).await,
            Self::ToVault { seal, shown, sure } => to_vault(&seal, &shown, &sure).await,
            Self::RotateData(told) => rotate_data(*told).await,
        }
    }
}

async fn list(seal: &SealConfig, tenant: Option<&str>, json: bool) -> Result<ExitCode> {
    let (db, ring) = (database(&seal.database)?, seal.ring()?);
    let newest = ring.newest().await?;
    let mut db = db.read().await?;
    let (listed, masters) = (keys::list(&mut db, tenant).await?, keys::masters(&mut db, &newest).await?);
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
        "master key {}: {}; not under it: {} data keys, {} values, {} backups of the control database; not yet in Vault: {} passwords",
        masters.newest,
        wraps.join(", "),
        left.data_keys,
        left.values,
        left.backups,
        left.passwords,
    )
}

async fn rotate_master(seal: &SealConfig, shown: &Shown, sure: &Sure) -> Result<ExitCode> {
    let (db, ring) = (database(&seal.database)?, seal.ring()?);
    let newest = ring.newest().await?;
    match ring.keeps_credentials() {
        false => {
            sure.about(&format!("All data keys come under the master key {newest}, which every process must have by now."), &newest)?
        }
        true => sure.about(&format!("All data keys come under a next version of the transit key; {newest} is the last."), &newest)?,
    }
    let to = keys::next_master(&db, &ring).await?;
    bring_under(&db, &to, shown).await
}

async fn to_vault(seal: &SealConfig, shown: &Shown, sure: &Sure) -> Result<ExitCode> {
    let (db, ring) = (database(&seal.database)?, seal.ring()?);
    ensure!(ring.keeps_credentials(), "VAULT_ADDR does not say where Vault is");
    let to = ring.newest().await?;
    sure.about("All data keys and all passwords of tenants' databases go to Vault, which every process must know by now.", "vault")?;
    bring_under(&db, &to, shown).await
}

async fn bring_under(db: &Db, to: &str, shown: &Shown) -> Result<ExitCode> {
    let job = db.act(Author::system("command line"), &Clock::System, async |act| keys::ask_master(act, to).await).await?;
    shown.job(db, job).await
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
