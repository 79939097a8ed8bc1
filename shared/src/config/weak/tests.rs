use sha2::{Digest, Sha256};

use super::*;

/// As if by chance, and nowhere written down.
fn good(purpose: &str) -> String {
    STANDARD.encode(Sha256::digest(purpose))
}

fn wrong(kind: Kind, value: &str) -> Vec<String> {
    weak(&[Asked { variable: "IT", value, kind }], true).into_iter().map(|finding| finding.wrong).collect()
}

#[test]
fn what_everybody_knows_guesses_or_could_count_is_refused_and_why_is_said() {
    let (text, key) = (good("a") + &good("b"), good("c"));
    let url = |password: &str| format!("postgres://control:{password}@db:5432/control");
    for (kind, value, expected) in [
        (Kind::Text, text.clone(), ""),
        (Kind::Text, "  ".into(), "missing"),
        (Kind::Text, text[..31].into(), "shorter than 32"),
        (Kind::Text, "a".repeat(64), "too regular"),
        (Kind::Text, "0123456789abcdef0123456789abcdef".into(), "too regular"),
        (Kind::Text, "abcdefghijklmnopqrstuvwxyz012345change-me".into(), "example"),
        (Kind::Key, key.clone(), ""),
        (Kind::Key, "no key at all".into(), "not base64"),
        (Kind::Key, STANDARD.encode(&STANDARD.decode(&key).expect("base64")[..31]), "not 32 bytes"),
        (Kind::Key, STANDARD.encode([7; 32]), "too regular"),
        (Kind::Key, STANDARD.encode((0..32).collect::<Vec<u8>>()), "too regular"),
        (Kind::Key, STANDARD.encode((0..16).chain(0..16).collect::<Vec<u8>>()), "too regular"),
        (Kind::Key, STANDARD.encode("change-me-to-a-key-of-32-bytes!!"), "example"),
        (Kind::Password, good("d"), ""),
        (Kind::Password, "minioadmin".into(), "known"),
        (Kind::Password, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(), "known"),
        (Kind::Password, good("d")[..15].into(), "shorter"),
        (Kind::Name, "our-store".into(), ""),
        (Kind::Name, "minioadmin".into(), "known"),
        (Kind::Urls, url("k3-9fQ2.xVb7"), ""),
        (Kind::Urls, url("postgres"), "guesses"),
        (Kind::Urls, url("POSTGRES"), "guesses"),
        (Kind::Urls, url("%70ostgres"), "guesses"),
        (Kind::Urls, url("control"), "guesses"),
        (Kind::Urls, url("k3-9fQ2"), "shorter than 12"),
        (Kind::Urls, url("abababababababab"), "too regular"),
        (Kind::Urls, "amqp://guest:guest@mq:5672".into(), "guesses"),
        (Kind::Urls, "redis://cache:6379".into(), "no password"),
        (Kind::Urls, "redis://:k3-9fQ2.xVb7@a:6379,redis://b:6379".into(), "no password"),
        (Kind::Urls, "nonsense".into(), "no address"),
        (Kind::Relay, "smtp://relay:25".into(), ""),
        (Kind::Relay, "smtps://us:k3-9fQ2.xVb7@mail.example.net".into(), ""),
        (Kind::Relay, "smtp://us:k3-9fQ2.xVb7@mail.example.net?tls=required".into(), ""),
        (Kind::Relay, "smtp://us:k3-9fQ2.xVb7@mail.example.net".into(), "without TLS"),
        (Kind::Relay, "smtps://us:changeme@mail.example.net".into(), "guesses"),
        (Kind::Address, "https://s3.example.net".into(), ""),
        (Kind::Address, "http://store:9000".into(), ""),
        (Kind::Address, "http://10.1.2.3:9000".into(), ""),
        (Kind::Address, "http://s3.example.net".into(), "http"),
    ] {
        let found = wrong(kind, &value);
        if expected.is_empty() {
            assert_eq!(found, [""; 0], "{kind:?} {value}");
        } else {
            assert!(found.iter().any(|wrong| wrong.contains(expected)), "{kind:?} {value}: {found:?}");
        }
    }
}

