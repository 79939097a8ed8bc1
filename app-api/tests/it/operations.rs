//! Every operation of the OpenAPI document, as tests of all of them need it: what it is sent, what each role is
//! answered, and what stands in its path.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::Caller;

/// An operation, what it is sent, and what a customer, an agent, a manager and an admin are answered.
type Row = (&'static str, (Option<Value>, [u16; 4]));

/// What each operation answers to a customer, an agent, a manager and an admin, all asking about a
/// ticket that another customer has opened and another agent works on.
pub fn table(assignee: i64) -> BTreeMap<&'static str, (Option<Value>, [u16; 4])> {
    settings()
        .into_iter()
        .chain(tickets(assignee))
        .chain(desk())
        .chain(imports())
        .chain(counted())
        .chain(articles())
        .chain(attachments())
        .collect()
}

fn attachments() -> Vec<Row> {
    vec![
        ("GET /api/v1/tickets/{ticket}/attachments", (None, [404, 404, 200, 200])),
        // What is no form is refused once it is known whose ticket it is.
        ("POST /api/v1/tickets/{ticket}/attachments", (Some(json!("a")), [404, 404, 415, 415])),
        ("GET /api/v1/attachments/usage", (None, [200, 200, 200, 200])),
        ("GET /api/v1/attachments/{attachment}", (None, [404, 404, 200, 200])),
        ("DELETE /api/v1/attachments/{attachment}", (None, [404, 404, 204, 204])),
        // Whoever does not say which version of the protocol they speak changes nothing.
        ("POST /api/v1/uploads", (None, [412, 412, 412, 412])),
        ("GET /api/v1/uploads/{upload}", (None, [404, 404, 404, 404])),
        ("PATCH /api/v1/uploads/{upload}", (Some(json!("a")), [412, 412, 412, 412])),
        ("DELETE /api/v1/uploads/{upload}", (None, [412, 412, 412, 412])),
        ("GET /api/v1/moderation-hashes", (None, [403, 403, 200, 200])),
        ("POST /api/v1/moderation-hashes", (Some(json!({ "sha256": "b".repeat(64), "status": "rejected" })), [403, 403, 201, 201])),
        ("PATCH /api/v1/moderation-hashes/{hash}", (Some(json!({ "status": "approved" })), [403, 403, 200, 200])),
        ("DELETE /api/v1/moderation-hashes/{hash}", (None, [403, 403, 204, 204])),
        ("GET /api/v1/attachments/{attachment}/accesses", (None, [403, 403, 200, 200])),
        ("GET /api/v1/attachments/shared", (None, [403, 200, 200, 200])),
        ("GET /api/v1/attachments/{attachment}/shares", (None, [403, 404, 200, 200])),
        ("POST /api/v1/attachments/{attachment}/shares", (Some(json!({ "expires_in_hours": 1 })), [403, 404, 201, 201])),
        ("DELETE /api/v1/attachments/{attachment}/shares/{share}", (None, [403, 404, 204, 204])),
        ("GET /api/v1/media-categories", (None, [200, 200, 200, 200])),
        ("POST /api/v1/media-categories", (Some(json!({ "name": "logs", "extensions": ["log"], "max_bytes": 1 })), [403, 403, 403, 201])),
        ("GET /api/v1/media-categories/{media_category}", (None, [200, 200, 200, 200])),
        ("PATCH /api/v1/media-categories/{media_category}", (Some(json!({ "previews": true })), [403, 403, 403, 200])),
        ("DELETE /api/v1/media-categories/{media_category}", (None, [403, 403, 403, 204])),
        ("GET /api/v1/media-settings", (None, [403, 200, 200, 200])),
        ("PATCH /api/v1/media-settings", (Some(json!({ "uploads_a_day": 7 })), [403, 403, 403, 200])),
    ]
}

