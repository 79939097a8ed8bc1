//! What stands in lists that nobody reads in a ticket.

use crate::world::Caller;

/// Seven texts of an agent, four sections of the help centre, and four contents of files that were judged.
pub async fn written(ana: &Caller, boss: &Caller) {
    kept(ana).await;
    for n in 0..4 {
        let labels = serde_json::json!({ "fr": "Un", "en": format!("Section {n}") });
        boss.post("/api/v1/articles/sections", serde_json::json!({ "labels": labels })).await.expect(201);
    }
    for (n, digit) in ["1", "2", "3", "4"].iter().enumerate() {
        let status = if n < 3 { "approved" } else { "pending" };
        boss.post("/api/v1/moderation-hashes", serde_json::json!({ "sha256": digit.repeat(64), "status": status })).await.expect(201);
    }
}

/// Seven texts of an agent.
async fn kept(ana: &Caller) {
    for n in 0..7 {
        let (path, body) =
            (if n % 2 == 0 { "canned-replies" } else { "macros" }, serde_json::json!({ "name": "x", "scope": "own", "message": "x" }));
        ana.post(&format!("/api/v1/{path}"), body).await.expect(201);
    }
}
