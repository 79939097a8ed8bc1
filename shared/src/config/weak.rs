//! Which secrets are none (SEC-21): a process that runs for real refuses to start with one that is missing, short, known to
//! everybody or used twice, and says all of it at once. Pure; no value is ever repeated in what is said.

use std::{collections::HashSet, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use url::{Host, Url};

/// What a setting's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A secret text of at least 32 bytes.
    Text,
    /// 32 bytes in base64.
    Key,
    /// A password of its own.
    Password,
    /// The name that goes with a password.
    Name,
    /// Addresses with a password in each, with commas between.
    Urls,
    /// An address whose password may be missing: a relay in one's own network.
    Relay,
    /// An address without a password.
    Address,
}

/// A setting that is looked at.
pub struct Asked<'a> {
    /// The variable.
    pub variable: &'static str,
    /// What it says.
    pub value: &'a str,
    /// What it should be.
    pub kind: Kind,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong about it.
    pub wrong: String,
    /// How it is made right.
    pub remedy: &'static str,
}

impl Finding {
    /// Something wrong about a variable.
    pub fn new(variable: &'static str, wrong: impl Into<String>, remedy: &'static str) -> Self {
        Self { variable, wrong: wrong.into(), remedy }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; {}", self.variable, self.wrong, self.remedy)
    }
}

/// What everybody knows, or tries first. The second half are the values of examples, ours and others'.
const COMMON: [&str; 38] = [
    "postgres",
    "guest",
    "minioadmin",
    "minio",
    "admin",
    "administrator",
    "root",
    "toor",
    "test",
    "testing",
    "user",
    "redis",
    "rabbitmq",
    "rabbit",
    "helpdeskly",
    "control",
    "provisioner",
    "app_reader",
    "letmein",
    "qwerty",
    "123456",
    "12345678",
    "123456789",
    "1234567890",
    "password",
    "password1",
    "password123",
    "passw0rd",
    "role",
    "pass",
    "pw",
    "secret",
    "changeme",
    "change-me",
    "default",
    "x",
    "any",
    "wjalrxutnfemi/k7mdeng/bpxrficyexamplekey",
];
/// Whoever writes one of these into a secret means it to be replaced.
const MARKS: [&str; 11] = [
    "changeme",
    "change-me",
    "change_me",
    "replace-me",
    "replaceme",
    "replace_me",
    "placeholder",
    "example",
    "insecure",
    "password",
    "secret",
];
const PASSWORD: usize = 12;
const TEXT: usize = 32;

impl Kind {
    fn remedy(self) -> &'static str {
        match self {
            Self::Text => "make one: openssl rand -base64 48",
            Self::Key => "make one: openssl rand -base64 32",
            Self::Password | Self::Urls | Self::Relay => "make a password: openssl rand -hex 24, and give it to the server too",
            Self::Name => "choose a name of your own in the file store",
            Self::Address => "say where it is, with https:// outside of your own network",
        }
    }
}

/// Everything that is wrong with these settings. For a trial only what cannot work is wrong.
pub fn weak(asked: &[Asked<'_>], is_production: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: Vec<(&'static str, String)> = Vec::new();
    for Asked { variable, value, kind } in asked {
        let mut wrong = if value.trim().is_empty() { vec!["is missing".to_owned()] } else { faults(*kind, value, is_production) };
        if is_production {
            for secret in secrets(*kind, value) {
                let twin = seen.iter().find(|(other, known)| other != variable && *known == secret);
                wrong.extend(twin.map(|(other, _)| format!("has the same secret as {other}")));
                seen.push((variable, secret));
            }
        }
        let mut told = HashSet::new();
        wrong.retain(|wrong| told.insert(wrong.clone()));
        findings.extend(wrong.into_iter().map(|wrong| Finding::new(variable, wrong, kind.remedy())));
    }
    findings
}

/// What is wrong with one value that is there.
fn faults(kind: Kind, value: &str, is_production: bool) -> Vec<String> {
    let wrong = match (kind, is_production) {
        (Kind::Text, true) => text(value, TEXT, 8),
        (Kind::Text, false) => short(value, TEXT).into_iter().collect(),
        (Kind::Key, _) => key(value, is_production),
        (Kind::Password, true) => text(value, PASSWORD + 4, 8),
        (Kind::Name, true) if is_common(value) => vec!["is known to everybody"],
        (Kind::Urls, true) => value.split(',').flat_map(|url| credentials(url, true)).collect(),
        (Kind::Relay, true) => credentials(value, false),
        (Kind::Address, true) => address(value).into_iter().collect(),
        (Kind::Password | Kind::Name | Kind::Urls | Kind::Relay | Kind::Address, _) => vec![],
    };
    wrong.into_iter().map(str::to_owned).collect()
}