fn imports() -> Vec<Row> {
    let begun = json!({ "kind": "csv", "file_name": "a.csv", "file_size": 10 });
    vec![
        ("GET /api/v1/imports", (None, [403, 403, 403, 200])),
        ("POST /api/v1/imports", (Some(begun), [403, 403, 403, 201])),
        ("GET /api/v1/imports/{import}", (None, [403, 403, 403, 200])),
        ("PATCH /api/v1/imports/{import}", (Some(json!({ "mapping": { "a": "subject" } })), [403, 403, 403, 200])),
        // Bytes of a file, which happen to be JSON.
        ("PUT /api/v1/imports/{import}/file/{offset}", (Some(json!("a")), [403, 403, 403, 200])),
        ("POST /api/v1/imports/{import}/run", (Some(json!({ "dry_run": true })), [403, 403, 403, 200])),
        ("POST /api/v1/imports/{import}/cancel", (None, [403, 403, 403, 200])),
        ("GET /api/v1/imports/{import}/errors", (None, [403, 403, 403, 200])),
        ("GET /api/v1/imports/{import}/errors/export", (None, [403, 403, 403, 200])),
    ]
}

fn settings() -> Vec<Row> {
    let labels = json!({ "fr": "Un", "en": "One" });
    vec![
        ("GET /api/v1/agents", (None, [403, 200, 200, 200])),
        ("GET /api/v1/agents/{agent}/availability", (None, [403, 200, 200, 200])),
        ("PATCH /api/v1/agents/{agent}/availability", (Some(json!({ "capacity": 7 })), [403, 200, 200, 200])),
        ("GET /api/v1/categories", (None, [200, 200, 200, 200])),
        ("POST /api/v1/categories", (Some(json!({ "name": "c-unique", "labels": labels })), [403, 403, 201, 201])),
        ("GET /api/v1/categories/{category}", (None, [200, 200, 200, 200])),
        ("PATCH /api/v1/categories/{category}", (Some(json!({ "position": 2 })), [403, 403, 200, 200])),
        ("DELETE /api/v1/categories/{category}", (None, [403, 403, 204, 204])),
        ("GET /api/v1/custom-fields", (None, [200, 200, 200, 200])),
        ("POST /api/v1/custom-fields", (Some(json!({ "key": "f_unique", "labels": labels, "type": "text" })), [403, 403, 201, 201])),
        ("GET /api/v1/custom-fields/{field}", (None, [200, 200, 200, 200])),
        ("PATCH /api/v1/custom-fields/{field}", (Some(json!({ "position": 2 })), [403, 403, 200, 200])),
        ("DELETE /api/v1/custom-fields/{field}", (None, [403, 403, 204, 204])),
        ("GET /api/v1/customers", (None, [403, 200, 200, 200])),
        ("GET /api/v1/teams", (None, [403, 200, 200, 200])),
        ("POST /api/v1/teams", (Some(json!({ "name": "t-unique" })), [403, 403, 201, 201])),
        ("GET /api/v1/teams/{team}", (None, [403, 200, 200, 200])),
        ("PATCH /api/v1/teams/{team}", (Some(json!({ "assignment": "round_robin" })), [403, 403, 200, 200])),
        ("DELETE /api/v1/teams/{team}", (None, [403, 403, 204, 204])),
        ("GET /api/v1/ticket-settings", (None, [403, 200, 200, 200])),
        ("PATCH /api/v1/ticket-settings", (Some(json!({ "agents_see": "team" })), [403, 403, 403, 200])),
        ("GET /api/v1/sla/calendars", (None, [403, 200, 200, 200])),
        ("POST /api/v1/sla/calendars", (Some(calendar()), [403, 403, 403, 201])),
        ("PUT /api/v1/sla/calendars/{id}", (Some(calendar()), [403, 403, 403, 404])),
        ("DELETE /api/v1/sla/calendars/{id}", (None, [403, 403, 403, 404])),
        ("GET /api/v1/sla/policies", (None, [403, 200, 200, 200])),
        ("POST /api/v1/sla/policies", (Some(policy()), [403, 403, 403, 201])),
        ("GET /api/v1/sla/policies/{id}", (None, [403, 200, 200, 200])),
        ("PUT /api/v1/sla/policies/{id}", (Some(policy()), [403, 403, 403, 200])),
        ("DELETE /api/v1/sla/policies/{id}", (None, [403, 403, 403, 409])),
    ]
}

