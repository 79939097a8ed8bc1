//! A drill: a tenant's newest backup is loaded into a database that nobody uses, compared table by table with
//! what the backup says, and dropped. What came of it stands in the books, whatever it was: a backup that
//! nobody has ever restored is a hope.

use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Act};
use sqlx::Connection;
use uuid::Uuid;

use super::{
    inside, keep, load,
    model::Drill,
    moment::{self, Recovered},
    source::Source,
    store,
    take::{self, CLEAR},
};
use crate::{
    app::App,
    events::Platform,
    jobs::{self, Job, Kind, Patience, Performed, Planned, Unit},
};

/// Its first step.
pub const FIRST: &str = "load";
const RECOVER: &str = moment::STEP;
const COMPARE: &str = "compare";
const DROP: &str = "drop";

/// What a step that fails again and again leads to: the database goes, and the drill has failed.
pub fn patience(step: &str) -> Patience {
    match step {
        DROP => Patience::Endless,
        CLEAR => Patience::Fails,
        _ => Patience::Then(DROP),
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct State {
    source: Source,
    taken_at: chrono::DateTime<chrono::Utc>,
    cluster_id: i64,
    database: String,
    /// What a moment has become a backup of; it goes with the drill.
    #[serde(default)]
    recovered: Option<Recovered>,
    /// Rows that were compared, and what was another in them.
    compared: Option<(i64, Vec<String>)>,
}

/// Plans a drill of a tenant: where its server's log is archived, by turns of any second that can be reached and of its
/// newest backup, else of that. `404` where there is neither. The job's id is the drill's.
pub async fn plan(act: &mut Act, tenant: Uuid) -> Result<Uuid> {
    let backup = store::newest(act.db(), Some(tenant)).await?;
    // A dump that was made for the drill proves the log; what the nights have left must be proved, too.
    let is_turn = store::last_drill(act.db()).await?.is_none_or(|last| !last.was_of_moment());
    let moment = if is_turn || backup.is_none() { moment::any(act.db(), tenant).await? } else { None };
    let (source, taken_at) = match (moment, backup) {
        (Some(moment), _) => (Source::Moment(moment.clone()), moment.at),
        (None, Some(backup)) => {
            store::hold(act.db(), backup.id).await?;
            store::by_id(act.db(), backup.id).await?.ok_or(Error::NotFound("backup_not_found"))?;
            (Source::Backup { id: backup.id }, backup.taken_at)
        }
        (None, None) => return Err(Error::NotFound("backup_not_found")),
    };
    let live = store::live(act.db(), tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
    let database = format!("drill_{}", &Uuid::new_v4().simple().to_string()[..12]);
    let state = State { source, taken_at, cluster_id: live.cluster_id, database, recovered: None, compared: None };
    jobs::plan(act, &Planned::of_tenant(Kind::Drill, tenant, &state)?).await
}

/// The same for somebody who asks, of a tenant or of somebody by chance.
pub async fn ask(act: &mut Act, tenant: Option<Uuid>) -> Result<Uuid> {
    let tenant = match tenant {
        Some(tenant) => tenant,
        None => store::anybody(act.db()).await?.ok_or(Error::NotFound("backup_not_found"))?,
    };
    let id = plan(act, tenant).await?;
    act.record(&Platform::DrillAsked(tenant, id)).await?;
    Ok(id)
}

/// What a step counts.
pub fn unit(step: &str) -> Option<Unit> {
    matches!(step, FIRST | RECOVER).then_some(Unit::Bytes)
}

/// Does a step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let state: State = job.state()?;
    let place = (state.cluster_id, state.database.as_str());
    match job.step.as_str() {
        FIRST if matches!(state.source, Source::Moment(_)) => Ok(Performed::then(RECOVER)),
        RECOVER => {
            let Source::Moment(moment) = &state.source else { return Ok(Performed::then(FIRST)) };
            let recovered = Box::pin(moment::recover(app, job, moment)).await?;
            Performed::then(FIRST).leaving(&State { source: Source::Backup { id: job.id }, recovered: Some(recovered), ..state })
        }
        FIRST => {
            load::load(app, job, &state.source, place).await?;
            Ok(Performed::then(COMPARE))
        }
        COMPARE => {
            let (differences, rows) = load::compare(app, job.tenant()?, &state.source, place).await?;
            Performed::then(DROP).leaving(&State { compared: Some((rows, differences)), ..state })
        }
        DROP => {
            let mut server = load::server(app, state.cluster_id).await?;
            inside::store::drop(&mut server, &state.database).await?;
            server.close().await?;
            moment::leave(app, job).await?;
            Ok(if moment::has_written(&state.source) { Performed::then(CLEAR) } else { Performed::done() })
        }
        CLEAR => {
            take::clear(app, job).await?;
            Ok(Performed::done())
        }
        _ => Err(job.unknown_step()),
    }
}

/// The books say what came of it.
pub async fn note(act: &mut Act, job: &Job, performed: &Performed) -> Result<()> {
    if job.step == RECOVER
        && let Some(state) = &performed.state
        && let State { recovered: Some(recovered), .. } = serde_json::from_value(state.clone())?
    {
        return moment::note(act, job, &recovered).await;
    }
    if job.step != DROP {
        return Ok(());
    }
    let (state, now): (State, _) = (job.state()?, act.now());
    let (row_count, trouble) = match state.compared {
        Some((rows, differences)) => (rows, (!differences.is_empty()).then(|| differences.join("; "))),
        None => (0, Some("it could not be restored; the log of its job says why".to_owned())),
    };
    let backup_id = match state.source {
        Source::Backup { id } => id,
        Source::Moment(_) => job.id,
    };
    if state.recovered.is_some()
        && let Some(backup) = store::by_id(act.db(), job.id).await?
    {
        keep::mark(act, &backup).await?;
    }
    let drill = Drill {
        id: job.id,
        backup_id,
        tenant_id: job.tenant()?,
        tenant: String::new(),
        taken_at: state.taken_at,
        started_at: job.created_at,
        ended_at: now,
        is_equal: trouble.is_none(),
        row_count,
        trouble,
    };
    store::insert_drill(act.db(), &drill).await?;
    let drill = store::drill(act.db(), job.id).await?.ok_or(Error::NotFound("drill_not_found"))?;
    act.record(&Platform::BackupDrilled(drill)).await?;
    Ok(())
}
