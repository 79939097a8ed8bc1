//! Backups and restores, with a real server and a real file store.

mod exports;
mod failing;
mod faults;
mod figures;
mod keeping;
mod late;
mod leaving;
mod moments;
mod older;
mod plaintext;
mod relief;
pub mod server;
mod uploads;
mod wal;
pub mod world;

use chrono::TimeDelta;
use control_api::backups;
use serde_json::json;
use shared::storage::prefix_of;
use uuid::Uuid;

use self::world::Stored;
use crate::{provisioning::server, world::World};

#[tokio::test]
async fn a_tenant_is_what_it_was_and_nobody_else_notices() {
    let stored = Stored::start().await;
    let before = (stored.rows("acme").await, stored.rows("globex").await);
    let taken = stored.take("acme").await;
    assert_eq!((taken.tenant.as_deref(), taken.is_kept), (Some("acme"), true));
    assert!(taken.row_count > 0 && taken.dump_bytes > 0, "{taken:?}");
    stored.world.travel(TimeDelta::hours(1));
    stored.opens("acme", "after").await;
    stored.sql("acme", "delete from support_tickets where subject = 'before'").await;
    stored.opens("globex", "meanwhile").await;
    let (globex, place) = (stored.rows("globex").await, stored.place("acme").await);
    stored.restore("acme", taken.id).await;
    assert_eq!(stored.rows("acme").await, before.0);
    assert_eq!(stored.rows("globex").await, globex, "the other one has all that was written meanwhile");
    assert_ne!(stored.place("acme").await.database, place.database);
    // The app plane's role works in it, and has no more rights than before.
    let mut inside = crate::provisioning::inside(&stored.world, "acme").await;
    for (sql, allowed) in [
        ("insert into settings (organisation) values ('x') on conflict do nothing", true),
        ("insert into audit_logs (at, actor, action, resource, changes) values (now(), '{}', 'x', 'x', '{}')", true),
        ("update audit_logs set action = 'y'", false),
        ("update tenant_marker set slug = 'y'", false),
        ("create table x ()", false),
    ] {
        assert_eq!(sqlx::raw_sql(sql).execute(&mut inside).await.is_ok(), allowed, "{sql}");
    }
    // The other database is kept for a week, and dropped then.
    let kept = place.database;
    assert!(stored.is_there(&kept).await);
    stored.world.travel(TimeDelta::days(7) + TimeDelta::seconds(1));
    stored.work().await;
    assert!(!stored.is_there(&kept).await);
    stored.clean().await;
}

#[tokio::test]
async fn it_is_served_until_the_copy_takes_its_place_and_what_was_told_is_not_told_again() {
    let stored = Stored::start().await;
    stored.tells("acme", "'ae000000-0000-0000-0000-000000000001'", "null").await;
    stored.tells("acme", "'ae000000-0000-0000-0000-000000000002'", "null").await;
    stored.mails("acme", "'ae000000-0000-0000-0000-000000000003'").await;
    let early = stored.world.log_in("acme", "ada@acme.example").await;
    stored.world.travel(TimeDelta::seconds(1));
    let taken = stored.take("acme").await;
    stored.world.travel(TimeDelta::minutes(5));
    let late = stored.world.log_in("acme", "ada@acme.example").await;
    // One of the events and the mail have left since; numbers were handed out.
    stored.sql("acme", "update events set published_at = now() where id = 'ae000000-0000-0000-0000-000000000001'").await;
    stored.sql("acme", "update mails set status = 'sent'").await;
    for _ in 0..3 {
        stored.opens("acme", "later").await;
    }
    let drawn = stored.number("acme", "select max(id) from support_tickets").await;
    let job = stored.plan("acme", taken.id).await;
    let mut job = stored.claim(job).await;
    while job.step != "swap" {
        let performed = control_api::jobs::perform(&stored.world.app, &job).await.expect("done");
        stored.opens("acme", "meanwhile").await;
        job = control_api::jobs::settle(&stored.world.app, &job, &performed).await.expect("noted").expect("ours");
    }
    let drawn = drawn + stored.number("acme", "select count(*) from support_tickets where subject = 'meanwhile'").await;
    stored.finish(job).await;
    let open = stored.number("acme", "select count(*) from support_tickets where subject in ('meanwhile', 'later')").await;
    assert_eq!(open, 0, "written after that moment: lost, by intent");
    assert_eq!(stored.opens("acme", "next").await, drawn + 1, "no number is handed out twice");
    let waiting = stored.number("acme", "select count(*) from events where published_at is null").await;
    let which = stored.number("acme", "select count(*) from events where published_at is null and id::text like '%2'").await;
    assert_eq!((waiting, which), (1, 1), "only what nobody has told yet is told");
    assert_eq!(stored.number("acme", "select count(*) from mails where status = 'pending'").await, 0);
    // Who came in after that moment comes in again; who was there stays.
    stored.world.get("/api/v1/auth/me").by(&late).await.refused(401, "unauthenticated");
    stored.world.get("/api/v1/auth/me").by(&early).await.expect(200);
    let event = stored.world.last_event("TenantRestored").await;
    assert_eq!((&event["data"]["slug"], &event["data"]["as_of"]), (&json!("acme"), &json!(taken.taken_at)));
    stored.clean().await;
}

