//! Each query of the API has an index that serves it (T-1): on 100 000 tickets no plan scans a large
//! table from end to end. The plans are those of the statements that the service really runs:
//! PostgreSQL itself tells them.

mod rest;
mod words;

use std::sync::{Arc, Mutex};

use sqlx::AssertSqlSafe;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::{
    orders::shop::{amqp, asked_in, message, order},
    world::{Caller, Stream, TestApp, TestTenant},
};

const PEOPLE: &str = "
    insert into users (id, email, firstname, lastname, role, version)
    select 1000000 + n, n || '@acme.test', 'n', 'n', case when n < 20 then 'agent' else 'customer' end, 1 from generate_series(0, 219) n";
const TICKETS: &str = "
    insert into support_tickets (ticket_number, user_id, subject, description, description_html, priority, status, category, assigned_to, order_id, team_id, created_at, updated_at,
        sla_policy_id, sla_policy_version, sla_state, sla_next_at, resolution_due_at)
    select 'TKT-' || n, 1000000 + n % 200, 'Subject ' || n, 'x', 'x',
        (array['low', 'medium', 'high', 'urgent'])[1 + n % 4],
        (array['open', 'in_progress', 'waiting_customer', 'resolved', 'closed', 'closed', 'closed', 'closed'])[1 + n % 8],
        'category ' || n % 30,
        case when n % 8 = 0 then null else 1000000 + n % 20 end,
        case when n % 10 = 0 then 'A-' || n end,
        case when n % 3 = 0 then n % 20 end,
        now() - n * interval '1 minute', now() - n * interval '1 minute',
        1, 1, case n % 50 when 0 then 'breached' when 1 then 'warning' else 'running' end,
        case when n % 10 = 0 then now() + n * interval '1 minute' end, now() + n * interval '1 minute'
    from generate_series($1, $2) n";
const MESSAGES: &str = "
    insert into ticket_messages (ticket_id, sender_id, sender_type, message, message_html, created_at, updated_at)
    select id, user_id, 'customer', 'x', 'x', created_at, created_at from support_tickets where id between $1 and $2";
const HISTORY: &str = "
    insert into ticket_history (ticket_id, version, kind, to_value, created_at)
    select id, 1, 'status', status, created_at from support_tickets where id between $1 and $2";
const ENTRIES: &str = "
    insert into search_entries (ticket_id, message_id, is_internal, at, vector, words)
    select id, 0, false, created_at, search_ticket(ticket_number, subject, tags, description), search_spelling(ticket_number, subject)
    from support_tickets where id between $1 and $2
    union all
    select ticket_id, id, false, created_at, search_text('common ' || case when id % 5000 = 0 then 'rare' else '' end, 'C'), null
    from ticket_messages where ticket_id between $1 and $2";
/// What is counted of them, and a rating of each tenth: as if all had been resolved on the day on which they came.
const FACTS: &str = "
    insert into report_facts (ticket_id, kind, source, at, day, agent_id, priority, category, team_id, channel, value)
    select t.id, k.kind, 0, t.created_at, t.created_at::date, t.assigned_to, t.priority, t.category, t.team_id, t.channel, t.id % 500
    from support_tickets t
    cross join (values ('created'), ('resolved'), ('resolution_met')) k (kind)
    where t.id between $1 and $2";
const ANSWERS: &str = "
    insert into csat_answers (ticket_id, solving_id, solved_at, agent_id, rating, created_at, updated_at)
    select id, id, created_at, assigned_to, 1 + id % 5, created_at, created_at
    from support_tickets where id between $1 and $2 and id % 10 = 0";
const DAYS: &str = "
    insert into report_days (dimension, day, kind, value, count, total)
    select d.dimension, f.day, f.kind, d.value, count(*), sum(f.value)
    from report_facts f
    cross join lateral (values ('all', ''), ('value', f.value::text), ('agent', coalesce(f.agent_id::text, '')),
        ('priority', f.priority), ('category', f.category), ('team', coalesce(f.team_id::text, '')), ('channel', f.channel)) d (dimension, value)
    group by 1, 2, 3, 4";
const LARGE: [&str; 10] = [
    "support_tickets",
    "ticket_messages",
    "ticket_history",
    "events",
    "search_entries",
    "report_facts",
    "notifications",
    "ticket_attachments",
    "media_objects",
    "media_shares",
];

/// The plans that PostgreSQL tells, with their statements.
#[derive(Clone, Default)]
struct Plans(Arc<Mutex<Vec<String>>>);

