//! The OpenAPI document is whole, and the committed one is the code's.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;
use shared::testing::nothing_else_is_routed;

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|v| references(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_the_snapshot_is_current() {
    let text = app_api::router::document().expect("a document");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in found {
        let place = reference.strip_prefix('#').expect("a reference inside the document");
        assert!(document.pointer(place).is_some(), "{reference}");
    }
    let snapshot: Value = serde_json::from_str(include_str!("../../openapi.json")).expect("JSON");
    assert!(snapshot == document, "openapi.json is old: run scripts/prepare documents");
}

#[test]
fn every_operation_of_a_tenant_may_name_it_and_answers_problems() {
    let document: Value = serde_json::from_str(&app_api::router::document().expect("a document")).expect("JSON");
    for (path, item) in document["paths"].as_object().expect("paths").iter().filter(|(path, _)| path.starts_with("/api/")) {
        for (method, operation) in item.as_object().expect("operations") {
            let problem = &operation["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(problem, "#/components/schemas/Problem", "{method} {path}");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let named: Vec<_> = parameters.filter(|p| p["in"] == "header" && p["name"] == "X-Tenant").collect();
            assert_eq!(named.len(), 1, "{method} {path}");
            assert_eq!(named[0]["required"], false, "{method} {path}");
        }
    }
}

/// Routes come from `routes!`, which writes the document too. Whatever else answers stands here (R1).
#[test]
fn nothing_answers_that_the_document_does_not_list() {
    let others = ["router.rs: .merge(pages.layer(page_policy()))", "router.rs: .route(\"/openapi.json\""];
    nothing_else_is_routed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &others);
}
