//! `control-api base-backups …`.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use shared::{act::Author, clock::Clock};

use super::{confirm::Sure, database, print, watch::Shown};
use crate::{
    backups::{self, BaseBackup},
    clusters,
    config::{DatabaseConfig, StoreConfig},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Take one of a server whose log is archived, and wait until it is there
    Take {
        #[command(flatten)]
        database: DatabaseConfig,
        #[command(flatten)]
        shown: Shown,
        /// The server's name
        #[arg(long, value_name = "NAME")]
        cluster: String,
    },
    /// Show the newest ones
    List {
        #[command(flatten)]
        database: DatabaseConfig,
        /// Only those of this server
        #[arg(long, value_name = "NAME")]
        cluster: Option<String>,
        /// Print a line of JSON for each
        #[arg(long)]
        json: bool,
    },
    /// Take those away that no moment of the window needs, and the log that only they needed; the worker does so after each new one
    Prune(#[command(flatten)] Box<Prune>),
}

#[derive(Args)]
pub(super) struct Prune {
    #[command(flatten)]
    database: DatabaseConfig,
    #[command(flatten)]
    store: StoreConfig,
    #[command(flatten)]
    sure: Sure,
    /// Only those of this server
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// How many days back any second can be reached afterwards, as `serve` is told
    #[arg(long, env, value_parser = clap::value_parser!(u8).range(1..=35))]
    pitr_days: u8,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Take { database: config, shown, cluster } => {
                let db = database(&config)?;
                let cluster = clusters::by_name(&mut *db.read().await?, &cluster).await?.id;
                let author = Author::system("command line");
                let job = db.act(author, &Clock::System, async |act| backups::plan_base_backup(act, cluster).await).await?;
                return shown.job(&db, job).await;
            }
            Self::List { database: config, cluster, json } => {
                for base in backups::base_backups(&mut *database(&config)?.read().await?, cluster.as_deref()).await? {
                    show(&base, json)?;
                }
            }
            Self::Prune(told) => prune(*told).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn prune(told: Prune) -> Result<()> {
    let Prune { database: config, store, sure, cluster, pitr_days, json } = told;
    let db = database(&config)?;
    let of = match &cluster {
        Some(name) => Some(clusters::by_name(&mut *db.read().await?, name).await?.id),
        None => None,
    };
    let whose = cluster.as_ref().map_or_else(|| "every server".to_owned(), |name| format!("server {name}"));
    let what = format!(
        "Of {whose}, no second before the last {pitr_days} days can be reached any more: base backups and the log from before go for good."
    );
    sure.about(&what, cluster.as_deref().unwrap_or("prune"))?;
    let window = TimeDelta::days(pitr_days.into());
    let pruned = backups::prune_base_backups((&db, &store.storage(), &Clock::System), of, window).await?;
    print(json, &pruned, format_args!("{} base backups and {} files of the log are gone", pruned.bases, pruned.files))
}

fn show(base: &BaseBackup, json: bool) -> Result<()> {
    let BaseBackup { id, cluster, finished_at, start_lsn, stop_lsn, timeline, bytes, state, .. } = base;
    let cluster = cluster.as_deref().unwrap_or("-");
    print(json, base, format_args!("{id}\t{cluster}\t{finished_at}\t{start_lsn} to {stop_lsn} on {timeline}\t{bytes} bytes\t{state}"))
}
