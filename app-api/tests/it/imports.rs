//! Who may import whom (architecture, section 0.5): arrows point left only, followers are known by
//! nobody, and pure files do no IO.

use std::{collections::BTreeMap, fs, path::Path};

/// Each feature and the features that it may use.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("people", &[][..]),
        ("messages", &["people"]),
        ("tickets", &["people", "messages"]),
        ("notifications", &["people", "messages", "tickets"]),
        ("live", &["people", "tickets"]),
    ])
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).expect("a file")));
        }
    }
    found
}

#[test]
fn features_use_only_what_stands_to_their_left() {
    let allowed = allowed();
    for (feature, may) in &allowed {
        for (path, text) in sources(&Path::new("src").join(feature)) {
            for other in allowed.keys().filter(|o| *o != feature && !may.contains(o)) {
                for form in [format!("crate::{other}"), format!(" {other}::"), format!(" {other},")] {
                    let used = text
                        .lines()
                        .filter(|l| !l.trim_start().starts_with("//"))
                        .any(|l| l.contains(&form) && (form.starts_with("crate") || l.trim_start().starts_with(form.trim())));
                    assert!(!used, "{path} uses {other}");
                }
            }
        }
    }
}

#[test]
fn rules_do_no_io() {
    for file in [
        "tickets/status.rs",
        "tickets/visibility.rs",
        "tickets/number.rs",
        "tickets/model.rs",
        "messages/model.rs",
        "messages/markup.rs",
        "people/model.rs",
        "permissions.rs",
        "live/model.rs",
    ] {
        let text = fs::read_to_string(Path::new("src").join(file)).expect(file);
        for io in ["sqlx", "axum", "tokio", "Clock", "async fn"] {
            assert!(!text.contains(io), "{file} uses {io}");
        }
    }
}
