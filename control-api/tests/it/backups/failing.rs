//! Backups that come to nothing: who waits for whom, and that nothing of them is left.

use chrono::TimeDelta;
use control_api::{
    backups::{self, Moment, Source},
    jobs::{self, perform, settle, settle_failure},
};
use shared::{Error, act::Author, testing};
use sqlx::ConnectOptions;
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
async fn two_whose_backups_have_failed_keep_nobody_elses_waiting_while_what_they_wrote_is_there() {
    let stored = Stored::start().await;
    let world = &stored.world;
    world.travel(TimeDelta::minutes(1));
    world.sign_up("third", "ada@third.example").await.expect(202);
    control_api::provisioning::walk_all(stored.app(), Uuid::now_v7()).await.expect("walked");
    world.travel(TimeDelta::days(1) - TimeDelta::seconds(world.app.clock.now().timestamp() % 86_400) + TimeDelta::hours(5));
    let open = "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at)
        select gen_random_uuid(), 'backup', id, 'clear', false, now(), '{}', now() from tenants where slug in ('acme', 'globex')";
    world.sql(open).await;
    assert_eq!(planned(&stored).await, ["acme", "globex", "third"], "theirs, which are still open, and the third one's");
    stored.clean().await;
}

/// Its objects cannot be taken away, which is tried for the last time; then they can, and go when somebody looks after them.
async fn is_cleared_later(stored: &Stored, job: Uuid, (written, objects): (&str, usize)) {
    let attempts = "update jobs set attempts = 11, next_at = now() where finished_at is null and step = 'clear' and id = $1";
    sqlx::query(attempts).bind(job).execute(stored.app().db.pool()).await.expect("noted");
    stored.world.travel(TimeDelta::minutes(3));
    Box::pin(jobs::work_all(&stored.world.without_store(), Uuid::now_v7())).await.expect("worked");
    assert_eq!(stored.status(job).await, "failed");
    assert_eq!(stored.keys(written).await.len(), objects);
    Box::pin(backups::keep(&stored.world.without_store())).await.expect_err("the store is away");
    assert_eq!(stored.keys(written).await.len(), objects);
    Box::pin(backups::keep(stored.app())).await.expect("kept");
    assert_eq!(stored.keys(written).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_backup_that_fails_while_the_store_takes_nothing_away_ends_and_is_cleared_later() {
    let stored = Stored::start().await;
    let (app, acme, other) = (stored.app(), stored.id("acme").await, stored.take("globex").await);
    let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_backup(act, Some(acme)).await);
    let mut job = walk_to(&stored, plan.await.expect("planned"), "files").await;
    job.attempts = 100;
    settle_failure(app, &job, &Error::Unavailable("storage")).await.expect("noted");
    is_cleared_later(&stored, job.id, (&format!("backups/{acme}/{}/", job.id), 1)).await;
    assert!(!stored.keys(&other.folder).await.is_empty());
    stored.clean().await;
}

#[tokio::test]
async fn a_base_backup_that_fails_while_the_store_takes_nothing_away_ends_and_is_cleared_later() {
    let stored = Stored::start().await;
    let (mut job, archive) = base_backup(&stored).await;
    let (written, other) = (format!("base/{archive}/{}/", job.id), format!("base/{archive}/{}/x/base", Uuid::now_v7()));
    for key in [&format!("{written}x/base"), &other] {
        stored.put(key, b"half of it").await;
    }
    job.attempts = 100;
    settle_failure(stored.app(), &job, &Error::Unavailable("cluster")).await.expect("noted");
    is_cleared_later(&stored, job.id, (&written, 1)).await;
    assert!(stored.read(&other).await.is_some(), "another one's stays");
    stored.remove(&other).await;
    stored.clean().await;
}

#[tokio::test]
async fn a_restore_that_fails_while_the_store_is_away_gives_its_tenant_back_and_is_cleared_later() {
    let stored = Stored::start().await;
    let acme = stored.id("acme").await;
    let (job, kept) = (at_recover(&stored).await, stored.take("acme").await);
    let written = format!("backups/{acme}/{}/", job.id);
    stored.put(&format!("{written}x/dump"), b"half of it").await;
    fails_without_store(&stored, job.clone()).await;
    assert_eq!(stored.strays().await, Vec::<String>::new(), "the copy's place is free, though the store is away");
    is_cleared_later(&stored, job.id, (&written, 1)).await;
    stored.restore("acme", kept.id).await;
    stored.clean().await;
}

#[tokio::test]
async fn a_drill_that_fails_while_the_store_is_away_stands_in_the_books_and_is_cleared_later() {
    let stored = Stored::start().await;
    let (app, acme) = (stored.app(), stored.id("acme").await);
    stored.take("acme").await;
    let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_drill(act, Some(acme)).await);
    let id = plan.await.expect("planned");
    // It is one of a moment.
    let source = serde_json::to_value(moment_of(&stored).await).expect("a source");
    let become_moment = "update jobs set step = 'recover', state = jsonb_set(state, '{source}', $2) where id = $1";
    sqlx::query(become_moment).bind(id).bind(source).execute(app.db.pool()).await.expect("noted");
    let written = format!("backups/{acme}/{id}/");
    stored.put(&format!("{written}x/dump"), b"half of it").await;
    let job = stored.claim(id).await;
    fails_without_store(&stored, job).await;
    let drill = backups::drill_by_id(&mut app.db.read().await.expect("a connection"), id).await.expect("asked").expect("a drill");
    assert!(!drill.is_equal && drill.trouble.is_some(), "{drill:?}");
    is_cleared_later(&stored, id, (&written, 1)).await;
    stored.drill("acme").await;
    stored.clean().await;
}

