//! What each step does on the two servers. No transaction of the control database is held meanwhile.

use std::time::Duration;

use secrecy::ExposeSecret;
use shared::{Error, Result};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{
    arrival, compare,
    departure::{self, Table},
    model::{Journey, Spot},
    step, switch, undo,
};
use crate::{
    app::App,
    clusters,
    jobs::{self, Job, Performed},
    provisioning::{self, credentials},
};

/// How often a long copy is looked at.
const LOOK: Duration = Duration::from_millis(300);
/// A copy that has failed so often since one looked, or has stood still for so long, needs somebody.
const ERRORS: i64 = 2;
const STILL: Duration = Duration::from_secs(120);
/// Both sides of a proof are read whole.
const PROOF: &str = "set statement_timeout = '10min'";

/// Does the work of the job's step.
pub async fn perform(app: &App, job: &Job) -> Result<Performed> {
    let journey: Journey = job.state()?;
    match job.step.as_str() {
        step::PREPARE => prepare(app, job, &journey).await,
        step::PUBLISH => publish(app, &journey).await,
        step::COPY => copy(app, job, &journey).await,
        step::VERIFY => verify(app, journey).await,
        step::SWITCH => switch::switch(app, job, journey).await,
        step::PART => part(app, &journey).await,
        step::CLOSE => close(app, &journey).await,
        step::UNDO => undo::undo(app, job, &journey).await,
        _ => Err(job.unknown_step()),
    }
}

/// How the administrator of a place's server connects.
pub(super) async fn options(app: &App, spot: &Spot) -> Result<PgConnectOptions> {
    clusters::options(&app.db, &app.keys.ring, spot.cluster_id).await
}

/// A connection into the database of a place.
pub(super) async fn enter(app: &App, spot: &Spot) -> Result<PgConnection> {
    clusters::connect(&options(app, spot).await?.database(&spot.database)).await
}

async fn prepare(app: &App, job: &Job, journey: &Journey) -> Result<Performed> {
    let to = &journey.to;
    let mut source = enter(app, &journey.from).await?;
    let (migrations, months) = (departure::migrations(&mut source).await?, departure::months(&mut source).await?);
    source.close().await?;
    let options = options(app, to).await?;
    let mut server = clusters::connect(&options).await?;
    let password = provisioning::password(app, job.tenant()?).await?;
    credentials::carry(&app.keys.ring, job.tenant()?, &to.role, &password).await?;
    provisioning::ensure_role(&mut server, &to.role, password.expose_secret()).await?;
    arrival::make(&mut server, &options, &to.database, &migrations).await?;
    server.close().await?;
    let mut inside = enter(app, to).await?;
    if let Some(months) = months {
        arrival::clear(&mut inside, &months).await?;
    }
    provisioning::grant(&mut inside, (&to.database, &to.role)).await?;
    inside.close().await?;
    Ok(Performed::then(step::PUBLISH))
}

/// A database that follows already is left in peace; whatever else a former try has left is made anew.
async fn publish(app: &App, journey: &Journey) -> Result<Performed> {
    let mut target = enter(app, &journey.to).await?;
    if !arrival::is_following(&mut target).await? {
        let mut source = enter(app, &journey.from).await?;
        departure::forget_slots(&mut source, journey.name()).await?;
        departure::disarm(&mut source).await?;
        let tables = departure::tables(&mut source).await?;
        departure::publish(&mut source, journey.name(), &tables).await?;
        source.close().await?;
        let mut address = clusters::address(&app.db, &app.keys.ring, journey.from.cluster_id).await?;
        address.set_path(&journey.from.database);
        arrival::follow(&mut target, journey.name(), &address).await?;
    }
    target.close().await?;
    Ok(Performed::then(step::COPY))
}

async fn copy(app: &App, job: &Job, journey: &Journey) -> Result<Performed> {
    let mut source = enter(app, &journey.from).await?;
    let total = departure::size(&mut source).await?;
    source.close().await?;
    let mut target = enter(app, &journey.to).await?;
    let first = arrival::followed(&mut target).await?;
    let (mut last, mut since) = (first.clone(), tokio::time::Instant::now());
    loop {
        let now = arrival::followed(&mut target).await?;
        if now.tables > 0 && now.ready == now.tables {
            target.close().await?;
            return Ok(Performed::then(step::VERIFY));
        }
        if now.errors - first.errors >= ERRORS || since.elapsed() > STILL {
            return Err(anyhow::anyhow!("{} of {} tables have come; the server's log says why not more", now.ready, now.tables).into());
        }
        if now != last {
            jobs::progress(app, job, now.size.min(total), total).await?;
            (last, since) = (now, tokio::time::Instant::now());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Proves that both hold the same. Writers are held for a moment, in which both sides take a picture; both are read whole
/// while the writers go on.
async fn verify(app: &App, journey: Journey) -> Result<Performed> {
    let tables = armed(app, &journey).await?;
    let (mut source, mut target) = (enter(app, &journey.from).await?, enter(app, &journey.to).await?);
    arrival::analyze(&mut target, &tables).await?;
    let Some(held) = switch::hold(app, &journey).await? else { return switch::later(app, step::VERIFY, journey) };
    let pictures = tokio::try_join!(picture(&mut source), picture(&mut target));
    held.let_go().await?;
    pictures?;
    let (here, there) = tokio::try_join!(compare::held(&mut source, &tables, &[]), compare::held(&mut target, &tables, &[]))?;
    compare::expect_same(&here, &there)?;
    source.close().await?;
    target.close().await?;
    let large = here.into_iter().filter(|(_, held)| held.rows > compare::LARGE).map(|(name, _)| name).collect();
    Performed::then(step::SWITCH).leaving(&Journey { large, tries: 0, ..journey })
}

/// Tables that go over, with the gate before each.
async fn armed(app: &App, journey: &Journey) -> Result<Vec<Table>> {
    let mut source = enter(app, &journey.from).await?;
    let tables = departure::tables(&mut source).await?;
    departure::arm(&mut source, &tables).await?;
    source.close().await?;
    Ok(tables)
}

/// From here to its end the connection sees what there is now.
async fn picture(db: &mut PgConnection) -> Result<()> {
    for sql in [PROOF, "begin isolation level repeatable read read only", "select 1"] {
        sqlx::raw_sql(sql).execute(&mut *db).await?;
    }
    Ok(())
}

/// Each side forgets the other. The new one first: it would go on asking for the slot.
async fn part(app: &App, journey: &Journey) -> Result<Performed> {
    let mut target = enter(app, &journey.to).await?;
    arrival::arrive(&mut target).await?;
    target.close().await?;
    let mut source = enter(app, &journey.from).await?;
    departure::forget_slots(&mut source, journey.name()).await?;
    source.close().await?;
    Ok(Performed { next: jobs::Next::At(step::CLOSE, app.clock.now() + step::FAREWELL), state: None })
}

async fn close(app: &App, journey: &Journey) -> Result<Performed> {
    let mut server = clusters::connect(&options(app, &journey.from).await?).await?;
    departure::close(&mut server, &journey.from.database, &journey.from.role).await?;
    server.close().await.map_err(Error::from)?;
    Ok(Performed::done())
}
