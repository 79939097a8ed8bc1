//! What is changed, cut or another's is refused; whoever dies is followed by somebody.

use chrono::TimeDelta;
use control_api::jobs::{self, perform, settle, settle_failure};
use shared::Error;
use uuid::Uuid;

use super::world::Stored;

#[tokio::test]
async fn a_backup_of_another_tenant_is_not_restored() {
    let stored = Stored::start().await;
    let taken = stored.take("globex").await;
    assert!(matches!(stored.try_plan("acme", taken.id).await, Err(Error::NotFound("backup_not_found"))));
    assert!(matches!(stored.try_plan("acme", Uuid::now_v7()).await, Err(Error::NotFound("backup_not_found"))));
    // Nor when the books are forged: the key is sealed for its tenant, and so is what it opens.
    stored.world.sql("update backups set tenant_id = (select id from tenants where slug = 'acme')").await;
    let job = stored.plan("acme", taken.id).await;
    let job = walk_to(&stored, job, "load").await;
    assert!(perform(stored.app(), &job).await.is_err());
    stored.clean().await;
}

#[tokio::test]
async fn a_changed_cut_or_exchanged_object_is_refused_and_the_live_database_stays() {
    let stored = Stored::start().await;
    let (taken, other) = (stored.take("acme").await, stored.take("globex").await);
    let (before, place) = (stored.rows("acme").await, stored.place("acme").await.database);
    let key = |part: &str| format!("{}/{part}", taken.folder);
    let theirs = stored.read(&format!("{}/dump", other.folder)).await.expect("a dump");
    let own = stored.take("acme").await;
    let later = stored.read(&format!("{}/dump", own.folder)).await.expect("a dump");
    let later_manifest = stored.read(&format!("{}/manifest", own.folder)).await.expect("a manifest");
    for (part, forged) in [("dump", None), ("dump", Some(theirs)), ("dump", Some(later)), ("manifest", Some(later_manifest))] {
        let genuine = stored.read(&key(part)).await.expect("an object");
        for bytes in forged.map_or_else(|| vec![flipped(&genuine), genuine[..genuine.len() - 20].to_vec()], |forged| vec![forged]) {
            stored.put(&key(part), &bytes).await;
            let job = stored.plan("acme", taken.id).await;
            let job = walk_to(&stored, job, "load").await;
            let error = perform(stored.app(), &job).await.expect_err("refused");
            fail_for_good(&stored, job, &error).await;
            assert_eq!((stored.rows("acme").await, stored.place("acme").await.database), (before.clone(), place.clone()));
            assert_eq!(stored.strays().await, Vec::<String>::new());
        }
        stored.put(&key(part), &genuine).await;
    }
    stored.clean().await;
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

/// Walks a restore until it stands at a step.
pub async fn walk_to(stored: &Stored, job: Uuid, step: &str) -> jobs::Job {
    let mut job = stored.claim(job).await;
    while job.step != step {
        let performed = perform(stored.app(), &job).await.expect("done");
        job = settle(stored.app(), &job, &performed).await.expect("noted").expect("ours");
    }
    job
}

/// A step fails until its patience ends; then everything is taken back.
async fn fail_for_good(stored: &Stored, job: jobs::Job, error: &Error) {
    let id = job.id;
    let mut last = job;
    last.attempts = 100;
    settle_failure(stored.app(), &last, error).await.expect("noted");
    stored.work().await;
    assert_eq!(stored.status(id).await, "failed");
}

#[tokio::test]
async fn a_restore_is_taken_back_at_any_step_when_its_tenant_is_asked_to_be_deleted() {
    let stored = Stored::start().await;
    let (taken, before) = (stored.take("acme").await, stored.rows("acme").await);
    for step in ["load", "compare", "files", "fit"] {
        let job = stored.plan("acme", taken.id).await;
        walk_to(&stored, job, step).await;
        stored.world.sql("update tenants set status = 'deleting' where slug = 'acme'").await;
        // What the step asks for is away: it would be tried again and again.
        stored.world.sql("update backups set folder = 'nowhere'").await;
        stored.world.travel(TimeDelta::seconds(16));
        stored.work().await;
        assert_eq!(stored.status(job).await, "failed", "{step}");
        assert_eq!(stored.strays().await, Vec::<String>::new(), "{step}");
        sqlx::query("update backups set folder = $1").bind(&taken.folder).execute(stored.app().db.pool()).await.expect("back");
        stored.world.sql("update tenants set status = 'active' where slug = 'acme'").await;
    }
    assert_eq!(stored.rows("acme").await, before);
    stored.clean().await;
}

#[tokio::test]
async fn killed_at_any_step_a_backup_is_finished_by_whoever_looks_next() {
    let stored = Stored::start().await;
    for (n, killed_at) in ["dump", "files"].into_iter().enumerate() {
        let (app, tenant) = (stored.app(), stored.id("acme").await);
        let author = shared::act::Author::system("test");
        let plan = app.db.act(author, &app.clock, async |act| control_api::backups::ask_backup(act, Some(tenant)).await);
        let id = plan.await.expect("planned");
        let job = walk_to(&stored, id, killed_at).await;
        let performed = perform(app, &job).await.expect("done");
        stored.world.travel(TimeDelta::seconds(16));
        stored.work().await;
        assert_eq!(stored.status(id).await, "done", "killed at {killed_at}");
        assert!(settle(app, &job, &performed).await.expect("asked").is_none(), "the dead one's note comes too late");
        assert_eq!(stored.world.count("select count(*) from backups").await, n as i64 + 1);
        let all = stored.keys(&format!("backups/{tenant}/{id}/")).await;
        assert_eq!(all.iter().filter(|key| key.ends_with("/key")).count(), 1, "{all:?}");
    }
    let newest = stored.take("acme").await;
    stored.restore("acme", newest.id).await;
    stored.clean().await;
}

#[tokio::test]
async fn killed_at_any_step_a_restore_is_finished_by_whoever_looks_next() {
    let stored = Stored::start().await;
    let (taken, before) = (stored.take("acme").await, stored.rows("acme").await);
    for killed_at in ["place", "load", "compare", "files", "fit", "swap"] {
        stored.opens("acme", "after").await;
        let id = stored.plan("acme", taken.id).await;
        let job = walk_to(&stored, id, killed_at).await;
        let performed = perform(stored.app(), &job).await.expect("done");
        // The step is done, its note is not written: the process dies here.
        stored.world.travel(TimeDelta::seconds(16));
        stored.work().await;
        assert_eq!(stored.status(id).await, "done", "killed at {killed_at}");
        assert!(settle(stored.app(), &job, &performed).await.expect("asked").is_none(), "the dead one's note comes too late");
        assert_eq!(stored.rows("acme").await, before, "killed at {killed_at}");
        crate::provisioning::inside(&stored.world, "acme").await;
        assert_eq!(stored.world.last_event("TenantRestored").await["data"]["backup_id"], serde_json::json!(taken.id));
    }
    stored.clean().await;
}

#[tokio::test]
async fn a_restore_that_cannot_be_done_leaves_the_live_database_as_it_was_and_nothing_else() {
    let stored = Stored::start().await;
    let taken = stored.take("acme").await;
    for failing in ["load", "compare", "files", "fit", "swap"] {
        stored.opens("acme", "after").await;
        let (before, place) = (stored.rows("acme").await, stored.place("acme").await.database);
        let id = stored.plan("acme", taken.id).await;
        let job = walk_to(&stored, id, failing).await;
        // Half of it is done, in the worst case all.
        perform(stored.app(), &job).await.expect("done");
        fail_for_good(&stored, job, &Error::Unavailable("storage")).await;
        assert_eq!((stored.rows("acme").await, stored.place("acme").await.database), (before, place), "{failing}");
        assert_eq!(stored.strays().await, Vec::<String>::new(), "{failing}");
        stored.opens("acme", "served").await;
    }
    stored.clean().await;
}

#[tokio::test]
async fn one_restore_of_a_tenant_at_a_time() {
    let stored = Stored::start().await;
    let taken = stored.take("acme").await;
    let other = stored.take("globex").await;
    stored.plan("acme", taken.id).await;
    assert!(matches!(stored.try_plan("acme", taken.id).await, Err(Error::Conflict { code: "job_under_way", .. })));
    stored.plan("globex", other.id).await;
    stored.work().await;
    stored.clean().await;
}
