//! Waits for a job, with a bar that says how far it is. Whoever ends the command ends nothing else: the job
//! is the worker's.

use std::{process::ExitCode, time::Duration};

use anyhow::Result;
use clap::Args;
use shared::db::Db;
use uuid::Uuid;

use super::{
    print,
    progress::{self, Far},
};
use crate::jobs::{self, Listed, Unit};

const LOOK: Duration = Duration::from_millis(300);
/// The job has failed.
const FAILED: u8 = 1;

/// How what a command has begun is shown.
#[derive(Args)]
pub(super) struct Shown {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Do not wait for the end
    #[arg(long)]
    no_wait: bool,
}

impl Shown {
    /// Waits for the job's end unless told not to, and prints the job. The exit code is 0 when it is done or
    /// still under way, 1 when it has failed.
    pub(super) async fn job(&self, db: &Db, id: Uuid) -> Result<ExitCode> {
        let job = if self.no_wait { jobs::by_id(&mut *db.read().await?, id).await? } else { follow(db, id).await? };
        print(self.json, &job, line(&job))?;
        Ok(if job.status == "failed" { FAILED.into() } else { ExitCode::SUCCESS })
    }
}

/// One line about a job.
pub(super) fn line(job: &Listed) -> String {
    let whose = job.tenant.as_deref().or(job.cluster.as_deref()).unwrap_or("-");
    let error = job.last_error.as_deref().map(|error| format!("\t{error}")).unwrap_or_default();
    format!("{}\t{}\t{whose}\t{}\t{}{error}", job.id, job.kind, job.step, job.status)
}

async fn follow(db: &Db, id: Uuid) -> Result<Listed> {
    let bar = progress::bar();
    loop {
        let job = jobs::by_id(&mut *db.read().await?, id).await?;
        if job.finished_at.is_some() {
            bar.finish_and_clear();
            return Ok(job);
        }
        progress::show(&bar, &far(&job))?;
        tokio::time::sleep(LOOK).await;
    }
}

fn far(job: &Listed) -> Far {
    let trouble = job.last_error.as_deref().map(|error| format!(" ({error})")).unwrap_or_default();
    let what = format!("{} {}{trouble}", job.kind, job.step);
    Far { what, done: job.done.cast_unsigned(), total: job.total.map(i64::cast_unsigned), in_bytes: job.unit == Some(Unit::Bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_step_that_counts_bytes_is_shown_in_bytes() {
        for (unit, in_bytes) in [(Some(Unit::Bytes), true), (Some(Unit::Files), false), (None, false)] {
            let (id, at) = (Uuid::nil(), chrono::DateTime::UNIX_EPOCH);
            let job = Listed {
                id,
                kind: "move".into(),
                tenant: None,
                cluster: None,
                step: "copy".into(),
                status: "running".into(),
                attempts: 0,
                last_error: None,
                done: 3,
                total: Some(8),
                unit,
                next_at: at,
                created_at: at,
                finished_at: None,
            };
            assert_eq!(far(&job).in_bytes, in_bytes, "{unit:?}");
        }
    }
}
