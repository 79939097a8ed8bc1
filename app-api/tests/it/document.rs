//! The OpenAPI document is whole, and the committed one is the code's.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;
use shared::testing::routed;

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