impl Plans {
    /// What was told since the last call.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Subscriber for Plans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::postgres::notice"
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Visit for Plans {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

/// Has every statement's plan told to whoever runs it, on connections that are opened from now on.
async fn tell_plans(app: &TestApp) {
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&app.acme.db).await.expect("its name");
    for setting in ["session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_level = notice"] {
        let mut db = app.acme.db.acquire().await.expect("a connection");
        sqlx::raw_sql("load 'auto_explain'").execute(&mut *db).await.expect("it comes with PostgreSQL");
        let sql = format!("alter database {name} set {setting}");
        sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *db).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
}

/// In portions: a long transaction would hold back the live streams of the tests beside this one.
async fn fill(tenant: &TestTenant) {
    sqlx::query(PEOPLE).execute(&tenant.db).await.expect(PEOPLE);
    for portion in 0..20_i64 {
        for sql in [TICKETS, MESSAGES, HISTORY, ENTRIES, FACTS, ANSWERS] {
            let filled = sqlx::query(sql).bind(portion * 5000 + 1).bind(portion * 5000 + 5000).execute(&tenant.db);
            filled.await.expect(sql);
        }
    }
    for _ in 0..10 {
        tenant.tells_of(5000, crate::live_gaps::QUEUE).await;
    }
    for sql in [
        rest::NOTICES,
        rest::FILES,
        rest::SHARES,
        DAYS,
        "update support_tickets set tags = '{rare}', channel = 'email', snoozed_until = '9999-12-31T00:00:00Z', sla_state = 'breached' where id % 1000 = 0",
        "update support_tickets set ticket_number = 'TKT-22222222' where id = 500",
        "vacuum analyze",
    ] {
        sqlx::query(sql).execute(&tenant.db).await.expect(sql);
    }
}

/// What is searched for: rare, frequent, mistyped, absent, and by each kind of condition.
const SEARCHES: [&str; 18] = [
    "",
    "rare",
    "common",
    "commom",
    "absent",
    "Subject",
    "Subject%20500",
    "2222",
    "TKT-22222222",
    "%22subject%20500%22",
    "common%20-rare",
    "-common",
    "common%20status:open",
    "status:open%20is:unassigned",
    "tag:vip",
    "order:A-10",
    "requester:100@acme",
    "created%3E=2026-01-01",
];

fn lists(ana: i64, cursor: &str) -> Vec<String> {
    let both = ["", "status=open", "status=open,in_progress", "priority=urgent", "status=open&priority=urgent", "category=category 7"];
    let of_boss = [
        "assigned_to=1000003",
        "assigned_to=1000003&status=in_progress",
        "assigned_to=none",
        "team=1",
        "team=none",
        "user_id=1000100",
        "order_id=A-10",
        "sla=breached",
        "sla=warning,breached",
    ];
    let of_desk = [
        "view=mine",
        "view=unassigned",
        "view=all",
        "view=waiting",
        "view=snoozed",
        "view=breaching",
        "tag=rare",
        "channel=email",
        "channel=web",
        "snoozed=true",
        "snoozed=false&status=open",
    ];
    let mut paths: Vec<String> =
        both.iter().chain(&of_boss).chain(&of_desk).map(|query| format!("/api/v1/tickets?{}", query.replace(' ', "%20"))).collect();
    for sort in ["created_at", "-created_at", "updated_at", "-updated_at", "due_at", "-due_at", "waiting", "-waiting"] {
        paths.push(format!("/api/v1/tickets?limit=100&sort={sort}"));
    }
    paths.extend(SEARCHES.map(|q| format!("/api/v1/search?count=true&q={q}")));
    paths.extend(SEARCHES.map(|q| format!("/api/v1/tickets?q={q}")));
    paths.push("/api/v1/tickets/export?status=open&priority=low&category=category%208".into());
    paths.push(format!("/api/v1/tickets?limit=3&cursor={cursor}"));
    paths.push(format!("/api/v1/tickets?assigned_to={ana}"));
    let of_one = ["", "/messages", "/history", "/messages?sort=-created_at&count=true", "/history?sort=-created_at&count=true"]
        .iter()
        .flat_map(|rest| ["500", "TKT-22222222"].map(|t| format!("/api/v1/tickets/{t}{rest}")));
    paths.extend(of_one);
    for list in ["agents", "teams", "categories", "custom-fields"] {
        paths.extend(["", "?sort=-created_at&count=true"].map(|query| format!("/api/v1/{list}{query}")));
    }
    paths.extend(["views", "views/counts", "tags", "tags?q=r", "canned-replies", "macros"].map(|path| format!("/api/v1/{path}")));
    paths.extend(["", "?q=r&count=true", "/sections", "/suggestions?q=r"].map(|rest| format!("/api/v1/articles{rest}")));
    paths.extend(["watchers", "draft", "links", "csat"].map(|path| format!("/api/v1/tickets/500/{path}")));
    paths.extend(rest::counted());
    paths.extend(rest::paths());
    paths
}

fn check(what: &str, plans: &Plans) {
    let told = plans.told();
    assert!(!told.is_empty(), "{what}: no plan was told");
    for plan in told {
        for table in LARGE {
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "{what}:\n{plan}");
        }
    }
}

