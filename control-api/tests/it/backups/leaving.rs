//! Exports of an organisation that is on its way out: its purge and its archives do not meet.

use chrono::TimeDelta;
use control_api::{backups, deletion::purge, exports, jobs};
use serde_json::json;
use uuid::Uuid;

use super::{uploads::cut, world::Stored};
use crate::world::Person;

/// Acme, whose days of grace are over; its admin comes in once more.
async fn is_due(stored: &Stored) -> Person {
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    stored.world.post("/api/v1/tenant/deletion").by(&ada).json(json!({ "slug": "acme" })).await.expect(201);
    stored.world.travel(TimeDelta::days(30));
    stored.world.log_in("acme", "ada@acme.example").await
}

async fn purge_of(stored: &Stored) -> Uuid {
    let id = sqlx::query_scalar("select id from jobs where kind = 'purge'");
    id.fetch_one(stored.app().db.pool()).await.expect("a purge")
}

#[tokio::test]
async fn once_the_data_is_being_taken_away_nobody_asks_for_an_export_and_one_of_before_does_not_block_it() {
    let stored = Stored::start().await;
    let world = &stored.world;
    let ada = is_due(&stored).await;
    purge::begin_due(stored.app()).await.expect("begun");
    world.post("/api/v1/tenant/exports").by(&ada).json(json!({})).await.refused(409, "conflict");
    assert_eq!(world.count("select count(*) from exports").await, 0);
    // Somebody dies when the tenant's rows are gone and its people are not, and a former release lets an admin ask.
    let holder = Uuid::now_v7();
    let mut job = jobs::claim(stored.app(), holder).await.expect("asked").expect("a job");
    while job.step != "people" {
        let performed = purge::perform(stored.app(), &job).await.expect("done");
        job = jobs::settle(stored.app(), &job, &performed).await.expect("noted").expect("ours");
    }
    let asked =
        "insert into exports (id, tenant_id, asked_by, asked_at) select gen_random_uuid(), tenant_id, user_id, now() from memberships
        where tenant_id = (select id from tenants where slug = 'acme')";
    world.sql(asked).await;
    world.travel(TimeDelta::seconds(16));
    stored.work().await;
    assert_eq!(stored.status(job.id).await, "done");
    assert_eq!(world.count("select count(*) from exports").await, 0);
    assert_eq!(world.count("select count(*) from users where email = 'ada@acme.example'").await, 0);
    stored.clean().await;
}

#[tokio::test]
async fn whoever_has_asked_for_another_organisations_export_keeps_nobody_from_leaving() {
    let stored = Stored::start().await;
    // Acme's admin was Globex's, and asked for its archive then.
    let asked = "insert into exports (id, tenant_id, asked_by, asked_at, status)
        select gen_random_uuid(), t.id, u.id, now(), 'expired' from tenants t, users u
        where t.slug = 'globex' and u.email = 'ada@acme.example'";
    stored.world.sql(asked).await;
    is_due(&stored).await;
    purge::begin_due(stored.app()).await.expect("begun");
    let purge = purge_of(&stored).await;
    stored.work().await;
    assert_eq!(stored.status(purge).await, "done");
    assert_eq!(stored.world.count("select count(*) from exports").await, 1, "it is Globex's");
    stored.clean().await;
}

#[tokio::test]
async fn an_export_under_way_is_finished_before_the_data_goes_and_nothing_of_it_stays() {
    let stored = Stored::start().await;
    let tenant = stored.id("acme").await;
    let ada = is_due(&stored).await;
    let asked = stored.world.post("/api/v1/tenant/exports").by(&ada).json(json!({})).await.expect(202).body;
    let job = stored.claim(asked["id"].as_str().expect("an id").parse().expect("an id")).await;
    let made = jobs::perform(stored.app(), &job).await.expect("done");
    let prefix = format!("exports/{tenant}/");
    assert_eq!(stored.keys(&prefix).await.len(), 1);
    // Of a try whose maker has died.
    cut(&stored, &format!("{prefix}{tenant}/x.tar")).await;
    purge::begin_due(stored.app()).await.expect("begun");
    let purge = purge_of(&stored).await;
    stored.work().await;
    assert_eq!(stored.status(purge).await, "look None", "it waits");
    jobs::settle(stored.app(), &job, &made).await.expect("noted");
    assert_eq!(stored.world.count("select count(*) from exports where status = 'ready'").await, 1);
    stored.world.travel(TimeDelta::seconds(61));
    stored.work().await;
    assert_eq!(stored.status(purge).await, "done");
    assert_eq!(stored.keys(&prefix).await, [""; 0]);
    assert_eq!(stored.app().outside.storage.abort_uploads(&prefix).await.expect("asked"), 0, "nothing is half there");
    stored.clean().await;
}

