//! Numbers (T-16): each is told with the tickets behind it, on the right day, once, and never of what went on elsewhere.

use std::time::Duration;

use app_api::{reports, worker};
use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::{
    broker::{Message, Outcome},
    session::Role,
};

use crate::{
    csat::{rates, resolved, token},
    merge::{merges, parts},
    world::{Caller, TestApp, TestTenant, minutes},
};

pub async fn report(caller: &Caller, path: &str) -> Value {
    caller.get(&format!("/api/v1/reports/{path}")).await.expect(200)
}

/// All rows behind a number, page by page, and the number that they are told with.
pub async fn behind(caller: &Caller, query: &str) -> (Vec<Value>, i64) {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = report(caller, &format!("tickets?limit=2&count=true&{query}{cursor}")).await;
        rows.extend(page["data"].as_array().expect("rows").iter().cloned());
        match page["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (rows, page["page"]["total"].as_i64().expect("a number")),
        }
    }
}

/// Facts and sums, whole.
async fn counted(tenant: &TestTenant) -> (Value, Value) {
    let all = async |sql: &'static str| sqlx::query_scalar(sql).fetch_one(&tenant.db).await.expect(sql);
    (
        all("select coalesce(jsonb_agg(to_jsonb(f) order by ticket_id, kind, source), '[]') from report_facts f").await,
        all("select coalesce(jsonb_agg(to_jsonb(d) order by dimension, day, kind, value), '[]') from report_days d where count <> 0").await,
    )
}

fn parts_of(report: &Value, figure: &str) -> Vec<(String, i64)> {
    let groups = report["groups"].as_array().expect("groups");
    groups
        .iter()
        .map(|group| (group["key"].as_str().unwrap_or_default().to_owned(), group["figures"][figure].as_i64().expect(figure)))
        .collect()
}

/// Two tickets, of which one is answered, resolved, taken back, resolved again and rated; the other one waits too long.
async fn a_day(app: &TestApp) -> (Caller, Caller, Caller) {
    let (chloe, ana, boss) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.manager("boss").await);
    let urgent = json!({ "subject": "Late", "description": "x", "priority": "urgent", "category": "billing" });
    chloe.post("/api/v1/tickets", urgent).await.expect(201);
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    app.travel(minutes(20));
    ana.notes(ticket, "Hm").await.expect(201);
    app.travel(minutes(5));
    ana.says(ticket, "On my way").await.expect(201);
    ana.sets(ticket, "resolved").await.expect(200);
    app.travel(minutes(10));
    chloe.sets(ticket, "in_progress").await.expect(200);
    app.travel(minutes(60));
    ana.sets(ticket, "resolved").await.expect(200);
    rates(&chloe, &token(&chloe, ticket).await, 4, "At last").await.expect(200);
    app.travel(minutes(400));
    app.drain().await;
    (chloe, ana, boss)
}

#[tokio::test]
async fn an_overview_tells_what_came_what_was_done_how_fast_and_what_is_left() {
    let app = TestApp::start().await;
    let (_, ana, boss) = a_day(&app).await;
    let seen = report(&boss, "overview").await;
    assert_eq!(
        seen["totals"],
        json!({
            "created": 2, "answered": 1, "resolved": 2, "reopened": 1, "closed_unresolved": 0,
            "first_response_minutes": 25.0, "resolution_minutes": 60.0,
            "response": { "met": 1, "breached": 1, "rate": 0.5 },
            "resolution": { "met": 1, "breached": 1, "rate": 0.5 },
            "csat": { "answers": 1, "average": 4.0 },
        })
    );
    assert_eq!((&seen["previous"]["created"], &seen["previous"]["first_response_minutes"]), (&json!(0), &json!(null)));
    assert_eq!(seen["first_response"], json!({ "median_minutes": 25, "p90_minutes": 25 }));
    assert_eq!(seen["resolution"], json!({ "median_minutes": 25, "p90_minutes": 95 }));
    assert_eq!(seen["ratings"][3], json!({ "rating": 4, "answers": 1 }));
    assert_eq!((&seen["backlog"], &seen["backlog_ages"][0]["tickets"]), (&json!(1), &json!(1)));
    assert_eq!(seen["period"], json!({ "from": "2026-02-01", "to": "2026-03-02", "time_zone": "UTC", "is_complete": true }));
    let days = seen["groups"].as_array().expect("days");
    assert_eq!(
        (days.len(), &days[29]["key"], &days[29]["backlog"], &days[28]["backlog"]),
        (30, &json!("2026-03-02"), &json!(1), &json!(0))
    );
    let agents = report(&boss, "agents").await;
    let first = &agents["groups"][0];
    assert_eq!((&first["key"], &first["label"], &first["open_tickets"]), (&json!(ana.id.to_string()), &json!("ana Test"), &json!(0)));
    assert_eq!(
        (&first["figures"]["resolved"], &first["figures"]["reopened"], &first["figures"]["csat"]["average"]),
        (&json!(2), &json!(1), &json!(4.0))
    );
    assert_eq!(agents["groups"].as_array().expect("agents").len(), 2, "whoever has done nothing yet stands there, too");
    let sla = report(&boss, "sla").await;
    assert_eq!(
        sla["groups"].as_array().expect("groups").iter().map(|group| group["key"].clone()).collect::<Vec<_>>(),
        ["urgent", "medium"]
    );
    assert_eq!(sla["groups"][0]["figures"]["response"], json!({ "met": 0, "breached": 1, "rate": 0.0 }));
    app.drain().await;
}

