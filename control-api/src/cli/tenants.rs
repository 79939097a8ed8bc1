//! `control-api tenants …`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use shared::{act::Author, clock::Clock, config::SiteConfig};

use super::{confirm::Sure, database, fleet, plans, print, watch::Shown};
use crate::{
    backups,
    config::{DatabaseConfig, SealConfig},
    deletion::{self, Turn, turn},
    moves, provisioning,
    tenants::{self, Listed},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Try again to provision a tenant that was given up
    Retry {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Its slug
        slug: String,
    },
    /// Close an active tenant's doors; its data is kept
    Suspend {
        #[command(flatten)]
        whose: Box<Whose>,
        #[command(flatten)]
        sure: Sure,
    },
    /// Open a suspended tenant's doors again, or take a tenant's deletion back
    Resume(#[command(flatten)] Box<Whose>),
    /// Begin a tenant's deletion: for thirty days it can be taken back, then its data goes for good
    Delete {
        #[command(flatten)]
        whose: Box<Whose>,
        #[command(flatten)]
        sure: Sure,
    },
    /// Print the signed record of a deleted tenant, and verify it: the exit code is 1 when it does not
    Record {
        #[command(flatten)]
        seal: Box<SealConfig>,
        /// Its slug
        slug: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Move a tenant to another server while it works, and wait until it is there
    Move {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        shown: Shown,
        /// Its slug
        slug: String,
        /// The server's name
        #[arg(long, value_name = "CLUSTER")]
        to: String,
    },
    /// Bring a tenant back to any second of the last days; what was written since is lost. Its server's log must be archived
    Restore(#[command(flatten)] Box<Restore>),
    /// Bring all tenants' databases to this release's schema, while they are worked in; 0: all have it, 1: it has stopped or some have failed
    Migrate(#[command(flatten)] Box<fleet::Migrate>),
    /// Give a tenant another plan, which may allow less than it has; the app plane looks within five seconds
    Plan {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        sure: Sure,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Its slug
        slug: String,
        /// The plan's code
        plan: String,
    },
    /// Mark a tenant of the house, whose database is migrated before all others
    Canary {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Its slug
        slug: String,
        /// Take the mark away
        #[arg(long)]
        off: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(super) struct Restore {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    sure: Sure,
    /// Its slug
    slug: String,
    /// The moment, as 2026-11-22T10:15:00Z
    #[arg(long, value_name = "TIME")]
    at: DateTime<Utc>,
    /// Send events and mails that waited at that time once more, though they may have been sent since
    #[arg(long)]
    resend: bool,
}

/// Its admins may get a mail, with a link to where they find us.
#[derive(Args)]
pub(super) struct Whose {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    site: SiteConfig,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Its slug
    slug: String,
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Migrate(migrate) => return migrate.run().await,
            Self::Restore(told) => return restore(&told).await,
            Self::Canary { database, slug, off, json } => fleet::canary(&database, &slug, off, json).await?,
            Self::Plan { database, sure, json, slug, plan } => plans::assign(&database, &sure, (&slug, &plan), json).await?,
            Self::Retry { database, json, slug } => retry(&database, &slug, json).await?,
            Self::Suspend { whose, sure } => suspend(&whose, &sure).await?,
            Self::Resume(whose) => change(&whose, Turn::Resume).await?,
            Self::Delete { whose, sure } => delete(&whose, &sure).await?,
            Self::Record { seal, slug, json } => return record(&seal, &slug, json).await,
            Self::Move { database: config, shown, slug, to } => {
                let db = database(&config)?;
                let begun = db.act(Author::system("command line"), &Clock::System, async |act| moves::begin(act, &slug, &to).await).await;
                return shown.job(&db, begun?).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn retry(config: &DatabaseConfig, slug: &str, json: bool) -> Result<()> {
    let db = database(config)?;
    let tenant = tenants::by_slug(&mut *db.read().await?, slug).await?.context("there is no such tenant")?;
    let begun = db.act(Author::system("command line"), &Clock::System, async |act| {
        provisioning::retry(act, tenant.id).await?;
        tenants::listed(act.db(), slug).await
    });
    let tenant = begun.await?.context("there is no such tenant")?;
    print(json, &tenant, format_args!("{slug} will be provisioned again"))
}

async fn restore(told: &Restore) -> Result<ExitCode> {
    let db = database(&told.database)?;
    let tenant = tenants::by_slug(&mut *db.read().await?, &told.slug).await?.context("there is no such tenant")?;
    let what = format!("{} becomes again what it was at {}. Whatever was written there since is lost.", tenant.slug, told.at);
    told.sure.about(&what, &tenant.slug)?;
    let author = Author::system("command line");
    let planned = db.act(author, &Clock::System, async |act| backups::restore::plan_at(act, tenant.id, told.at, told.resend).await);
    told.shown.job(&db, planned.await?).await
}

async fn suspend(whose: &Whose, sure: &Sure) -> Result<()> {
    let slug = &whose.slug;
    sure.about(&format!("Nobody of {slug} is served any more, until it is resumed."), slug)?;
    change(whose, Turn::Suspend).await
}

async fn delete(whose: &Whose, sure: &Sure) -> Result<()> {
    let slug = &whose.slug;
    sure.about(&format!("Nobody of {slug} is served any more; in thirty days its data goes for good."), slug)?;
    change(whose, Turn::Delete).await
}

/// Changes where a tenant stands in its life. The app plane looks at it anew within five seconds.
async fn change(whose: &Whose, way: Turn) -> Result<()> {
    let (db, slug) = (database(&whose.database)?, whose.slug.as_str());
    let changed = db.act(Author::system("command line"), &Clock::System, async |act| {
        turn(act, &whose.site, slug, way).await?;
        tenants::listed(act.db(), slug).await
    });
    let tenant = changed.await?.context("there is no such tenant")?;
    print(whose.json, &tenant, line(&tenant))
}

fn line(tenant: &Listed) -> String {
    let status = serde_json::to_value(tenant.status).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
    let until = tenant.delete_after.map(|at| format!("\tuntil {}", at.format("%Y-%m-%d %H:%M UTC"))).unwrap_or_default();
    format!("{}\t{status}{until}", tenant.slug)
}

async fn record(seal: &SealConfig, slug: &str, json: bool) -> Result<ExitCode> {
    let (db, ring) = (database(&seal.database)?, seal.ring()?);
    let found = db.apply(async |db| deletion::find(db, slug, &ring).await).await?;
    let found = found.context("there is no record: no such tenant was deleted")?;
    if json {
        println!("{}", serde_json::to_string(&found)?);
    } else {
        println!("{}", serde_json::to_string_pretty(&found.record)?);
        let says = if found.is_verified { "verified" } else { "NOT VERIFIED: it is not what was signed" };
        println!("SHA-256 {}\nsignature {} (key {})\n{says}", found.hash, found.signature, found.key_id);
    }
    Ok(if found.is_verified { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
