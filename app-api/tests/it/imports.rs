//! Who may import whom (architecture, section 0.5): arrows point left only, followers are known by
//! nobody, and pure files do no IO.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Each feature and the features that it may use.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("people", &[][..]),
        ("access", &["people"]),
        ("teams", &["people"]),
        ("categories", &["people", "teams"]),
        ("settings", &["people"]),
        ("media", &["people"]),
        ("messages", &["people", "media"]),
        ("sla", &[]),
        ("orders", &["people"]),
        ("tickets", &["people", "access", "teams", "categories", "media", "messages", "sla", "orders"]),
        ("search", &["people", "tickets"]),
        ("macros", &["people", "messages", "tickets"]),
        ("satisfaction", &["people", "tickets"]),
        ("notifications", &["people", "messages", "tickets", "satisfaction"]),
        ("articles", &["people", "messages", "tickets"]),
        ("imports", &["people", "access", "categories", "media", "messages", "tickets"]),
        ("media_settings", &["people", "media"]),
        ("attachments", &["people", "media", "messages", "tickets"]),
        ("live", &["people", "tickets"]),
        ("reports", &["people", "settings", "sla", "tickets"]),
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

/// The top-level modules that a source names, in whatever form.
fn used(source: &str) -> BTreeSet<String> {
    let code: String = source.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join(" ");
    let mut found = BTreeSet::new();
    for (at, root) in code.match_indices("crate::") {
        let rest = code[at + root.len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(inside) => found.extend(first_names(inside)),
            None => found.extend(name(rest)),
        }
    }
    found
}

/// The first name of each entry of a list in braces, whose opening brace is gone already.
fn first_names(list: &str) -> Vec<String> {
    let (mut names, mut depth, mut entry) = (Vec::new(), 0, String::new());
    for c in list.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(name(&std::mem::take(&mut entry))),
            _ => {}
        }
        if c != ',' || depth > 0 {
            entry.push(c);
        }
    }
    names.extend(name(&entry));
    names
}

fn name(path: &str) -> Option<String> {
    let name: String = path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

#[test]
fn every_form_of_an_import_is_seen() {
    for (source, expected) in [
        ("use crate::app::App;", &["app"][..]),
        ("use crate::{app::App, live};", &["app", "live"]),
        ("use crate::{\n    app::{App, Outside},\n    live::{self, Hubs},\n    tickets,\n};", &["app", "live", "tickets"]),
        ("use crate::{live as stream, people::PersonId};", &["live", "people"]),
        (
            "use crate::{tickets::{store::{a, b}, c}, messages};\nfn f() { crate::notifications::react() }",
            &["messages", "notifications", "tickets"],
        ),
        ("pub(in crate::tickets) fn f() {}", &["tickets"]),
        ("// use crate::live;\n/// See [`crate::live`].", &[]),
        ("use shared::{live::Thing, tickets};", &[]),
    ] {
        let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(used(source), expected, "{source}");
    }
}

#[test]
fn features_use_only_what_stands_to_their_left() {
    let allowed = allowed();
    for (feature, may) in &allowed {
        for (path, text) in sources(&Path::new("src").join(feature)) {
            for other in used(&text).iter().filter(|name| allowed.contains_key(name.as_str())) {
                assert!(other == feature || may.contains(&other.as_str()), "{path} uses {other}");
            }
            assert!(!text.contains("super::super::super::"), "{path} climbs out of its feature");
        }
    }
}

#[test]
fn rules_do_no_io() {
    for file in [
        "tickets/status.rs",
        "tickets/joining.rs",
        "tickets/arrival.rs",
        "tickets/export/cells.rs",
        "tickets/visibility.rs",
        "tickets/assignment.rs",
        "tickets/number.rs",
        "tickets/model.rs",
        "tickets/syntax.rs",
        "tickets/syntax/pieces.rs",
        "search/model.rs",
        "search/highlight.rs",
        "tickets/effect.rs",
        "tickets/views/model.rs",
        "tickets/bulk/model.rs",
        "macros/template.rs",
        "macros/model.rs",
        "macros/plain.rs",
        "messages/model.rs",
        "messages/markup.rs",
        "people/model.rs",
        "teams/model.rs",
        "categories/model.rs",
        "categories/values.rs",
        "categories/known.rs",
        "imports/model.rs",
        "imports/mapping.rs",
        "imports/cut.rs",
        "imports/head.rs",
        "imports/raw.rs",
        "imports/table.rs",
        "imports/zendesk.rs",
        "imports/words.rs",
        "imports/judge.rs",
        "permissions.rs",
        "live/model.rs",
        "live/pace.rs",
        "access/model.rs",
        "sla/calendar.rs",
        "sla/clock.rs",
        "sla/model.rs",
        "tickets/clocks.rs",
        "tickets/priority.rs",
        "orders/model.rs",
        "orders/known.rs",
        "satisfaction/model.rs",
        "articles/model.rs",
        "reports/fact.rs",
        "reports/sums.rs",
        "reports/period.rs",
        "reports/figures.rs",
    ] {
        let text = fs::read_to_string(Path::new("src").join(file)).expect(file);
        for io in ["sqlx", "axum", "tokio", "&Clock", "clock.now", "async fn"] {
            assert!(!text.contains(io), "{file} uses {io}");
        }
    }
}
