//! The help centre as it is read (T-60): found by words in both languages, suggested to whoever writes a ticket, and judged once by
//! each reader.

use serde_json::{Value, json};

use crate::{
    articles::{section, text, writes},
    world::{Caller, TestApp},
};

const ARTICLES: &str = "/api/v1/articles";

fn slugs(list: &Value) -> Vec<&str> {
    list["data"].as_array().expect("rows").iter().map(|row| row["slug"].as_str().expect("a slug")).collect()
}

/// What is found for `q`, joined.
async fn found(reader: &Caller, q: &str) -> String {
    slugs(&reader.get(&format!("{ARTICLES}?q={q}")).await.expect(200)).join(" ")
}

async fn suggested(reader: &Caller, q: &str) -> String {
    slugs(&reader.get(&format!("{ARTICLES}/suggestions?q={q}")).await.expect(200)).join(" ")
}

/// Three articles of acme's, one of globex's with the same words.
async fn written(app: &TestApp) -> (Caller, Caller) {
    let (max, other) = (app.acme.manager("max").await, app.globex.manager("other").await);
    let (here, there) = (section(&max).await, section(&other).await);
    let refunds = json!([text("en", "Getting a refund", "Send the parcel back."), text("fr", "Être remboursé", "Renvoyez le colis.")]);
    writes(&max, here, "refunds", "published", refunds.clone()).await;
    writes(&max, here, "delivery", "published", json!([text("fr", "Délais de livraison", "Un colis arrive en deux jours.")])).await;
    writes(&max, here, "parcels", "published", json!([text("en", "Where is my parcel?", "Follow its number.")])).await;
    writes(&other, there, "elsewhere", "published", refunds).await;
    (max, app.acme.customer("chloe").await)
}

