//! The OpenAPI document is whole, and the committed one is the code's.

use std::collections::BTreeSet;

use serde_json::Value;

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