#[tokio::test]
async fn behind_each_number_stand_as_many_rows_whatever_it_is_divided_by() {
    let app = TestApp::start().await;
    let (_, _, boss) = a_day(&app).await;
    let figures = [
        ("created", "/created"),
        ("answered", "/answered"),
        ("resolved", "/resolved"),
        ("reopened", "/reopened"),
        ("closed_unresolved", "/closed_unresolved"),
        ("response_met", "/response/met"),
        ("response_breached", "/response/breached"),
        ("resolution_met", "/resolution/met"),
        ("resolution_breached", "/resolution/breached"),
        ("rated", "/csat/answers"),
    ];
    let mut looked = 0;
    for by in ["priority", "category", "channel", "team", "agent", "day"] {
        let seen = report(&boss, &format!("sla?group_by={by}")).await;
        for (figure, pointer) in figures {
            let total = seen["totals"].pointer(pointer).and_then(Value::as_i64).expect(figure);
            let mut sum = 0;
            for group in seen["groups"].as_array().expect("groups") {
                let number = group["figures"].pointer(pointer).and_then(Value::as_i64).expect(figure);
                let key = group["key"].as_str().unwrap_or_default();
                let days =
                    format!("figure={figure}&from={}&to={}", group["from"].as_str().expect("a day"), group["to"].as_str().expect("a day"));
                let query = if by == "day" { days } else { format!("{days}&group_by={by}&group={key}") };
                if by != "day" || number > 0 {
                    let (rows, told) = behind(&boss, &query).await;
                    assert_eq!((rows.len() as i64, told), (number, number), "{query}");
                    looked += 1;
                }
                sum += number;
            }
            assert_eq!(sum, total, "{figure} by {by}");
        }
    }
    assert!(looked > 80, "{looked}");
    let (rows, _) = behind(&boss, "figure=resolved").await;
    let told: Vec<_> =
        rows.iter().map(|row| (row["minutes"].clone(), row["agent"]["firstname"].clone(), row["ticket"]["subject"].clone())).collect();
    assert_eq!(told, [(json!(95), json!("ana"), json!("Printer on fire")), (json!(25), json!("ana"), json!("Printer on fire"))]);
    assert!(rows.iter().all(|row| row["comment"].is_null()), "only ratings have words");
    let (rows, _) = behind(&boss, "figure=rated&group_by=rating&group=4").await;
    assert_eq!((&rows[0]["rating"], &rows[0]["minutes"], &rows[0]["comment"]), (&json!(4), &json!(null), &json!("At last")));
    assert_eq!(behind(&boss, "figure=rated&group_by=rating&group=5").await.1, 0);
    let (oldest, _) = behind(&boss, "figure=resolved&sort=created_at").await;
    assert_eq!(oldest[0]["minutes"], 25);
    app.drain().await;
}

#[tokio::test]
async fn what_is_told_again_late_or_in_another_order_changes_nothing() {
    let app = TestApp::start().await;
    a_day(&app).await;
    let before = counted(&app.acme).await;
    assert!(before.0.as_array().is_some_and(|facts| facts.len() == 11), "{}", before.0);
    let messages: Vec<Message> = app.published.lock().unwrap().iter().filter(|m| m.tenant == app.acme.id).cloned().collect();
    let told = messages.iter().filter(|m| reports::QUEUE.topics.contains(&m.routing_key.as_str()));
    for message in told.rev() {
        assert_eq!(reports::note(&app.app, message.clone()).await, Outcome::Done);
        app.count(&app.acme).await;
    }
    assert_eq!(counted(&app.acme).await, before);
    // Nor does a message that names two tenants, or is none.
    let crafted = json!({ "event": "TicketCreated", "tenant": app.globex.id, "data": { "ticket_id": 1 } }).to_string();
    for body in [crafted, "{".into(), "{}".into()] {
        let message = Message { body: body.into_bytes(), ..messages[0].clone() };
        assert!(matches!(reports::note(&app.app, message).await, Outcome::GiveUp(_)));
    }
    for tenant in [&app.acme, &app.globex] {
        assert_eq!(tenant.count("select count(*) from report_due").await, 0);
    }
    assert_eq!(counted(&app.globex).await, (json!([]), json!([])));
    app.drain().await;
}

