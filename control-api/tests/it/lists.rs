//! What all lists of this plane have in common: order, count, and a cursor that is good for its own list alone.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use shared::testing::REFUSED_LISTS;

use crate::{
    operators::signed_in,
    passkeys::device,
    world::{Answer, Person, World},
};

/// Who asks for a list.
#[derive(Clone, Copy)]
enum By<'a> {
    Member(&'a Person),
    Operator(&'a str),
}

impl By<'_> {
    async fn get(self, world: &World, path: &str, query: &str) -> Answer {
        let path = format!("{path}?{query}");
        match self {
            Self::Member(person) => world.get(&path).by(person).await,
            Self::Operator(token) => world.get(&path).bearing(token).await,
        }
    }

    /// The ids of all pages, each of two rows; every page says the same total.
    async fn walk(self, world: &World, path: &str, query: &str) -> Vec<Value> {
        let (mut ids, mut totals, mut cursor) = (Vec::new(), BTreeSet::new(), String::new());
        loop {
            let page = self.get(world, path, &format!("limit=2&count=true{query}{cursor}")).await.expect(200).body;
            ids.extend(page["data"].as_array().expect("rows").iter().map(|row| row["id"].clone()));
            totals.insert(page["page"]["total"].as_u64().expect("a total"));
            match page["page"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(totals, [ids.len() as u64].into(), "{path} {query}");
        ids
    }
}

/// Three rows and more in every list of Acme.
async fn fill(world: &World, acme: &Person) -> Person {
    for name in ["ben", "cleo"] {
        world.member(acme, name, "agent").await;
    }
    let ana = world.member(acme, "ana", "agent").await;
    for name in ["One", "Two", "Three"] {
        device(world, &ana, name).await;
        world.post("/api/v1/api-keys").by(acme).json(json!({ "name": name, "scopes": ["tickets:read"] })).await.expect(201);
        world.post("/api/v1/tenant/support-access").by(acme).json(json!({ "hours": 1, "reason": name })).await.expect(201);
        world.delete("/api/v1/tenant/support-access").by(acme).await.expect(204);
        world.log_in("acme", &acme.email).await;
    }
    ana
}

/// Lists, and whether the newest is first unless told.
fn lists<'a>(acme: &'a Person, ana: &'a Person, operator: &'a str) -> Vec<(&'static str, &'static str, By<'a>, bool)> {
    let (admin, operator) = (By::Member(acme), By::Operator(operator));
    vec![
        ("/api/v1/members", "", admin, false),
        ("/api/v1/members", "&role=agent", admin, false),
        ("/api/v1/invitations", "", admin, true),
        ("/api/v1/auth/sessions", "", admin, true),
        ("/api/v1/api-keys", "", admin, true),
        ("/api/v1/tenant/support-access", "", admin, true),
        ("/api/v1/auth/passkeys", "", By::Member(ana), false),
        ("/api/v1/audit-logs", "", admin, true),
        ("/api/v1/audit-logs", "&action=ApiKeyCreated", admin, true),
        ("/api/v1/operator/tenants", "", operator, false),
        ("/api/v1/operator/audit-logs", "", operator, true),
        ("/api/v1/operator/audit-logs", "&resource=api_key", operator, true),
    ]
}

#[test]
fn every_operation_that_answers_a_page_is_in_the_table() {
    let document: Value = serde_json::from_str(&control_api::router::document().expect("a document")).expect("JSON");
    let ok = "/get/responses/200/content/application~1json/schema/$ref";
    let is_list = |item: &Value| json!({ "get": item["get"] }).pointer(ok).is_some_and(|r| r.to_string().contains("/Page_"));
    let paths = document["paths"].as_object().expect("paths");
    let told: BTreeSet<&str> = paths.iter().filter(|(_, item)| is_list(item)).map(|(path, _)| path.as_str()).collect();
    let nobody = Person { id: 0, slug: String::new(), email: String::new(), access: String::new(), refresh: String::new() };
    assert_eq!(told, lists(&nobody, &nobody, "").iter().map(|row| row.0).collect());
}

#[tokio::test]
async fn every_list_is_read_in_both_orders_and_counted() {
    let (world, acme, globex) = World::start().await;
    world.sql("insert into tenants (id, slug, lookalike, organisation, locale, created_at, updated_at) values (gen_random_uuid(), 'third', 'third', 'Third', 'en', now(), now())").await;
    let (own, _) = (world.own("acme").await, world.own("globex").await);
    let ana = fill(&world, &acme).await;
    own.writes(5, ana.id, world.app.clock.now()).await;
    let operator = signed_in(&world).await;
    for (path, filter, by, is_newest_first) in lists(&acme, &ana, &operator) {
        for (query, field, code) in REFUSED_LISTS {
            let refused = by.get(&world, path, &format!("{query}{filter}")).await.refused(422, "validation_failed");
            assert_eq!(refused.wrong_field(), (field.into(), code.into()), "{path} {query}");
        }
        let (usual, other) = if is_newest_first { ("-created_at", "created_at") } else { ("created_at", "-created_at") };
        let ids = by.walk(&world, path, filter).await;
        assert!(ids.len() >= 3, "{path} {filter}: {ids:?}");
        assert_eq!(by.walk(&world, path, &format!("&sort={usual}{filter}")).await, ids, "{path} {filter}");
        let mut back = by.walk(&world, path, &format!("&sort={other}{filter}")).await;
        back.reverse();
        assert_eq!(back, ids, "{path} {filter}");
        let first = by.get(&world, path, &format!("limit=1{filter}")).await.expect(200).body;
        assert!(first["page"].get("total").is_none(), "{path}: nobody asked for it");
        let cursor = first["page"]["next_cursor"].as_str().expect("more");
        by.get(&world, path, &format!("cursor={cursor}&sort={usual}{filter}")).await.expect(200);
        by.get(&world, path, &format!("cursor={cursor}&sort={other}{filter}")).await.refused(422, "validation_failed");
        if let By::Member(_) = by {
            let globex = By::Member(&globex);
            globex.get(&world, path, &format!("cursor={cursor}{filter}")).await.refused(422, "validation_failed");
            let theirs = globex.walk(&world, path, filter).await;
            assert!(theirs.len() < ids.len(), "{path} {filter}: of their own alone are counted: {theirs:?}");
        }
    }
}

#[tokio::test]
async fn a_trail_is_counted_as_far_as_to_ten_thousand() {
    let (world, acme, _) = World::start().await;
    let own = world.own("acme").await;
    own.writes(10_500, acme.id, world.app.clock.now()).await;
    for (filter, total) in [("", 10_000), ("action=TicketEdited&", 10_000), ("resource=ticket:7&", 11), ("action=Nothing&", 0)] {
        let page = world.ask(Method::GET, &format!("/api/v1/audit-logs?{filter}limit=1&count=true")).by(&acme).await.expect(200).body;
        assert_eq!(page["page"]["total"], total, "{filter}");
    }
}