fn short(value: &str, least: usize) -> Option<&'static str> {
    (value.len() < least).then_some(match least {
        TEXT => "is shorter than 32 bytes",
        _ => "is shorter than 16 bytes",
    })
}

pub(super) fn text(value: &str, least: usize, variety: usize) -> Vec<&'static str> {
    let known = is_common(value) || is_marked(value);
    let wrong = [
        short(value, least),
        known.then_some("is known to everybody, or stands in an example"),
        monotony(value.as_bytes(), variety).filter(|_| !known),
    ];
    wrong.into_iter().flatten().collect()
}

fn key(value: &str, is_production: bool) -> Vec<&'static str> {
    let Ok(bytes) = STANDARD.decode(value) else { return vec!["is not base64"] };
    if bytes.len() != 32 {
        return vec!["is not 32 bytes in base64"];
    }
    // The text of an example may be a key by its length alone.
    let known = is_marked(value) || std::str::from_utf8(&bytes).is_ok_and(is_marked);
    let wrong = [known.then_some("is known to everybody, or stands in an example"), monotony(&bytes, 16)];
    if is_production { wrong.into_iter().flatten().collect() } else { vec![] }
}

/// Few different bytes, the same block again and again, or a row that counts: nobody draws that by chance.
fn monotony(bytes: &[u8], variety: usize) -> Option<&'static str> {
    let distinct = bytes.iter().collect::<HashSet<_>>().len();
    let repeats = (1..=bytes.len() / 2).any(|period| bytes.iter().zip(&bytes[period..]).all(|(before, after)| before == after));
    let counts = bytes.windows(3).all(|w| w[1].wrapping_sub(w[0]) == w[2].wrapping_sub(w[1]));
    (distinct < variety || repeats || counts).then_some("is too regular to be drawn by chance")
}

fn credentials(url: &str, is_needed: bool) -> Vec<&'static str> {
    let Ok(url) = Url::parse(url.trim()) else { return vec!["is no address"] };
    let Some(password) = password(&url) else {
        return if is_needed { vec!["has no password"] } else { vec![] };
    };
    let user = decoded(url.username());
    let known = is_common(&password) || is_marked(&password) || password.eq_ignore_ascii_case(&user);
    let open = url.scheme() == "smtp" && !is_near(&url) && !url.query_pairs().any(|(name, way)| name == "tls" && way == "required");
    let wrong = [
        known.then_some("has a password that everybody knows or guesses"),
        (password.len() < PASSWORD).then_some("has a password shorter than 12 bytes"),
        monotony(password.as_bytes(), 5).filter(|_| !known).map(|_| "has a password too regular to be drawn by chance"),
        open.then_some("sends its password without TLS; use smtps://"),
    ];
    wrong.into_iter().flatten().collect()
}

fn address(value: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(value.trim()) else { return Some("is no address") };
    (url.scheme() != "https" && !is_near(&url)).then_some("goes over http to another network")
}

/// Whether it is this machine, or a name or address of one's own network.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Some(Host::Domain(name)) => {
            !name.contains('.') || [".internal", ".local", ".localhost", ".svc", ".lan"].iter().any(|end| name.ends_with(end))
        }
        None => false,
    }
}

fn password(url: &Url) -> Option<String> {
    let password = url.password().filter(|password| !password.is_empty())?;
    Some(decoded(password))
}

/// Without its percent signs; a form's own signs mean nothing here.
fn decoded(text: &str) -> String {
    let text = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(text.as_bytes()).map(|(text, _)| text.into_owned()).collect()
}

/// What must not be used twice.
fn secrets(kind: Kind, value: &str) -> Vec<String> {
    match kind {
        Kind::Text | Kind::Key | Kind::Password | Kind::Name => {
            Some(value.to_owned()).filter(|value| !value.is_empty()).into_iter().collect()
        }
        Kind::Urls | Kind::Relay => value.split(',').filter_map(|url| password(&Url::parse(url.trim()).ok()?)).collect(),
        Kind::Address => vec![],
    }
}

fn is_common(value: &str) -> bool {
    COMMON.contains(&value.trim().to_ascii_lowercase().as_str())
}

fn is_marked(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    MARKS.iter().any(|mark| value.contains(mark))
}

#[cfg(test)]
mod tests;