fn calendar() -> Value {
    json!({ "name": "Office", "time_zone": "Europe/Paris", "week": [[[540, 1080]], [], [], [], [], [], []] })
}

fn policy() -> Value {
    let target = json!({ "response": 60, "resolution": 600 });
    json!({ "name": "All", "targets": { "low": target, "medium": target, "high": target, "urgent": target } })
}

fn tickets(assignee: i64) -> Vec<Row> {
    vec![
        ("GET /api/v1/live", (None, [200, 200, 200, 200])),
        ("GET /api/v1/notifications", (None, [200, 200, 200, 200])),
        ("POST /api/v1/notifications/read", (None, [204, 204, 204, 204])),
        ("POST /api/v1/notifications/{id}/read", (None, [404, 404, 404, 404])),
        ("GET /api/v1/search", (None, [200, 200, 200, 200])),
        ("GET /api/v1/tickets", (None, [200, 200, 200, 200])),
        ("POST /api/v1/tickets", (Some(json!({ "subject": "a", "description": "b" })), [201, 201, 201, 201])),
        ("GET /api/v1/tickets/export", (None, [403, 200, 200, 200])),
        ("GET /api/v1/tickets/{ticket}", (None, [404, 404, 200, 200])),
        ("PATCH /api/v1/tickets/{ticket}", (Some(json!({ "subject": "c" })), [403, 404, 200, 200])),
        ("POST /api/v1/tickets/{ticket}/assign", (Some(json!({ "assigned_to": assignee })), [403, 404, 200, 200])),
        ("POST /api/v1/tickets/{ticket}/status", (Some(json!({ "status": "resolved" })), [404, 404, 200, 200])),
        ("GET /api/v1/tickets/{ticket}/messages", (None, [404, 404, 200, 200])),
        ("POST /api/v1/tickets/{ticket}/messages", (Some(json!({ "message": "a" })), [404, 404, 201, 201])),
        ("POST /api/v1/tickets/{ticket}/read", (None, [404, 404, 204, 204])),
        ("GET /api/v1/tickets/{ticket}/history", (None, [404, 404, 200, 200])),
        ("GET /api/v1/tickets/{ticket}/sla", (None, [403, 404, 200, 200])),
    ]
}

