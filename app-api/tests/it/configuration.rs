//! `.env.example` and `--help` say the same.

use std::{collections::BTreeSet, process::Command as Process};

use clap::{Args, Command};
use shared::testing::secrets;

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

#[test]
fn a_weak_secret_is_refused_before_anything_starts() {
    for words in [&["serve"][..], &["work"], &["config", "check"]] {
        let mut process = Process::new(env!("CARGO_BIN_EXE_app-api"));
        process.env_clear().args(words).envs(secrets::environment()).env("BIND_ADDR", "127.0.0.1:0").env("METRICS_ADDR", "127.0.0.1:0");
        let done = process.env("AMQP_URL", "amqp://guest:guest@127.0.0.1:1").env("REDIS_URL", "").output().unwrap();
        let said = String::from_utf8_lossy(&[done.stderr, done.stdout].concat()).into_owned();
        assert_eq!(done.status.code(), Some(78), "{words:?} {said}");
        assert!(said.contains("\n  AMQP_URL ") && said.contains("\n  REDIS_URL is missing") && !said.contains("guest:"), "{said}");
    }
}
