//! Names of people and organisations: any script, one line, nothing invisible (page 11, I4), and no
//! link: names stand in our mails, which must not carry other people's advertising.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

const MOST: usize = 255;

/// A name of 1 to 255 characters in NFC, without control, direction or zero-width characters and
/// without links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 255, examples("Ana"))]
pub struct Name(String);

impl Name {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, owned.
    pub fn into_text(self) -> String {
        self.0
    }
}

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() > MOST * 16 {
            return Err("too_long: at most 255 characters");
        }
        if text.chars().any(char::is_control) {
            return Err("invalid: control characters are not allowed");
        }
        let seen: String = text.chars().filter(|c| !is_invisible(*c)).nfc().collect();
        let seen = seen.trim();
        let folded = seen.to_lowercase();
        if folded.contains("://") || folded.contains("www.") {
            return Err("invalid: links are not allowed");
        }
        match seen.chars().count() {
            0 => Err("required: this is required"),
            n if n > MOST => Err("too_long: at most 255 characters"),
            _ => Ok(Self(seen.to_owned())),
        }
    }
}

/// Characters that show nothing but change how their neighbours are read: soft hyphen, zero-width,
/// direction marks and overrides, variation of direction, line separators, byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_seen() {
        for (written, kept) in [
            ("Ana", "Ana"),
            ("  Zo\u{65}\u{308} ", "Zo\u{eb}"),
            ("\u{202e}evil\u{202c}", "evil"),
            ("A\u{200b}na\u{feff}", "Ana"),
            ("O'Neil & <Söhne>", "O'Neil & <Söhne>"),
            ("山田太郎", "山田太郎"),
            ("Booking.com: www & co", "Booking.com: www & co"),
        ] {
            assert_eq!(Name::try_from(written.to_owned()).map(|n| n.0), Ok(kept.to_owned()), "{written:?}");
        }
        assert!(Name::try_from("é".repeat(255)).is_ok());
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let (long, huge) = ("é".repeat(256), "x".repeat(1 << 20));
        let links = ["Win at https://evil.example", "HTTP://x", "WWW.evil.example", "w\u{200b}ww.evil.example", ":/\u{ad}/"];
        for wrong in ["", "   ", "\u{200b}", "a\0b", "a\nb", "a\r\nBcc: b", "\u{85}", "tab\there", &long, &huge].into_iter().chain(links) {
            assert!(Name::try_from(wrong.to_owned()).is_err(), "{wrong:.40?}");
        }
    }
}