fn desk() -> Vec<Row> {
    vec![
        ("POST /api/v1/tickets/{ticket}/snooze", (Some(json!({ "until": "2026-03-05T09:00:00Z" })), [403, 404, 200, 200])),
        ("DELETE /api/v1/tickets/{ticket}/snooze", (None, [403, 404, 204, 204])),
        ("PUT /api/v1/tickets/{ticket}/watch", (None, [403, 404, 204, 204])),
        ("DELETE /api/v1/tickets/{ticket}/watch", (None, [403, 404, 204, 204])),
        ("GET /api/v1/tickets/{ticket}/watchers", (None, [403, 404, 200, 200])),
        ("GET /api/v1/tickets/{ticket}/draft", (None, [403, 404, 200, 200])),
        ("PUT /api/v1/tickets/{ticket}/draft", (Some(json!({ "mode": "reply", "message": "a" })), [403, 404, 204, 204])),
        ("DELETE /api/v1/tickets/{ticket}/draft", (None, [403, 404, 204, 204])),
        ("GET /api/v1/tickets/{ticket}/links", (None, [403, 404, 200, 200])),
        ("POST /api/v1/tickets/{ticket}/links", (Some(json!({ "to": 1, "relation": "related" })), [403, 404, 201, 201])),
        ("DELETE /api/v1/tickets/{ticket}/links/{link}", (None, [403, 404, 204, 204])),
        ("POST /api/v1/tickets/{ticket}/merge", (Some(json!({ "into": 424_242 })), [403, 404, 404, 404])),
        ("POST /api/v1/tickets/{ticket}/unmerge", (None, [403, 404, 409, 409])),
        ("POST /api/v1/tickets/{ticket}/split", (Some(json!({ "message_id": 1, "subject": "a" })), [403, 404, 422, 422])),
        ("POST /api/v1/tickets/{ticket}/presence", (Some(json!({ "state": "viewing" })), [403, 404, 200, 200])),
        ("GET /api/v1/tags", (None, [403, 200, 200, 200])),
        ("POST /api/v1/tickets/bulk", (Some(json!({ "ids": [1], "action": "priority", "priority": "high" })), [403, 200, 200, 200])),
        ("GET /api/v1/bulk/{job}", (None, [403, 404, 200, 200])),
        ("POST /api/v1/bulk/{job}/undo", (None, [403, 404, 200, 200])),
        ("GET /api/v1/views", (None, [403, 200, 200, 200])),
        ("POST /api/v1/views", (Some(json!({ "name": "a", "scope": "own", "filter": {} })), [403, 201, 201, 201])),
        ("GET /api/v1/views/counts", (None, [403, 200, 200, 200])),
        ("GET /api/v1/views/{view}", (None, [403, 200, 200, 200])),
        ("PATCH /api/v1/views/{view}", (Some(json!({ "name": "b" })), [403, 403, 200, 200])),
        ("DELETE /api/v1/views/{view}", (None, [403, 403, 204, 204])),
        ("GET /api/v1/canned-replies", (None, [403, 200, 200, 200])),
        ("POST /api/v1/canned-replies", (Some(json!({ "name": "a", "scope": "own", "message": "b" })), [403, 201, 201, 201])),
        ("GET /api/v1/canned-replies/{reply}", (None, [403, 200, 200, 200])),
        ("PATCH /api/v1/canned-replies/{reply}", (Some(json!({ "name": "b" })), [403, 403, 200, 200])),
        ("DELETE /api/v1/canned-replies/{reply}", (None, [403, 403, 204, 204])),
        ("POST /api/v1/canned-replies/{reply}/preview", (Some(json!({ "ticket": 3 })), [403, 404, 200, 200])),
        ("GET /api/v1/macros", (None, [403, 200, 200, 200])),
        ("POST /api/v1/macros", (Some(json!({ "name": "a", "scope": "own", "message": "b" })), [403, 201, 201, 201])),
        ("GET /api/v1/macros/{macro}", (None, [403, 200, 200, 200])),
        ("PATCH /api/v1/macros/{macro}", (Some(json!({ "name": "b" })), [403, 403, 200, 200])),
        ("DELETE /api/v1/macros/{macro}", (None, [403, 403, 204, 204])),
        ("POST /api/v1/macros/{macro}/preview", (Some(json!({ "ticket": 3 })), [403, 404, 200, 200])),
        ("POST /api/v1/tickets/{ticket}/macros/{macro}", (Some(json!({})), [403, 404, 201, 201])),
    ]
}

fn counted() -> Vec<Row> {
    vec![
        ("GET /api/v1/csat", (None, [403, 200, 200, 200])),
        ("GET /api/v1/tickets/{ticket}/csat", (None, [404, 404, 200, 200])),
        ("GET /api/v1/reports/overview", (None, [403, 403, 200, 200])),
        ("GET /api/v1/reports/sla", (None, [403, 403, 200, 200])),
        ("GET /api/v1/reports/agents", (None, [403, 403, 200, 200])),
        ("GET /api/v1/reports/volume", (None, [403, 403, 200, 200])),
        ("GET /api/v1/reports/tickets", (None, [403, 403, 200, 200])),
    ]
}

fn articles() -> Vec<Row> {
    let labels = json!({ "fr": "Un", "en": "One" });
    let text = json!({ "locale": "en", "title": "One", "body": "Two" });
    // The section that `filled` sees to.
    let written = json!({ "section_id": 424_242, "slug": "a-unique", "texts": [text] });
    vec![
        ("GET /api/v1/articles", (None, [200, 200, 200, 200])),
        ("POST /api/v1/articles", (Some(written), [403, 403, 201, 201])),
        ("POST /api/v1/articles/preview", (Some(json!({ "body": "**a**" })), [403, 403, 200, 200])),
        ("GET /api/v1/articles/sections", (None, [200, 200, 200, 200])),
        ("POST /api/v1/articles/sections", (Some(json!({ "labels": labels })), [403, 403, 201, 201])),
        ("GET /api/v1/articles/sections/{section}", (None, [200, 200, 200, 200])),
        ("PATCH /api/v1/articles/sections/{section}", (Some(json!({ "position": 2 })), [403, 403, 200, 200])),
        ("DELETE /api/v1/articles/sections/{section}", (None, [403, 403, 204, 204])),
        ("GET /api/v1/articles/suggestions", (None, [200, 200, 200, 200])),
        ("GET /api/v1/articles/{article}", (None, [200, 200, 200, 200])),
        ("PATCH /api/v1/articles/{article}", (Some(json!({ "position": 2 })), [403, 403, 200, 200])),
        ("DELETE /api/v1/articles/{article}", (None, [403, 403, 204, 204])),
        ("PUT /api/v1/articles/{article}/vote", (Some(json!({ "helpful": true })), [204, 204, 204, 204])),
    ]
}

