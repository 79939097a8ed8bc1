//! What is committed fits the code.

#[test]
fn the_openapi_document_is_the_committed_one() {
    let written = include_str!("../../openapi.json");
    let made = control_api::router::document().expect("a document");
    assert!(written.trim_end() == made.trim_end(), "control-api/openapi.json is not what the code says: run scripts/prepare documents");
}
