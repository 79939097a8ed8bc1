//! The help centre as it is written (T-60): drafts are their keepers', two who change one article do not overwrite each other, and
//! nothing of a text does anything in a browser.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Caller, TestApp, minutes};

const ARTICLES: &str = "/api/v1/articles";
const SECTIONS: &str = "/api/v1/articles/sections";
const TRACES: &str = "select (select count(*) from events) + (select count(*) from audit_logs where outcome = 'success')";

pub async fn section(keeper: &Caller) -> i64 {
    let body = json!({ "labels": { "fr": "Retours", "en": "Returns" } });
    keeper.post(SECTIONS, body).await.expect(201)["id"].as_i64().expect("an id")
}

pub fn text(locale: &str, title: &str, body: &str) -> Value {
    json!({ "locale": locale, "title": title, "body": body })
}

/// Writes an article and gives its id.
pub async fn writes(keeper: &Caller, section: i64, slug: &str, state: &str, texts: Value) -> i64 {
    let body = json!({ "section_id": section, "slug": slug, "state": state, "texts": texts });
    keeper.post(ARTICLES, body).await.expect(201)["id"].as_i64().expect("an id")
}

async fn becomes(keeper: &Caller, id: i64, state: &str) -> Answer {
    keeper.patch(&format!("{ARTICLES}/{id}"), json!({ "state": state })).await
}

#[tokio::test]
async fn a_draft_is_there_for_whoever_keeps_articles_and_for_nobody_else_until_it_is_published() {
    let app = TestApp::start().await;
    let (max, ana, chloe) = (app.acme.manager("max").await, app.acme.agent("ana").await, app.acme.customer("chloe").await);
    let (other, gus) = (app.globex.manager("other").await, app.globex.customer("gus").await);
    let id = writes(&max, section(&max).await, "refunds", "draft", json!([text("en", "Refunds", "We refund.")])).await;
    let places = [format!("{ARTICLES}/{id}"), format!("{ARTICLES}/refunds")];
    let hidden = async || {
        for reader in [&chloe, &ana, &gus, &other] {
            for path in &places {
                reader.get(path).await.is(404, "not_found");
                reader.put(&format!("{path}/vote"), json!({ "helpful": true })).await.is(404, "not_found");
            }
            for query in ["", "?q=refund", "?state=draft", "?state=archived", "?count=true"] {
                let list = reader.get(&format!("{ARTICLES}{query}")).await.expect(200);
                assert_eq!(list["data"], json!([]), "{query}");
            }
            assert_eq!(reader.get(&format!("{ARTICLES}/suggestions?q=refund")).await.expect(200)["data"], json!([]));
        }
        assert_eq!(chloe.get(SECTIONS).await.expect(200)["data"][0]["articles"], 0);
    };
    hidden().await;
    assert_eq!(max.get(SECTIONS).await.expect(200)["data"][0]["articles"], 1);
    assert_eq!(max.get(&places[1]).await.expect(200)["published_at"], Value::Null);
    becomes(&max, id, "published").await.expect(200);
    for path in &places {
        let read = chloe.get(path).await.expect(200);
        assert_eq!((&read["title"], &read["body_html"]), (&json!("Refunds"), &json!("<p>We refund.</p>\n")));
        assert_eq!((&read["texts"], &read["votes"]), (&json!([]), &Value::Null));
        gus.get(path).await.is(404, "not_found");
    }
    assert_eq!(chloe.get(SECTIONS).await.expect(200)["data"][0]["articles"], 1);
    becomes(&max, id, "draft").await.expect(200);
    hidden().await;
    max.delete(&places[0]).await.expect(204);
    hidden().await;
    app.drain().await;
}

#[tokio::test]
async fn what_was_archived_is_kept_with_its_address_and_is_a_draft_before_it_is_published_again() {
    let app = TestApp::start().await;
    let max = app.acme.manager("max").await;
    let (returns, texts) = (section(&max).await, json!([text("fr", "Retours", "Oui.")]));
    let id = writes(&max, returns, "returns", "published", texts.clone()).await;
    max.delete(&format!("{SECTIONS}/{returns}")).await.is(409, "conflict");
    max.delete(&format!("{ARTICLES}/returns")).await.expect(204);
    let list = async |query: &str| max.get(&format!("{ARTICLES}{query}")).await.expect(200)["data"].as_array().expect("rows").len();
    assert_eq!((list("").await, list("?state=archived").await), (0, 1));
    let again = json!({ "section_id": returns, "slug": "returns", "texts": texts });
    max.post(ARTICLES, again).await.is(409, "slug_taken");
    becomes(&max, id, "published").await.is(409, "illegal_transition");
    max.delete(&format!("{SECTIONS}/{returns}")).await.expect(204);
    max.get(&format!("{SECTIONS}/{returns}")).await.is(404, "not_found");
    becomes(&max, id, "draft").await.is(422, "validation_failed");
    let body = json!({ "state": "draft", "section_id": section(&max).await });
    max.patch(&format!("{ARTICLES}/{id}"), body).await.expect(200);
    assert_eq!(becomes(&max, id, "published").await.expect(200)["state"], "published");
    app.drain().await;
}