#[tokio::test]
async fn days_begin_by_the_organisations_clock_also_where_it_is_set_and_when_it_is_changed() {
    let app = TestApp::start().await;
    let (chloe, boss, adam) =
        (app.acme.customer("chloe").await, app.acme.manager("boss").await, app.acme.person("adam", Role::Admin).await);
    let zone = async |name: &str| adam.patch("/api/v1/ticket-settings", json!({ "time_zone": name })).await.expect(200);
    zone("Europe/Paris").await;
    let mut at = "2026-03-28T22:59:59Z".parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
    app.travel(at - app.clock.now());
    chloe.opens("Saturday's last").await;
    // The day on which clocks go forward has 23 hours.
    for (seconds, subject) in [(1, "Sunday's first"), (23 * 3600 - 1, "Sunday's last"), (1, "Monday's first")] {
        app.travel(TimeDelta::seconds(seconds));
        at += TimeDelta::seconds(seconds);
        chloe.opens(subject).await;
    }
    assert_eq!(at.to_rfc3339(), "2026-03-29T22:00:00+00:00");
    app.drain().await;
    let path = "volume?from=2026-03-28&to=2026-03-30";
    let days = |counts: [i64; 3]| ["2026-03-28", "2026-03-29", "2026-03-30"].map(str::to_owned).into_iter().zip(counts).collect::<Vec<_>>();
    assert_eq!(parts_of(&report(&boss, path).await, "created"), days([1, 2, 1]));
    let (rows, _) = behind(&boss, "from=2026-03-29&to=2026-03-29").await;
    assert_eq!(rows.iter().map(|row| row["ticket"]["subject"].clone()).collect::<Vec<_>>(), ["Sunday's last", "Sunday's first"]);
    // With another clock all is counted anew, ten minutes after it was touched.
    app.travel(minutes(11));
    app.count(&app.acme).await;
    zone("America/New_York").await;
    assert_eq!(report(&boss, path).await["period"]["is_complete"], false, "some of it is by the clock before");
    app.count(&app.acme).await;
    let seen = report(&boss, path).await;
    assert_eq!((&seen["period"]["is_complete"], &seen["period"]["time_zone"]), (&json!(true), &json!("America/New_York")));
    assert_eq!(parts_of(&seen, "created"), days([2, 2, 0]));
    assert_eq!(behind(&boss, "from=2026-03-28&to=2026-03-28").await.1, 2);
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_that_goes_on_in_another_counts_for_nothing_until_they_are_parted() {
    let app = TestApp::start().await;
    let (chloe, ana, boss) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.manager("boss").await);
    let (one, two) = (chloe.opens("One").await, chloe.opens("Two").await);
    app.travel(minutes(10));
    boss.says(one, "Hello").await.expect(201);
    app.travel(minutes(10));
    boss.says(two, "Hello again").await.expect(201);
    let three = resolved(&chloe, &ana).await;
    app.drain().await;
    let before = counted(&app.acme).await;
    let totals = async || {
        let seen = report(&boss, "overview").await;
        ["created", "answered", "resolved", "closed_unresolved"].map(|figure| seen["totals"][figure].as_i64().expect(figure))
    };
    assert_eq!(totals().await, [3, 2, 1, 0]);
    merges(&boss, one, two).await.expect(200);
    merges(&boss, three, two).await.expect(200);
    app.drain().await;
    assert_eq!(totals().await, [1, 1, 0, 0], "the closing of a duplicate is no end");
    let (rows, _) = behind(&boss, "figure=answered").await;
    assert_eq!((&rows[0]["ticket"]["id"], &rows[0]["minutes"]), (&json!(two), &json!(10)), "the answer that stands in the thread now");
    let left = "select count(*) from report_facts f join support_tickets t on t.id = f.ticket_id where t.merged_into is not null";
    assert_eq!(app.acme.count(left).await, 0);
    for ticket in [one, three] {
        parts(&boss, ticket).await.expect(200);
    }
    app.drain().await;
    assert_eq!(totals().await, [3, 2, 1, 0]);
    assert_eq!(counted(&app.acme).await, before);
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_counts_for_its_category_of_now_and_for_the_priority_of_then() {
    let app = TestApp::start().await;
    let (chloe, boss) = (app.acme.customer("chloe").await, app.acme.manager("boss").await);
    let ticket = chloe.opens("Printer on fire").await;
    app.drain().await;
    let by = async |by: &str| parts_of(&report(&boss, &format!("volume?group_by={by}")).await, "created");
    assert_eq!((by("category").await, by("priority").await), (vec![(String::new(), 1)], vec![("medium".into(), 1)]));
    let team = boss.post("/api/v1/teams", json!({ "name": "Repair" })).await.expect(201)["id"].clone();
    boss.patch(&format!("/api/v1/tickets/{ticket}"), json!({ "category": "=1+1", "priority": "high" })).await.expect(200);
    boss.post(&format!("/api/v1/tickets/{ticket}/assign"), json!({ "team_id": team })).await.expect(200);
    app.drain().await;
    assert_eq!((by("category").await, by("priority").await), (vec![("=1+1".into(), 1)], vec![("medium".into(), 1)]));
    let teams = report(&boss, "volume?group_by=team").await;
    assert_eq!((&teams["groups"][0]["key"], &teams["groups"][0]["label"]), (&json!(team.to_string()), &json!("Repair")));
    assert_eq!(behind(&boss, "group_by=category&group=%3D1%2B1").await.1, 1);
    assert_eq!(behind(&boss, "group_by=category&group=").await.1, 0);
    app.drain().await;
}

const OLD: &str = "
    insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
    select 'TKT-OLD' || n, $1, 'Heirloom ' || n, 'old', 'old', '2026-03-01', '2026-03-01' from generate_series(1, 450) n";

#[tokio::test]
async fn what_was_there_before_and_what_nobody_was_told_of_is_counted_by_and_by() {
    let app = TestApp::start().await;
    let (chloe, ana, boss) = (app.acme.customer("chloe").await, app.acme.agent("ana").await, app.acme.manager("boss").await);
    sqlx::query(OLD).bind(chloe.id).execute(&app.acme.db).await.expect(OLD);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let created = async || report(&boss, "overview").await["totals"]["created"].as_i64().expect("a number");
    let mut seen = vec![created().await];
    while worker::count_reports(&app.app, &tenant).await.expect("counted") == Some(Duration::ZERO) {
        assert_eq!(report(&boss, "overview").await["period"]["is_complete"], false);
        seen.push(created().await);
        assert!(seen.len() < 10, "{seen:?}");
    }
    seen.push(created().await);
    assert_eq!(seen, [0, 200, 400, 450]);
    assert_eq!(report(&boss, "overview").await["period"]["is_complete"], true);
    // Every message of these was lost: they are met ten minutes later.
    let ticket = resolved(&chloe, &ana).await;
    rates(&chloe, &token(&chloe, ticket).await, 5, "").await.expect(200);
    for (wait, expected) in [(0, 450), (9, 450), (2, 451)] {
        app.travel(minutes(wait));
        worker::count_reports(&app.app, &tenant).await.expect("counted");
        assert_eq!(created().await, expected, "{wait}");
    }
    rates(&chloe, &token(&chloe, ticket).await, 1, "").await.expect(200);
    app.travel(minutes(11));
    worker::count_reports(&app.app, &tenant).await.expect("counted");
    assert_eq!(report(&boss, "overview").await["totals"]["csat"], json!({ "answers": 1, "average": 1.0 }));
    app.drain().await;
    assert_eq!(created().await, 451);
    // Brought from elsewhere, with a past that the walk has gone by.
    let brought = "insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
        select 'TKT-FAR' || n, $1, 'Far ' || n, 'old', 'old', '2026-02-20', '2026-02-20' from generate_series(1, 250) n";
    sqlx::query(brought).bind(chloe.id).execute(&app.acme.db).await.expect(brought);
    app.count(&app.acme).await;
    assert_eq!(created().await, 701);
}

#[tokio::test]
async fn of_two_who_count_at_the_same_time_one_does() {
    let app = TestApp::start().await;
    let (chloe, boss) = (app.acme.customer("chloe").await, app.acme.manager("boss").await);
    for n in 0..20 {
        chloe.opens(&n.to_string()).await;
    }
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    worker::publish(&app.app, &tenant).await.expect("events go out");
    let messages: Vec<Message> = app.published.lock().unwrap().clone();
    for round in 0..5 {
        for message in &messages {
            assert_eq!(reports::note(&app.app, message.clone()).await, Outcome::Done);
        }
        let both = futures::future::join_all((0..4).map(|_| reports::count(&tenant, &app.clock))).await;
        assert!(both.iter().all(Result::is_ok), "{round}: {both:?}");
    }
    app.count(&app.acme).await;
    assert_eq!(report(&boss, "overview").await["totals"]["created"], 20);
    assert_eq!(behind(&boss, "figure=created").await.0.len(), 20);
    app.drain().await;
}
