//! `control-api backup …`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde_json::json;
use shared::{Error, act::Author, clock::Clock, config::MasterConfig, db::Db};
use uuid::Uuid;

use super::{
    confirm::Sure,
    database, print,
    progress::{self, Far},
    watch::Shown,
};
use crate::{
    backups::{self, Backup, Late, Source, Tools, control},
    config::{DatabaseConfig, StoreConfig},
    tenants::{self, Tenant},
};

/// The copy is not what the backup says.
const UNEQUAL: u8 = 1;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Take a backup of a tenant, or with --control of the control database; it is kept until it is deleted
    Create {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        shown: Shown,
        /// The tenant's slug
        #[arg(required_unless_present = "control", conflicts_with = "control")]
        slug: Option<String>,
        /// The control database
        #[arg(long)]
        control: bool,
    },
    /// Show the newest backups
    List {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Only those of this tenant, by its slug
        #[arg(long)]
        tenant: Option<String>,
        /// Instead, the newest of each tenant that is to have one, or that it has none: the hundred that have waited longest
        /// for the next one
        #[arg(long)]
        late: bool,
        /// Print a line of JSON for each
        #[arg(long)]
        json: bool,
    },
    /// Show one
    Show {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Its id
        id: Uuid,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring a tenant back to a backup; what was written since is lost
    Restore(#[command(flatten)] Box<Restore>),
    /// Restore a tenant's newest backup for trial, or somebody's by chance, and compare it; 1: not equal
    Drill {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        shown: Shown,
        /// The tenant's slug
        slug: Option<String>,
    },
    /// Take a backup away
    Delete {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        sure: Sure,
        /// Its id
        id: Uuid,
        /// Print JSON: the backup as it was
        #[arg(long)]
        json: bool,
    },
    /// Load a backup of the control database into an empty database; asks nothing but the file store. 1: not equal
    RestoreControl(#[command(flatten)] Box<RestoreControl>),
}

#[derive(Args)]
pub(super) struct Restore {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    sure: Sure,
    /// The tenant's slug
    slug: String,
    /// The backup's id; without it, the newest
    #[arg(long)]
    backup: Option<Uuid>,
    /// Send events and mails that waited at that time once more, though they may have been sent since
    #[arg(long)]
    resend: bool,
}

#[derive(Args)]
pub(super) struct RestoreControl {
    #[command(flatten)]
    store: StoreConfig,
    #[command(flatten)]
    master: MasterConfig,
    /// Where pg_restore is
    #[arg(long, env)]
    pg_bin: Option<std::path::PathBuf>,
    /// The empty database, as its owner, `postgres://…`
    #[arg(long, env = "RESTORE_DATABASE_URL", hide_env_values = true)]
    into: SecretString,
    /// The backup's id; without it, the newest
    #[arg(long)]
    backup: Option<Uuid>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Create { database: config, shown, slug, control: _ } => create(&database(&config)?, &shown, slug.as_deref()).await,
            Self::List { database: config, tenant, late, json } => list(&database(&config)?, tenant.as_deref(), late, json).await,
            Self::Show { database: config, id, json } => {
                show(&backups::by_id(&mut *database(&config)?.read().await?, id).await?, json)?;
                Ok(ExitCode::SUCCESS)
            }
            Self::Restore(told) => restore(*told).await,
            Self::Drill { database: config, shown, slug } => drill(&database(&config)?, &shown, slug.as_deref()).await,
            Self::Delete { database: config, sure, id, json } => delete(&database(&config)?, &sure, id, json).await,
            Self::RestoreControl(told) => restore_control(*told).await,
        }
    }
}

async fn known(db: &Db, slug: &str) -> Result<Tenant> {
    tenants::by_slug(&mut *db.read().await?, slug).await?.context("there is no such tenant")
}

