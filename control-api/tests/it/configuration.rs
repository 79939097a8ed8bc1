//! How the process itself refuses to start: one list, one exit code, no value (SEC-21).

use std::process::{Command, Output};

use serde_json::Value;
use shared::testing::secrets;

fn run(words: &[&str], change: &[(&str, Option<&str>)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_control-api"));
    command.env_clear().args(words).envs(secrets::environment());
    for (name, value) in change {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.output().expect("it runs")
}

const BAD: &[(&str, Option<&str>)] = &[
    ("JWT_SECRET", None),
    ("DB_ENCRYPTION_KEY", Some("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")),
    ("CONTROL_DATABASE_URL", Some("postgres://control:postgres@127.0.0.1:1/control")),
    ("S3_SECRET_KEY", Some("minioadmin")),
    ("PUBLIC_SCHEME", Some("http")),
];
const NAMED: [&str; 6] =
    ["JWT_SECRET", "DB_ENCRYPTION_KEY", "CONTROL_DATABASE_URL", "CONTROL_DATABASE_URL", "S3_SECRET_KEY", "S3_SECRET_KEY"];

#[test]
fn serving_is_refused_with_one_list_of_all_that_is_wrong() {
    let done = run(&["serve"], BAD);
    let said = String::from_utf8(done.stderr).expect("text");
    assert_eq!(done.status.code(), Some(78), "{said}");
    for variable in NAMED.iter().chain(&["PUBLIC_SCHEME"]) {
        assert!(said.contains(&format!("\n  {variable} ")), "{variable}: {said}");
    }
    for value in ["minioadmin", "AAECAwQF", "postgres:"] {
        assert!(!said.contains(value) && !String::from_utf8_lossy(&done.stdout).contains(value), "{value}: {said}");
    }
}

#[test]
fn the_same_list_comes_from_a_check_that_starts_nothing() {
    let done = run(&["config", "check", "--json"], BAD);
    assert_eq!(done.status.code(), Some(78));
    let said: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(said["sound"], false);
    let named: Vec<&str> = said["findings"].as_array().expect("a list").iter().filter_map(|finding| finding["variable"].as_str()).collect();
    assert_eq!(named, [&NAMED[..], &["PUBLIC_SCHEME"]].concat(), "{said}");
    let trial = run(&["config", "check"], &[&BAD[1..], &[("APP_ENV", Some("local"))]].concat());
    assert_eq!(trial.status.code(), Some(0), "a trial may be careless: {}", String::from_utf8_lossy(&trial.stdout));
    let sound = run(&["config", "check"], &[("PAYMENT_URL", Some("")), ("PAYMENT_KEY", Some(""))]);
    assert_eq!((sound.status.code(), &*String::from_utf8_lossy(&sound.stdout)), (Some(0), "this configuration is sound\n"));
}

#[test]
fn a_server_is_not_added_for_real_by_a_password_that_everybody_guesses() {
    let add = |password: &str, app_env: Option<&str>| {
        let url = format!("postgres://provisioner:{password}@127.0.0.1:1/postgres");
        let done = run(&["clusters", "add", "--name", "one"], &[("CLUSTER_ADMIN_URL", Some(url.as_str())), ("APP_ENV", app_env)]);
        (done.status.code(), String::from_utf8(done.stderr).expect("text"))
    };
    for password in ["provisioner", "changeme", "k3-9fQ2"] {
        for app_env in [Some("production"), None] {
            let (code, said) = add(password, app_env);
            assert_eq!(code, Some(78), "{password}: {said}");
            assert!(said.contains("\n  CLUSTER_ADMIN_URL has a password") && !said.contains("://"), "{password}: {said}");
        }
    }
    // Nobody is there: what is refused is not the password.
    for (password, app_env) in [("changeme", Some("local")), ("k3-9fQ2.xVb7", Some("production"))] {
        let (code, said) = add(password, app_env);
        assert!(code == Some(1) && !said.contains("CLUSTER_ADMIN_URL"), "{password}: {said}");
    }
}
