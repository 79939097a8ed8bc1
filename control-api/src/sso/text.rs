//! What admins type and browsers bring: parsed into what cannot hold nonsense.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use crate::identities::Email;

const NOT_A_URL: &str = "invalid: this is not the address of a provider";

/// A provider's address, as it writes it itself: it must match to the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 512, examples("https://id.example.com"))]
pub struct Issuer(String);

impl Issuer {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Issuer {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.trim();
        if text.len() > 512 {
            return Err("too_long: at most 512 bytes");
        }
        let url = Url::parse(text).map_err(|_| NOT_A_URL)?;
        if !text.bytes().all(|b| b.is_ascii_graphic()) || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
            return Err(NOT_A_URL);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Under which id the provider knows the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 255)]
pub struct ClientName(String);

impl ClientName {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() {
            0 => Err("required: this is required"),
            1..=255 if text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') => Ok(Self(text)),
            1..=255 => Err("invalid: only printable ASCII"),
            _ => Err("too_long: at most 255 characters"),
        }
    }
}

/// What the organisation proves itself with to the provider.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Password, min_length = 1, max_length = 1024)]
pub struct ClientSecretText(pub SecretString);

impl TryFrom<String> for ClientSecretText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() {
            0 => Err("required: this is required"),
            1..=1024 => Ok(Self(text.into())),
            _ => Err("too_long: at most 1024 bytes"),
        }
    }
}

/// The domains whose addresses the provider may vouch for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Vec<String>")]
#[schema(value_type = Vec<String>, min_items = 1, max_items = 50)]
pub struct Domains(pub Vec<String>);

impl TryFrom<Vec<String>> for Domains {
    type Error = &'static str;

    fn try_from(texts: Vec<String>) -> Result<Self, Self::Error> {
        if texts.is_empty() {
            return Err("required: name at least one domain");
        }
        if texts.len() > 50 {
            return Err("too_long: at most 50 domains");
        }
        let mut domains = texts.iter().map(|text| domain(text)).collect::<Result<Vec<_>, _>>()?;
        domains.sort_unstable();
        domains.dedup();
        Ok(Self(domains))
    }
}

/// A domain is what an address may have behind its `@`.
fn domain(text: &str) -> Result<String, &'static str> {
    let email = Email::try_from(format!("x@{}", text.trim())).map_err(|_| "invalid: this is not a domain")?;
    email.as_str().strip_prefix("x@").map(str::to_owned).ok_or("invalid: this is not a domain")
}

impl Domains {
    /// Whether the address is of one of them; a domain stands for itself and nothing below it.
    pub fn hold(&self, email: &Email) -> bool {
        email.as_str().rsplit_once('@').is_some_and(|(_, domain)| self.0.iter().any(|d| d == domain))
    }
}

/// Where to go inside, once signed in (page 11, I27).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 512, examples("/tickets/TKT-000001"))]
pub struct Next(String);

impl Default for Next {
    fn default() -> Self {
        Self("/".into())
    }
}

impl Next {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Next {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const OUTSIDE: &str = "invalid: a path of this site, as /tickets";
        if text.len() > 512 {
            return Err("too_long: at most 512 bytes");
        }
        let plain = text.starts_with('/') && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let here = Url::parse("https://here.invalid/").map_err(|_| OUTSIDE)?;
        let there = here.join(&text).map_err(|_| OUTSIDE)?;
        if plain && !text.starts_with("//") && there.origin() == here.origin() { Ok(Self(text)) } else { Err(OUTSIDE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn afterwards_one_stays_inside() {
        for inside in ["/", "/tickets", "/tickets/TKT-000001?tab=notes", "/a//b", "/login#x", "/%2f%2fevil.example"] {
            assert!(Next::try_from(inside.to_owned()).is_ok(), "{inside}");
        }
        let long = format!("/{}", "a".repeat(512));
        for outside in [
            "",
            "tickets",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/a\r\nLocation: https://evil.example",
            "/\t/evil.example",
            " /",
            "/é",
            &long,
        ] {
            assert!(Next::try_from(outside.to_owned()).is_err(), "{outside:.40}");
        }
    }

    #[test]
    fn a_domain_stands_for_itself() {
        let domains =
            Domains::try_from(vec![" Example.COM ".to_owned(), "example.com".to_owned(), "sub.acme.org".to_owned()]).expect("domains");
        assert_eq!(domains.0, ["example.com", "sub.acme.org"]);
        for (email, held) in [
            ("ana@example.com", true),
            ("ana@sub.acme.org", true),
            ("ana@acme.org", false),
            ("ana@x.example.com", false),
            ("ana@example.com.evil.org", false),
            ("ana@badexample.com", false),
        ] {
            assert_eq!(domains.hold(&Email::try_from(email.to_owned()).expect("an address")), held, "{email}");
        }
        for wrong in ["", "com", "*.example.com", "@example.com", "a@example.com", "exa mple.com", "example.com/x", "127.0.0.1"] {
            assert!(Domains::try_from(vec![wrong.to_owned()]).is_err(), "{wrong}");
        }
        assert!(Domains::try_from(vec![]).is_err());
    }

    #[test]
    fn an_issuer_is_an_address_without_more() {
        for (text, good) in [
            ("https://id.example.com", true),
            (" https://id.example.com/realms/acme ", true),
            ("https://id.example.com/?x=1", false),
            ("https://id.example.com/#x", false),
            ("id.example.com", false),
            ("mailto:x@example.com", false),
            ("", false),
        ] {
            assert_eq!(Issuer::try_from(text.to_owned()).is_ok(), good, "{text}");
        }
    }
}
