//! What comes and goes by itself: nights, retention, drills, and the figures.

use chrono::TimeDelta;
use control_api::backups;
use prometheus::Registry;
use shared::Error;

use super::world::Stored;
use crate::{operators::signed_in, plans::somebody_waits};

impl Stored {
    /// A round of what is done without anybody asking, and the work that it leaves.
    async fn night(&self) {
        backups::keep(self.app()).await.expect("kept");
        self.work().await;
    }

    pub fn figure(&self, name: &str) -> i64 {
        let registry = Registry::new();
        self.app().figures.register(&registry).expect("registered");
        let families = registry.gather();
        let family = families.iter().find(|family| family.name() == name).unwrap_or_else(|| panic!("no {name}"));
        family.get_metric()[0].get_gauge().value() as i64
    }
}

#[tokio::test]
async fn each_night_everybodys_is_taken_once_and_one_is_drilled() {
    let stored = Stored::start().await;
    let world = &stored.world;
    world.travel(TimeDelta::days(1) - TimeDelta::seconds(world.app.clock.now().timestamp() % 86_400));
    world.travel(TimeDelta::hours(5) + TimeDelta::seconds(1));
    let ours = "select count(*) from backups where tenant_id is not null";
    for night in 1..=2 {
        for _ in 0..3 {
            stored.night().await;
        }
        assert_eq!(world.count(ours).await, 2 * night);
        assert_eq!(world.count("select count(*) from backups where tenant_id is null").await, night);
        assert_eq!(world.count("select count(*) from backup_drills where is_equal").await, night);
        world.travel(TimeDelta::days(1));
    }
    world.sql("update tenants set status = 'suspended' where slug = 'acme'").await;
    stored.night().await;
    stored.night().await;
    assert_eq!(world.count(ours).await, 6, "the suspended one's data is data, too");
    stored.clean().await;
}

#[tokio::test]
async fn what_is_over_goes_with_its_objects_and_what_somebody_asked_for_stays() {
    let stored = Stored::start().await;
    let kept = stored.take("acme").await;
    let nightly = stored.take("acme").await;
    stored.world.sql("update backups set is_kept = false where id = (select id from backups order by id desc limit 1)").await;
    stored.world.sql("update backups set taken_at = taken_at - interval '3 years'").await;
    stored.world.travel(TimeDelta::minutes(1));
    let (one, two) = (stored.take("acme").await, stored.take("acme").await);
    stored.world.sql("update backups set is_kept = false where not is_kept or taken_at > (select min(taken_at) from backups)").await;
    assert!(!stored.keys(&one.folder).await.is_empty());
    backups::keep(stored.app()).await.expect("kept");
    for (backup, stays) in [(&kept, true), (&nightly, true), (&one, false), (&two, true)] {
        let there = backups::by_id(&mut stored.app().db.read().await.expect("a connection"), backup.id).await.is_ok();
        assert_eq!((there, !stored.keys(&backup.folder).await.is_empty()), (stays, stays), "{backup:?}");
    }
    assert_eq!(stored.world.last_event("BackupDeleted").await["data"]["backup_id"], serde_json::json!(one.id));
    stored.clean().await;
}

#[tokio::test]
async fn a_drill_catches_what_is_another_row_and_says_so_in_the_figures() {
    let stored = Stored::start().await;
    let taken = stored.take("acme").await;
    let drill = stored.drill("acme").await;
    assert_eq!((drill.is_equal, drill.trouble, drill.row_count), (true, None, taken.row_count));
    stored.night().await;
    assert_eq!((stored.figure("backup_drill_equal"), stored.figure("backup_drill_age_seconds")), (1, 0));
    assert!(stored.figure("backup_last_success_timestamp_seconds") > 0);
    // A dump that is genuine, and holds a row more than its manifest says.
    let (app, tenant) = (stored.app(), stored.id("acme").await);
    let author = shared::act::Author::system("test");
    let plan = app.db.act(author, &app.clock, async |act| backups::ask_drill(act, Some(tenant)).await);
    let mut job = stored.claim(plan.await.expect("planned")).await;
    while job.step != "compare" {
        let performed = control_api::jobs::perform(app, &job).await.expect("done");
        job = control_api::jobs::settle(app, &job, &performed).await.expect("noted").expect("ours");
    }
    let scratch = job.state["database"].as_str().expect("a name").to_owned();
    let options = shared::testing::admin_options().database(&scratch);
    let mut inside = sqlx::ConnectOptions::connect(&options).await.expect("the copy");
    sqlx::raw_sql("update support_tickets set subject = 'another'; delete from settings").execute(&mut inside).await.expect("changed");
    // Nobody less may end a superuser's connection.
    sqlx::Connection::close(inside).await.expect("left");
    let id = job.id;
    stored.finish(job).await;
    let drill = backups::drill_by_id(&mut app.db.read().await.expect("a connection"), id).await.expect("asked").expect("a drill");
    let trouble = drill.trouble.expect("trouble");
    assert_eq!(trouble, "public.settings has 0 rows instead of 1; public.support_tickets has other rows");
    assert_eq!(stored.strays().await, Vec::<String>::new());
    backups::keep(app).await.expect("kept");
    assert_eq!(stored.figure("backup_drill_equal"), 0);
    stored.clean().await;
}