/// Its present step fails for the last time, and whoever goes on does not reach the store.
async fn fails_without_store(stored: &Stored, mut job: jobs::Job) {
    job.attempts = 100;
    settle_failure(stored.app(), &job, &Error::Unavailable("cluster")).await.expect("noted");
    Box::pin(jobs::work_all(&stored.world.without_store(), Uuid::now_v7())).await.expect("worked");
}

/// Whoever dies when what was written is gone, and nobody knows it, is followed by somebody.
async fn killed_at_clear(stored: &Stored, mut job: jobs::Job, written: &str) {
    job.attempts = 100;
    settle_failure(stored.app(), &job, &Error::Unavailable("cluster")).await.expect("noted");
    let dead = stored.claim(job.id).await;
    assert_eq!(dead.step, "clear");
    let performed = perform(stored.app(), &dead).await.expect("done");
    stored.world.travel(TimeDelta::seconds(16));
    stored.work().await;
    assert_eq!(stored.status(job.id).await, "failed");
    assert!(settle(stored.app(), &dead, &performed).await.expect("asked").is_none(), "the dead one's note comes too late");
    assert_eq!(stored.keys(written).await, Vec::<String>::new());
}

#[tokio::test]
async fn killed_while_it_clears_a_backup_that_has_failed_is_ended_by_whoever_looks_next() {
    let stored = Stored::start().await;
    let (app, acme) = (stored.app(), stored.id("acme").await);
    let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_backup(act, Some(acme)).await);
    let job = walk_to(&stored, plan.await.expect("planned"), "files").await;
    let written = format!("backups/{acme}/{}/", job.id);
    killed_at_clear(&stored, job, &written).await;
    let (job, archive) = base_backup(&stored).await;
    let written = format!("base/{archive}/{}/", job.id);
    stored.put(&format!("{written}x/base"), b"half of it").await;
    killed_at_clear(&stored, job, &written).await;
    assert_eq!(stored.world.count("select (select count(*) from backups) + (select count(*) from base_backups)").await, 0);
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

/// A base backup that has just been begun, and its server's archive.
async fn base_backup(stored: &Stored) -> (jobs::Job, Uuid) {
    let app = stored.app();
    let archived = "insert into archives (id, cluster_id, system_id, sealed_key, key_id, created_at)
         select gen_random_uuid(), id, 'x', '', 'k1', now() from clusters";
    stored.world.sql(archived).await;
    let (cluster, archive): (i64, Uuid) =
        sqlx::query_as("select cluster_id, id from archives").fetch_one(app.db.pool()).await.expect("an archive");
    let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::plan_base_backup(act, cluster).await);
    (stored.claim(plan.await.expect("planned")).await, archive)
}

#[tokio::test]
async fn of_a_base_backup_that_fails_nothing_is_left() {
    let stored = Stored::start().await;
    let (job, archive) = base_backup(&stored).await;
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

/// A moment of acme's that nobody reaches.
async fn moment_of(stored: &Stored) -> Source {
    let database = stored.place("acme").await.database;
    Source::Moment(Moment { at: stored.app().clock.now(), base: Uuid::now_v7(), database })
}

/// A restore of it, which is about to become a backup.
async fn at_recover(stored: &Stored) -> jobs::Job {
    let (app, acme, source) = (stored.app(), stored.id("acme").await, moment_of(stored).await);
    let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::restore::plan(act, acme, source.clone(), false).await);
    walk_to(stored, plan.await.expect("planned"), "recover").await
}

#[tokio::test]
async fn of_a_moment_that_becomes_no_backup_nothing_is_left() {
    let stored = Stored::start().await;
    let (job, acme) = (at_recover(&stored).await, stored.id("acme").await);
    let (written, other) = (format!("backups/{acme}/{}/", job.id), stored.take("globex").await);
    stored.put(&format!("{written}x/dump"), b"half of it").await;
    fails_for_good(&stored, job).await;
    assert_eq!(stored.keys(&written).await, Vec::<String>::new());
    assert!(!stored.keys(&other.folder).await.is_empty());
    stored.clean().await;
}

#[tokio::test]
async fn no_copy_is_taken_of_a_server_that_archives_nothing() {
    let stored = Stored::empty().await;
    let app = stored.app();
    let cluster: i64 = sqlx::query_scalar("select id from clusters").fetch_one(app.db.pool()).await.expect("an id");
    let mut server = testing::admin_options().connect().await.expect("the server");
    let system = backups::archive::system_of(&mut server).await.expect("an identifier");
    let author = Author::system("command line");
    let begun = app.db.act(author, &app.clock, async |act| {
        backups::archive::begin(act, &app.keys.ring, (cluster, &system)).await?;
        backups::plan_base_backup(act, cluster).await
    });
    let job = stored.claim(begun.await.expect("planned")).await;
    let refused = perform(app, &job).await.expect_err("moments would be promised that cannot be reached").to_string();
    assert!(refused.contains("archive_mode is off"), "{refused}");
    stored.clean().await;
}