#[tokio::test]
async fn what_is_no_article_is_refused_and_says_why() {
    let app = TestApp::start().await;
    let (max, other) = (app.acme.manager("max").await, app.globex.manager("other").await);
    let (returns, foreign) = (section(&max).await, section(&other).await + 7);
    let one = || json!([text("en", "One", "Two")]);
    for (section_id, slug, state, texts, field, code) in [
        (foreign, "a", "draft", one(), "section_id", "unknown_value"),
        (returns, "7", "draft", one(), "slug", "invalid"),
        (returns, "suggestions", "draft", one(), "slug", "invalid"),
        (returns, "a", "archived", one(), "state", "invalid"),
        (returns, "a", "draft", json!([]), "texts", "required"),
        (returns, "a", "draft", json!([text("en", "One", "x"), text("en", "Two", "x")]), "texts", "duplicate"),
        (returns, "a", "draft", json!([text("en", " ", "x")]), "texts[0].title", "required"),
        (returns, "a", "draft", json!([text("en", "x", "")]), "texts[0].body", "required"),
        (returns, "a", "draft", json!([text("de", "x", "x")]), "texts[0].locale", "unknown_value"),
    ] {
        let body = json!({ "section_id": section_id, "slug": slug, "state": state, "texts": texts });
        let refused = max.post(ARTICLES, body.clone()).await.is(422, "validation_failed");
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!(field), &json!(code)), "{body}");
    }
    assert_eq!(app.acme.count("select count(*) from articles").await, 0);
    for path in ["no-such", "0", "99999999999999999999", "No%20Such", "%00"] {
        assert!([404, 422].contains(&max.get(&format!("{ARTICLES}/{path}")).await.status.as_u16()), "{path}");
    }
    app.drain().await;
}

#[tokio::test]
async fn whatever_is_written_a_browser_gets_no_script_of_it() {
    let app = TestApp::start().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) [y](data:text/html,x)\n\n\
        <iframe src=//evil.test></iframe><svg onload=alert(1)>\n\n**bold** [ours](https://acme.test/)";
    let texts = json!([text("en", "<script>alert(1)</script>", hostile)]);
    let id = writes(&max, section(&max).await, "hostile", "published", texts).await;
    let read = chloe.get(&format!("{ARTICLES}/{id}")).await.expect(200);
    let html = read["body_html"].as_str().expect("HTML").to_lowercase();
    for evil in ["<script", "<img", "<iframe", "<svg", "href=\"javascript:", "href=\"data:"] {
        assert!(!html.contains(evil), "{evil}: {html}");
    }
    let preview = max.post(&format!("{ARTICLES}/preview"), json!({ "body": hostile })).await.expect(200);
    assert_eq!(preview["body_html"], read["body_html"], "what is previewed is what is read");
    assert!(html.contains("<strong>bold</strong>") && html.contains("https://acme.test/"), "{html}");
    assert_eq!(read["title"], "<script>alert(1)</script>", "a title is plain text, shown as it was written");
    app.drain().await;
}

#[tokio::test]
async fn of_two_who_change_an_article_at_once_the_second_is_told_and_each_change_leaves_its_traces_once() {
    let app = TestApp::start().await;
    let (max, moe) = (app.acme.manager("max").await, app.acme.manager("moe").await);
    let id = writes(&max, section(&max).await, "refunds", "draft", json!([text("en", "Refunds", "We refund.")])).await;
    let path = format!("{ARTICLES}/{id}");
    let before = app.acme.count(TRACES).await;
    let publishes = async |who: &Caller| who.with(&Method::PATCH, &path, json!({ "state": "published" }), &[("if-match", "\"1\"")]).await;
    let (one, two) = tokio::join!(publishes(&max), publishes(&moe));
    let mut answers = [one.status.as_u16(), two.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 412]);
    assert_eq!(app.acme.count(TRACES).await, before + 2, "one event, one row of the trail");
    assert_eq!(becomes(&max, id, "published").await.expect(200)["version"], 2, "the same again is no change");
    assert_eq!(app.acme.count(TRACES).await, before + 2);
    let stale = max.with(&Method::DELETE, &path, json!({}), &[("if-match", "\"1\"")]).await;
    stale.is(412, "version_mismatch");
    max.patch(&path, json!({ "texts": [text("en", "Refunds", "We refund twice.")] })).await.expect(200);
    let kept = "select count(*) from audit_logs where changes::text like '%We refund.%' and changes::text like '%We refund twice.%'";
    assert_eq!(app.acme.count(kept).await, 1, "the trail has what it was before, and what it is");
    app.drain().await;
    let heard: Vec<Value> = app.heard(&app.acme).into_iter().filter(|event| event["event"] == "ArticleChanged").collect();
    assert_eq!((heard.len(), &heard[0]["data"]["state"], &heard[0]["data"]["slug"]), (2, &json!("published"), &json!("refunds")));
    assert!(!heard[1].to_string().contains("twice"), "events carry no text");
}

#[tokio::test]
async fn what_is_sent_again_with_its_key_is_one_article_and_its_texts_are_replaced_as_a_whole() {
    let app = TestApp::start().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let body = json!({ "section_id": section(&max).await, "slug": "refunds", "state": "published",
        "texts": [text("en", "Refunds", "One"), text("fr", "Remboursements", "Un")] });
    let once = async || max.with(&Method::POST, ARTICLES, body.clone(), &[("idempotency-key", "one")]).await.expect(201);
    let (first, again) = (once().await, once().await);
    assert_eq!((&first, app.acme.count("select count(*) from articles").await), (&again, 1));
    let path = format!("{ARTICLES}/{}", first["id"]);
    let read = async |query: &str| {
        let read = chloe.get(&format!("{path}{query}")).await.expect(200);
        (read["locale"].clone(), read["title"].clone())
    };
    assert_eq!(read("?locale=fr").await, (json!("fr"), json!("Remboursements")));
    assert_eq!(read("?locale=en").await, (json!("en"), json!("Refunds")));
    app.travel(minutes(1));
    max.patch(&path, json!({ "texts": [text("fr", "Remboursements", "Deux")] })).await.expect(200);
    assert_eq!(read("?locale=en").await, (json!("fr"), json!("Remboursements")), "what there is");
    chloe.get(&format!("{path}?locale=de")).await.is(422, "validation_failed");
    app.drain().await;
}