async fn list(db: &Db, slug: Option<&str>, late: bool, json: bool) -> Result<ExitCode> {
    let mut db = db.read().await?;
    if late {
        backups::latest(&mut db, slug).await?.iter().try_for_each(|late| show_late(late, json))?;
    } else {
        backups::newest_of(&mut db, slug).await?.iter().try_for_each(|backup| show(backup, json))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show_late(late: &Late, json: bool) -> Result<()> {
    match late {
        Late::Without(none) => print(json, none, format_args!("-\t{}\tnone since {}", none.tenant, none.since)),
        Late::Newest(backup) => show(backup, json),
    }
}

async fn create(db: &Db, shown: &Shown, slug: Option<&str>) -> Result<ExitCode> {
    let tenant = match slug {
        Some(slug) => Some(known(db, slug).await?.id),
        None => None,
    };
    let job = db.act(Author::system("command line"), &Clock::System, async |act| backups::ask_backup(act, tenant).await).await?;
    shown.job(db, job).await
}

async fn restore(told: Restore) -> Result<ExitCode> {
    let db = database(&told.database)?;
    let tenant = known(&db, &told.slug).await?;
    let backup = match told.backup {
        Some(id) => backups::by_id(&mut *db.read().await?, id).await?,
        None => backups::newest(&mut *db.read().await?, Some(tenant.id)).await?.context("there is no backup of this tenant")?,
    };
    let what = format!("{} becomes again what it was at {}. Whatever was written there since is lost.", tenant.slug, backup.taken_at);
    told.sure.about(&what, &tenant.slug)?;
    let (source, resends) = (Source::Backup { id: backup.id }, told.resend);
    let plan =
        db.act(Author::system("command line"), &Clock::System, async |act| backups::restore::plan(act, tenant.id, source, resends).await);
    told.shown.job(&db, plan.await?).await
}

async fn drill(db: &Db, shown: &Shown, slug: Option<&str>) -> Result<ExitCode> {
    let tenant = match slug {
        Some(slug) => Some(known(db, slug).await?.id),
        None => None,
    };
    let job = db.act(Author::system("command line"), &Clock::System, async |act| backups::ask_drill(act, tenant).await).await?;
    let code = shown.job(db, job).await?;
    let Some(drill) = backups::drill_by_id(&mut *db.read().await?, job).await? else { return Ok(code) };
    let says = drill.trouble.clone().unwrap_or_else(|| format!("{} rows, all equal", drill.row_count));
    print(shown.json, &drill, format_args!("{}: {says}", drill.tenant))?;
    Ok(if drill.is_equal { code } else { UNEQUAL.into() })
}

async fn delete(db: &Db, sure: &Sure, id: Uuid, json: bool) -> Result<ExitCode> {
    let backup = backups::by_id(&mut *db.read().await?, id).await?;
    let whose = backup.tenant.as_deref().unwrap_or("the control database");
    sure.about(&format!("The backup of {whose} as of {} goes for good.", backup.taken_at), "delete")?;
    db.act(Author::system("command line"), &Clock::System, async |act| backups::delete(act, id).await).await?;
    print(json, &backup, format_args!("backup {id} is none any more"))?;
    Ok(ExitCode::SUCCESS)
}

async fn restore_control(told: RestoreControl) -> Result<ExitCode> {
    let ring = told.master.ring()?;
    let tools = Tools::new(told.pg_bin, told.into.clone());
    let bar = progress::bar();
    let shown = |done: u64, total: u64| {
        let far = Far { what: "restore".into(), done, total: Some(total), in_bytes: true };
        // What cannot be drawn is not worth breaking off for.
        let _ = progress::show(&bar, &far);
    };
    let storage = told.store.storage();
    let passed = |id: Uuid, error: &Error| eprintln!("backup {id} is passed over: {error}");
    let (manifest, differences) = control::restore((&storage, &ring, &tools), told.backup, &told.into, (passed, shown)).await?;
    bar.finish_and_clear();
    let (id, at, rows) = (manifest.id, manifest.taken_at, manifest.rows());
    let is_equal = differences.is_empty();
    let document = json!({ "backup": id, "taken_at": at, "rows": rows, "equal": is_equal, "differences": differences });
    let words = match is_equal {
        true => format!("the control database as of {at} is there: {rows} rows, all equal"),
        false => format!("not equal: {}", differences.join("; ")),
    };
    print(told.json, &document, words)?;
    Ok(if is_equal { ExitCode::SUCCESS } else { UNEQUAL.into() })
}

fn show(backup: &Backup, json: bool) -> Result<()> {
    let Backup { id, tenant, taken_at, row_count, dump_bytes, files, is_kept, .. } = backup;
    let (whose, kept) = (tenant.as_deref().unwrap_or("(control)"), if *is_kept { "kept" } else { "nightly" });
    print(json, backup, format_args!("{id}\t{whose}\t{taken_at}\t{row_count} rows\t{dump_bytes} bytes\t{files} files\t{kept}"))
}
