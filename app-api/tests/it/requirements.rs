//! `docs/requirements.md` names the tests of each requirement about tickets: all of them are there.

use std::{collections::BTreeMap, path::PathBuf};

/// What the page calls a folder, and where that is.
const FOLDERS: [(&str, &str); 6] = [
    ("it/", "app-api/tests/it/"),
    ("src/", "app-api/src/"),
    ("control/", "control-api/tests/it/"),
    ("e2e/", "tests/e2e/"),
    ("web/", "web/src/"),
    ("shared/", "shared/"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a file that the page names; none where that is no file's name.
fn file(name: &str) -> Option<String> {
    let (short, folder) = FOLDERS.into_iter().find(|(short, _)| name.starts_with(short))?;
    let path = root().join(folder).join(&name[short.len()..]);
    path.extension()?;
    Some(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}")))
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let page = std::fs::read_to_string(root().join("docs/requirements.md")).expect("the page");
    let (mut files, mut named, mut missing) = (BTreeMap::new(), 0, Vec::new());
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let tests = row.split(" | ").nth(1).unwrap_or_default();
        let mut current = None;
        for word in tests.split('`').skip(1).step_by(2) {
            if let Some(text) = file(word) {
                files.entry(word).or_insert(text);
                current = Some(word);
                continue;
            }
            let text = &files[current.unwrap_or_else(|| panic!("{word} stands behind no file: {row}"))];
            // Tests of the front end are sentences with spaces.
            let is_there = if word.contains(' ') { text.contains(word) } else { text.contains(&format!(" {word}(")) };
            named += 1;
            missing.extend((!is_there).then_some(word));
        }
    }
    assert!(named > 100 && missing.is_empty(), "of {named} these are not there: {missing:?}");
}