#[tokio::test]
async fn people_settings_and_trail_are_what_the_control_plane_has_now() {
    let stored = Stored::start().await;
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    stored.seals("acme").await;
    let taken = stored.take("acme").await;
    let ben = stored.world.member(&ada, "ben", "agent").await;
    stored.world.patch("/api/v1/tenant").by(&ada).json(json!({ "organisation": "Acme & Söhne" })).await.expect(200);
    stored.opens("acme", "after").await;
    stored.world.travel(TimeDelta::minutes(1));
    stored.seals("acme").await;
    let trails = control_api::audit::Trails::from(&stored.world.app);
    assert_eq!(control_api::audit::anchor_all(&trails, &mut shared::tenancy::Quiet::new(1)).await.expect("looked"), 0);
    stored.restore("acme", taken.id).await;
    assert_eq!(stored.number("acme", &format!("select count(*) from users where id = {} and role = 'agent'", ben.id)).await, 1);
    assert_eq!(stored.number("acme", "select count(*) from settings where organisation = 'Acme & Söhne'").await, 1);
    assert_eq!(
        control_api::audit::anchor_all(&trails, &mut shared::tenancy::Quiet::new(1)).await.expect("looked"),
        0,
        "the trail is taken as it is"
    );
    assert_eq!(stored.world.last_event("AuditReanchored").await["data"]["to_seal"], 1);
    stored.clean().await;
}

#[tokio::test]
async fn files_come_back_with_the_database_and_what_is_nowhere_is_named() {
    let stored = Stored::start().await;
    let (acme, globex) = (stored.id("acme").await, stored.id("globex").await);
    let [one, two, three] = ["tickets/1/a.pdf", "tickets/1/b é.pdf", "tickets/2/c.pdf"].map(|name| format!("{}{name}", prefix_of(acme)));
    for key in [&one, &two, &three] {
        stored.put(key, key.as_bytes()).await;
    }
    stored.put(&format!("{}tickets/1/a.pdf", prefix_of(globex)), b"theirs").await;
    let taken = stored.take("acme").await;
    assert_eq!(taken.files, 3);
    stored.put(&one, b"changed").await;
    stored.remove(&two).await;
    stored.remove(&three).await;
    stored.remove(&format!("{}/files/{three}", taken.folder)).await;
    stored.restore("acme", taken.id).await;
    assert_eq!((stored.read(&one).await, stored.read(&two).await), (Some(one.clone().into()), Some(two.into())));
    let event = stored.world.last_event("TenantRestored").await;
    assert_eq!((&event["data"]["files_restored"], &event["data"]["files_missing"]), (&json!(2), &json!([three])));
    assert_eq!(stored.read(&format!("{}tickets/1/a.pdf", prefix_of(globex))).await, Some(b"theirs".to_vec()));
    stored.clean().await;
}

