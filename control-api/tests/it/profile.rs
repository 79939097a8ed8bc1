//! One's own profile, and the tenant's settings.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_changed_name_is_told_in_every_tenant_where_one_belongs() {
    let (world, acme, globex) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    world.register("globex", &chloe.email).await.expect(202);
    world.verify(&chloe.email).await;
    let before = world.events().await.len();
    let changed = world.patch("/api/v1/auth/me").by(&chloe).json(json!({ "firstname": "Zoé", "locale": "fr" })).await.expect(200).body;
    assert_eq!((&changed["firstname"], &changed["lastname"], &changed["locale"]), (&json!("Zoé"), &json!("Bernard"), &json!("fr")));
    let told = world.events().await.split_off(before);
    let mut tenants: Vec<_> =
        told.iter().map(|e| (e["event"].clone(), e["data"]["firstname"].clone(), e["data"]["version"].clone())).collect();
    tenants.sort_by_key(|t| t.2.to_string());
    assert_eq!(tenants.len(), 2, "one event per membership: {told:?}");
    assert!(tenants.iter().all(|t| t.0 == "UserUpdated" && t.1 == "Zoé"), "{tenants:?}");
    assert_ne!(told[0]["tenant"], told[1]["tenant"]);
    let trail = "select count(*) from audit_logs where action = 'UserUpdated'
        and changes = '{\"before\": {\"firstname\": \"•••\", \"locale\": \"en\"}, \"after\": {\"firstname\": \"•••\", \"locale\": \"fr\"}}'";
    assert_eq!(world.count(trail).await, 2);
    for wrong in [json!({ "role": "admin" }), json!({ "email": "x@y.example" }), json!({ "id": 1 }), json!({ "email_verified": true })] {
        let answer = world.patch("/api/v1/auth/me").by(&chloe).json(wrong).await.refused(422, "validation_failed");
        assert_eq!(answer.wrong_field().1, "unknown_field");
    }
    assert_eq!(acme.slug, "acme");
    assert_eq!(world.get("/api/v1/auth/me").by(&globex).await.expect(200).body["firstname"], "Ada");
}

#[tokio::test]
async fn settings_keep_to_their_range_and_their_version() {
    let (world, acme, globex) = World::start().await;
    let shown = world.get("/api/v1/tenant").by(&acme).await.expect(200);
    assert_eq!((&shown.body["waiting_close_days"], &shown.body["resolved_close_hours"]), (&json!(7), &json!(24)));
    assert_eq!(shown.header("etag"), "\"1\"");
    for (field, value) in [
        ("waiting_close_days", json!(0)),
        ("waiting_close_days", json!(366)),
        ("waiting_close_days", json!(1.5)),
        ("waiting_close_days", json!("7")),
        ("resolved_close_hours", json!(i64::MAX)),
        ("resolved_close_hours", json!(-1)),
        ("organisation", json!("")),
        ("slug", json!("other")),
        ("status", json!("suspended")),
    ] {
        let answer = world.patch("/api/v1/tenant").by(&acme).json(json!({ field: value })).await.refused(422, "validation_failed");
        assert_eq!(answer.wrong_field().0, field);
    }
    let change = json!({ "organisation": "Acme & Söhne", "waiting_close_days": 14 });
    for other in ["\"9\"", "1", "W/\"2\"", ""] {
        world.patch("/api/v1/tenant").by(&acme).with("if-match", other).json(change.clone()).await.refused(412, "version_mismatch");
    }
    let changed = world.patch("/api/v1/tenant").by(&acme).with("if-match", "\"1\"").json(change).await.expect(200);
    assert_eq!(
        (&changed.body["organisation"], &changed.body["waiting_close_days"], &changed.body["resolved_close_hours"]),
        (&json!("Acme & Söhne"), &json!(14), &json!(24))
    );
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(world.last_event("TenantUpdated").await["data"]["waiting_close_days"], 14);
    assert_eq!(world.get("/api/v1/tenant").by(&globex).await.expect(200).body["organisation"], "Organisation");
}
