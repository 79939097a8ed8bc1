//! Who comes too often is refused before anything is asked about them.

use std::collections::BTreeSet;

use control_api::{limits::TABLE, router::document};
use serde_json::{Value, json};

use crate::world::World;

#[test]
fn every_operation_stands_in_the_table() {
    let document: Value = serde_json::from_str(&document().expect("a document")).expect("JSON");
    let of = |(path, item): (&String, &Value)| -> Vec<String> {
        item.as_object().expect("operations").keys().map(|m| format!("{} {path}", m.to_uppercase())).collect()
    };
    let documented: BTreeSet<String> = document["paths"].as_object().expect("paths").iter().flat_map(of).collect();
    let listed: BTreeSet<String> = TABLE.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(listed.len(), TABLE.len(), "no operation stands there twice");
    assert_eq!(listed, documented);
}

#[tokio::test]
async fn each_way_in_is_counted_by_where_one_comes_from_whoever_asks() {
    let (world, acme, globex) = World::start().await;
    let world = world.counting();
    // From networks of their own: what all ways in have in common is counted as well.
    for (path, times, net) in [
        ("/api/v1/tenants", 10, "203.0.110"),
        ("/api/v1/auth/register", 20, "203.0.111"),
        ("/api/v1/auth/login", 60, "203.0.112"),
        ("/api/v1/auth/email/verify", 30, "203.0.113"),
    ] {
        let ask = |n: usize, host: u8| {
            let ip = format!("{net}.{host}");
            // Names, cases, tenants and tokens make no difference.
            let person = if n.is_multiple_of(2) { &acme } else { &globex };
            world.post(path).by(person).with("x-forwarded-for", ip).json(json!({ "n": n }))
        };
        for n in 0..times {
            let answer = ask(n, 7).await;
            assert_eq!(answer.status, 422, "{path} {n}");
            assert_eq!(answer.header("ratelimit-limit"), times.to_string(), "{path}");
        }
        let refused = ask(0, 7).await.refused(429, "rate_limited");
        assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().expect("seconds")), "{path}");
        assert_eq!(ask(0, 8).await.status, 422, "{path}");
    }
}

#[tokio::test]
async fn what_is_dear_is_counted_more_tightly_per_person() {
    let (world, acme, globex) = World::start().await;
    let world = world.counting();
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(world.post("/api/v1/auth/email/resend").by(&acme).await.status);
    }
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 1, "{answers:?}");
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
    assert_ne!(world.post("/api/v1/auth/email/resend").by(&globex).await.status, 429);
}

#[test]
fn how_often_each_operation_may_be_called() {
    insta::assert_snapshot!(TABLE.iter().map(|(method, path, policy)| format!("{method} {path}: {policy:?}\n")).collect::<String>());
}
