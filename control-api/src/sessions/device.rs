//! What a client says it is, in words that its owner knows. A user agent is a claim and proves nothing:
//! it helps somebody to know their own devices again, and decides nothing.

use serde::Serialize;
use utoipa::ToSchema;

/// A device as far as its user agent tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Device {
    /// As `Firefox`; null for one that we do not know.
    pub browser: Option<&'static str>,
    /// As `Windows`; null for one that we do not know.
    pub system: Option<&'static str>,
    /// What sort of thing it is.
    pub kind: Kind,
}

/// What sort of thing somebody uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A browser on a computer.
    Desktop,
    /// A browser on a telephone.
    Phone,
    /// A browser on a tablet.
    Tablet,
    /// A program without a window.
    Program,
    /// It does not say.
    Unknown,
}

/// What a user agent contains, and whose word that is. The first that fits counts: nearly all of them
/// also claim to be Chrome, Safari and Mozilla.
const BROWSERS: [(&str, &str); 11] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Programs by what their user agent begins with.
const PROGRAMS: [(&str, &str); 10] = [
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("python-requests/", "Python"),
    ("Python-urllib/", "Python"),
    ("python-httpx/", "Python"),
    ("Go-http-client/", "Go"),
    ("okhttp/", "OkHttp"),
    ("axios/", "axios"),
    ("node", "Node.js"),
    ("PostmanRuntime/", "Postman"),
];

impl Device {
    /// The device of a user agent.
    pub fn of(agent: &str) -> Self {
        let system = named(&SYSTEMS, |part| agent.contains(part));
        if let Some(program) = named(&PROGRAMS, |start| agent.starts_with(start)) {
            return Self { browser: Some(program), system, kind: Kind::Program };
        }
        let browser = named(&BROWSERS, |part| agent.contains(part)).filter(|_| agent.starts_with("Mozilla/"));
        Self { browser, system, kind: kind(agent, browser.is_some()) }
    }
}

impl Device {
    /// In a few signs of no language, as `Firefox · Linux`; what we do not know is `?`.
    pub fn name(self) -> String {
        format!("{} · {}", self.browser.unwrap_or("?"), self.system.unwrap_or("?"))
    }
}

fn named(table: &[(&str, &'static str)], fits: impl Fn(&str) -> bool) -> Option<&'static str> {
    table.iter().find(|(part, _)| fits(part)).map(|(_, name)| *name)
}

fn kind(agent: &str, is_browser: bool) -> Kind {
    match () {
        () if !is_browser => Kind::Unknown,
        () if agent.contains("iPad") || (agent.contains("Android") && !agent.contains("Mobile")) => Kind::Tablet,
        () if agent.contains("Mobile") => Kind::Phone,
        () => Kind::Desktop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_known_by_what_they_say_and_an_unknown_one_stays_unknown() {
        use Kind::{Desktop, Phone, Program, Tablet, Unknown};
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let chrome = format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/140.0.0.0 Safari/537.36");
        for (agent, browser, system, kind) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", Some("Firefox"), Some("Linux"), Desktop),
            (&chrome, Some("Chrome"), Some("Windows"), Desktop),
            (&format!("{chrome} Edg/140.0.0.0"), Some("Edge"), Some("Windows"), Desktop),
            (&format!("{chrome} OPR/120.0.0.0"), Some("Opera"), Some("Windows"), Desktop),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                Some("Safari"),
                Some("macOS"),
                Desktop,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                Some("Safari"),
                Some("iOS"),
                Phone,
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
                Some("Chrome"),
                Some("iPadOS"),
                Tablet,
            ),
            (
                &format!("Mozilla/5.0 (Linux; Android 15; Pixel 9) {webkit} Chrome/140.0.0.0 Mobile Safari/537.36"),
                Some("Chrome"),
                Some("Android"),
                Phone,
            ),
            (
                &format!("Mozilla/5.0 (Linux; Android 15; Tab) {webkit} Chrome/140.0.0.0 Safari/537.36"),
                Some("Chrome"),
                Some("Android"),
                Tablet,
            ),
            ("curl/8.14.1", Some("curl"), None, Program),
            ("python-requests/2.32 (Linux)", Some("Python"), Some("Linux"), Program),
            ("Mozilla/5.0", None, None, Unknown),
            ("Chrome/1", None, None, Unknown),
            ("", None, None, Unknown),
            ("\u{1F600} <script>", None, None, Unknown),
        ] {
            assert_eq!(Device::of(agent), Device { browser, system, kind }, "{agent}");
        }
    }
}
