//! What is committed fits the code, and the document tells of all that answers.

use std::path::Path;

use axum::http::Method;
use control_api::router::document;
use serde_json::{Value, json};
use shared::testing::routed;

use crate::{
    isolation::{May, Row, table},
    operators,
    world::World,
};

#[test]
fn the_openapi_document_is_the_committed_one() {
    let written = include_str!("../../openapi.json");
    let made = document().expect("a document");
    assert!(written.trim_end() == made.trim_end(), "control-api/openapi.json is not what the code says: run scripts/prepare documents");
}

/// Routes come from `routes!`, which writes the document too. Whatever else answers stands here (R1).
#[test]
fn nothing_answers_that_the_document_does_not_list() {
    let found = routed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let others = ["router.rs: .merge(SwaggerUi::new(\"/docs\")", "router.rs: .route(\"/openapi.json\""];
    for (line, named) in found.iter().zip(others) {
        assert!(line.starts_with(named), "{line}");
    }
    assert_eq!(found.len(), others.len(), "{found:#?}");
}

/// What a body may hold, following a reference.
fn schema<'a>(document: &'a Value, mut schema: &'a Value) -> &'a Value {
    while let Some(place) = schema["$ref"].as_str() {
        schema = document.pointer(place.trim_start_matches('#')).expect("a schema");
    }
    // An optional body is one of nothing and the real one.
    match schema["oneOf"].as_array().filter(|_| schema["additionalProperties"].is_null()) {
        Some(several) => self::schema(document, several.iter().find(|one| one["type"] != "null").expect("a body")),
        None => schema,
    }
}

#[tokio::test]
async fn no_body_may_hold_more_than_the_document_says() {
    let document: Value = serde_json::from_str(&document().expect("a document")).expect("JSON");
    let (world, acme, _) = World::start().await;
    let (ana, operator) = (world.member(&acme, "ana", "agent").await, operators::signed_in(&world).await);
    for (operation, may, body, _) in table() {
        let (method, path) = operation.split_once(' ').expect("method and path");
        let wanted = &document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"];
        if !wanted.is_null() {
            let schema = schema(&document, wanted);
            assert_eq!(schema["additionalProperties"], false, "{operation}: {schema}");
        }
        let Some(mut body) = body else {
            // Only whoever has no access token sends one here.
            assert!(wanted.is_null() || operation == "post /api/v1/auth/logout", "{operation} has a body, and none stands in the table");
            continue;
        };
        assert!(!wanted.is_null(), "{operation} has no body");
        body["surprise"] = json!(1);
        let (slug, token) = match may {
            May::Operator => (None, &operator),
            May::Admin => (Some("acme"), &acme.access),
            May::Anybody | May::Visitors | May::Customer => (Some("acme"), &ana.access),
        };
        let answer = Row::of(&world, operation, "acme", Some(body)).ask(slug, Some(token)).await;
        assert_eq!(answer.refused(422, "validation_failed").wrong_field(), ("surprise".into(), "unknown_field".into()), "{operation}");
    }
    let logout = world.ask(Method::POST, "/api/v1/auth/logout").at("acme").json(json!({ "refresh_token": "x", "surprise": 1 }));
    assert_eq!(logout.await.refused(422, "validation_failed").wrong_field(), ("surprise".into(), "unknown_field".into()));
}