#[test]
fn one_list_names_all_that_is_wrong_once_and_never_a_value() {
    let twice = good("twice");
    let database = format!("postgres://control:{}@db/control", twice.replace('/', "%2F"));
    let asked = [
        Asked { variable: "JWT_SECRET", value: &twice, kind: Kind::Text },
        Asked { variable: "DB_ENCRYPTION_KEY", value: &twice, kind: Kind::Key },
        Asked { variable: "CONTROL_DATABASE_URL", value: &database, kind: Kind::Urls },
        Asked { variable: "AMQP_URL", value: "amqp://guest:guest@mq", kind: Kind::Urls },
        Asked { variable: "REDIS_URL", value: "redis://:guest@a,redis://:guest@b", kind: Kind::Urls },
        Asked { variable: "S3_SECRET_KEY", value: "", kind: Kind::Password },
    ];
    let findings = weak(&asked, true);
    let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let short = "has a password shorter than 12 bytes; make a password: openssl rand -hex 24, and give it to the server too";
    assert_eq!(
        said,
        [
            "DB_ENCRYPTION_KEY has the same secret as JWT_SECRET; make one: openssl rand -base64 32".to_owned(),
            "CONTROL_DATABASE_URL has the same secret as JWT_SECRET; make a password: openssl rand -hex 24, and give it to the server too"
                .into(),
            format!("AMQP_URL {}", short.replace("has a password shorter than 12 bytes", "has a password that everybody knows or guesses")),
            format!("AMQP_URL {short}"),
            format!(
                "REDIS_URL {}",
                short.replace("has a password shorter than 12 bytes", "has a password that everybody knows or guesses")
            ),
            format!("REDIS_URL {short}"),
            format!("REDIS_URL {}", short.replace("a password shorter than 12 bytes", "the same secret as AMQP_URL")),
            "S3_SECRET_KEY is missing; make a password: openssl rand -hex 24, and give it to the server too".into(),
        ]
    );
    let all = serde_json::to_string(&findings).expect("JSON");
    assert!(!all.contains(&twice) && !all.contains("guest"), "{all}");
}

#[test]
fn a_trial_is_refused_only_what_cannot_work() {
    for (kind, value, is_refused) in [
        (Kind::Text, "", true),
        (Kind::Text, "short", true),
        (Kind::Text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        (Kind::Key, "short", true),
        (Kind::Urls, "redis://cache:6379", false),
        (Kind::Urls, "", true),
        (Kind::Password, "minioadmin", false),
        (Kind::Address, "http://s3.example.net", false),
    ] {
        assert_eq!(!weak(&[Asked { variable: "IT", value, kind }], false).is_empty(), is_refused, "{kind:?} {value}");
    }
}

/// Whoever copies the example and starts has not chosen anything yet.
#[test]
fn nothing_that_stands_in_our_own_example_is_good_enough() {
    let example = include_str!("../../../../.env.example");
    let mut looked_at = 0;
    for (name, value) in example.lines().filter_map(|line| line.trim_start_matches("# ").split_once('=')) {
        let kind = match name {
            "JWT_SECRET" | "JWT_PREVIOUS_SECRET" => Kind::Text,
            "DB_ENCRYPTION_KEY" => Kind::Key,
            "S3_SECRET_KEY" => Kind::Password,
            "S3_ACCESS_KEY" => Kind::Name,
            "SMTP_URL" => Kind::Relay,
            "CONTROL_DATABASE_URL" | "REDIS_URL" | "AMQP_URL" | "RESTORE_DATABASE_URL" | "CLUSTER_ADMIN_URL" => Kind::Urls,
            _ => continue,
        };
        looked_at += 1;
        assert_ne!(wrong(kind, value), [""; 0], "{name}");
    }
    assert!(looked_at >= 10, "{looked_at}");
}