#[tokio::test]
async fn a_drill_of_what_does_not_open_has_failed_and_leaves_nothing() {
    let stored = Stored::start().await;
    let taken = stored.take("acme").await;
    stored.remove(&format!("{}/dump", taken.folder)).await;
    let (app, tenant) = (stored.app(), stored.id("acme").await);
    let author = shared::act::Author::system("test");
    let plan = app.db.act(author, &app.clock, async |act| backups::ask_drill(act, Some(tenant)).await);
    let id = plan.await.expect("planned");
    for _ in 0..13 {
        stored.work().await;
        stored.world.travel(TimeDelta::minutes(3));
    }
    let drill = backups::drill_by_id(&mut app.db.read().await.expect("a connection"), id).await.expect("asked").expect("a drill");
    assert!(!drill.is_equal && drill.trouble.is_some());
    assert_eq!(stored.strays().await, Vec::<String>::new());
    stored.clean().await;
}

#[tokio::test]
async fn a_dump_that_has_become_a_fifth_shorter_is_counted() {
    let stored = Stored::start().await;
    stored.sql("acme", "insert into users (id, email, firstname, lastname, role, version) select n, md5(n::text), md5(n::text || 'x'), '', 'customer', 1 from generate_series(1000, 4000) n").await;
    stored.take("acme").await;
    stored.take("globex").await;
    stored.world.travel(TimeDelta::days(1));
    stored.sql("acme", "delete from users where id >= 1000").await;
    stored.take("acme").await;
    stored.take("globex").await;
    backups::keep(stored.app()).await.expect("kept");
    assert_eq!(stored.figure("backup_shrunk_tenants"), 1);
    stored.clean().await;
}

#[tokio::test]
async fn of_a_deleted_tenant_no_backup_is_left() {
    let stored = Stored::start().await;
    let (gone, other) = (stored.take("acme").await, stored.take("globex").await);
    stored.world.sql("update tenants set status = 'deleted' where slug = 'acme'").await;
    backups::keep(stored.app()).await.expect("kept");
    assert_eq!(stored.keys(&gone.folder).await, Vec::<String>::new());
    assert!(!stored.keys(&other.folder).await.is_empty());
    assert_eq!(stored.world.count("select count(*) from backups").await, 1);
    stored.clean().await;
}

#[tokio::test]
async fn what_somebody_reads_does_not_go_before_they_have_done() {
    let stored = Stored::start().await;
    let (over, newest) = (stored.take("acme").await, stored.take("acme").await);
    stored.world.sql("update backups set is_kept = false").await;
    let is_there = async |id| backups::by_id(&mut stored.app().db.read().await.expect("a connection"), id).await.is_ok();
    let job = stored.plan("acme", over.id).await;
    backups::keep(stored.app()).await.expect("kept");
    assert!(is_there(over.id).await && !stored.keys(&over.folder).await.is_empty(), "a restore reads it");
    let token = signed_in(&stored.world).await;
    let delete = async |id| stored.world.delete(&format!("/api/v1/operator/backups/{id}")).bearing(&token).await;
    delete(over.id).await.refused(409, "backup_in_use");
    stored.work().await;
    assert_eq!(stored.status(job).await, "done");
    backups::keep(stored.app()).await.expect("kept");
    assert_eq!((is_there(over.id).await, is_there(newest.id).await), (false, true));
    delete(over.id).await.refused(404, "backup_not_found");
    delete(newest.id).await.expect(204);
    assert!(!is_there(newest.id).await);
    stored.clean().await;
}

#[tokio::test]
async fn a_backup_that_goes_while_a_restore_is_asked_for_is_not_promised() {
    let stored = Stored::start().await;
    let taken = stored.take("acme").await;
    let mut other = stored.app().db.pool().begin().await.expect("begun");
    sqlx::raw_sql("update backups set deleting_at = now()").execute(&mut *other).await.expect("marked");
    let gone = async {
        somebody_waits(&stored.world).await;
        other.commit().await.expect("done");
    };
    let (asked, ()) = tokio::join!(stored.try_plan("acme", taken.id), gone);
    assert!(matches!(asked, Err(Error::NotFound("backup_not_found"))), "{asked:?}");
    assert_eq!(stored.world.count("select count(*) from jobs where finished_at is null").await, 0, "nothing keeps the tenant from moving");
    stored.clean().await;
}

