//! The control plane's audit trail.

use serde_json::{Value, json};

use crate::world::{PASSWORD, Person, World};

async fn rows(world: &World, filter: &str) -> Vec<Value> {
    let sql = format!(
        "select to_jsonb(a) || jsonb_build_object('slug', t.slug) from audit_logs a left join tenants t on t.id = a.tenant_id where {filter} order by a.id"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(world.app.db.pool()).await.expect("rows")
}

#[tokio::test]
async fn whoever_was_not_let_in_and_whatever_was_refused_stands_in_the_tenants_trail() {
    let (world, acme, globex) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.try_log_in("acme", &ana.email, "CANARY-PASSWORD-1").await.refused(401, "unauthenticated");
    world.try_log_in("acme", "canary-nobody@acme.example", "CANARY-PASSWORD-2").await.refused(401, "unauthenticated");
    world.try_log_in("globex", &ana.email, "CANARY-PASSWORD-3").await.refused(401, "unauthenticated");
    world.patch("/api/v1/tenant").by(&ana).json(json!({ "organisation": "Mine" })).await.refused(403, "forbidden");
    world.delete(&format!("/api/v1/members/{}", acme.id)).by(&acme).await.refused(409, "conflict");
    // None of these: a refresh without a session, a question, a token of another tenant.
    world.post("/api/v1/auth/refresh").at("acme").json(json!({ "refresh_token": "x" })).await.refused(401, "unauthenticated");
    world.get("/api/v1/tenant").by(&ana).await.refused(403, "forbidden");
    world.patch("/api/v1/tenant").at("acme").bearing(&globex.access).json(json!({})).await.refused(403, "tenant_mismatch");
    world.refusals(5).await;
    let refused = rows(&world, "outcome = 'error'").await;
    let told: Vec<_> = refused
        .iter()
        .map(|r| {
            (
                r["slug"].as_str().unwrap(),
                r["action"].as_str().unwrap(),
                r["resource"].as_str().unwrap(),
                r["actor"]["kind"].as_str().unwrap(),
                r["status"].as_i64().unwrap(),
            )
        })
        .collect();
    let (known, removed) = (format!("user:{}", ana.id), format!("user:{}", acme.id));
    let login = "POST /api/v1/auth/login";
    let mut expected = vec![
        ("acme", login, known.as_str(), "anonymous", 401),
        ("acme", login, "login", "anonymous", 401),
        ("globex", login, "login", "anonymous", 401),
        ("acme", "PATCH /api/v1/tenant", "tenant", "person", 403),
        ("acme", "DELETE /api/v1/members/{user_id}", removed.as_str(), "person", 409),
    ];
    let mut told = told;
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
    let text = json!(refused).to_string();
    assert!(!text.to_lowercase().contains("canary"), "{text}");
}

#[tokio::test]
async fn a_change_says_before_and_after_and_hides_who_people_are() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.patch(&format!("/api/v1/members/{}", ana.id)).by(&acme).json(json!({ "role": "manager" })).await.expect(200);
    world.patch("/api/v1/tenant").by(&acme).json(json!({ "organisation": "Acme & Co" })).await.expect(200);
    let role = rows(&world, "action = 'UserUpdated' and a.changes ? 'before'").await.remove(0);
    assert_eq!(role["changes"], json!({ "before": { "role": "agent" }, "after": { "role": "manager" } }));
    assert_eq!((&role["slug"], &role["resource"]), (&json!("acme"), &json!(format!("user:{}", ana.id))));
    let settings = rows(&world, "action = 'TenantUpdated'").await.remove(0);
    assert_eq!(settings["changes"]["before"]["organisation"], "Organisation");
    assert_eq!(settings["changes"]["after"]["organisation"], "Acme & Co");
    let all = json!(rows(&world, "true").await).to_string();
    assert!(!all.contains("@acme.example") && !all.contains("Lopez"), "people are told of by their ids: {all}");
    assert_eq!(rows(&world, "tenant_id is null").await.len(), 0, "each row names its tenant");
}