#[tokio::test]
async fn no_statement_of_the_api_or_its_workers_scans_a_large_table() {
    let app = TestApp::start_beside(asked_in("test.orders.nobody", &amqp())).await;
    tell_plans(&app).await;
    fill(&app.acme).await;
    let (ana, boss) = (app.acme.agent("ana").await, app.acme.manager("boss").await);
    let chloe = app.acme.caller(1_000_100, shared::session::Role::Customer);
    for q in ["common", "rare -common", "-rare"] {
        let view = serde_json::json!({ "name": q, "scope": "everybody", "filter": { "q": q } });
        boss.post("/api/v1/views", view).await.expect(201);
    }
    rest::every_question_is_asked(&lists(ana.id, "x"));
    rest::searches_are_fast(&boss).await;
    let plans = Plans::default();
    let _told = tracing::subscriber::set_default(plans.clone());
    for caller in [&boss, &ana, &chloe] {
        let first = caller.get("/api/v1/tickets?limit=3").await.expect(200);
        let cursor = first["page"]["next_cursor"].as_str().expect("a second page").to_owned();
        plans.told();
        for path in lists(ana.id, &cursor) {
            let status = caller.get(&path).await.status.as_u16();
            let is_hidden = status == 422 && caller.id == chloe.id && (path.contains("tag:") || path.contains("requester:"));
            assert!([200, 403, 404].contains(&status) || is_hidden, "{path} {status}");
            if ![403, 422].contains(&status) {
                check(&format!("{path} for {}", caller.id), &plans);
            }
        }
    }
    views(&boss, &plans).await;
    teammates(&app, &boss, &ana, &plans).await;
    acts(&app, &boss, &plans).await;
    crate::importing::brought(&app).await;
    check("an import", &plans);
    followers(&app, &boss, &plans).await;
    orders(&app, &chloe, &plans).await;
    app.drain().await;
}

/// A view costs what it shows, not what there is: an index has its tickets in the order in which they are shown.
async fn views(boss: &Caller, plans: &Plans) {
    for view in ["mine", "unassigned", "all", "waiting", "snoozed", "breaching"] {
        plans.told();
        boss.get(&format!("/api/v1/tickets?view={view}")).await.expect(200);
        let told = plans.told();
        let lists: Vec<_> = told.iter().filter(|plan| plan.contains("on support_tickets t")).collect();
        assert!(!lists.is_empty() && lists.iter().all(|plan| !plan.contains("Sort Key")), "{view}: {told:#?}");
    }
}

/// The same lists once agents see what is of their teams.
async fn teammates(app: &TestApp, boss: &Caller, ana: &Caller, plans: &Plans) {
    let team = serde_json::json!({ "name": "Support", "assignment": "least_loaded", "members": [{ "user_id": ana.id }] });
    boss.post("/api/v1/teams", team).await.expect(201);
    for reach in ["team", "own"] {
        sqlx::query("update settings set agents_see = $1").bind(reach).execute(&app.acme.db).await.expect("set");
        app.app.people.forget(app.acme.id, ana.id).await;
        plans.told();
        for query in ["", "?status=open", "?assigned_to=me", "?team=1", "?sort=-updated_at", "/500"] {
            ana.get(&format!("/api/v1/tickets{query}")).await;
            check(&format!("{query} with {reach}"), plans);
        }
    }
}

async fn acts(app: &TestApp, boss: &Caller, plans: &Plans) {
    let chloe = app.acme.customer("chloe").await;
    let ticket = chloe.opens("Printer on fire").await;
    boss.assigns(ticket, Some(boss.id)).await.expect(200);
    boss.says(ticket, "On my way").await.expect(201);
    boss.patch(&format!("/api/v1/tickets/{ticket}"), serde_json::json!({ "priority": "high" })).await.expect(200);
    boss.post(&format!("/api/v1/tickets/{ticket}/read"), serde_json::json!({})).await.expect(204);
    boss.sets(ticket, "resolved").await.expect(200);
    let given = chloe.opens("Paper is out").await;
    let moved = serde_json::json!({ "team_id": 1, "assigned_to": "auto" });
    boss.post(&format!("/api/v1/tickets/{given}/assign"), moved).await.expect(200);
    boss.with(&axum::http::Method::DELETE, "/api/v1/teams/1", serde_json::json!({}), &[]).await.is(409, "conflict");
    let labels = serde_json::json!({ "fr": "x", "en": "x" });
    let category = boss.post("/api/v1/categories", serde_json::json!({ "name": "new", "labels": labels })).await.expect(201)["id"].clone();
    let path = format!("/api/v1/categories/{category}");
    boss.with(&axum::http::Method::DELETE, &path, serde_json::json!({}), &[]).await.expect(204);
    check("acts", plans);
    joins(&chloe, boss).await;
    check("merge, split, follow-up", plans);
}

