//! The copy takes the live database's place. First nobody gets into the live one any more, so that nothing is
//! written there that was acknowledged and lost without a word, and no number is handed out twice; then one act
//! says where the tenant is now. Between the two, which is moments, requests wait and then hear `503`. What may fail comes
//! before, as far as it can.

use chrono::TimeDelta;
use shared::{
    Result,
    act::Act,
    audit::{Newest, newest},
};
use sqlx::{Connection, PgConnection};

use super::{UNDO, people, state::State};
use crate::{
    app::App,
    audit,
    backups::{inside, load, model::Restored, reach::Reach, source::Source, store},
    events::Platform,
    jobs::{Job, Performed},
    provisioning::retire::{self, Left},
    sessions,
};

/// How long the other database is kept.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Closes the live database and takes over what it alone knows.
pub async fn perform(app: &App, job: &Job, mut state: State) -> Result<Performed> {
    let place = state.place()?;
    // Somebody may have asked for the tenant's deletion meanwhile: then it stays what it was.
    let Some(now) = store::live(&mut *app.db.read().await?, job.tenant()?).await? else { return Ok(Performed::then(UNDO)) };
    if now.database == place.database {
        return Ok(Performed::done());
    }
    let mut copy = Reach::on(app, state.cluster_id, &place.database).await?.connect().await?;
    let seal = newest(&mut copy).await?;
    // While nobody waits; whoever changes from here on is written down when the live one is closed.
    people::catch_up(app, job.tenant()?, &mut copy).await?;
    let mut server = load::server(app, state.cluster_id).await?;
    let live = if inside::store::exists(&mut server, &state.database).await? {
        let live = Reach::on(app, state.cluster_id, &state.database).await?.connect().await?;
        inside::store::close(&mut server, &state.role).await?;
        Some(live)
    } else {
        None
    };
    server.close().await?;
    take_over(app, &mut copy, live, &state).await?;
    people::catch_up(app, job.tenant()?, &mut copy).await?;
    copy.close().await?;
    (state.seal, state.is_ready) = (seal.map(|seal| (seal.seq, seal.hash)), true);
    Performed::done().leaving(&state)
}

/// What was sent since is not sent again; numbers go on behind those that were handed out.
async fn take_over(app: &App, copy: &mut PgConnection, mut live: Option<PgConnection>, state: &State) -> Result<()> {
    inside::bump_sequences(copy, live.as_mut()).await?;
    if !state.resends {
        let (events, mails) = match &mut live {
            Some(live) => (inside::store::waiting_events(live).await?, inside::store::waiting_mails(live).await?),
            None => Default::default(),
        };
        inside::store::hold_back(copy, (&events, &mails), app.clock.now()).await?;
    }
    if let Some(live) = live {
        live.close().await?;
    }
    Ok(())
}

/// All that the control database says of it, in one act.
pub async fn note(act: &mut Act, job: &Job, state: State) -> Result<()> {
    let (tenant, place, now) = (job.tenant()?, state.place()?, act.now());
    if !store::swap(act.db(), tenant, (&state.database, &place), state.key_id(), now).await? {
        return Err(anyhow::anyhow!("tenant {tenant} has left database {} meanwhile", state.database).into());
    }
    let Source::Backup { id } = state.source else { return Err(anyhow::anyhow!("a moment was loaded that is no backup").into()) };
    act.record(&Platform::TenantRestored(Restored {
        tenant_id: tenant,
        slug: state.slug.clone(),
        backup_id: id,
        as_of: state.as_of,
        database: place.database,
        files_restored: state.files_restored,
        files_missing: state.files_missing,
        resends: state.resends,
    }))
    .await?;
    let seal = state.seal.map(|(seq, hash)| Newest { seq, hash });
    audit::take(act, tenant, seal.as_ref()).await?;
    sessions::end_since(act, tenant, state.as_of).await?;
    let left_at = Some(store::now(act.db()).await?);
    let left = Left { cluster_id: state.cluster_id, database: state.database, role: state.role, left_at };
    retire::plan(act, tenant, &left, now + KEPT).await
}