#[tokio::test]
async fn what_a_moment_has_become_takes_no_nights_place_and_goes_after_a_week() {
    let stored = Stored::start().await;
    let night = stored.take("acme").await;
    stored.world.sql("update backups set is_kept = false").await;
    // Of the same day, and later: as of a restore that is done.
    stored
        .world
        .sql(
            "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at, finished_at, outcome)
             select gen_random_uuid(), 'restore', tenant_id, 'swap', true, made_at, '{}', made_at, made_at, 'done' from backups;
             insert into backups (id, tenant_id, folder, taken_at, made_at, schema_version, tables, row_count, dump_bytes, files, file_bytes,
                manifest_hash, sealed_key, key_id)
             select j.id, b.tenant_id, 'backups/of/moment/x', b.taken_at + interval '2 hours', b.made_at + interval '1 minute', 3, 1, 1, 1, 0, 0,
                '', '', 'x'
             from backups b, jobs j
             where j.kind = 'restore'",
        )
        .await;
    let moments = "select count(*) from backups where folder = 'backups/of/moment/x' and deleting_at is null";
    let nights = "select count(*) from backups where folder <> 'backups/of/moment/x' and tenant_id is not null and deleting_at is null";
    for (days, left) in [(0, 1), (7, 1), (1, 0)] {
        stored.world.travel(TimeDelta::days(days));
        backups::keep(stored.app()).await.expect("kept");
        assert_eq!((stored.world.count(moments).await, stored.world.count(nights).await), (left, 1), "{days}");
        // It is later and shorter; the figures tell of the nights.
        let figures = ["backup_last_success_timestamp_seconds", "backup_shrunk_tenants"].map(|name| stored.figure(name));
        assert_eq!(figures, [night.made_at.timestamp(), 0], "{days}");
    }
    let newest = backups::newest(&mut stored.app().db.read().await.expect("a connection"), night.tenant_id).await.expect("asked");
    assert_eq!(newest.map(|backup| backup.id), Some(night.id));
    stored.clean().await;
}

#[tokio::test]
async fn a_part_that_fails_keeps_no_other_one_from_its_work() {
    let stored = Stored::start().await;
    let (over, _) = (stored.take("acme").await, stored.take("acme").await);
    stored.world.sql("update backups set is_kept = false").await;
    // A side server's folder that does not go: its lock is none.
    let folder = &stored.app().outside.tools.beside.as_ref().expect("a folder").folder;
    std::fs::create_dir_all(folder.join("pitr-0123456789ab.lock")).expect("made");
    backups::keep(stored.app()).await.expect_err("one part has failed");
    std::fs::remove_dir_all(folder).expect("taken away");
    assert_eq!(stored.keys(&over.folder).await, Vec::<String>::new(), "what is over has gone");
    assert!(stored.figure("backup_last_success_timestamp_seconds") > 0, "figures are counted");
    stored.clean().await;
}

#[tokio::test]
async fn a_moment_that_nobody_reaches_costs_neither_the_nights_backups_nor_the_drill() {
    let stored = Stored::start().await;
    stored.take("acme").await;
    stored.take("globex").await;
    stored.world.travel(TimeDelta::days(1));
    // The server of now has a base backup; until just now both were on another one, which has none.
    stored
        .world
        .sql(
            "update tenants set created_at = now() - interval '3 days';
             insert into archives (id, cluster_id, system_id, sealed_key, key_id, created_at)
             select gen_random_uuid(), id, 'x', '', 'k1', now() from clusters;
             insert into base_backups (id, archive_id, folder, started_at, finished_at, timeline, start_lsn, stop_lsn, start_file, bytes, size,
                sealed_key, key_id)
             select gen_random_uuid(), id, 'x', now() - interval '2 days', now() - interval '2 days', 1, '0/1', '0/2', repeat('0', 24), 1, 1, '', 'k1'
             from archives;
             insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at, state)
             select gen_random_uuid(), 'retire', id, 'drop', false, '2099-01-01', '{}', now() + interval '1 hour',
                '{\"cluster_id\": 999999, \"database\": \"x\", \"role\": \"x\"}'
             from tenants",
        )
        .await;
    stored.night().await;
    assert_eq!(stored.world.count("select count(*) from backups where tenant_id is not null").await, 4);
    assert_eq!(stored.world.count("select count(*) from backup_drills where is_equal and backup_id <> id").await, 1);
    stored.world.sql("delete from jobs where kind = 'retire'").await;
    stored.clean().await;
}