/// Two become one and two again, one is split, and one goes on from one that is closed.
async fn joins(chloe: &Caller, boss: &Caller) {
    let (one, two) = (chloe.opens("One").await, chloe.opens("Two").await);
    let said = chloe.says(one, "Hello").await.expect(201)["id"].clone();
    boss.put(&format!("/api/v1/tickets/{one}/watch"), serde_json::json!({})).await.expect(204);
    let split = serde_json::json!({ "message_id": said, "subject": "Three" });
    boss.post(&format!("/api/v1/tickets/{one}/split"), split).await.expect(201);
    for _ in 0..2 {
        boss.post(&format!("/api/v1/tickets/{one}/merge"), serde_json::json!({ "into": two })).await.expect(200);
        boss.get(&format!("/api/v1/tickets/{one}")).await.expect(200);
        boss.post(&format!("/api/v1/tickets/{one}/unmerge"), serde_json::json!({})).await.expect(200);
    }
    boss.sets(two, "closed").await.expect(200);
    let body = serde_json::json!({ "subject": "Four", "description": "Again", "follow_up_of": two });
    chloe.post("/api/v1/tickets", body).await.expect(201);
    chloe.get(&format!("/api/v1/tickets/{two}")).await.expect(200);
}

async fn followers(app: &TestApp, boss: &Caller, plans: &Plans) {
    let mut stream = Stream::open(boss, None).await;
    let ready = stream.expect("ready").await;
    let ticket = boss.opens("Seen live").await;
    stream.until_ticket(ticket).await;
    Stream::open(boss, Some(&ready.id)).await.until_ticket(ticket).await;
    check("streams", plans);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    // Once more than there is something to do: then it looks when the next thing is due.
    while app_api::worker::fire_timers(&app.app, &tenant).await.expect("timers fire") == Some(std::time::Duration::ZERO) {}
    let told = plans.told();
    // For each of the two statuses in which time runs: who is due, and when the next one is.
    let due = told.iter().filter(|plan| plan.contains("tickets_timed")).count();
    assert!(due >= 4, "{told:#?}");
    assert!(
        told.iter().any(|plan| plan.contains("tickets_sla_next")) && told.iter().any(|plan| plan.contains("tickets_sla_unmeasured")),
        "{told:#?}"
    );
    for _ in 0..3 {
        app_api::worker::index_old(&app.app, &tenant).await.expect("rows are indexed");
    }
    app_api::worker::publish(&app.app, &tenant).await.expect("events go out");
    app_api::worker::send_mails(&app.app, &tenant).await.expect("mails go out");
    sqlx::query("insert into report_due select id from support_tickets where id % 100 = 0").execute(&app.acme.db).await.expect("noted");
    plans.told();
    for _ in 0..3 {
        app_api::worker::count_reports(&app.app, &tenant).await.expect("it is counted");
    }
    check("workers", plans);
    app_api::worker::look_after_files(&app.app, &tenant).await.expect("files are looked at");
    app_api::attachments::keep(&app.app, &tenant).await.expect("files are kept in order");
    check("files", plans);
}

/// Nobody answers: one ticket is claimed, and then it looks when the next one is due.
async fn orders(app: &TestApp, chloe: &Caller, plans: &Plans) {
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    app_api::worker::compare_orders(&app.app, &tenant).await.expect("compared");
    let mut told = plans.told();
    let asked = "update support_tickets set order_check_at = now() + interval '1 day' where order_id is not null";
    sqlx::query(asked).execute(&app.acme.db).await.expect(asked);
    plans.told();
    app_api::worker::compare_orders(&app.app, &tenant).await.expect("compared");
    app_api::tickets::follow_orders(&app.app, message(&order(&app.acme, "A-10", chloe))).await;
    told.extend(plans.told());
    for index in ["tickets_order_check", "tickets_order_unasked", "using tickets_order "] {
        assert!(told.iter().any(|plan| plan.contains(index)), "{index}: {told:#?}");
    }
    assert!(!told.iter().any(|plan| plan.contains("Seq Scan on support_tickets")), "{told:#?}");
}
