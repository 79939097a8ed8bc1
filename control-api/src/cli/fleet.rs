//! `control-api tenants migrate` and `tenants canary`.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use shared::{
    act::{Act, Author},
    clock::Clock,
    db::Db,
};
use uuid::Uuid;

use super::{
    database, print,
    progress::{self, Far},
};
use crate::{
    config::{DatabaseConfig, SealConfig},
    fleet::{self, Fleet, Migrations, Run, Wanted},
};

const LOOK: Duration = Duration::from_millis(300);
/// It has stopped, or databases have failed.
const FAILED: u8 = 1;

/// Which run, and what becomes of it.
#[derive(Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    config: Box<SealConfig>,
    /// Only this tenant's database, by its slug
    #[arg(long)]
    tenant: Option<String>,
    /// A tenant whose database goes first, by its slug; again for more
    #[arg(long)]
    canary: Vec<String>,
    /// Databases of one cluster that are worked on at the same time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: u8,
    /// Stop when more than this share of all databases has failed, in per cent; one alone stops nothing unless this is 0
    #[arg(long, default_value_t = 1.0, value_parser = per_cent)]
    max_failures: f64,
    /// Take the migrations from this folder instead of those of this release
    #[arg(long, value_name = "DIR")]
    migrations: Option<PathBuf>,
    /// Try those again that were given up in the newest run
    #[arg(long, group = "what")]
    retry_failed: bool,
    /// Begin no other database of the run that is under way
    #[arg(long, group = "what")]
    pause: bool,
    /// Let a run go on that was held or has stopped by itself
    #[arg(long, group = "what")]
    resume: bool,
    /// Begin another run though the newest one is held; that one has ended then
    #[arg(long, group = "what")]
    new: bool,
    /// Show the newest run, and begin none
    #[arg(long, group = "what")]
    status: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Leave the work to the servers of this release, and do not wait for its end
    #[arg(long)]
    no_wait: bool,
}

fn per_cent(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "no number".to_owned())?;
    if (0.0..=100.0).contains(&share) { Ok(share) } else { Err("from 0 to 100".into()) }
}

impl Migrate {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let fleet = Fleet::new(database(&self.config.database)?, &self.config)?;
        let fleet = match &self.migrations {
            Some(folder) => fleet.with(Migrations::of_folder(folder).await?),
            None => fleet,
        };
        let Some(run) = self.turned(&fleet).await? else {
            println!("{}", if self.json { "null" } else { "no migration was begun yet" });
            return Ok(ExitCode::SUCCESS);
        };
        let stays = self.no_wait || self.pause || self.status;
        let run = if stays { run } else { follow(&fleet, run.id).await? };
        print(self.json, &run, line(&run))?;
        Ok(if run.has_succeeded() || (stays && !run.has_ended()) { ExitCode::SUCCESS } else { FAILED.into() })
    }

    /// The run that is asked for, as it stands afterwards. A run of the same files that is under way is gone on with.
    async fn turned(&self, fleet: &Fleet) -> Result<Option<Run>> {
        let newest = fleet::newest(&mut *fleet.db.read().await?).await?;
        let is_chosen = self.retry_failed || self.pause || self.resume || self.status;
        if !is_chosen {
            if let Some(held) = newest.as_ref().filter(|run| run.state == fleet::RunState::Paused && !self.new) {
                bail!("migration {} is held: say --resume to let it go on, or --new to end it and begin another one", held.id);
            }
            let goes_on = newest.filter(|run| !run.has_ended() && run.finished_at.is_none() && run.digest == fleet.migrations.digest());
            return match goes_on {
                Some(run) if run.state == fleet::RunState::Running && self.tenant.is_none() => Ok(Some(run)),
                _ => act(&fleet.db, async |act| fleet::start(act, &fleet.migrations, &self.wanted()).await).await.map(Some),
            };
        }
        let Some(run) = newest else { return Ok(None) };
        let (migrations, id) = (&fleet.migrations, run.id);
        let turned = match (self.retry_failed, self.pause, self.resume) {
            (true, ..) => act(&fleet.db, async |act| fleet::retry(act, migrations, id).await).await?,
            (_, true, _) => act(&fleet.db, async |act| fleet::pause(act, id).await).await?,
            (_, _, true) => act(&fleet.db, async |act| fleet::resume(act, migrations, id).await).await?,
            _ => run,
        };
        Ok(Some(turned))
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            tenant: self.tenant.clone(),
            canaries: self.canary.clone(),
            parallel: self.parallel,
            max_failures: self.max_failures,
            replaces_held: self.new,
        }
    }
}

async fn act(db: &Db, work: impl AsyncFnOnce(&mut Act) -> shared::Result<Run> + Clone) -> Result<Run> {
    Ok(db.act(Author::system("command line"), &Clock::System, work).await?)
}

/// Works on the run besides the servers, until it has ended or somebody holds it.
async fn follow(fleet: &Fleet, id: Uuid) -> Result<Run> {
    let bar = progress::bar();
    loop {
        let working = tokio::spawn({
            let fleet = fleet.clone();
            async move { fleet::work_all(&fleet).await }
        });
        while !working.is_finished() {
            progress::show(&bar, &far(&fleet::by_id(&mut *fleet.db.read().await?, id).await?))?;
            tokio::time::sleep(LOOK).await;
        }
        working.await.context("the work broke off")??;
        let run = fleet::by_id(&mut *fleet.db.read().await?, id).await?;
        if run.state != fleet::RunState::Running {
            bar.finish_and_clear();
            return Ok(run);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn far(run: &Run) -> Far {
    let count = |number: i64| number.cast_unsigned();
    let failed = if run.failed > 0 { format!(", {} failed", run.failed) } else { String::new() };
    let what = format!("to {}, wave {}{failed}", run.target_version, run.wave.unwrap_or_default());
    Far { what, done: count(run.done + run.failed), total: Some(count(run.total)), in_bytes: false }
}

fn line(run: &Run) -> String {
    let state = format!("{:?}", run.state).to_lowercase();
    let reason = run.reason.as_deref().map(|reason| format!("\t{reason}")).unwrap_or_default();
    format!("{}\tto {}\t{state}\t{} of {} done, {} failed{reason}", run.id, run.target_version, run.done, run.total, run.failed)
}

/// Marks a tenant whose database goes first in every run.
pub(super) async fn canary(config: &DatabaseConfig, slug: &str, off: bool, json: bool) -> Result<()> {
    let db = database(config)?;
    db.act(Author::system("command line"), &Clock::System, async |act| fleet::mark(act, slug, !off).await).await?;
    let words = if off { format!("{slug} goes with all others") } else { format!("{slug} goes first") };
    print(json, &json!({ "tenant": slug, "is_canary": !off }), words)
}