#[tokio::test]
async fn an_export_that_nobody_makes_just_now_keeps_no_purge_waiting_and_nobody_elses_ends() {
    let stored = Stored::start().await;
    let world = &stored.world;
    let ada = is_due(&stored).await;
    let globex = world.log_in("globex", "ada@globex.example").await;
    // Both have failed, and are tried again in an hour.
    for admin in [&ada, &globex] {
        world.post("/api/v1/tenant/exports").by(admin).json(json!({})).await.expect(202);
    }
    world.sql("update jobs set next_at = next_at + interval '1 hour', attempts = 3 where kind = 'export'").await;
    purge::begin_due(stored.app()).await.expect("begun");
    let purge = purge_of(&stored).await;
    stored.work().await;
    assert_eq!(stored.status(purge).await, "done");
    let outcomes: Vec<(String, Option<String>)> =
        sqlx::query_as("select t.slug, j.outcome from jobs j join tenants t on t.id = j.tenant_id where j.kind = 'export' order by 1")
            .fetch_all(stored.app().db.pool())
            .await
            .expect("rows");
    assert_eq!(outcomes, [("acme".into(), Some("failed".into())), ("globex".into(), None)]);
    assert_eq!(world.count("select count(*) from audit_logs where action = 'ExportFailed'").await, 1);
    assert_eq!(world.last_event("ExportFailed").await["data"]["tenant_id"], json!(stored.id("acme").await));
    stored.clean().await;
}

#[tokio::test]
async fn of_archives_that_are_ready_the_three_newest_stay_and_nobody_elses_go() {
    let stored = Stored::start().await;
    let world = &stored.world;
    let (ada, globex) = (world.log_in("acme", "ada@acme.example").await, world.log_in("globex", "ada@globex.example").await);
    let mut asked = Vec::new();
    world.post("/api/v1/tenant/exports").by(&globex).json(json!({})).await.expect(202);
    for _ in 0..4 {
        asked.push(world.post("/api/v1/tenant/exports").by(&ada).json(json!({})).await.expect(202).body["id"].clone());
        stored.work().await;
        world.travel(TimeDelta::minutes(1));
    }
    let path = |n: usize| format!("/api/v1/tenant/exports/{}/download", asked[n].as_str().expect("an id"));
    world.get(&path(0)).by(&ada).await.refused(404, "export_not_found");
    assert_eq!(world.get(&path(1)).by(&ada).await.status, 200);
    backups::keep(stored.app()).await.expect("kept");
    let (acme, globex) = (stored.id("acme").await, stored.id("globex").await);
    assert_eq!(stored.keys(&format!("exports/{acme}/")).await.len(), 3);
    assert_eq!(stored.keys(&format!("exports/{globex}/")).await.len(), 1);
    assert_eq!(world.count("select count(*) from audit_logs where action = 'ExportExpired'").await, 1);
    stored.clean().await;
}

#[tokio::test]
async fn an_archive_that_does_not_go_keeps_no_other_one() {
    let stored = Stored::start().await;
    let world = &stored.world;
    for slug in ["acme", "globex"] {
        let ada = world.log_in(slug, &format!("ada@{slug}.example")).await;
        world.post("/api/v1/tenant/exports").by(&ada).json(json!({})).await.expect(202);
    }
    stored.work().await;
    // The store knows no such key.
    world.sql("update exports set object_key = '', expires_at = expires_at - interval '1 day' where tenant_id = (select id from tenants where slug = 'acme')").await;
    world.travel(TimeDelta::days(7));
    exports::expire(stored.app()).await.expect_err("one stays");
    let left: Vec<String> =
        sqlx::query_scalar("select t.slug from exports e join tenants t on t.id = e.tenant_id where e.status = 'ready'")
            .fetch_all(stored.app().db.pool())
            .await
            .expect("rows");
    assert_eq!(left, ["acme"]);
    stored.clean().await;
}
