//! One spelling for all writings of an address that reach one mailbox or look as if they did (page 11,
//! A12). Only for counting: who somebody is, is decided by the address itself.

use unicode_normalization::UnicodeNormalization;

use crate::identities::Email;

/// The spelling that counts: compatibility forms folded, look-alikes as Latin letters, no `+tag`.
pub fn counted(email: &Email) -> String {
    let (local, domain) = email.as_str().split_once('@').unwrap_or((email.as_str(), ""));
    let untagged = local.split_once('+').map_or(local, |(name, _)| name);
    // A tag alone is a name.
    let name = if untagged.is_empty() { local } else { untagged };
    let name: String =
        name.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).flat_map(char::to_lowercase).map(latin).collect();
    format!("{name}@{domain}")
}

/// Cyrillic and Greek letters that look like Latin ones.
fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' | 'μ' => 'm',
        'п' | 'η' => 'n',
        'о' | 'ο' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ѵ' | 'ν' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_or_resembles_one_mailbox_counts_as_one() {
        for written in [
            "user@x.example",
            "User@X.example",
            " user@x.example ",
            "user+tag@x.example",
            "user++@x.example",
            "ｕｓｅｒ@x.example",
            "usеr@x.example",
            "usér@x.example",
        ] {
            let email = Email::try_from(written.to_owned()).expect("an address");
            assert_eq!(counted(&email), "user@x.example", "{written}");
        }
        for (written, counts) in
            [("+tag@x.example", "+tag@x.example"), ("other@x.example", "other@x.example"), ("user@y.example", "user@y.example")]
        {
            assert_eq!(counted(&Email::try_from(written.to_owned()).expect("an address")), counts);
        }
    }
}
