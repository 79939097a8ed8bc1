//! Backups that come to nothing: who waits for whom, and that nothing of them is left.

use chrono::TimeDelta;
use control_api::{
    backups::{self, Moment, Source},
    jobs::{self, perform, settle, settle_failure},
};
use shared::{Error, act::Author};
use uuid::Uuid;

use super::{faults::walk_to, world::Stored};

/// Its present step has failed for the last time; whatever that leads to is done.
async fn fails_for_good(stored: &Stored, mut job: jobs::Job) {
    job.attempts = 100;
    settle_failure(stored.app(), &job, &Error::Unavailable("cluster")).await.expect("noted");
    stored.work().await;
    assert_eq!(stored.status(job.id).await, "failed");
}

/// Whose backup is planned now, and takes the plan back.
async fn planned(stored: &Stored) -> Vec<String> {
    backups::keep(stored.app()).await.expect("kept");
    let sql = "with planned as (delete from jobs where kind = 'backup' and finished_at is null returning tenant_id)
        select t.slug from planned p join tenants t on t.id = p.tenant_id order by t.slug";
    sqlx::query_scalar(sql).fetch_all(stored.app().db.pool()).await.expect("plans")
}

#[tokio::test]
async fn two_whose_backups_fail_keep_nobody_elses_waiting() {
    let stored = Stored::start().await;
    let world = &stored.world;
    world.travel(TimeDelta::minutes(1));
    world.sign_up("third", "ada@third.example").await.expect(202);
    control_api::provisioning::walk_all(stored.app(), Uuid::now_v7()).await.expect("walked");
    world.travel(TimeDelta::days(1) - TimeDelta::seconds(world.app.clock.now().timestamp() % 86_400) + TimeDelta::hours(5));
    assert_eq!(planned(&stored).await, ["acme", "globex"], "as many as a server bears, and who waits longest");
    let failed = "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at, finished_at, outcome)
        select gen_random_uuid(), 'backup', id, 'clear', false, $1, '{}', $1, $1, 'failed' from tenants where slug in ('acme', 'globex')";
    sqlx::query(failed).bind(world.app.clock.now()).execute(world.app.db.pool()).await.expect("failed");
    assert_eq!(planned(&stored).await, ["third"]);
    world.travel(TimeDelta::minutes(59));
    assert_eq!(planned(&stored).await, ["third"], "they are not tried again for an hour");
    world.travel(TimeDelta::minutes(1));
    assert_eq!(planned(&stored).await, ["acme", "third"], "and then come behind who waits longer");
    stored.clean().await;
}

#[tokio::test]
async fn of_a_backup_that_fails_nothing_is_left() {
    let stored = Stored::start().await;
    stored.put(&format!("{}a.pdf", shared::storage::prefix_of(stored.id("acme").await)), b"a").await;
    let (app, acme, kept) = (stored.app(), stored.id("acme").await, stored.take("acme").await);
    let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_backup(act, Some(acme)).await);
    let job = walk_to(&stored, plan.await.expect("planned"), "files").await;
    let written = format!("backups/{acme}/{}/", job.id);
    assert_eq!(stored.keys(&written).await.len(), 1, "its dump");
    fails_for_good(&stored, job).await;
    assert_eq!(stored.keys(&written).await, Vec::<String>::new());
    assert_eq!(stored.keys(&kept.folder).await.len(), 4, "what is a backup stays: dump, file, manifest and key");
    stored.clean().await;
}

#[tokio::test]
async fn of_a_base_backup_that_fails_nothing_is_left() {
    let stored = Stored::start().await;
    let (app, world) = (stored.app(), &stored.world);
    world
        .sql(
            "insert into archives (id, cluster_id, system_id, sealed_key, key_id, created_at)
             select gen_random_uuid(), id, 'x', '', 'k1', now() from clusters",
        )
        .await;
    let (cluster, archive): (i64, Uuid) =
        sqlx::query_as("select cluster_id, id from archives").fetch_one(app.db.pool()).await.expect("an archive");
    let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::plan_base_backup(act, cluster).await);
    let job = stored.claim(plan.await.expect("planned")).await;
    let (written, other) = (format!("base/{archive}/{}/", job.id), format!("base/{archive}/{}/x/base", Uuid::now_v7()));
    for key in [&format!("{written}x/base"), &other] {
        stored.put(key, b"half of it").await;
    }
    fails_for_good(&stored, job).await;
    assert_eq!(stored.keys(&written).await, Vec::<String>::new());
    assert!(stored.read(&other).await.is_some(), "another one's stays");
    stored.remove(&other).await;
    stored.clean().await;
}

#[tokio::test]
async fn of_a_moment_that_becomes_no_backup_nothing_is_left() {
    let stored = Stored::start().await;
    let (app, acme) = (stored.app(), stored.id("acme").await);
    let moment = Moment { at: app.clock.now(), base: Uuid::now_v7(), database: stored.place("acme").await.database };
    let source = Source::Moment(moment);
    let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::restore::plan(act, acme, source.clone(), false).await);
    let mut job = stored.claim(plan.await.expect("planned")).await;
    while job.step != "recover" {
        let performed = perform(app, &job).await.expect("done");
        job = settle(app, &job, &performed).await.expect("noted").expect("ours");
    }
    let (written, other) = (format!("backups/{acme}/{}/", job.id), stored.take("globex").await);
    stored.put(&format!("{written}x/dump"), b"half of it").await;
    fails_for_good(&stored, job).await;
    assert_eq!(stored.keys(&written).await, Vec::<String>::new());
    assert!(!stored.keys(&other.folder).await.is_empty());
    stored.clean().await;
}
