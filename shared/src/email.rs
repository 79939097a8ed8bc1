//! An e-mail address as the identity of a person: one spelling for all its writings (I-1).

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// A trimmed, lower-case address in NFC whose domain is plain ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Email, max_length = 254, examples("ana@example.com"))]
pub struct Email(String);

impl Email {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "invalid_email: this is not an e-mail address";
        // Long text is refused before it is worked on.
        if text.len() > 1024 {
            return Err("too_long: at most 254 bytes");
        }
        let text: String = text.trim().nfc().collect::<String>().to_lowercase().nfc().collect();
        if text.len() > 254 {
            return Err("too_long: at most 254 bytes");
        }
        let (local, domain) = text.split_once('@').ok_or(WRONG)?;
        if is_local(local) && is_domain(domain) { Ok(Self(text)) } else { Err(WRONG) }
    }
}

/// Letters, digits and the signs of RFC 5322's dot-atom; no quoted strings.
fn is_local(local: &str) -> bool {
    let atom = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c));
    local.len() <= 64 && local.split('.').all(atom)
}

/// Two labels or more, the last one not a number: no look-alike letters, no addresses of machines.
fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && domain.split('.').all(label) && !last.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_spelling() {
        for (written, kept) in [
            ("ana@example.com", "ana@example.com"),
            (" Ana.Lopez+x@Example.COM ", "ana.lopez+x@example.com"),
            ("jos\u{65}\u{301}@example.com", "jos\u{e9}@example.com"),
            ("\u{212A}@example.com", "k@example.com"),
            ("a@b.co", "a@b.co"),
            ("o'neil@xn--bcher-kva.example", "o'neil@xn--bcher-kva.example"),
        ] {
            assert_eq!(Email::try_from(written.to_owned()).map(|e| e.0), Ok(kept.to_owned()), "{written}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        let huge = "a".repeat(1 << 20);
        for wrong in [
            "",
            "@",
            "ana",
            "ana@",
            "@example.com",
            "ana@example",
            "ana@@example.com",
            "a b@example.com",
            "ana@exa mple.com",
            "ana@example..com",
            ".ana@example.com",
            "ana.@example.com",
            "a..b@example.com",
            "ana@-example.com",
            "ana@example.com-",
            "ana@ex\u{430}mple.com",
            "ana@b\u{fc}cher.example",
            "ana@127.0.0.1",
            "ana@[127.0.0.1]",
            "\"a b\"@example.com",
            "ana\0@example.com",
            "ana@example.com\nBcc: x@example.com",
            "ana\u{200b}@example.com",
            "ana@example.com.",
            "<ana@example.com>",
            &long,
            &huge,
        ] {
            assert!(Email::try_from(wrong.to_owned()).is_err(), "{wrong:.60}");
        }
    }
}
