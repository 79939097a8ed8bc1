//! What `docs/operations.md` says of figures, held against what a plane shows.

use std::collections::BTreeSet;

use prometheus::{IntGauge, Registry};

const PAGE: &str = include_str!("../../../docs/operations.md");

/// Fails unless `registry` shows the figures that the page gives this plane, and no others.
pub fn tells_of(registry: &Registry, plane: &str) {
    let told: BTreeSet<String> = rows().into_iter().filter(|(_, of)| of == plane || of == "both").flat_map(|(names, _)| names).collect();
    assert!(told.len() > 10, "{told:?}");
    let shown: BTreeSet<String> = registry.gather().iter().map(|family| family.name().to_owned()).collect();
    let others: Vec<_> = shown.iter().filter(|name| !told.contains(*name) && !name.starts_with("process_")).collect();
    assert_eq!(others, [""; 0], "the page does not know them");
    for name in told.iter().filter(|name| *name != "process_*") {
        // One with labels is shown when it has something to say; its name is taken at once.
        let taken = IntGauge::new(name.as_str(), "x").map(|gauge| registry.register(Box::new(gauge)).is_err());
        assert!(matches!(taken, Ok(true)), "{name} is not shown");
    }
}

/// Fails unless each rule of the page by which somebody is woken asks for figures that some plane shows.
pub fn alerts_are_about_figures() {
    let (all, rules): (Vec<String>, _) = (rows().into_iter().flat_map(|(names, _)| names).collect(), rules());
    assert!(rules.len() > 15, "{rules:#?}");
    for rule in rules {
        let names: Vec<&str> = words(&rule).filter(|word| word.contains('_')).collect();
        assert!(!names.is_empty(), "{rule} asks for nothing");
        for name in names {
            assert!(all.iter().any(|known| known == name), "{rule}: nobody shows {name}");
        }
    }
}

/// Names of figures with the plane that shows them.
fn rows() -> Vec<(Vec<String>, String)> {
    let section = PAGE.split("## Metrics").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|');
        let (names, plane) = (cells.next()?, cells.next()?.trim());
        ["both", "control", "app"].contains(&plane).then(|| (spans(names), plane.to_owned()))
    });
    rows.map(|(spans, plane)| {
        (spans.iter().filter_map(|span| span.split('{').next()).filter(|name| !name.is_empty()).map(str::to_owned).collect(), plane)
    })
    .collect()
}

/// What stands in the first cells of the tables that say when somebody is to be woken.
fn rules() -> Vec<String> {
    let tables = PAGE.split("| when | means |").skip(1).map(|rest| rest.split("\n\n").next().unwrap_or_default());
    let rows = tables.flat_map(str::lines).filter(|line| line.starts_with("| `"));
    // A `|` within a cell stands behind a backslash.
    rows.flat_map(|row| spans(row.replace("\\|", "/").trim_start_matches('|').split('|').next().unwrap_or_default()))
        .filter(|span| span.contains(char::is_alphabetic))
        .collect()
}

fn spans(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The names of a rule, without labels and functions.
fn words(rule: &str) -> impl Iterator<Item = &str> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    rule.split(['{', '}']).step_by(2).flat_map(move |part| part.split(move |letter| !is_word(letter))).filter(|word| !word.is_empty())
}
