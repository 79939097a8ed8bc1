//! Who belongs, as what, and how that ends.

use axum::http::Method;
use serde_json::json;

use crate::{
    provider::Provider,
    sign_in::meanwhile,
    sign_up::futures_join,
    sso,
    world::{PASSWORD, World},
};

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
async fn an_admin_says_which_customers_are_vips_and_the_app_plane_hears_of_it() {
    let (world, acme, globex) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    let ana = world.member(&acme, "ana", "manager").await;
    let path = format!("/api/v1/members/{}", chloe.id);
    for (body, field, code) in [
        (json!({}), "role", "required"),
        (json!({ "role": "agent", "vip": true }), "vip", "invalid"),
        (json!({ "vip": null }), "role", "required"),
        (json!({ "vip": "yes" }), "vip", "invalid"),
    ] {
        let refused = world.patch(&path).by(&acme).json(body).await.refused(422, "validation_failed").body;
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!(field), &json!(code)));
    }
    let vip = json!({ "vip": true });
    world.patch(&path).by(&ana).json(vip.clone()).await.refused(403, "forbidden");
    world.patch(&path).by(&chloe).json(vip.clone()).await.refused(403, "forbidden");
    world.patch(&path).by(&globex).json(vip.clone()).await.refused(404, "not_found");
    let marked = world.patch(&path).by(&acme).json(vip.clone()).await.expect(200).body;
    assert_eq!((&marked["vip"], &marked["role"], &marked["version"]), (&json!(true), &json!("customer"), &json!(3)));
    let told = world.last_event("UserUpdated").await["data"].take();
    assert_eq!((&told["user_id"], &told["vip"], &told["version"]), (&json!(chloe.id), &json!(true), &json!(3)));
    assert_eq!(world.count("select count(*) from app_people where vip").await, 1);
    let events = world.events().await.len();
    world.patch(&path).by(&acme).json(vip).await.expect(200);
    assert_eq!(world.events().await.len(), events, "nothing changed, nothing is told");
    assert_eq!(world.patch(&path).by(&acme).json(json!({ "vip": false })).await.expect(200).body["vip"], false);
    assert_eq!(world.count("select count(*) from memberships where vip").await, 0);
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
async fn whoever_was_removed_does_not_come_back_by_registering() {
    let (world, acme, _) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    // A second link, sent before the removal.
    world.register("globex", &chloe.email).await.expect(202);
    world.delete(&format!("/api/v1/members/{}", chloe.id)).by(&acme).await.expect(204);
    world.register("acme", &chloe.email).await.expect(202);
    let mail = world.mails(&chloe.email).await.pop().expect("a mail");
    assert_eq!(mail.subject, "Your registration at Organisation");
    assert!(!mail.text.contains("token="), "{}", mail.text);
    world.try_log_in("acme", &chloe.email, PASSWORD).await.refused(403, "email_not_verified");
    // Even a link of theirs that was left over admits nobody.
    world.sql("update email_tokens set used_at = null, expires_at = expires_at + interval '1 day' where tenant_id = (select id from tenants where slug = 'acme')").await;
    let links = world.mails(&chloe.email).await;
    let link = links[0].text.split_once("token=").expect("a link").1.split_whitespace().next().expect("a token").to_owned();
    world.post("/api/v1/auth/email/verify").at("acme").json(json!({ "token": link })).await.expect(204);
    world.try_log_in("acme", &chloe.email, PASSWORD).await.expect(401);
    let standing = "select count(*) from memberships m join tenants t on t.id = m.tenant_id where t.slug = 'acme' and m.status = 'removed'";
    assert_eq!(world.count(standing).await, 1);
    world.member(&acme, "chloe", "customer").await;
    world.log_in("acme", &chloe.email).await;
}

#[tokio::test]
async fn a_demotion_wins_over_what_the_admin_asks_for_at_that_moment() {
    let (world, acme, globex) = World::start().await;
    let provider = Provider::start().await;
    let (ana, ben) = (world.member(&acme, "ana", "admin").await, world.member(&acme, "ben", "agent").await);
    world.post("/api/v1/invitations").by(&acme).json(json!({ "email": "old@acme.example", "role": "agent" })).await.expect(201);
    let open = world.get("/api/v1/invitations?limit=1").by(&acme).await.expect(200).body["data"][0]["id"].clone();
    let (member, invitation) = (format!("/api/v1/members/{}", ben.id), format!("/api/v1/invitations/{open}"));
    for (method, path, body) in [
        (Method::PATCH, member.as_str(), Some(json!({ "role": "admin" }))),
        (Method::DELETE, member.as_str(), None),
        (Method::POST, "/api/v1/invitations", Some(json!({ "email": "friend@acme.example", "role": "admin" }))),
        (Method::DELETE, invitation.as_str(), None),
        (Method::PATCH, "/api/v1/tenant", Some(json!({ "organisation": "Mine" }))),
        (Method::POST, "/api/v1/tenant/support-access", Some(json!({ "hours": 1, "reason": "mine" }))),
        (Method::DELETE, "/api/v1/tenant/support-access", None),
        (Method::POST, "/api/v1/api-keys", Some(json!({ "name": "mine", "scopes": ["members:read"] }))),
        (Method::DELETE, "/api/v1/api-keys/1", None),
        (Method::PUT, sso::SETTINGS, Some(sso::settings(&provider))),
        (Method::DELETE, sso::SETTINGS, None),
    ] {
        let mut demotion = world.app.db.pool().begin().await.expect("begun");
        let sql = "update memberships set role = 'agent' where user_id = $1";
        sqlx::query(sql).bind(ana.id).execute(&mut *demotion).await.expect("demoted");
        let ask = world.ask(method.clone(), path).by(&ana);
        let ask = if let Some(body) = body { ask.json(body) } else { ask };
        let answer = meanwhile(&world, ask.into_future(), async { demotion.commit().await.expect("committed") }).await;
        answer.refused(403, "forbidden");
        sqlx::query("update memberships set role = 'admin' where user_id = $1")
            .bind(ana.id)
            .execute(world.app.db.pool())
            .await
            .expect("promoted");
    }
    let people = world.get("/api/v1/members?role=agent").by(&acme).await.expect(200).body;
    assert_eq!(people["data"][0]["email"], "ben@acme.example");
    assert_eq!(world.get("/api/v1/invitations").by(&acme).await.expect(200).body["data"][0]["status"], "pending");
    assert_eq!(world.get("/api/v1/tenant").by(&acme).await.expect(200).body["organisation"], "Organisation");
    assert_eq!(world.get("/api/v1/invitations").by(&globex).await.expect(200).body["data"], json!([]));
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
