//! Whose newest backup is how late.

use serde_json::{Value, json};

use crate::{operators::signed_in, world::World};

/// A backup of a tenant that is so many days old.
async fn backup(world: &World, slug: &str, days: i32) -> String {
    let sql = "insert into backups (id, tenant_id, folder, taken_at, made_at, schema_version, tables, row_count, dump_bytes, files,
            file_bytes, manifest_hash, sealed_key, key_id)
         select gen_random_uuid(), id, 'x', now() - make_interval(days => $2), now(), 3, 1, 1, 1, 0, 0, '', '', 'k1'
         from tenants
         where slug = $1
         returning id::text";
    sqlx::query_scalar(sql).bind(slug).bind(days).fetch_one(world.app.db.pool()).await.expect("a backup")
}

/// The tenants of some rows.
fn of(rows: &Value) -> Vec<&str> {
    rows.as_array().expect("rows").iter().map(|row| row["tenant"].as_str().expect("a slug")).collect()
}

#[tokio::test]
async fn those_without_any_are_told_from_the_newest_of_each_and_both_from_the_latest_on() {
    let (world, ..) = World::start().await;
    world
        .sql(
            "insert into tenants (id, slug, lookalike, organisation, locale, status, created_at, updated_at)
             select gen_random_uuid(), slug, slug, slug, 'en', status, now(), now()
             from (values ('third', 'provisioning'), ('fourth', 'failed'), ('fifth', 'deleted')) v (slug, status);
             update tenants set created_at = now() - interval '1 year' where slug = 'globex'",
        )
        .await;
    let token = signed_in(&world).await;
    let late = async |query: &str| {
        let listed = world.get(&format!("/api/v1/operator/backups?late=true&count=true{query}")).bearing(&token).await.expect(200).body;
        assert_eq!(listed["page"]["next_cursor"], json!(null));
        listed
    };
    let none = late("").await;
    assert_eq!((of(&none["without"]), of(&none["data"]), &none["page"]["total"]), (vec!["globex", "acme"], vec![], &json!(2)));
    assert_eq!(of(&late("&limit=1").await["without"]), ["globex"]);
    backup(&world, "acme", 9).await;
    let acme = backup(&world, "acme", 3).await;
    // Neither what is being taken away nor what a moment has become is any night's.
    let (gone, moments) = (backup(&world, "acme", 0).await, backup(&world, "globex", 0).await);
    sqlx::query("update backups set deleting_at = now() where id::text = $1").bind(gone).execute(world.app.db.pool()).await.expect("gone");
    let restored = "insert into jobs (id, kind, step, is_exclusive, next_at, asked_by, created_at, outcome, finished_at)
         select $1::uuid, 'restore', 'swap', true, now(), '{}', now(), 'done', now()";
    sqlx::query(restored).bind(moments).execute(world.app.db.pool()).await.expect("restored");
    let half = late("").await;
    assert_eq!((of(&half["without"]), of(&half["data"])), (vec!["globex"], vec!["acme"]));
    let both = late("&limit=1").await;
    assert_eq!((of(&both["without"]), of(&both["data"])), (vec!["globex"], vec![]), "the limit is for both");
    world.sql("update tenants set status = 'suspended' where slug = 'globex'").await;
    let globex = backup(&world, "globex", 5).await;
    for (slug, days) in [("globex", 40), ("fifth", 50)] {
        backup(&world, slug, days).await;
    }
    let all = late("").await;
    assert_eq!((of(&all["without"]), of(&all["data"])), (vec![], vec!["globex", "acme"]), "the suspended one's data is data, too");
    assert_eq!((&all["data"][0]["id"], &all["data"][1]["id"]), (&json!(globex), &json!(acme)), "the newest of each");
    assert_eq!(of(&late("&limit=1").await["data"]), ["globex"]);
    let one = late("&tenant=acme").await;
    assert_eq!((of(&one["data"]), &one["page"]["total"]), (vec!["acme"], &json!(1)));
    // The other list stays what it was.
    let usual = world.get("/api/v1/operator/backups?late=false").bearing(&token).await.expect(200).body;
    assert_eq!((usual["data"].as_array().expect("rows").len(), usual.get("without")), (6, None));
}

#[tokio::test]
async fn whoever_has_just_come_hides_nobody_who_is_late() {
    let (world, ..) = World::start().await;
    world
        .sql(
            "insert into tenants (id, slug, lookalike, organisation, locale, status, cluster_id, database_name, role_name, sealed_password, key_id,
                created_at, updated_at)
             select gen_random_uuid(), 'new' || n, 'new' || n, 'New', 'en', 'active', cluster_id, 'new' || n, 'new' || n, 'x', 'k1',
                now() + n * interval '1 minute', now()
             from tenants, generate_series(1, 200) n
             where slug = 'acme'",
        )
        .await;
    for (slug, days) in [("acme", 2), ("globex", 9)] {
        backup(&world, slug, days).await;
    }
    let token = signed_in(&world).await;
    let late = async |limit: u32| {
        let path = format!("/api/v1/operator/backups?late=true&limit={limit}");
        let listed = world.get(&path).bearing(&token).await.expect(200).body;
        (of(&listed["data"]).join(" "), of(&listed["without"]).join(" "))
    };
    for (limit, data, without) in [(1, "globex", ""), (2, "globex acme", ""), (4, "globex acme", "new1 new2")] {
        assert_eq!(late(limit).await, (data.to_owned(), without.to_owned()), "{limit}");
    }
}

#[tokio::test]
async fn there_is_one_page_from_the_oldest_on() {
    let (world, ..) = World::start().await;
    for _ in 0..2 {
        backup(&world, "acme", 1).await;
    }
    let token = signed_in(&world).await;
    let ask = async |query: &str| world.get(&format!("/api/v1/operator/backups?{query}")).bearing(&token).await;
    let cursor = ask("limit=1").await.expect(200).body["page"]["next_cursor"].as_str().expect("a cursor").to_owned();
    for (query, field) in [
        ("late=true&sort=-created_at".to_owned(), "sort"),
        (format!("late=true&cursor={cursor}"), "cursor"),
        ("late=true&limit=101".to_owned(), "limit"),
        ("late=maybe".to_owned(), "late"),
    ] {
        assert_eq!(ask(&query).await.refused(422, "validation_failed").wrong_field().0, field, "{query}");
    }
    ask("late=true&sort=created_at").await.expect(200);
}