#[tokio::test]
async fn words_find_articles_in_both_languages_whatever_their_endings_capitals_and_accents() {
    let app = TestApp::start().await;
    let (_, chloe) = written(&app).await;
    for (q, slugs) in [
        ("refund", "refunds"),
        ("REFUNDS", "refunds"),
        ("rembours%C3%A9s", "refunds"),
        ("etre%20rembourse", "refunds"),
        ("delai", "delivery"),
        ("D%C3%89LAIS%20livraisons", "delivery"),
        ("parcels", "parcels refunds"),
        ("refund%20number", ""),
        ("nothing", ""),
        ("%26%20%7C%20!%20%3A*%20(", ""),
        ("%27%20or%201%3D1", ""),
    ] {
        assert_eq!(found(&chloe, q).await, slugs, "{q}");
    }
    assert_eq!(found(&app.globex.customer("gus").await, "refund").await, "elsewhere");
    chloe.get(&format!("{ARTICLES}?q={}", "a".repeat(256))).await.is(422, "validation_failed");
    chloe.get(&format!("{ARTICLES}?q=%00")).await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn whoever_writes_a_ticket_is_suggested_five_articles_at_most_the_best_first() {
    let app = TestApp::start().await;
    let (max, chloe) = written(&app).await;
    let copy = json!([text("fr", "Copie de facture", "Ce n'est pas l'original, c'est une copie.")]);
    writes(&max, section(&max).await, "copy", "published", copy).await;
    for (q, slugs) in [
        ("my%20refund%20for%20the%20parcel", "refunds parcels"),
        ("O%C3%B9%20est%20mon%20colis%20et%20la%20livraison", "delivery refunds"),
        ("the%20of%20le%20la", ""),
        ("where%3F%20is,%20the!%20le.", ""),
        ("n'est%20c%E2%80%99est%20est-ce%20?", ""),
        ("ce%20n'est%20pas%20my%20refund!", "refunds"),
        ("l'original%20!", "copy"),
        ("", ""),
        ("%20", ""),
        ("printer", ""),
    ] {
        assert_eq!(suggested(&chloe, q).await, slugs, "{q}");
    }
    let here = section(&max).await;
    for n in 0..6 {
        writes(&max, here, &format!("printer-{n}"), "published", json!([text("en", "Printer on fire", "Run.")])).await;
    }
    writes(&max, here, "printer-draft", "draft", json!([text("en", "Printer printer printer", "Run.")])).await;
    for reader in [&chloe, &max] {
        assert_eq!(suggested(reader, "printer").await, "printer-0 printer-1 printer-2 printer-3 printer-4");
    }
    chloe.get(&format!("{ARTICLES}/suggestions?q={}", "a".repeat(256))).await.is(422, "validation_failed");
    app.drain().await;
}

#[tokio::test]
async fn pages_hold_every_article_once_by_position_or_by_rank_and_a_cursor_is_good_for_its_own_list() {
    let app = TestApp::start().await;
    let (max, chloe) = (app.acme.manager("max").await, app.acme.customer("chloe").await);
    let (one, two) = (section(&max).await, section(&max).await);
    for n in 0..7_i64 {
        let body = json!({ "section_id": if n == 6 { two } else { one }, "slug": format!("a-{n}"), "state": "published",
            "position": -n / 2, "texts": [text("en", "Printer", &"fire ".repeat(n as usize + 1))] });
        max.post(ARTICLES, body).await.expect(201);
    }
    let pages = async |query: &str| {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = chloe.get(&format!("{ARTICLES}?limit=2&count=true&{query}{cursor}")).await.expect(200);
            all.extend(slugs(&page).into_iter().map(str::to_owned));
            match page["page"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => {
                    assert_eq!(page["page"]["total"], all.len(), "{query}");
                    return all;
                }
            }
        }
    };
    assert_eq!(pages("").await, ["a-6", "a-4", "a-5", "a-2", "a-3", "a-0", "a-1"]);
    assert_eq!(pages(&format!("section={two}")).await, ["a-6"]);
    let mut ranked = pages("q=printer%20fire").await;
    ranked.sort();
    ranked.dedup();
    assert_eq!(ranked.len(), 7);
    let first = chloe.get(&format!("{ARTICLES}?limit=2")).await.expect(200);
    let cursor = first["page"]["next_cursor"].as_str().expect("more");
    for query in ["q=printer&", "section=1&", "state=published&"] {
        chloe.get(&format!("{ARTICLES}?{query}cursor={cursor}")).await.is(422, "validation_failed");
    }
    max.get(&format!("{ARTICLES}?cursor={cursor}")).await.is(422, "validation_failed");
    app.globex.customer("gus").await.get(&format!("{ARTICLES}?cursor={cursor}")).await.is(422, "validation_failed");
    for query in ["limit=0", "limit=101", "sort=created_at", "state=gone", "section=x"] {
        chloe.get(&format!("{ARTICLES}?{query}")).await.is(422, "validation_failed");
    }
    app.drain().await;
}

#[tokio::test]
async fn each_reader_has_one_vote_of_which_the_last_counts_and_only_keepers_see_how_many() {
    let app = TestApp::start().await;
    let (max, chloe) = written(&app).await;
    let (dan, gus) = (app.acme.customer("dan").await, app.globex.customer("gus").await);
    let path = format!("{ARTICLES}/refunds/vote");
    let says = async |who: &Caller, helpful: bool| who.put(&path, json!({ "helpful": helpful })).await;
    let traces = "select (select count(*) from events) + (select count(*) from audit_logs where outcome = 'success')";
    gus.put(&path, json!({ "helpful": true })).await.is(404, "not_found");
    says(&chloe, true).await.expect(204);
    let before = app.acme.count(traces).await;
    let (one, two, three) = tokio::join!(says(&chloe, true), says(&chloe, true), says(&chloe, true));
    assert!([one, two, three].iter().all(|answer| answer.status == 204));
    assert_eq!(app.acme.count(traces).await, before, "the same again is nothing new");
    says(&dan, true).await.expect(204);
    says(&chloe, false).await.expect(204);
    assert_eq!(max.get(&format!("{ARTICLES}/refunds")).await.expect(200)["votes"], json!({ "helpful": 1, "unhelpful": 1 }));
    let read = chloe.get(&format!("{ARTICLES}/refunds")).await.expect(200);
    assert_eq!((&read["vote"], &read["votes"]), (&json!(false), &Value::Null));
    chloe.put(&path, json!({ "helpful": "yes" })).await.is(422, "validation_failed");
    chloe.put(&path, json!({})).await.is(422, "validation_failed");
    app.drain().await;
}
