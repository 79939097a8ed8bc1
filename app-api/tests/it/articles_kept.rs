//! The help centre as it is kept (T-60): addresses for ever, room for what is written, and a trail of what was.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::{
    articles::{section, text, writes},
    world::{Caller, TestApp, TestTenant},
};

const ARTICLES: &str = "/api/v1/articles";
const SECTIONS: &str = "/api/v1/articles/sections";

fn one_text() -> Value {
    json!([text("en", "Refunds", "We refund.")])
}

#[tokio::test]
async fn an_article_is_found_at_each_address_that_it_had_and_no_other_one_gets_them() {
    let app = TestApp::start().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let (other, gus) = (app.globex.manager("other").await, app.globex.customer("gus").await);
    let (here, there) = (section(&max).await, section(&other).await);
    let id = writes(&max, here, "refunds", "published", one_text()).await;
    let second = writes(&max, here, "second", "published", one_text()).await;
    let renames = async |from: &str, to: &str| max.patch(&format!("{ARTICLES}/{from}"), json!({ "slug": to })).await;
    renames("refunds", "money-back").await.expect(200);
    assert_eq!(renames("refunds", "money").await.expect(200)["slug"], "money", "an old address names it, too");
    for slug in ["refunds", "money-back", "money"] {
        let path = format!("{ARTICLES}/{slug}");
        let read = chloe.get(&path).await.expect(200);
        assert_eq!((&read["id"], &read["slug"]), (&json!(id), &json!("money")));
        chloe.put(&format!("{path}/vote"), json!({ "helpful": true })).await.expect(204);
        let again = json!({ "section_id": here, "slug": slug, "texts": one_text() });
        max.post(ARTICLES, again).await.is(409, "slug_taken");
        renames("second", slug).await.is(409, "slug_taken");
        gus.get(&path).await.is(404, "not_found");
    }
    assert_eq!(chloe.get(&format!("{ARTICLES}/{second}")).await.expect(200)["slug"], "second", "what is refused changes nothing");
    let foreign = writes(&other, there, "refunds", "published", one_text()).await;
    assert_eq!(gus.get(&format!("{ARTICLES}/refunds")).await.expect(200)["id"], foreign);
    assert_eq!(renames("money", "refunds").await.expect(200)["slug"], "refunds", "its own again");
    max.delete(&format!("{ARTICLES}/money-back")).await.expect(204);
    chloe.get(&format!("{ARTICLES}/money")).await.is(404, "not_found");
    assert_eq!(max.get(&format!("{ARTICLES}/money")).await.expect(200)["state"], "archived");
    app.drain().await;
}

#[tokio::test]
async fn of_two_articles_that_want_one_address_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let max = app.acme.manager("max").await;
    let here = section(&max).await;
    for slug in ["one", "two"] {
        writes(&max, here, slug, "draft", one_text()).await;
    }
    let wants = async |slug: &str| max.patch(&format!("{ARTICLES}/{slug}"), json!({ "slug": "best" })).await.status.as_u16();
    let (one, two) = tokio::join!(wants("one"), wants("two"));
    assert_eq!([one.min(two), one.max(two)], [200, 409]);
    app.drain().await;
}

/// As many articles beside those that there are.
async fn filled(tenant: &TestTenant, section: i64, state: &str, count: i32) {
    let sql = "insert into articles (section_id, slug, state, author_id, created_at, updated_at)
        select $1, $2 || n, $2, 0, now(), now() from generate_series(1, $3) n";
    sqlx::query(sql).bind(section).bind(state).bind(count).execute(&tenant.db).await.expect("filled");
}

/// Who waits for a lock of this database.
const WAITING: &str = "select count(*) from pg_locks where not granted and database = (
    select oid from pg_database where datname = current_database())";