#[tokio::test]
async fn a_row_says_from_where_by_which_request_and_how_long_it_took() {
    let (world, acme, _) = World::start().await;
    let change = world.patch("/api/v1/tenant").by(&acme).json(json!({ "organisation": "Acme & Co" }));
    let answer = change.with("x-forwarded-for", "203.0.113.7").with("user-agent", "A browser").await.expect(200);
    let told = rows(&world, "action = 'TenantUpdated'").await;
    assert_eq!(told.len(), 1);
    let row = &told[0];
    assert_eq!(row["request_id"], answer.header("x-request-id"));
    assert_eq!((&row["ip"], &row["user_agent"]), (&json!("203.0.113.7"), &json!("A browser")));
    assert_eq!(row["actor"], json!({ "kind": "person", "id": acme.id, "role": "admin" }));
    assert_eq!((&row["outcome"], &row["slug"]), (&json!("success"), &json!("acme")));
    let took = row["duration_us"].as_i64().expect("a duration");
    assert!((1..60_000_000).contains(&took), "{took}");
}

/// All pages of a list, by their ids.
async fn pages(world: &World, by: &Person, query: &str, limit: i64) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/audit-logs?limit={limit}{query}{cursor}");
        let page = world.get(&path).by(by).await.expect(200).body;
        all.extend(page["data"].as_array().expect("rows").clone());
        match page["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn an_admin_sees_both_planes_as_one_list_and_nothing_of_another_organisation() {
    let (world, acme, globex) = World::start().await;
    let (own, other) = (world.own("acme").await, world.own("globex").await);
    let ana = world.member(&acme, "ana", "agent").await;
    // Before, among and after what the control plane has written; several at one moment.
    own.writes(7, ana.id, world.app.clock.now()).await;
    other.writes(3, globex.id, world.app.clock.now()).await;
    let whole = pages(&world, &acme, "", 100).await;
    let of = |plane: &str| whole.iter().filter(|row| row["plane"] == plane).count() as i64;
    let control = "select count(*) from audit_logs where tenant_id = (select id from tenants where slug = 'acme')";
    assert_eq!((of("app"), of("control")), (7, world.count(control).await));
    for limit in [1, 2, 5] {
        assert_eq!(ids(&pages(&world, &acme, "", limit).await), ids(&whole), "pages of {limit}");
    }
    let times: Vec<_> = whole.iter().map(|row| row["at"].as_str().expect("a time")).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let row = whole.iter().find(|row| row["id"] == "app-7").expect("the newest of the tenant's own");
    assert_eq!(row["actor"], json!({ "kind": "person", "id": ana.id, "role": "agent", "name": "ana Lopez" }));
    let theirs = pages(&world, &globex, "", 100).await;
    let mine: std::collections::BTreeSet<String> =
        whole.iter().map(|row| row["request_id"].to_string()).filter(|id| id != "null").collect();
    assert!(theirs.iter().all(|row| !mine.contains(&row["request_id"].to_string())));
    // A cursor is good for its own list alone.
    let first = world.get("/api/v1/audit-logs?limit=1").by(&acme).await.expect(200).body;
    let cursor = first["page"]["next_cursor"].as_str().expect("more").to_owned();
    world.get(&format!("/api/v1/audit-logs?limit=1&cursor={cursor}")).by(&globex).await.refused(422, "validation_failed");
    world.get(&format!("/api/v1/audit-logs?limit=1&user=1&cursor={cursor}")).by(&acme).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn what_is_begun_stands_in_the_trail_though_nothing_may_come_of_it() {
    let (world, acme, _) = World::start().await;
    assert_eq!(rows(&world, "action = 'TwoFactorBegun' and slug = 'acme'").await.len(), 1);
    world.post("/api/v1/auth/2fa/setup").by(&acme).await.expect(200);
    let wish = json!({ "email": "other@acme.example", "password": PASSWORD });
    world.post("/api/v1/auth/email/change").by(&acme).json(wish).await.expect(202);
    let told = rows(&world, "action in ('TwoFactorBegun', 'EmailChangeAsked') and slug = 'acme'").await;
    let told: Vec<_> = told.iter().map(|r| (r["action"].as_str().unwrap(), r["resource"].as_str().unwrap())).collect();
    let whom = format!("user:{}", acme.id);
    assert_eq!(told, [("TwoFactorBegun", whom.as_str()), ("TwoFactorBegun", &whom), ("EmailChangeAsked", &whom)]);
}

#[tokio::test]
async fn wrong_proofs_stand_in_the_tenants_trail_though_no_host_named_it() {
    let (world, acme, globex) = World::start().await;
    // The second factor.
    let challenge = world.try_log_in("acme", &acme.email, PASSWORD).await.expect(200).body["challenge_token"].clone();
    let code = json!({ "challenge_token": challenge, "code": "000000" });
    world.post("/api/v1/auth/2fa/verify").json(code).await.refused(401, "unauthenticated");
    // An invitation to somebody who has an account.
    world.post("/api/v1/invitations").by(&acme).json(json!({ "email": globex.email, "role": "agent" })).await.expect(201);
    let token = world.token_for(&globex.email).await;
    let accept = json!({ "token": token, "password": "another-long-secret-77", "firstname": "G", "lastname": "L" });
    world.post("/api/v1/auth/invitations/accept").json(accept).await.refused(401, "unauthenticated");
    // An address that two claim.
    world.register("acme", "chloe@acme.example").await.expect(202);
    let rival = crate::world::register_form("chloe@acme.example", "rival-long-secret-77");
    world.post("/api/v1/auth/register").at("acme").json(rival).await.expect(202);
    let token = world.token_for("chloe@acme.example").await;
    let verify = json!({ "token": token, "password": "another-long-secret-77" });
    world.post("/api/v1/auth/email/verify").json(verify).await.refused(401, "unauthenticated");
    // Links to a new password and to come in, of a tenant that is closed meanwhile or of somebody who is gone.
    let dana = world.customer("acme", "dana").await;
    world.patch("/api/v1/tenant").by(&acme).json(json!({ "customer_magic_link": true })).await.expect(200);
    world.post("/api/v1/auth/magic-link").at("acme").json(json!({ "email": dana.email })).await.expect(202);
    let token = world.token_for(&dana.email).await;
    world.sql("update tenants set status = 'suspended' where slug = 'acme'").await;
    world.post("/api/v1/auth/magic-link/login").json(json!({ "token": token })).await.refused(403, "tenant_suspended");
    world.refusals(4).await;
    let told: Vec<_> = rows(&world, "outcome = 'error'").await.iter().map(|r| (r["slug"].clone(), r["resource"].clone())).collect();
    let of = |email: &'static str| world.count_of("select id from users where email = $1", email);
    let mut expected = Vec::new();
    for email in ["admin@acme.example", "admin@globex.example", "chloe@acme.example", "dana@acme.example"] {
        expected.push((json!("acme"), json!(format!("user:{}", of(email).await))));
    }
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_list_holds_what_its_filters_say_and_nonsense_is_refused() {
    let (world, acme, _) = World::start().await;
    let own = world.own("acme").await;
    let ana = world.member(&acme, "ana", "agent").await;
    let now = world.app.clock.now();
    own.writes(5, ana.id, now - chrono::TimeDelta::hours(2)).await;
    world.patch("/api/v1/tenant").by(&ana).json(json!({})).await.refused(403, "forbidden");
    world.refusals(1).await;
    let at = |minutes: i64| (now - chrono::TimeDelta::minutes(minutes)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let (from, to) = (format!("&from={}", at(123)), format!("&to={}", at(60)));
    for (query, count) in [
        ("&action=TicketEdited".to_owned(), 5),
        ("&resource=ticket:3".into(), 1),
        ("&resource=ticket".into(), 5),
        ("&resource=tick".into(), 0),
        (format!("&user={}&action=TicketEdited", ana.id), 5),
        ("&user=424242".into(), 0),
        ("&outcome=error".into(), 1),
        (format!("&outcome=error&user={}", ana.id), 1),
        ("&outcome=error&action=TicketEdited".into(), 0),
        (format!("&action=TicketEdited{from}"), 4),
        (format!("{from}{to}"), 4),
        ("&action=%27%20or%20true%20--".into(), 0),
    ] {
        assert_eq!(pages(&world, &acme, &query, 2).await.len(), count, "{query}");
    }
    for query in [
        "user=x",
        "from=-9999-01-01T00:00:00Z",
        "to=%2B10000-01-01T00:00:00Z",
        "outcome=maybe",
        "from=yesterday",
        "limit=0",
        "limit=101",
        "cursor=x",
        "sort=at",
        "from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z",
    ] {
        world.get(&format!("/api/v1/audit-logs?{query}")).by(&acme).await.refused(422, "validation_failed");
    }
    let export = "/api/v1/audit-logs/export?format=csv&from=-9999-01-01T00:00:00Z";
    assert_eq!(world.get(export).by(&acme).await.refused(422, "validation_failed").wrong_field().0, "from");
    world.get("/api/v1/audit-logs/export?format=xml").by(&acme).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn a_list_without_the_tenants_own_rows_is_no_list() {
    let (world, acme, _) = World::start().await;
    world.own("acme").await;
    world.sql("update clusters set port = 1").await;
    world.get("/api/v1/audit-logs").by(&acme).await.refused(503, "unavailable");
    world.get("/api/v1/audit-logs/export?format=csv").by(&acme).await.refused(503, "unavailable");
    assert_eq!(world.count("select count(*) from audit_logs where action = 'AuditExported'").await, 0);
}

#[tokio::test]
async fn an_export_has_every_row_once_runs_no_formula_and_stands_in_the_trail() {
    let (world, acme, _) = World::start().await;
    let own = world.own("acme").await;
    own.writes(1234, acme.id, world.app.clock.now() - chrono::TimeDelta::minutes(1)).await;
    world.travel(chrono::TimeDelta::seconds(1));
    let listed = pages(&world, &acme, "", 100).await;
    let agent = [("user-agent", "=cmd|' /C calc'!A0")];
    let text = world.get("/api/v1/audit-logs/export?format=jsonl").by(&acme).with(agent[0].0, agent[0].1).await.expect(200).text;
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines, listed);
    world.travel(chrono::TimeDelta::seconds(1));
    let answer = world.get("/api/v1/audit-logs/export?format=csv&outcome=success").by(&acme).await.expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"audit-log.csv\"");
    let mut table = csv::Reader::from_reader(answer.text.as_bytes());
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), listed.len() + 1, "and the export before");
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
    let exported = &rows[0];
    assert_eq!((exported.get(7), exported.get(13)), (Some("AuditExported"), Some("'=cmd|' /C calc'!A0")));
    let told = pages(&world, &acme, "&action=AuditExported", 10).await;
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["changes"]["after"]["filter"]["outcome"], "success");
}

