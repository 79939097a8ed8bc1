//! What is found by which words, in which order, and what no text breaks.

use serde_json::{Value, json};

use crate::world::{Caller, TestApp, TestTenant, minutes};

/// A text as it stands in an address.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

pub async fn asks(caller: &Caller, text: &str) -> Value {
    caller.get(&format!("/api/v1/search?count=true&q={}", encoded(text))).await.expect(200)
}

/// The tickets of what was found, the best first; those of messages too.
pub fn tickets(page: &Value) -> Vec<i64> {
    page["data"].as_array().expect("hits").iter().map(|hit| hit["ticket"]["id"].as_i64().expect("an id")).collect()
}

pub async fn finds(caller: &Caller, text: &str) -> Vec<i64> {
    tickets(&asks(caller, text).await)
}

/// The word that takes three seconds to look for, once [`takes_long`] was called.
pub const GLACIAL: &str = "glacial";

/// From now on whoever looks for that word in this organisation waits.
pub async fn takes_long(tenant: &TestTenant) {
    let slow = "create or replace function search_query(words text[], phrases text[], together boolean) returns tsquery
        language plpgsql stable strict as $$
        begin
            if 'glacial' = any(words) then perform pg_sleep(3); end if;
            return plainto_tsquery('simple', array_to_string(words || phrases, ' '));
        end $$";
    sqlx::raw_sql(slow).execute(&tenant.db).await.expect(slow);
}

/// What was shown of the best that was found.
fn shown(page: &Value, field: &str) -> String {
    let highlights = page["data"][0]["highlights"].as_array().expect("highlights");
    let of_field = highlights.iter().find(|h| h["field"] == field).unwrap_or_else(|| panic!("{field} is not in {page:#}"));
    of_field["html"].as_str().expect("HTML").to_owned()
}

async fn opens(caller: &Caller, subject: &str, description: &str) -> i64 {
    let body = json!({ "subject": subject, "description": description });
    caller.post("/api/v1/tickets", body).await.expect(201)["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn words_are_found_in_both_languages_with_other_endings_accents_and_typing_errors() {
    let app = TestApp::start().await;
    let (chloe, boss) = (app.acme.customer("chloe").await, app.acme.manager("boss").await);
    let french = opens(&chloe, "Facture erronée", "Les remboursements n'étaient pas crédités à la clientèle.").await;
    let english = opens(&chloe, "Printer on fire", "The payments were declined twice; naïve question, œuvre.").await;
    for (text, expected) in [
        ("facture", vec![french]),
        ("FACTURES", vec![french]),
        ("erronee", vec![french]),
        ("erroné", vec![french]),
        ("remboursement", vec![french]),
        ("créditer", vec![french]),
        ("clientele", vec![french]),
        ("printers", vec![english]),
        ("payment", vec![english]),
        ("decline", vec![english]),
        ("naive", vec![english]),
        ("oeuvre", vec![english]),
        ("the payment was declined", vec![english]),
        ("le remboursement", vec![french]),
        ("printer facture", vec![]),
        ("pritner", vec![english]),
        ("prinnter", vec![english]),
        ("factrue", vec![french]),
        ("remborsement", vec![]),
        // No number holds such letters.
        ("uuuu", vec![]),
        ("\"printer on fire\"", vec![english]),
        ("\"fire on printer\"", vec![]),
        ("\"naïve question\"", vec![english]),
        ("fire -printer", vec![]),
        ("printer -facture", vec![english]),
        ("payments -\"printer on fire\"", vec![]),
    ] {
        assert_eq!(finds(&boss, text).await, expected, "{text}");
        assert_eq!(finds(&chloe, text).await, expected, "{text} for the customer");
    }
    let page = asks(&boss, "erronee clientele").await;
    assert_eq!(shown(&page, "subject"), "Facture <mark>erronée</mark>");
    assert!(shown(&page, "description").ends_with("à la <mark>clientèle</mark>."), "{page:#}");
    assert_eq!(shown(&asks(&boss, "pritner").await, "subject"), "<mark>Printer</mark> on fire");
    app.drain().await;
}

#[tokio::test]
async fn a_word_that_is_misspelled_is_found_however_old_and_in_the_newest_where_there_are_many() {
    let app = TestApp::start().await;
    let (chloe, boss) = (app.acme.customer("chloe").await, app.acme.manager("boss").await);
    let mut found = Vec::new();
    for days in [1, 9, 11, 99, 101, 900] {
        let ticket = chloe.opens("Printer on fire").await;
        age(&app, ticket, days).await;
        found.insert(0, ticket);
    }
    let newest_last = |page: &Value| {
        let mut ids = tickets(page);
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids
    };
    assert_eq!(newest_last(&asks(&boss, "pritner").await), found);
    // A hundred newer ones are enough.
    sqlx::query(MANY).execute(&app.acme.db).await.expect(MANY);
    let page = asks(&boss, "pritner").await;
    assert_eq!(page["page"]["total"], 100);
    assert_eq!(tickets(&page).iter().filter(|id| found.contains(id)).count(), 0, "{page:#}");
    app.drain().await;
}

/// As many that were opened a moment ago as are looked for.
const MANY: &str = "with many as (
        insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
        select 'TKT-MANY' || n, t.user_id, t.subject, t.description, t.description_html, t.created_at + interval '1 day', t.updated_at
        from (select * from support_tickets order by created_at desc limit 1) t, generate_series(1, 100) n
        returning *
    )
    insert into search_entries (ticket_id, message_id, is_internal, at, vector, words)
    select id, 0, false, created_at, search_ticket(ticket_number, subject, tags, description), search_spelling(ticket_number, subject)
    from many";

