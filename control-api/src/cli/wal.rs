//! `control-api wal …`: what PostgreSQL calls for its log. Nothing is started for it but a client of the file store.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use shared::{act::Author, clock::Clock};

use super::database;
use crate::{
    backups::archive::{self, Lines, Pushed},
    clusters,
    config::{SealConfig, StoreConfig},
};

/// Anything above 125 ends a server that recovers, where less says that the log ends here.
const BROKEN: u8 = 200;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Archive a file of the log: `archive_command`. Done when the store has confirmed it
    Push {
        /// Settings of the archive, readable by their owner alone; without it, from the environment
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// The file (%p)
        path: PathBuf,
    },
    /// Bring a file of the log back: `restore_command`. 1: there is none; 200: it cannot be known
    Fetch {
        /// Settings of the archive, readable by their owner alone; without it, from the environment
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Its name (%f)
        name: String,
        /// Where to (%p)
        to: PathBuf,
    },
    /// Begin a server's archive, or find it, and write what its commands are told
    Settings(#[command(flatten)] Box<Settings>),
}

#[derive(Args)]
pub(super) struct Settings {
    #[command(flatten)]
    seal: SealConfig,
    #[command(flatten)]
    store: StoreConfig,
    /// The server's name
    #[arg(long)]
    cluster: String,
    /// The file, which only its owner may read; PostgreSQL's user must own it
    #[arg(long)]
    to: PathBuf,
}

impl Command {
    pub(super) async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Push { settings, path } => {
                if archive::push(settings.as_deref(), &path).await? == Pushed::Known {
                    eprintln!("{} is archived already", path.display());
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Fetch { settings, name, to } => Ok(match archive::fetch(settings.as_deref(), &name, &to).await {
                Ok(true) => ExitCode::SUCCESS,
                Ok(false) => ExitCode::FAILURE,
                Err(error) => {
                    eprintln!("{name}: {error:#}");
                    BROKEN.into()
                }
            }),
            Self::Settings(told) => settings(*told).await,
        }
    }
}

async fn settings(told: Settings) -> Result<ExitCode> {
    let (db, ring) = (database(&told.seal.database)?, told.seal.master.ring()?);
    let cluster = clusters::by_name(&mut *db.read().await?, &told.cluster).await?;
    let options = clusters::options(&db, &ring, cluster.id).await?;
    let system = archive::system_of(&mut clusters::connect(&options).await?).await?;
    let begun = db.act(Author::system("command line"), &Clock::System, async |act| archive::begin(act, &ring, (cluster.id, &system)).await);
    let known = begun.await?;
    write(&told.to, &archive::settings(&db, &ring, &known, told.store.place()).await?.lines())?;
    println!("archive {} of server {system} ({}): {}", known.id, told.cluster, told.to.display());
    Ok(ExitCode::SUCCESS)
}

/// In one go: a server that archives just now reads the old file or the new one.
fn write(to: &Path, lines: &Lines) -> Result<()> {
    let aside = to.with_added_extension("new");
    let text: String = lines.iter().map(|(name, value)| format!("{name}={}\n", value.expose_secret())).collect();
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside);
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("{}", aside.display()))?;
    Ok(std::fs::rename(&aside, to)?)
}
