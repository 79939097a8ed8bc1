//! What comes and goes by itself: nights, retention, drills, and the figures.

use chrono::TimeDelta;
use control_api::backups;
use prometheus::Registry;

use super::world::Stored;

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
