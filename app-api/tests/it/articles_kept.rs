//! The help centre as it is kept (T-60): addresses for ever, room for what is written, and a trail of what was.

use serde_json::{Value, json};

use crate::{
    articles::{section, text, writes},
    world::TestApp,
};

const ARTICLES: &str = "/api/v1/articles";

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
