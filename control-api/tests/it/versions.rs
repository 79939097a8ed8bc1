//! `ETag` and `If-Match`: whoever changes something that they have not seen as it is, is told so.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    sso::{SETTINGS, settings, start},
    world::{Answer, Person, World},
};

async fn change(world: &World, by: &Person, (method, path, body): &(Method, String, Value), tag: &str) -> Answer {
    world.ask(method.clone(), path).by(by).with("if-match", tag).json(body.clone()).await
}

#[tokio::test]
async fn a_change_that_builds_on_another_version_is_refused_and_changes_nothing() {
    let (world, acme, globex, provider) = start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let member = format!("/api/v1/members/{}", ana.id);
    let me = "/api/v1/auth/me";
    let of_ana = |list: Value| list["data"].as_array().expect("rows").iter().find(|m| m["id"] == ana.id).expect("ana").clone();
    for (by, read, change_of) in [
        (&acme, Some("/api/v1/tenant"), (Method::PATCH, "/api/v1/tenant".to_owned(), json!({ "organisation": "Acme & Co" }))),
        (&ana, Some(me), (Method::PATCH, me.to_owned(), json!({ "firstname": "Anna" }))),
        (&acme, None, (Method::PATCH, member.clone(), json!({ "role": "manager" }))),
        (&acme, Some(SETTINGS), (Method::PUT, SETTINGS.to_owned(), json!({ "name": "Another" }))),
    ] {
        let mut change_of = change_of;
        if change_of.0 == Method::PUT {
            change_of.2 = settings(&provider);
            change_of.2["name"] = json!("Another");
        }
        let version = match read {
            Some(path) => {
                let tag = world.get(path).by(by).await.expect(200).header("etag");
                tag.trim_matches('"').parse::<i64>().unwrap_or_else(|_| panic!("{path}: {tag}"))
            }
            None => of_ana(world.get("/api/v1/members").by(&acme).await.expect(200).body)["version"].as_i64().expect("a version"),
        };
        let events = world.events().await.len();
        for tag in [format!("\"{}\"", version - 1), format!("W/\"{}\"", version + 1), version.to_string(), "\"x\"".into(), String::new()] {
            change(&world, by, &change_of, &tag).await.refused(412, "version_mismatch");
        }
        assert_eq!(world.events().await.len(), events, "{}", change_of.1);
        let changed = change(&world, by, &change_of, &format!("W/\"{version}\"")).await.expect(200);
        assert_eq!(changed.header("etag"), format!("\"{}\"", version + 1), "{}", change_of.1);
        change(&world, by, &change_of, &format!("\"{version}\"")).await.refused(412, "version_mismatch");
        if let Some(path) = read {
            assert_eq!(world.get(path).by(by).await.expect(200).header("etag"), changed.header("etag"), "{path}");
        }
    }
    let shown = of_ana(world.get("/api/v1/members").by(&acme).await.expect(200).body);
    assert_eq!((&shown["role"], &shown["firstname"], &shown["version"]), (&json!("manager"), &json!("Anna"), &json!(3)));
    // Removing asks the same; and where there is no provider, nobody has a version of it.
    for path in [&member, SETTINGS] {
        let remove = (Method::DELETE, path.to_owned(), json!({}));
        change(&world, &acme, &remove, "\"1\"").await.refused(412, "version_mismatch");
        change(&world, &acme, &remove, "\"1\", \"2\", \"3\"").await.expect(204);
    }
    for by in [&acme, &globex] {
        change(&world, by, &(Method::PUT, SETTINGS.into(), settings(&provider)), "\"2\"").await.refused(412, "version_mismatch");
    }
    let made = world.ask(Method::PUT, SETTINGS).by(&acme).json(settings(&provider)).await.expect(200);
    assert_eq!(made.header("etag"), "\"1\"");
}
