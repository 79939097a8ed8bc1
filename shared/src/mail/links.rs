//! What people typed is no link in a mail of ours, though mail programs make links of bare domains.

/// Gives each dot within a word a space after it: `evil.example` is two words then, and no link.
/// Sentences of ours have none; names that people typed may.
pub fn unlinked(text: &str) -> String {
    let mut apart = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        apart.push(letter);
        if matches!(letter, '.' | '。' | '．') && letters.peek().is_some_and(|next| next.is_alphabetic()) {
            apart.push(' ');
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_a_domain_is_no_link() {
        for (typed, written) in [
            ("evil.example", "evil. example"),
            ("Win at evil.example/now", "Win at evil. example/now"),
            ("J.R. Smith", "J. R. Smith"),
            ("Acme Inc.", "Acme Inc."),
            ("203.0.113.7", "203.0.113.7"),
            ("evil。example", "evil。 example"),
        ] {
            assert_eq!(unlinked(typed), written);
        }
    }
}
