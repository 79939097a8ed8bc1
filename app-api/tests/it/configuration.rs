//! `.env.example` and `--help` say the same.

use std::collections::BTreeSet;

use clap::{Args, Command};

#[test]
fn the_example_names_every_setting_and_no_other() {
    let command = app_api::config::Config::augment_args(Command::new("serve"));
    let known: BTreeSet<String> = command.get_arguments().filter_map(|a| a.get_env()).map(|e| e.to_string_lossy().into_owned()).collect();
    let example = include_str!("../../../.env.example");
    let mut named = BTreeSet::new();
    let mut here = true;
    for line in example.lines() {
        if let Some(section) = line.strip_prefix("## ") {
            here = !section.contains("control-api only");
        }
        let setting = line
            .trim_start_matches("# ")
            .split_once('=')
            .map(|(name, _)| name)
            .filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'));
        named.extend(setting.filter(|_| here).map(str::to_owned));
    }
    assert_eq!(known, named);
}
