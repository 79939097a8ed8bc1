//! Reports that nobody gets: whoever does not see all tickets, and whoever asks for what is none.

use serde_json::json;
use shared::session::Role;

use crate::{
    csat::resolved,
    world::{TestApp, minutes},
};

pub const REPORTS: [&str; 4] = ["overview", "sla", "agents", "volume"];

#[tokio::test]
async fn only_whoever_sees_all_tickets_by_their_role_is_told_what_they_come_to() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let (boss, adam, other) =
        (app.acme.manager("boss").await, app.acme.person("adam", Role::Admin).await, app.globex.manager("other").await);
    let ticket = resolved(&chloe, &ana).await;
    adam.patch("/api/v1/ticket-settings", json!({ "agents_see": "all" })).await.expect(200);
    app.drain().await;
    for report in REPORTS.iter().chain(&["tickets"]) {
        let path = format!("/api/v1/reports/{report}");
        for refused in [&chloe, &ana] {
            refused.get(&path).await.is(403, "forbidden");
        }
        other.at(&app.acme).get(&path).await.is(403, "tenant_mismatch");
        for told in [&boss, &adam] {
            told.get(&path).await.expect(200);
        }
    }
    let elsewhere = other.get("/api/v1/reports/overview").await.expect(200);
    assert_eq!((&elsewhere["totals"]["created"], &elsewhere["backlog"]), (&json!(0), &json!(0)), "another's tickets are never counted");
    let behind = other.get("/api/v1/reports/tickets?figure=resolved&count=true").await.expect(200);
    assert_eq!((&behind["data"], &behind["page"]["total"]), (&json!([]), &json!(0)));
    let here = boss.get("/api/v1/reports/tickets?figure=resolved&count=true").await.expect(200);
    assert_eq!((&here["data"][0]["ticket"]["id"], &here["page"]["total"]), (&json!(ticket), &json!(1)));
    app.drain().await;
}

#[tokio::test]
async fn days_parts_and_groups_that_are_none_are_refused_by_their_name() {
    let app = TestApp::start().await;
    let boss = app.acme.manager("boss").await;
    for (query, field, code) in [
        ("from=yesterday", "from", "invalid"),
        ("from=2026-02-30", "from", "invalid"),
        ("to=2026-13-01", "to", "invalid"),
        ("to=", "to", "invalid"),
        ("from=1969-12-31", "from", "out_of_range"),
        ("to=9999-12-31", "to", "out_of_range"),
        ("from=2026-03-02&to=2026-03-01", "from", "out_of_range"),
        ("from=2026-03-03", "from", "out_of_range"),
        ("from=2025-01-01&to=2026-01-02", "from", "out_of_range"),
        ("group_by=colour", "group_by", "unknown_value"),
        ("group_by=", "group_by", "unknown_value"),
        ("from=2026-03-01&from=2026-03-02", "from", "duplicate_field"),
        ("since=2026-03-01", "since", "unknown_field"),
    ] {
        for report in REPORTS.iter().chain(&["tickets"]) {
            let refused = boss.get(&format!("/api/v1/reports/{report}?{query}")).await.is(422, "validation_failed");
            let told = (&refused["errors"][0]["field"], &refused["errors"][0]["code"]);
            assert_eq!(told, (&json!(field), &json!(code)), "{report} {query}");
        }
    }
    for (report, way) in [
        ("overview", "priority"),
        ("overview", "agent"),
        ("agents", "day"),
        ("agents", "category"),
        ("volume", "agent"),
        ("volume", "rating"),
        ("tickets", "day"),
    ] {
        let refused = boss.get(&format!("/api/v1/reports/{report}?group_by={way}")).await.is(422, "validation_failed");
        let told = (&refused["errors"][0]["field"], &refused["errors"][0]["code"]);
        assert_eq!(told, (&json!("group_by"), &json!("unknown_value")), "{report} {way}");
    }
    for query in [
        "figure=everything",
        "group_by=agent",
        "group=7",
        "group_by=agent&group=me",
        "group_by=team&group=1.5",
        "figure=created&group_by=rating&group=5",
        "limit=0",
        "sort=minutes",
        "cursor=AAAA",
    ] {
        boss.get(&format!("/api/v1/reports/tickets?{query}")).await.is(422, "validation_failed");
    }
    app.drain().await;
}

#[tokio::test]
async fn a_page_of_one_number_is_no_page_of_another() {
    let app = TestApp::start().await;
    let (chloe, boss, other) = (app.acme.customer("chloe").await, app.acme.manager("boss").await, app.globex.manager("other").await);
    for n in 0..3 {
        chloe.opens(&n.to_string()).await;
        app.travel(minutes(1));
    }
    app.drain().await;
    let path = "/api/v1/reports/tickets";
    let first = boss.get(&format!("{path}?limit=1")).await.expect(200);
    let cursor = first["page"]["next_cursor"].as_str().expect("a second page");
    boss.get(&format!("{path}?limit=2&cursor={cursor}")).await.expect(200);
    for query in ["figure=resolved", "from=2026-03-01", "group_by=priority&group=medium", "sort=created_at"] {
        boss.get(&format!("{path}?{query}&cursor={cursor}")).await.is(422, "validation_failed");
    }
    other.get(&format!("{path}?cursor={cursor}")).await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn a_clock_that_is_none_is_not_taken_and_only_admins_set_it() {
    let app = TestApp::start().await;
    let (boss, adam) = (app.acme.manager("boss").await, app.acme.person("adam", Role::Admin).await);
    let path = "/api/v1/ticket-settings";
    boss.patch(path, json!({ "time_zone": "Europe/Paris" })).await.is(403, "forbidden");
    for wrong in [json!("Mars/Olympus"), json!(""), json!("europe/paris\u{0}"), json!(1), json!("+01:00")] {
        adam.patch(path, json!({ "time_zone": wrong })).await.is(422, "validation_failed");
    }
    assert_eq!(adam.get(path).await.expect(200), json!({ "agents_see": "own", "time_zone": "UTC" }));
    let set = adam.patch(path, json!({ "time_zone": "Europe/Paris" })).await.expect(200);
    assert_eq!(set, json!({ "agents_see": "own", "time_zone": "Europe/Paris" }));
    assert_eq!(app.globex.count("select count(*) from settings where time_zone <> 'UTC'").await, 0);
    app.drain().await;
}