/// A ticket was opened so many days ago.
async fn age(app: &TestApp, ticket: i64, days: i32) {
    for sql in [
        "update search_entries set at = at - $2 * interval '1 day' where ticket_id = $1",
        "update support_tickets set created_at = created_at - $2 * interval '1 day' where id = $1",
    ] {
        sqlx::query(sql).bind(ticket).bind(days).execute(&app.acme.db).await.expect(sql);
    }
}

#[tokio::test]
async fn a_number_goes_first_whole_or_in_part() {
    let app = TestApp::start().await;
    let (chloe, boss) = (app.acme.customer("chloe").await, app.acme.manager("boss").await);
    let ticket = chloe.opens("Printer on fire").await;
    sqlx::query("update support_tickets set ticket_number = 'TKT-23456789'").execute(&app.acme.db).await.expect("a number");
    sqlx::query("update search_entries set words = '23456789 printer on fire'").execute(&app.acme.db).await.expect("as well");
    let other = opens(&chloe, "About TKT-23456789", "See 4567 there.").await;
    for (text, first) in
        [("TKT-23456789", ticket), ("tkt-23456789", ticket), ("23456789", ticket), ("#4567", ticket), ("4567", ticket), ("TKT-234", ticket)]
    {
        let page = asks(&boss, text).await;
        assert_eq!(tickets(&page).first(), Some(&first), "{text}: {page:#}");
        assert!(shown(&page, "ticket_number").contains("<mark>"), "{text}");
    }
    assert_eq!(asks(&boss, "TKT-23456789").await["data"][0]["score"].as_f64().map(f64::trunc), Some(3.0));
    assert_eq!(finds(&boss, "4567").await, [ticket, other]);
    assert_eq!(finds(&boss, "TKT-99999999").await, Vec::<i64>::new());
    app.drain().await;
}

#[tokio::test]
async fn what_was_written_changed_or_answered_is_found_at_once() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let ticket = chloe.opens("Printer on fire").await;
    ana.assigns(ticket, Some(ana.id)).await.expect(200);
    let edit = json!({ "subject": "Toaster on fire", "tags": ["warranty"] });
    ana.patch(&format!("/api/v1/tickets/{ticket}"), edit).await.expect(200);
    let said = ana.says(ticket, "Did you unplug the extinguisher?").await.expect(201)["id"].clone();
    ana.notes(ticket, "Sounds like arson").await.expect(201);
    for (text, hits) in [("printer", 0), ("toaster", 1), ("warranty", 1), ("extinguisher", 1), ("arson", 1), ("toaster warranty", 1)] {
        assert_eq!(finds(&ana, text).await, vec![ticket; hits], "{text}");
    }
    let page = asks(&ana, "extinguishers").await;
    let hit = &page["data"][0];
    assert_eq!((&hit["kind"], &hit["message_id"], &hit["is_internal"]), (&json!("message"), &said, &json!(false)), "{page:#}");
    assert_eq!(shown(&page, "message"), "Did you unplug the <mark>extinguisher</mark>?");
    assert_eq!(asks(&ana, "arson").await["data"][0]["is_internal"], true);
    for (kind, expected) in [("ticket", 1), ("message", 2), ("ticket,message", 3)] {
        let path = format!("/api/v1/search?q=is:assigned%20-nothing&kind={kind}");
        let all = ana.get(&path).await.expect(200)["data"].as_array().unwrap().len();
        // Without words only tickets are listed.
        assert_eq!(all, usize::from(kind != "message"), "{kind}");
        let path = format!("/api/v1/search?q=fire%20&kind={kind}");
        assert_eq!(ana.get(&path).await.expect(200)["data"].as_array().unwrap().len(), usize::from(expected != 2), "{kind}");
    }
    // The list takes the same words, in the order of time.
    let listed = ana.get(&format!("/api/v1/tickets?count=true&q={}", encoded("extinguisher tag:warranty -printer"))).await.expect(200);
    assert_eq!((&listed["data"][0]["id"], &listed["page"]["total"]), (&json!(ticket), &json!(1)));
    assert_eq!(ana.get("/api/v1/tickets?q=arson%20-extinguisher").await.expect(200)["data"], json!([]));
    app.drain().await;
}

