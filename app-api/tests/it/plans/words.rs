//! What is expected of words (T-40): by that it is decided whether the newest texts are read one by one, or the index of words is asked.

use serde_json::{Value, json};

use crate::world::TestApp;

/// Twenty thousand texts of forty words, of which few are frequent and most are rare, as people write.
const TEXTS: &str = "
    insert into search_entries (ticket_id, message_id, is_internal, at, vector)
    select $1, n, false, now(), array_to_tsvector(array(
        select 'w' || floor(12000 * power(random(), 3))::int + 0 * n from generate_series(1, 40)))
    from generate_series(1, 20000) n";

/// Else it would be cheaper to read the newest texts until enough of them have it, which is never: all of a million are read.
#[tokio::test]
async fn of_a_word_that_nobody_has_used_next_to_nothing_is_expected() {
    let app = TestApp::start().await;
    let chloe = app.acme.customer("chloe").await;
    let opened = chloe.post("/api/v1/tickets", json!({ "subject": "Broken", "description": "x" })).await.expect(201);
    let ticket = opened["id"].as_i64();
    sqlx::query(TEXTS).bind(ticket).execute(&app.acme.db).await.expect(TEXTS);
    sqlx::query("analyze search_entries").execute(&app.acme.db).await.expect("it is counted");
    let asked = "explain (format json) select from search_entries where vector @@ 'nobody'::tsquery";
    let plan: Value = sqlx::query_scalar(asked).fetch_one(&app.acme.db).await.expect(asked);
    let expected = plan[0]["Plan"]["Plan Rows"].as_i64().expect("a number");
    assert!((1..=36).contains(&expected), "{expected} of 20000: 24 with words counted as here, 58 with the usual hundred");
    app.drain().await;
}
