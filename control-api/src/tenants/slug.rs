//! Which subdomains may be taken (C-1): not ours, not what looks like ours or another tenant's.

use serde::Deserialize;
use shared::tenancy::Slug;
use utoipa::ToSchema;

/// Names that mean something to people, browsers or mail servers under any domain.
const RESERVED: &[&str] = &[
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "api",
    "app",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "beta",
    "billing",
    "blog",
    "broadcasthost",
    "cdn",
    "clusters",
    "console",
    "control",
    "dashboard",
    "demo-admin",
    "dev",
    "dns",
    "docs",
    "email",
    "files",
    "ftp",
    "grafana",
    "health",
    "help",
    "helpdesk",
    "helpdeskly",
    "hostmaster",
    "imap",
    "info",
    "internal",
    "isatap",
    "legal",
    "live",
    "local",
    "localdomain",
    "localhost",
    "login",
    "mail",
    "mailer",
    "marketing",
    "media",
    "metrics",
    "monitoring",
    "mta-sts",
    "noc",
    "ns1",
    "ns2",
    "official",
    "operator",
    "operators",
    "ops",
    "payment",
    "payments",
    "platform",
    "pop",
    "pop3",
    "postmaster",
    "press",
    "privacy",
    "prod",
    "production",
    "prometheus",
    "public",
    "register",
    "registry",
    "root",
    "sales",
    "security",
    "signin",
    "signup",
    "smtp",
    "ssl",
    "sso",
    "staging",
    "static",
    "status",
    "support",
    "sysadmin",
    "system",
    "team",
    "test-admin",
    "tls",
    "trust",
    "uploads",
    "vpn",
    "webmail",
    "webmaster",
    "wpad",
    "www",
];

/// A subdomain that somebody asks for at sign-up.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[a-z][a-z0-9-]{1,30}[a-z0-9]$", examples("acme"))]
pub struct NewSlug(Slug);

impl NewSlug {
    /// The slug.
    pub fn slug(&self) -> &Slug {
        &self.0
    }
}

impl TryFrom<String> for NewSlug {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const FORM: &str = "invalid_slug: 3 to 32 characters of a-z, 0-9 and -, beginning with a letter, not ending with -";
        // Folding upper case would give somebody another name than they asked for.
        let slug = Slug::parse(&text).filter(|slug| slug.as_str() == text).ok_or(FORM)?;
        if text.contains("--") {
            return Err("invalid_slug: two hyphens in a row mark another script");
        }
        let seen = lookalike(&text);
        if RESERVED.iter().any(|word| lookalike(word) == seen || lookalike(&word.replace('i', "l")) == seen) {
            return Err("reserved: this name is reserved");
        }
        Ok(Self(slug))
    }
}

/// The slug as a hasty eye reads it: `acrne` is `acme`, `paypa1` is `paypal`.
pub fn lookalike(slug: &str) -> String {
    slug.replace("rn", "m").replace("vv", "w").replace('0', "o").replace('1', "l")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_slugs_may_be_taken() {
        let (longest, long) = ("a".repeat(32), "a".repeat(33));
        for (text, code) in [
            ("acme", None),
            ("a1b", None),
            ("acme-corp", None),
            (longest.as_str(), None),
            ("demo", None),
            (long.as_str(), Some("invalid_slug")),
            ("", Some("invalid_slug")),
            ("ab", Some("invalid_slug")),
            ("1acme", Some("invalid_slug")),
            ("-acme", Some("invalid_slug")),
            ("acme-", Some("invalid_slug")),
            ("Acme", Some("invalid_slug")),
            ("ac me", Some("invalid_slug")),
            ("ac.me", Some("invalid_slug")),
            ("acme\0", Some("invalid_slug")),
            ("\u{430}cme", Some("invalid_slug")),
            ("ac\u{200b}me", Some("invalid_slug")),
            ("xn--acme-9xa", Some("invalid_slug")),
            ("admin", Some("reserved")),
            ("adm1n", Some("reserved")),
            ("adrnin", Some("reserved")),
            ("supp0rt", Some("reserved")),
            ("api", Some("reserved")),
            ("www", Some("reserved")),
            ("vvww", Some("reserved")),
            ("helpdeskly", Some("reserved")),
            ("he1pdesk", Some("reserved")),
        ] {
            let got = NewSlug::try_from(text.to_owned()).err().and_then(|e| e.split(':').next());
            assert_eq!(got, code, "{text:?}");
        }
    }

    #[test]
    fn what_looks_alike_is_one_name() {
        for (one, other, alike) in [("acme", "acrne", true), ("globex", "g1obex", true), ("oreo", "0re0", true), ("acme", "acne", false)] {
            assert_eq!(lookalike(one) == lookalike(other), alike, "{one} {other}");
        }
    }
}
