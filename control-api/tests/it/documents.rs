//! What is committed fits the code, and answers fit what the document says of them.

use serde_json::{Value, json};

#[test]
fn the_openapi_document_is_the_committed_one() {
    let written = include_str!("../../openapi.json");
    let made = control_api::router::document().expect("a document");
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
