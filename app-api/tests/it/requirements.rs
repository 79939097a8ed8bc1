//! `docs/requirements.md` names the tests of each requirement about tickets: none of those is left out, and each of these runs.

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

/// What of T-40 and T-60 the page has to speak of.
const LISTED: [&str; 22] = [
    "T-40 assign",
    "T-40 round robin",
    "T-40 by team and skill",
    "T-40 availability",
    "T-40 workload",
    "T-40 views",
    "T-40 cursors",
    "T-40 filters",
    "T-40 search",
    "T-40 merge",
    "T-40 split",
    "T-40 link",
    "T-40 bulk",
    "T-40 watch",
    "T-40 snooze",
    "T-40 tags",
    "T-40 custom fields",
    "T-40 export",
    "T-40 import",
    "T-60 CSAT",
    "T-60 leaderboard",
    "T-60 help centre",
];
/// Hostile input, as far as tickets take it.
const INPUT: [u8; 17] = [1, 2, 3, 4, 5, 6, 7, 14, 15, 17, 18, 19, 20, 21, 22, 23, 31];

/// What each has a row for, or is said to be open.
fn required() -> Vec<String> {
    let numbered =
        |letter: &'static str, numbers: &mut dyn Iterator<Item = u8>| numbers.map(|n| format!("{letter}{n}")).collect::<Vec<_>>();
    [
        numbered("T-", &mut (1..=16).chain([20]).chain(31..=35).chain(51..=53)),
        numbered("A-", &mut (1..=17)),
        numbered("C", &mut (1..=14)),
        numbered("I", &mut INPUT.into_iter().chain([32])),
        LISTED.map(str::to_owned).to_vec(),
    ]
    .concat()
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/requirements.md")).expect("the page")
}

fn is_id(word: &str) -> bool {
    word.trim_start_matches(['A', 'T', 'C', 'I', '-']).parse::<u8>().is_ok() && word.starts_with(['A', 'T', 'C', 'I'])
}

/// What a row or an open line speaks of: each of its ids, or the one of its heading, with the words behind them.
fn spoken_of(words: &str, heading: &str) -> Vec<String> {
    let ids: Vec<&str> = words.split(' ').map(|word| word.trim_end_matches([',', ':'])).take_while(|word| is_id(word)).collect();
    let rest = words.split(' ').skip(ids.len()).collect::<Vec<_>>().join(" ");
    let of_heading = heading.rsplit_once('(').map(|(_, id)| id.trim_end_matches(')')).filter(|id| is_id(id));
    let ids = if ids.is_empty() { of_heading.into_iter().collect() } else { ids };
    ids.into_iter().map(|id| format!("{id} {rest}")).collect()
}

#[test]
fn every_requirement_has_a_row_with_tests_or_is_open() {
    let (page, mut heading, mut spoken) = (page(), "", Vec::new());
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title;
        } else if let Some((words, _)) =
            line.strip_prefix("| ").and_then(|row| row.split_once(" | ")).filter(|(_, tests)| tests.contains('`'))
        {
            spoken.extend(spoken_of(words, heading));
        } else if let Some(words) = line.strip_prefix("- ").filter(|_| heading == "Open") {
            spoken.extend(spoken_of(words, ""));
        }
    }
    let is_spoken_of = |what: &String| {
        let behind = |line: &String| line.strip_prefix(what.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
        spoken.iter().any(behind)
    };
    let required = required();
    let left_out: Vec<_> = required.iter().filter(|what| !is_spoken_of(what)).collect();
    assert!(required.len() > 70 && left_out.is_empty(), "{left_out:?}");
}

/// Whether a test of that name stands in the text, and runs.
fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    // Tests of the front end are sentences with spaces, behind a table of cases or not.
    let is_of_front = |line: &str| ["test('", "it('", "])('"].iter().any(|begin| line.starts_with(&format!("{begin}{name}'")));
    let is_test = |at: usize| is_rust_test(&lines[..=at], name) || is_python_test(&lines[..=at], name) || is_of_front(lines[at]);
    (0..lines.len()).any(is_test)
}

/// Whether the last of these lines begins a test of that name.
fn is_python_test(lines: &[&str], name: &str) -> bool {
    let Some((last, before)) = lines.split_last() else { return false };
    last.starts_with(&format!("def {name}(")) && !before.last().is_some_and(|line| line.starts_with('@'))
}

/// The same in Rust.
fn is_rust_test(lines: &[&str], name: &str) -> bool {
    let Some((last, before)) = lines.split_last() else { return false };
    let marks: Vec<&&str> = before.iter().rev().take_while(|line| line.starts_with("#[")).collect();
    last.trim_start_matches("async ").starts_with(&format!("fn {name}("))
        && marks.iter().any(|mark| mark.starts_with("#[test]") || mark.starts_with("#[tokio::test"))
        && !marks.iter().any(|mark| mark.starts_with("#[ignore"))
}

#[test]
fn a_name_is_a_tests_when_that_runs() {
    let rust = "#[tokio::test]\nasync fn one() {}\n/// fn two()\nfn two() {}\n#[test]\n#[ignore = \"slow\"]\nfn three() {}
        proptest! {\n    #[test]\n    fn four(n in 0..1) {}\n}\n// #[test]\n// fn five() {}";
    let python = "class T:\n    def test_one(self):\n    @skip\n    def test_two(self):";
    let front = "test('one is', () => {\n// test('two is'\n])('three of %s', (x) => {\ntest.skip('four is', () => {";
    for (text, name, expected) in [
        (rust, "one", true),
        (rust, "two", false),
        (rust, "three", false),
        (rust, "four", true),
        (rust, "five", false),
        (python, "test_one", true),
        (python, "test_two", false),
        (front, "one is", true),
        (front, "two is", false),
        (front, "three of %s", true),
        (front, "three of", false),
        (front, "four is", false),
    ] {
        assert_eq!(is_test(text, name), expected, "{name}");
    }
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let (page, mut files, mut named, mut missing) = (page(), BTreeMap::new(), 0, Vec::new());
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
            named += 1;
            missing.extend((!is_test(text, word)).then_some(word));
        }
    }
    assert!(named > 200 && missing.is_empty(), "of {named} these are not there, or do not run: {missing:?}");
}
