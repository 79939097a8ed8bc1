//! Who belongs, as what, and how that ends.

use serde_json::json;

use crate::{sign_up::futures_join, world::World};

#[tokio::test]
async fn a_tenant_keeps_an_admin() {
    let (world, acme, _) = World::start().await;
    let path = format!("/api/v1/members/{}", acme.id);
    world.delete(&path).by(&acme).await.refused(409, "conflict");
    world.patch(&path).by(&acme).json(json!({ "role": "agent" })).await.refused(409, "conflict");
    let second = world.member(&acme, "ana", "admin").await;
    world.patch(&path).by(&acme).json(json!({ "role": "agent" })).await.refused(409, "conflict");
    world.patch(&path).by(&second).json(json!({ "role": "agent" })).await.expect(200);
    world.get("/api/v1/members").by(&acme).await.refused(403, "forbidden");
}

#[tokio::test]
async fn two_admins_cannot_remove_each_other_at_once() {
    let (world, acme, _) = World::start().await;
    let second = world.member(&acme, "ana", "admin").await;
    let (first_path, second_path) = (format!("/api/v1/members/{}", acme.id), format!("/api/v1/members/{}", second.id));
    let both = [world.delete(&second_path).by(&acme).into_future(), world.delete(&first_path).by(&second).into_future()];
    let answers = futures_join(both).await;
    assert_eq!(answers.iter().filter(|a| a.status == 204).count(), 1);
    assert_eq!(world.count("select count(*) from memberships m join tenants t on t.id = m.tenant_id where t.slug = 'acme' and m.status = 'active' and m.role = 'admin'").await, 1);
}

#[tokio::test]
async fn another_role_counts_from_the_next_request_on() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "admin").await;
    world.get("/api/v1/members").by(&ana).await.expect(200);
    let path = format!("/api/v1/members/{}", ana.id);
    let changed = world.patch(&path).by(&acme).json(json!({ "role": "agent" })).await.expect(200).body;
    assert_eq!(changed["role"], "agent");
    world.get("/api/v1/members").by(&ana).await.refused(403, "forbidden");
    let told = world.last_event("UserUpdated").await["data"].take();
    assert_eq!((&told["role"], &told["active"], &told["version"]), (&json!("agent"), &json!(true), &json!(2)));
    let events = world.events().await.len();
    world.patch(&path).by(&acme).json(json!({ "role": "agent" })).await.expect(200);
    assert_eq!(world.events().await.len(), events, "nothing changed, nothing is told");
}

#[tokio::test]
async fn whoever_is_removed_is_out_at_once_and_may_come_back() {
    let (world, acme, globex) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let path = format!("/api/v1/members/{}", ana.id);
    world.delete(&path).by(&globex).await.refused(404, "not_found");
    world.delete(&path).by(&acme).await.expect(204);
    world.get("/api/v1/auth/me").by(&ana).await.refused(401, "unauthenticated");
    world.delete(&path).by(&acme).await.refused(404, "not_found");
    let told = world.last_event("UserUpdated").await["data"].take();
    assert_eq!((&told["active"], &told["version"]), (&json!(false), &json!(2)));
    assert_eq!(world.count("select count(*) from app_people where not active").await, 1);
    let back = world.member(&acme, "ana", "manager").await;
    assert_eq!(back.id, ana.id);
    let told = world.last_event("UserUpdated").await["data"].take();
    assert_eq!((&told["role"], &told["active"], &told["version"]), (&json!("manager"), &json!(true), &json!(3)));
}

#[tokio::test]
async fn the_list_shows_ones_own_people_and_filters_by_role() {
    let (world, acme, globex) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.customer("acme", "chloe").await;
    world.register("acme", "pending@acme.example").await.expect(202);
    let emails = async |query: &str| {
        let page = world.get(&format!("/api/v1/members{query}")).by(&acme).await.expect(200).body;
        page["data"].as_array().expect("rows").iter().map(|m| m["email"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(emails("").await, ["admin@acme.example", "ana@acme.example", "chloe@acme.example"]);
    assert_eq!(emails("?role=agent,customer").await, ["ana@acme.example", "chloe@acme.example"]);
    assert_eq!(emails("?role=manager").await, Vec::<String>::new());
    for query in ["role=boss", "limit=0", "limit=101", "limit=x", "cursor=x", "cursor=%00", "surprise=1"] {
        world.get(&format!("/api/v1/members?{query}")).by(&acme).await.refused(422, "validation_failed");
    }
    let path = format!("/api/v1/members/{}", ana.id);
    world.patch(&path).by(&globex).json(json!({ "role": "admin" })).await.refused(404, "not_found");
    world.patch(&path).by(&acme).json(json!({ "role": "boss" })).await.refused(422, "validation_failed");
    for id in ["0", "-1", "9223372036854775807", "9223372036854775808", "abc", "1.5", "%00"] {
        world.delete(&format!("/api/v1/members/{id}")).by(&acme).await.refused(404, "not_found");
    }
}
