//! What was written before there was search is indexed by and by.

use std::time::Duration;

use crate::{
    search::finds,
    world::{TestApp, minutes},
};

const OLD: &str = "
    insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
    select 'TKT-OLD' || n, $1, 'Heirloom ' || n, 'old', 'old', '2025-01-01', '2025-01-01' from generate_series(1, 250) n";
const SAID: &str = "
    insert into ticket_messages (ticket_id, sender_id, sender_type, message, message_html, is_internal, created_at, updated_at)
    select id, $1, 'agent', case when id % 2 = 0 then 'whispered' else 'spoken' end, '', id % 2 = 0, created_at, created_at
    from support_tickets";
const MISSING: &str = "
    select count(*) from support_tickets t where not exists (select from search_entries e where e.ticket_id = t.id and e.message_id = 0)";

#[tokio::test]
async fn rows_from_before_are_found_once_their_batch_was_indexed_and_it_ends() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    for (sql, by) in [(OLD, chloe.id), (SAID, ana.id)] {
        sqlx::query(sql).bind(by).execute(&app.acme.db).await.expect(sql);
    }
    let recent = chloe.opens("Heirloom of today").await;
    app.drain().await;
    assert_eq!(finds(&ana, "heirloom").await, [recent]);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    let mut missing = vec![app.acme.count(MISSING).await];
    while app_api::worker::index_old(&app.app, &tenant).await.expect("indexed") == Some(Duration::ZERO) {
        missing.push(app.acme.count(MISSING).await);
        assert!(missing.len() < 10, "{missing:?}");
    }
    missing.push(app.acme.count(MISSING).await);
    assert_eq!(missing, [250, 150, 50, 0]);
    assert_eq!(app.acme.count("select count(*) from search_entries where message_id > 0").await, 250);
    assert_eq!(app.acme.count("select count(*) from search_entries where is_internal").await, 125);
    for (caller, text, expected) in [(&ana, "heirloom 77", 1), (&ana, "whispers", 50), (&chloe, "whispered", 0), (&chloe, "spoken", 50)] {
        assert_eq!(finds(caller, text).await.len(), expected, "{text}");
    }
    // It goes on where it was, and does nothing anew.
    sqlx::query("delete from search_entries where ticket_id < 10").execute(&app.acme.db).await.expect("gone");
    assert_eq!(app_api::worker::index_old(&app.app, &tenant).await.expect("indexed"), None);
    assert!(app.acme.count(MISSING).await > 0);
    app.drain().await;
}

#[tokio::test]
async fn what_a_release_without_search_has_written_meanwhile_is_found_ten_minutes_later() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let ticket = chloe.opens("Heirloom").await;
    sqlx::query("delete from search_entries").execute(&app.acme.db).await.expect("as if it had never been");
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    for (wait, expected) in [(0, vec![]), (9, vec![]), (2, vec![ticket])] {
        app.travel(minutes(wait));
        app_api::worker::index_old(&app.app, &tenant).await.expect("indexed");
        assert_eq!(finds(&ana, "heirloom").await, expected, "{wait}");
    }
    app.drain().await;
}

#[tokio::test]
async fn the_longest_text_there_may_be_is_indexed_as_far_as_it_goes() {
    let app = TestApp::start().await;
    let (chloe, ana) = (app.acme.customer("chloe").await, app.acme.agent("ana").await);
    let ticket = chloe.opens("Printer on fire").await;
    let words: String = (0..9_000).map(|n| format!("w{n}-é{n} ")).collect();
    for text in
        [words.chars().take(65_000).collect(), "漢".repeat(65_000), "a-".repeat(32_000), "㎏".repeat(60_000), "x.y/z?".repeat(10_000)]
    {
        chloe.says(ticket, &format!("first {text}")).await.expect(201);
    }
    assert_eq!(finds(&ana, "first").await.len(), 5);
    assert_eq!(finds(&ana, "w20-é20").await.len(), 1);
    app.drain().await;
}