/// Operations that are open to everybody, because they tell nothing of a tenant, or to whoever has a link (`csat`).
pub const OPEN: [&str; 9] = [
    "GET /health",
    "GET /health/live",
    "GET /health/ready",
    "POST /api/v1/csat",
    "POST /api/v1/csat/question",
    "GET /api/v1/files/{attachment}",
    "OPTIONS /api/v1/uploads",
    "GET /api/v1/files/{attachment}/preview",
    "POST /api/v1/shares/open",
];

pub fn operations() -> Vec<String> {
    let document: Value = serde_json::from_str(&app_api::router::document().expect("a document")).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| {
        let methods: Vec<String> = item.as_object().expect("operations").keys().map(|m| format!("{} {path}", m.to_uppercase())).collect();
        methods
    };
    paths.iter().flat_map(of).collect()
}

/// What stands in a path besides a ticket, and how a new one of it is made.
const THINGS: [(&str, &str); 15] = [
    (
        "{category}",
        "insert into categories (name, label_fr, label_en, created_at, updated_at)
         values (gen_random_uuid()::text, 'Un', 'One', now(), now()) returning id",
    ),
    (
        "{field}",
        "insert into custom_fields (key, label_fr, label_en, type, created_at, updated_at)
         values ('f' || md5(random()::text), 'Un', 'One', 'text', now(), now()) returning id",
    ),
    ("{view}", "insert into views (name, filter, created_at, updated_at) values ('x', '{}', now(), now()) returning id"),
    (
        "{reply}",
        "insert into macros (kind, name, message, created_at, updated_at) values ('canned_reply', 'x', 'x', now(), now()) returning id",
    ),
    ("{macro}", "insert into macros (kind, name, message, created_at, updated_at) values ('macro', 'x', 'x', now(), now()) returning id"),
    (
        "{job}",
        r#"insert into bulk_jobs (user_id, action, work, total, created_at, touched_at, finished_at)
         values (0, 'priority', '{"action": "priority", "priority": "high"}', 0, now(), now(), now()) returning id"#,
    ),
    (
        "{link}",
        "insert into ticket_links (from_id, to_id, kind, created_by, created_at)
         select least(id, $1), greatest(id, $1), 'related', 0, now() from support_tickets where id <> $1 order by id limit 1
         on conflict (from_id, to_id, kind) do update set kind = excluded.kind returning id",
    ),
    (
        "{import}",
        r#"insert into imports (created_by, run_by, kind, source, file_name, file_size, columns, mapping, state, created_at, touched_at)
         values (0, 0, 'csv', 'csv', 'a.csv', 10, '[{"name": "a", "sample": ""}, {"name": "b", "sample": ""}]',
            '{"a": "subject", "b": "requester_email"}', 'ready', now(), now()) returning id"#,
    ),
    (
        "{attachment}",
        "insert into ticket_attachments (ticket_id, original_name, filename, file_path, mime_type, file_size, sha256, media_category,
            scan_status, preview, uploaded_by, by_staff, created_at, updated_at)
         select id, 'a.txt', 'a.txt', 'nowhere', 'text/plain', 1, 'none', 'text', 'pending', 'none', user_id, false, now(), now()
         from support_tickets where id = $1 returning id",
    ),
    (
        "{hash}",
        "insert into moderation_hashes (sha256, status, created_by, updated_by, created_at, updated_at)
         values (md5(random()::text) || md5(random()::text), 'pending', 0, 0, now(), now()) returning id",
    ),
    (
        "{share}",
        "insert into media_shares (attachment_id, token_hash, created_by, created_at, expires_at)
         select id, sha256(gen_random_uuid()::text::bytea), 0, now(), now() + interval '1 hour'
         from ticket_attachments where ticket_id = $1 order by id desc limit 1 returning id",
    ),
    (
        "{media_category}",
        "insert into media_categories (name, extensions, max_bytes, previews, staff_only, enabled)
         values (gen_random_uuid()::text, '{log}', 1, false, false, true) returning id",
    ),
    (
        "{section}",
        "insert into article_sections (label_fr, label_en, created_at, updated_at) values ('Un', 'One', now(), now()) returning id",
    ),
    (
        "{article}",
        "with section as (
            insert into article_sections (label_fr, label_en, created_at, updated_at) values ('Un', 'One', now(), now()) returning id
         ), article as (
            insert into articles (section_id, slug, state, author_id, published_at, created_at, updated_at)
            select id, 'a' || md5(random()::text), 'published', 0, now(), now(), now() from section returning id
         )
         insert into article_texts (article_id, locale, title, body, body_html, vector)
         select id, 'en', 'One', 'Two', '<p>Two</p>', search_text('One', 'A') from article returning article_id",
    ),
    ("{team}", "insert into teams (name, created_at, updated_at) values (gen_random_uuid()::text, now(), now()) returning id"),
];

