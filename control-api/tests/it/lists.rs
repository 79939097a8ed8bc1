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

/// A run of migrations whose databases are listed.
const RUN: &str = "00000000-0000-0000-0000-000000000003";
/// It and two others.
const RUNS: &str = "insert into migration_runs (id, target, digest, state, parallel, max_failures, created_at, finished_at)
        select ('00000000-0000-0000-0000-00000000000' || n)::uuid, 3, 'x', 'done', 4, 1, now(), now() from generate_series(1, 3) n;
    insert into migration_targets (run_id, tenant_id, wave, state, next_at)
        select '00000000-0000-0000-0000-000000000003', id, 1, 'failed', now() from tenants";

/// Who asks for a list.
#[derive(Clone, Copy)]
enum By<'a> {
    Member(&'a Person),
    Operator(&'a str),
}

impl By<'_> {
    async fn get(self, world: &World, path: &str, query: &str) -> Answer {
        let path = format!("{}?{query}", path.replace("{id}", RUN).replace("{slug}", "acme"));
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
            ids.extend(
                page["data"]
                    .as_array()
                    .expect("rows")
                    .iter()
                    .map(|row| row.get("id").or(row.get("number")).unwrap_or(&row["tenant_id"]).clone()),
            );
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
    world.sql(BACKUPS).await;
    world.sql(MONEY).await;
    ana
}

/// Three backups, drills and exports, of which only the books know.
const BACKUPS: &str = "
    insert into backups (id, tenant_id, folder, taken_at, made_at, schema_version, tables, row_count, dump_bytes, files, file_bytes,
        manifest_hash, sealed_key, key_id)
    select gen_random_uuid(), t.id, '', now(), now(), 1, 1, 1, 1, 0, 0, '', '', 'k1'
    from tenants t, generate_series(1, 3)
    where t.slug = 'acme';
    insert into backup_drills (id, backup_id, tenant_id, taken_at, started_at, ended_at, is_equal, row_count)
    select gen_random_uuid(), id, tenant_id, now(), now(), now(), true, 1 from backups;
    insert into exports (id, tenant_id, asked_by, asked_at, status)
    select gen_random_uuid(), t.id, (select min(id) from users), now(), 'expired'
    from tenants t, generate_series(1, 3)
    where t.slug = 'acme'";

/// Three invoices and three entries of credits, likewise.
const MONEY: &str = "
    insert into invoices (id, tenant_id, period, currency, created_at)
    select gen_random_uuid(), t.id, date '2026-01-01' + make_interval(months => n), 'EUR', now()
    from tenants t, generate_series(1, 3) n
    where t.slug = 'acme';
    update invoices set state = 'issued', number = 'test-' || id, organisation = 'Acme', issued_at = now();
    insert into credit_accounts (tenant_id, currency, balance, entries) select id, 'EUR', 3, 3 from tenants where slug = 'acme';
    insert into credit_entries (tenant_id, number, kind, amount, balance, reference, made_by, made_at)
    select t.id, n, 'gift', 1, n, 'test-' || n, '{}', now()
    from tenants t, generate_series(1, 3) n
    where t.slug = 'acme'";

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
        ("/api/v1/operator/clusters", "", operator, false),
        ("/api/v1/operator/audit-logs", "", operator, true),
        ("/api/v1/operator/migrations", "", operator, true),
        ("/api/v1/operator/migrations/{id}/tenants", "", operator, false),
        ("/api/v1/operator/migrations/{id}/tenants", "&state=failed", operator, false),
        ("/api/v1/operator/jobs", "", operator, true),
        ("/api/v1/operator/jobs", "&kind=retire", operator, true),
        ("/api/v1/operator/jobs", "&status=waiting", operator, true),
        ("/api/v1/operator/audit-logs", "&resource=api_key", operator, true),
        ("/api/v1/tenant/exports", "", admin, true),
        ("/api/v1/operator/backups", "", operator, true),
        ("/api/v1/operator/backups", "&tenant=acme", operator, true),
        ("/api/v1/operator/drills", "", operator, true),
        ("/api/v1/tenant/invoices", "", admin, true),
        ("/api/v1/operator/invoices", "", operator, true),
        ("/api/v1/operator/invoices", "&tenant=acme", operator, true),
        ("/api/v1/operator/invoices", "&state=issued", operator, true),
        ("/api/v1/operator/tenants/{slug}/credits", "", operator, true),
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
    for name in ["one", "two", "three"] {
        let sql = "insert into clusters (name, sealed_admin_url, key_id, host, port, created_at, updated_at) values ($1, 'x', 'k1', 'x', 1, now(), now())";
        sqlx::query(sql).bind(name).execute(world.app.db.pool()).await.expect("a cluster");
    }
    let (own, _) = (world.own("acme").await, world.own("globex").await);
    let ana = fill(&world, &acme).await;
    own.writes(5, ana.id, world.app.clock.now()).await;
    let operator = signed_in(&world).await;
    world.sql("insert into jobs (id, kind, step, is_exclusive, next_at, asked_by, created_at) select gen_random_uuid(), 'retire', 'drop', false, now(), '{}', now() from generate_series(1, 3)").await;
    world.sql(RUNS).await;
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