#[tokio::test]
async fn whoever_proves_in_an_act_who_they_are_is_its_author() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.enrol("acme", &acme.access).await;
    world.travel(chrono::TimeDelta::seconds(30));
    world.log_in("acme", &acme.email).await;
    world.post("/api/v1/auth/logout").json(json!({ "refresh_token": ana.refresh })).await.expect(204);
    world.post("/api/v1/auth/password/forgot").at("acme").json(json!({ "email": ana.email })).await.expect(202);
    let reset = json!({ "token": world.token_for(&ana.email).await, "password": "walnut-zebra-canoe-77" });
    world.post("/api/v1/auth/password/reset").at("acme").json(reset).await.expect(204);
    for (action, id, role) in [
        ("TenantCreated", acme.id, "admin"),
        ("SignedIn", acme.id, "admin"),
        ("InvitationAccepted", ana.id, "agent"),
        ("SessionsEnded", ana.id, "agent"),
        ("PasswordChanged", ana.id, "agent"),
    ] {
        let by = rows(&world, "outcome = 'success'").await;
        let by: Vec<_> = by.iter().filter(|r| r["action"] == action && r["slug"] == "acme").map(|r| r["actor"].clone()).collect();
        assert!(by.contains(&json!({ "kind": "person", "id": id, "role": role })), "{action} {by:?}");
        assert!(by.iter().all(|actor| actor["kind"] == "person"), "{action} {by:?}");
    }
}