/// Whoever asks, if they are a member; for others any member.
const AGENT: &str = "select max(id)::text from users where role <> 'customer' and active and ($1 not in (
        select id from users where role <> 'customer') or id = $1)";

/// The path of that ticket, of a new thing of each other kind, and of a member.
pub async fn filled(caller: &Caller, path: &str, ticket: i64) -> String {
    let path = path.replace("{ticket}", &ticket.to_string());
    // A policy that is always there, and what never is.
    let mut path = path
        .replace("policies/{id}", "policies/1")
        .replace("{id}", "424242")
        .replace("{offset}", "0")
        .replace("{upload}", &uuid::Uuid::nil().to_string());
    if path.contains("{agent}") {
        let found: Option<String> = sqlx::query_scalar(AGENT).bind(caller.id).fetch_one(&caller.db).await.expect(AGENT);
        path = path.replace("{agent}", found.as_deref().unwrap_or("me"));
    }
    for (place, sql) in THINGS {
        if path.contains(place) {
            let query = sqlx::query_scalar(sql);
            let query = if sql.contains("$1") { query.bind(ticket) } else { query };
            // Where the asker comes from there may be no ticket to link with.
            let id: Option<i64> = query.fetch_optional(&caller.db).await.expect(sql);
            path = path.replace(place, &id.unwrap_or(424_242).to_string());
        }
    }
    for (end, sql) in [
        // A section that articles can stand in.
        (
            "/api/v1/articles",
            "insert into article_sections (id, label_fr, label_en, created_at, updated_at) overriding system value
             values (424242, 'Un', 'One', now(), now()) on conflict (id) do nothing",
        ),
        // Nobody has judged it yet.
        ("/moderation-hashes", "delete from moderation_hashes"),
        // It was looked at.
        ("/shares", "update ticket_attachments set scan_status = 'skipped'"),
        // No category of the name that it is sent.
        ("/media-categories", "delete from media_categories where name = 'logs'"),
        // There is room for one more.
        ("/imports", "update imports set state = 'cancelled'"),
        // Its file is on its way, and comes in one part.
        ("/file/0", "update imports set state = 'uploading', file_size = 3"),
    ] {
        if path.ends_with(end) {
            sqlx::query(sql).execute(&caller.db).await.expect(sql);
        }
    }
    if path.ends_with("/snooze") {
        // So that it can be put out of sight until another time, and brought back.
        let sql = "update support_tickets set snoozed_until = '9999-12-31T00:00:00Z' where id = $1";
        sqlx::query(sql).bind(ticket).execute(&caller.db).await.expect(sql);
    }
    path
}
