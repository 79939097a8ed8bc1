//! What people are told about commands, held against the commands themselves: every help text, and every line of
//! `docs/operations.md` that names one.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory, builder::Resettable, error::ErrorKind};

use super::Cli;

const PAGE: &str = include_str!("../../../docs/operations.md");
const PROGRAM: &str = "control-api";

/// Every command with the words that lead to it, the program itself first.
fn commands() -> Vec<(String, Command)> {
    fn below(path: &str, command: &Command, found: &mut Vec<(String, Command)>) {
        found.push((path.to_owned(), command.clone()));
        for sub in command.get_subcommands() {
            below(format!("{path} {}", sub.get_name()).trim(), sub, found);
        }
    }
    let mut found = Vec::new();
    below("", &Cli::command(), &mut found);
    found
}

/// Those that do something.
fn leaves() -> Vec<(String, Command)> {
    commands().into_iter().filter(|(_, command)| command.get_subcommands().next().is_none()).collect()
}

#[test]
fn every_command_and_every_word_of_it_has_a_help_text() {
    for (path, command) in commands() {
        assert!(command.get_about().is_some_and(|about| !about.to_string().is_empty()), "`{path}` says nothing about itself");
        let help = command.clone().render_long_help().to_string();
        for arg in command.get_arguments() {
            let name = arg.get_id();
            assert!(arg.get_help().is_some_and(|text| !text.to_string().is_empty()), "`{path}`: {name} has no text");
            assert!(!arg.is_hide_set(), "`{path}`: {name} is hidden");
            let shown = arg.get_long().map_or_else(|| format!("[{}]", name.as_str().to_uppercase()), |long| format!("--{long}"));
            let needed = format!("<{}>", name.as_str().to_uppercase());
            assert!(help.contains(&shown) || help.contains(&needed), "`{path}`: {shown} stands not in {help}");
        }
        for sub in command.get_subcommands() {
            assert!(help.contains(sub.get_name()), "`{path}` does not name {}", sub.get_name());
        }
    }
}

#[test]
fn the_page_for_operators_has_a_row_for_every_command_and_none_for_another() {
    let named: BTreeSet<String> = rows().into_iter().flat_map(|(paths, _)| paths).collect();
    assert_eq!(named, leaves().into_iter().map(|(path, _)| path).collect());
}

#[test]
fn options_that_a_row_of_the_page_names_are_options_of_its_commands() {
    let leaves = leaves();
    for (paths, text) in rows() {
        let known: BTreeSet<String> = leaves.iter().filter(|(path, _)| paths.contains(path)).flat_map(|(_, c)| options(c)).collect();
        for word in spans(&text).iter().flat_map(|span| span.split_whitespace()).filter(|word| word.starts_with("--")) {
            assert!(known.contains(word), "{paths:?}: {word}");
        }
    }
}

fn options(command: &Command) -> Vec<String> {
    command.get_arguments().filter_map(|arg| arg.get_long()).map(|long| format!("--{long}")).collect()
}

#[test]
fn every_command_line_on_the_page_is_one() {
    let blocks = in_blocks();
    assert!(blocks.len() > 15, "{blocks:#?}");
    for line in blocks {
        tried(&line).unwrap_or_else(|error| panic!("{line}\n{error}"));
    }
    // In a sentence something may be left to the reader.
    let said: Vec<String> = spans(PAGE).into_iter().filter(|span| span.starts_with("control-api ") && !span.contains(['|', '…'])).collect();
    assert!(said.len() > 30, "{said:#?}");
    for line in said {
        match tried(&line) {
            Err(error)
                if error.kind() != ErrorKind::MissingRequiredArgument
                    && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand =>
            {
                panic!("{line}\n{error}")
            }
            _ => {}
        }
    }
}

#[test]
fn a_line_that_is_none_would_be_found() {
    for line in ["control-api tenants vanish acme", "control-api jobs list --sorted", "control-api tenants migrate --parallel 0"] {
        assert!(tried(line).is_err(), "{line}");
    }
    assert!(tried("control-api billing pay ID").is_err(), "a payment is missing");
    assert!(tried("control-api billing pay ID --payment \"transfer 4712\"").is_ok());
}

/// What the program says to a line, whatever this test's environment has: what it would be told there is not missing.
fn tried(line: &str) -> Result<(), clap::Error> {
    fn told(command: Command) -> Command {
        let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        let command = command.mut_args(|arg| match arg.get_env() {
            Some(_) => arg.required(false).env(Resettable::Reset),
            None => arg,
        });
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, told))
    }
    told(Cli::command()).try_get_matches_from(words(line)).map(drop)
}

/// The words of a line as a shell would take them. Where the page has `ID` or `TIME`, one stands.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("one").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    let meant = |word: String| match word.as_str() {
        "ID" => "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
        "TIME" => "2026-11-22T10:15:00Z".to_owned(),
        _ => word,
    };
    words.into_iter().map(meant).collect()
}

/// Rows of the table of commands: the commands of each, and what is said of them.
fn rows() -> Vec<(Vec<String>, String)> {
    let all: BTreeSet<String> = commands().into_iter().map(|(path, _)| path).collect();
    let table = PAGE.split("## Commands").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    let rows = table.lines().filter(|line| line.starts_with("| `control-api"));
    rows.map(|row| {
        // A `|` within a cell stands behind a backslash.
        let row = row.replace("\\|", "/");
        let mut cells = row.trim_matches('|').split('|');
        let paths = spans(cells.next().expect("a cell")).iter().flat_map(|span| paths(span, &all)).collect();
        (paths, cells.collect())
    })
    .collect()
}

/// The commands that a cell names: `control-api jobs list`, `plans list/set CODE`.
fn paths(span: &str, all: &BTreeSet<String>) -> Vec<String> {
    let mut paths = vec![String::new()];
    for word in span.trim_start_matches(PROGRAM).split_whitespace() {
        let longer: Vec<String> =
            paths.iter().flat_map(|path| word.split('/').map(move |word| format!("{path} {word}").trim().to_owned())).collect();
        if !longer.iter().all(|path| all.contains(path)) {
            break;
        }
        paths = longer;
    }
    paths
}

/// What stands between backticks in a text, outside of blocks.
fn spans(text: &str) -> Vec<String> {
    let outside: String = text.split("```").step_by(2).collect();
    outside
        .split("\n\n")
        .flat_map(|part| part.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect::<Vec<_>>())
        .collect()
}

/// The command lines in the blocks of the page.
fn in_blocks() -> Vec<String> {
    let lines = PAGE.split("```").skip(1).step_by(2).flat_map(str::lines);
    // To Vault's own program our name is a policy's.
    let lines = lines.filter(|line| !line.starts_with("bao "));
    let lines = lines.filter_map(|line| {
        let at = line.find("control-api ").filter(|at| *at == 0 || line[..*at].ends_with(['/', ' ']))?;
        let line = line[at..].split(" #").next().unwrap_or_default();
        // As a value of PostgreSQL's own settings.
        Some(line.trim_end_matches('\'').trim().to_owned())
    });
    lines.collect()
}