#[tokio::test]
async fn conditions_narrow_to_what_they_say_alone_and_with_words() {
    let app = TestApp::start().await;
    let (ana, boss) = (app.acme.agent("ana").await, app.acme.manager("boss").await);
    let (chloe, dan) = (app.acme.customer("chloe").await, app.acme.customer("dan").await);
    let new = json!({ "subject": "Invoice", "description": "x", "priority": "urgent", "category": "billing", "order_id": "A-1",
        "tags": ["vip", "two words"], "user_id": chloe.id });
    let urgent = boss.post("/api/v1/tickets", new).await.expect(201)["id"].as_i64().unwrap();
    app.travel(minutes(60 * 24));
    let taken = opens(&dan, "Another invoice", "x").await;
    ana.assigns(taken, Some(ana.id)).await.expect(200);
    for (text, expected) in [
        ("", vec![taken, urgent]),
        ("invoice", vec![taken, urgent]),
        ("status:open", vec![urgent]),
        ("status:open,in_progress invoice", vec![taken, urgent]),
        ("priority:urgent,high", vec![urgent]),
        ("category:billing", vec![urgent]),
        ("tag:vip", vec![urgent]),
        ("tag:vip tag:\"two words\"", vec![urgent]),
        ("tag:words", vec![]),
        ("order:A-1", vec![urgent]),
        ("is:unassigned", vec![urgent]),
        ("is:assigned", vec![taken]),
        ("assignee:me", vec![]),
        ("assignee:ana", vec![taken]),
        ("requester:chloe", vec![urgent]),
        ("requester:dan@acme", vec![taken]),
        ("requester:chl%e", vec![]),
        ("requester:chl_e", vec![]),
        ("requester:nobody", vec![]),
        ("created>=2026-03-03", vec![taken]),
        ("created<2026-03-03 invoice", vec![urgent]),
        ("created:2026-03-02", vec![urgent]),
        ("updated>=2026-03-03T08:59:59Z", vec![taken]),
        ("invoice another status:in_progress requester:dan", vec![taken]),
        ("invoice status:closed", vec![]),
    ] {
        let page = asks(&boss, text).await;
        let mut found = tickets(&page);
        found.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(found, expected, "{text}");
        assert_eq!(page["page"]["total"], expected.len(), "{text}");
        let listed = boss.get(&format!("/api/v1/tickets?count=true&q={}", encoded(text))).await.expect(200);
        let ids: Vec<i64> = listed["data"].as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
        assert_eq!((ids, &listed["page"]["total"]), (expected.clone(), &json!(expected.len())), "{text} in the list");
    }
    assert_eq!(finds(&ana, "assignee:me").await, [taken]);
    assert_eq!(finds(&chloe, "requester:me").await, [urgent]);
    app.drain().await;
}

#[tokio::test]
async fn the_subject_counts_more_than_the_text_and_the_new_more_than_the_old() {
    let app = TestApp::start().await;
    let (chloe, boss) = (app.acme.customer("chloe").await, app.acme.manager("boss").await);
    let old = opens(&chloe, "Keyboard broken", "x").await;
    app.travel(minutes(60 * 24 * 400));
    let text = opens(&chloe, "Something else", "It is about a keyboard.").await;
    let subject = opens(&chloe, "Keyboard broken", "x").await;
    let found = finds(&boss, "keyboard").await;
    assert_eq!((found[0], found.len()), (subject, 3), "{found:?}");
    assert!(found.iter().position(|id| *id == subject) < found.iter().position(|id| *id == old), "{found:?}");
    assert!(found.contains(&text), "{found:?}");
    app.drain().await;
}