/// How many of three who write at once may: none of their rows is written before all three wait.
async fn written_at_once(keeper: &Caller, path: &str, table: &str, bodies: [Value; 3]) -> usize {
    let mut held = keeper.db.begin().await.expect("begun");
    let lock = format!("lock table {table} in share row exclusive mode");
    sqlx::query(AssertSqlSafe(lock)).execute(&mut *held).await.expect("held");
    let release = async {
        for _ in 0..100 {
            let waiting: i64 = sqlx::query_scalar(WAITING).fetch_one(&mut *held).await.expect(WAITING);
            if waiting == 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        held.rollback().await.expect("let go");
    };
    let [one, two, three] = bodies.map(|body| keeper.post(path, body));
    let (one, two, three, ()) = tokio::join!(one, two, three, release);
    let mut written = 0;
    for answer in [one, two, three] {
        if answer.status == StatusCode::CREATED {
            written += 1;
        } else {
            answer.is(409, "conflict");
        }
    }
    written
}

#[tokio::test]
async fn a_thousand_articles_are_kept_beside_those_that_were_archived_and_not_one_more_by_whatever_way() {
    let app = TestApp::start().await;
    let (max, other) = (app.acme.manager("max").await, app.globex.manager("other").await);
    let (here, there) = (section(&max).await, section(&other).await);
    let id = writes(&max, here, "first", "draft", one_text()).await;
    let new = |slug: &str| json!({ "section_id": here, "slug": slug, "texts": one_text() });
    filled(&app.acme, here, "draft", 998).await;
    assert_eq!(written_at_once(&max, ARTICLES, "articles", [new("a"), new("b"), new("c")]).await, 1);
    writes(&other, there, "first", "draft", one_text()).await;
    max.delete(&format!("{ARTICLES}/{id}")).await.expect(204);
    writes(&max, here, "d", "draft", one_text()).await;
    let returns = async || max.patch(&format!("{ARTICLES}/{id}"), json!({ "state": "draft" })).await;
    returns().await.is(409, "conflict");
    max.patch(&format!("{ARTICLES}/{id}"), json!({ "position": 7 })).await.expect(200);
    max.delete(&format!("{ARTICLES}/d")).await.expect(204);
    filled(&app.acme, here, "archived", 3998).await;
    assert_eq!(app.acme.count("select count(*) from articles").await, 4999);
    writes(&max, here, "e", "draft", one_text()).await;
    max.delete(&format!("{ARTICLES}/e")).await.expect(204);
    max.post(ARTICLES, new("f")).await.is(409, "conflict");
    assert_eq!(returns().await.expect(200)["state"], "draft", "what is there already may return");
    app.drain().await;
}

#[tokio::test]
async fn two_hundred_sections_are_kept_beside_those_that_were_archived() {
    let app = TestApp::start().await;
    let (max, other) = (app.acme.manager("max").await, app.globex.manager("other").await);
    let id = section(&max).await;
    let new = || json!({ "labels": { "fr": "Un", "en": "One" } });
    let fill = async |count: i32, archived: bool| {
        let sql = "insert into article_sections (label_fr, label_en, archived_at, created_at, updated_at)
            select 'Un', 'One', case when $2 then now() end, now(), now() from generate_series(1, $1)";
        sqlx::query(sql).bind(count).bind(archived).execute(&app.acme.db).await.expect("filled");
    };
    fill(198, false).await;
    assert_eq!(written_at_once(&max, SECTIONS, "article_sections", [new(), new(), new()]).await, 1);
    section(&other).await;
    max.delete(&format!("{SECTIONS}/{id}")).await.expect(204);
    fill(799, true).await;
    max.delete(&format!("{SECTIONS}/{}", section(&max).await)).await.expect(204);
    max.post(SECTIONS, new()).await.is(409, "conflict");
    app.drain().await;
}

#[tokio::test]
async fn the_trail_has_the_texts_of_a_new_article_and_of_a_change_the_language_that_changed_alone() {
    let app = TestApp::start().await;
    let max = app.acme.manager("max").await;
    let texts = |english: &str| json!([text("en", "Refunds", english), text("fr", "Remboursements", "Oui, sous trente jours.")]);
    let id = writes(&max, section(&max).await, "refunds", "draft", texts("We refund.")).await;
    max.patch(&format!("{ARTICLES}/{id}"), json!({ "texts": texts("We refund twice.") })).await.expect(200);
    let trail = "select coalesce(jsonb_agg(changes order by id), '[]') from audit_logs where changes::text like '%We refund%'";
    let trail: Value = sqlx::query_scalar(trail).fetch_one(&app.acme.db).await.expect("the trail");
    let english = |body: &str| json!({ "title": "Refunds", "body": body });
    assert_eq!(trail[0]["after"]["text_en"], english("We refund."));
    assert_eq!(trail[0]["after"]["text_fr"], json!({ "title": "Remboursements", "body": "Oui, sous trente jours." }));
    assert_eq!(trail[1], json!({ "before": { "text_en": english("We refund.") }, "after": { "text_en": english("We refund twice.") } }));
    assert_eq!(trail.as_array().expect("rows").len(), 2);
    app.drain().await;
}