#[tokio::test]
async fn a_database_that_is_gone_comes_back_from_its_backup() {
    let stored = Stored::start().await;
    let (before, taken) = (stored.rows("acme").await, stored.take("acme").await);
    let place = stored.place("acme").await;
    stored.drop_database(&place.database).await;
    stored.restore("acme", taken.id).await;
    assert_eq!(stored.rows("acme").await, before);
    assert!(stored.opens("acme", "next").await > 100_000, "numbers that may have been handed out are left out");
    stored.clean().await;
}

#[tokio::test]
async fn what_somebody_else_has_put_beside_them_keeps_no_backup_of_the_control_database_from_coming_back() {
    let stored = Stored::on(World::in_bucket(&format!("notes-{}", Uuid::new_v4())).await, &server()).await;
    let app = &stored.world.app;
    let take = async || {
        let plan = app.db.act(shared::act::Author::system("test"), &app.clock, async |act| backups::ask_backup(act, None).await);
        let id: Uuid = plan.await.expect("planned");
        stored.work().await;
        id
    };
    let (old, new) = (take().await, take().await);
    let keys = stored.keys("backups/control/").await;
    let note_of = |id: Uuid| keys.iter().find(|key| key.contains(&id.to_string()) && key.ends_with("/key")).expect("a note").clone();
    let genuine = stored.read(&note_of(old)).await.expect("a note");
    let later = |mut note: serde_json::Value| {
        note["taken_at"] = "2099-01-01T00:00:00Z".into();
        note.to_string()
    };
    let note: serde_json::Value = serde_json::from_slice(&genuine).expect("JSON");
    let mut foreign = note.clone();
    (foreign["id"], foreign["sealed_key"]) = (Uuid::now_v7().to_string().into(), vec![7_u8; 60].into());
    stored.put("backups/control/foreign/x/key", later(foreign).as_bytes()).await;
    stored.put("backups/control/scrawl/x/key", b"no JSON").await;
    stored.put(&note_of(old), later(note).as_bytes()).await;
    let (into, mut passed) = (stored.empty_database().await, Vec::new());
    let parts = (&app.outside.storage, &app.keys.ring, &app.outside.tools);
    let told = (|id: Uuid, error: &shared::Error| passed.push((id, error.to_string())), |_, _| {});
    let (manifest, differences) = backups::control::restore(parts, None, &into.1, told).await.expect("restored");
    assert_eq!((manifest.id, differences), (new, Vec::<String>::new()), "an older one is not taken for the newest");
    assert_eq!(passed.len(), 2, "{passed:?}");
    assert!(passed.iter().any(|(id, error)| *id == old && error.contains("its manifest is of backup")), "{passed:?}");
    stored.drop_database(&into.0).await;
    stored.clean().await;
}

#[tokio::test]
async fn the_control_database_is_restored_with_nothing_but_the_store_and_the_key() {
    let stored = Stored::start().await;
    let app = &stored.world.app;
    let plan = app.db.act(shared::act::Author::system("test"), &app.clock, async |act| backups::ask_backup(act, None).await);
    let id: Uuid = plan.await.expect("planned");
    stored.work().await;
    let into = stored.empty_database().await;
    let tools = (&app.outside.storage, &app.keys.ring, &app.outside.tools);
    let (manifest, differences) = backups::control::restore(tools, Some(id), &into.1, (|_, _: &_| {}, |_, _| {})).await.expect("restored");
    assert_eq!((manifest.id, differences), (id, Vec::<String>::new()));
    assert!(manifest.rows() > 0);
    let again = backups::control::restore(tools, Some(id), &into.1, (|_, _: &_| {}, |_, _| {})).await;
    assert!(again.expect_err("not empty").to_string().contains("not empty"));
    stored.drop_database(&into.0).await;
    stored.clean().await;
}
