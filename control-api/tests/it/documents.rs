//! What is committed fits the code, the document tells of all that answers, and answers fit what it says of them.

use std::path::Path;

use axum::http::Method;
use control_api::router::document;
use serde_json::{Value, json};
use shared::testing::nothing_else_is_routed;

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

/// Whether a value has what a schema requires of it; types are not looked at.
fn fits(document: &Value, schema: &Value, value: &Value) -> bool {
    let all = |name: &str| schema[name].as_array().into_iter().flatten();
    if let Some(reference) = schema["$ref"].as_str() {
        let place = reference.strip_prefix('#').expect("a reference inside the document");
        return fits(document, document.pointer(place).expect(reference), value);
    }
    all("required").all(|field| value.get(field.as_str().expect("a name")).is_some())
        && all("allOf").all(|part| fits(document, part, value))
        && (schema.get("anyOf").is_none() || all("anyOf").any(|part| fits(document, part, value)))
        && (schema.get("oneOf").is_none() || all("oneOf").filter(|part| fits(document, part, value)).count() == 1)
        && (schema["type"] != "null" || value.is_null())
}

#[test]
fn an_answer_with_or_without_a_session_fits_its_schema() {
    let document: Value = serde_json::from_str(&control_api::router::document().expect("a document")).expect("JSON");
    let login = json!({ "access_token": "x", "token_type": "Bearer", "expires_in": 900, "user": {
        "id": 1, "email": "x", "firstname": "x", "lastname": "x", "role": "admin", "locale": "en", "email_verified": true,
        "tenant": { "id": "x", "slug": "x", "organisation": "x" } } });
    let passkey = json!({ "id": 1, "name": "x", "created_at": "x" });
    for (path, status, own, nothing) in [
        ("/api/v1/auth/2fa/enable", "200", json!({ "recovery_codes": ["x"] }), json!({})),
        ("/api/v1/auth/passkeys/register/finish", "201", passkey, json!({ "recovery_codes": ["x"] })),
    ] {
        let schema = &document["paths"][path]["post"]["responses"][status]["content"]["application/json"]["schema"];
        let mut both = own.clone();
        both.as_object_mut().expect("fields").extend(login.as_object().expect("fields").clone());
        for (answer, is_one) in [(&nothing, false), (&login, false), (&own, true), (&both, true)] {
            assert_eq!(fits(&document, schema, answer), is_one, "{path} {answer}");
        }
    }
}

/// Routes come from `routes!`, which writes the document too. Whatever else answers stands here (R1).
#[test]
fn nothing_answers_that_the_document_does_not_list() {
    let others = ["router.rs: .merge(pages.layer(page_policy()))", "router.rs: .route(\"/openapi.json\""];
    nothing_else_is_routed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &others);
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