#[tokio::test]
async fn pages_hold_every_hit_once_also_while_more_is_written() {
    let app = TestApp::start().await;
    let (chloe, boss) = (app.acme.customer("chloe").await, app.acme.manager("boss").await);
    for n in 0..4 {
        app.travel(minutes(n % 2));
        let ticket = chloe.opens(&format!("Printer {n}")).await;
        chloe.says(ticket, "The printer again").await.expect(201);
    }
    let whole = asks(&boss, "printer").await;
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = boss.get(&format!("/api/v1/search?q=printer&limit=3&count=true{cursor}")).await.expect(200);
        assert_eq!(page["page"]["total"], 8);
        found.extend(page["data"].as_array().unwrap().iter().map(|hit| (hit["ticket"]["id"].clone(), hit["message_id"].clone())));
        app.travel(minutes(60));
        chloe.opens("One more printer").await;
        match page["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all = whole["data"].as_array().unwrap().iter().map(|hit| (hit["ticket"]["id"].clone(), hit["message_id"].clone()));
    assert_eq!(found, all.collect::<Vec<_>>());
    let scores: Vec<f64> = whole["data"].as_array().unwrap().iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|s| (1.0..2.0).contains(s)), "{scores:?}");
    // A cursor is good for its own reader and search only.
    for other in ["/api/v1/search?q=printers", "/api/v1/search?q=printer&kind=ticket"] {
        boss.get(&format!("{other}{}", if cursor.is_empty() { "&cursor=x" } else { &cursor })).await.is(422, "validation_failed");
    }
    chloe.get(&format!("/api/v1/search?q=printer{cursor}")).await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn no_text_is_an_error_and_marks_are_the_only_html() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let ticket = opens(&chloe, "100% of a_b \\ <img src=x onerror=alert(1)>", "It's a (test) & more | so !").await;
    let hostile = [
        "%",
        "_",
        "\\",
        "a%'",
        "((((",
        "!&|",
        "'; drop table users; --",
        ":*",
        "a:b:c x",
        "<->",
        "' | 'x",
        "é",
        "\u{202e}",
        "🦀",
        "a & b",
        "\"\"",
        "\"",
        "-",
        "--",
        "- -",
        "-\"",
        "http://x",
        "12:30",
        "\u{1}",
        "e\u{301}",
        "'a':1A",
        "\\'",
        "$1",
        "{a,c}",
        "x y:",
    ];
    for text in hostile.iter().map(ToString::to_string).chain(hostile.iter().map(|text| [*text; 12].join(" "))) {
        let status = ana.get(&format!("/api/v1/search?q={}", encoded(&text))).await.status.as_u16();
        assert_eq!(status, 200, "{text}");
        let status = ana.get(&format!("/api/v1/tickets?q={}", encoded(&text))).await.status.as_u16();
        assert_eq!(status, 200, "{text} in the list");
    }
    for text in ["%", "_", "\\", "((((", "!&|"] {
        assert_eq!(finds(&ana, text).await, Vec::<i64>::new(), "{text} holds nothing that could be found");
    }
    assert_eq!(finds(&ana, "100%").await, [ticket]);
    let html = shown(&asks(&ana, "onerror").await, "subject");
    assert_eq!(html, "100% of a_b \\ &lt;img src=x <mark>onerror</mark>=alert(1)&gt;");
    app.drain().await;
}

#[tokio::test]
async fn what_cannot_be_found_in_time_is_refused_in_lists_as_in_the_search_also_where_words_are_left_out() {
    let app = TestApp::start().await;
    let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
    chloe.opens("Printer on fire").await;
    let filter = json!({ "q": format!("-{GLACIAL}") });
    let view = ana.post("/api/v1/views", json!({ "name": "x", "scope": "own", "filter": filter })).await.expect(201)["id"].clone();
    takes_long(&app.acme).await;
    for (path, field) in [
        (format!("search?q={GLACIAL}"), "q"),
        (format!("tickets?q={GLACIAL}"), "q"),
        (format!("tickets?q=-{GLACIAL}"), "q"),
        (format!("tickets?view={view}"), "view"),
    ] {
        let refused = ana.get(&format!("/api/v1/{path}")).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!(field), &json!("too_broad")), "{path}");
    }
    app.drain().await;
}

#[tokio::test]
async fn what_is_no_search_is_refused_by_name() {
    let app = TestApp::start().await;
    let ana = app.acme.agent("ana").await;
    for (query, field, code) in [
        (format!("q={}", "x".repeat(10_240)), "q", "too_long"),
        ("q=color:red".into(), "q", "unknown_field"),
        ("q=status:lost".into(), "q", "unknown_value"),
        ("q=created%3E=never".into(), "q", "invalid"),
        ("q=-status:open".into(), "q", "invalid"),
        ("q=assignee:".into(), "q", "required"),
        ("q=requester:ch".into(), "q", "too_broad"),
        ("q=assignee:%25%25%25".into(), "q", "too_broad"),
        ("q=requester:chloe%20requester:martin%20assignee:ana".into(), "q", "too_broad"),
        ("kind=article".into(), "kind", "unknown_value"),
        ("limit=0".into(), "limit", "out_of_range"),
        ("limit=101".into(), "limit", "out_of_range"),
        ("cursor=x".into(), "cursor", "invalid"),
        ("count=maybe".into(), "count", "invalid"),
        ("sort=created_at".into(), "sort", "unknown_field"),
    ] {
        let refused = ana.get(&format!("/api/v1/search?{query}")).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&field.into(), &code.into()), "{query}");
    }
    app.drain().await;
}
