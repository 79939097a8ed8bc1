//! Values within a text that an agent says. Who asks chooses them, and they are said in the agent's name: as words, never as
//! Markdown, and as no link (page 11, I15).

use shared::mail::unlinked;

/// Markdown that shows a value as it was written, wherever in a line it stands. Addresses in it are broken by a space: mail
/// programs make links by themselves.
pub fn plain(value: &str) -> String {
    let value = unlinked(value.trim());
    let mut shown = String::with_capacity(value.len() + 8);
    for (at, letter) in value.char_indices() {
        let (before, after) = (&value[..at], &value[at + letter.len_utf8()..]);
        if means_something(letter, before, after) {
            shown.push('\\');
        }
        shown.push(if letter.is_control() { ' ' } else { letter });
        if leads_somewhere(letter, before, after) {
            shown.push(' ');
        }
    }
    shown
}

/// Whether Markdown reads it as more than a letter.
fn means_something(letter: char, before: &str, after: &str) -> bool {
    let next = after.chars().next();
    match letter {
        '\\' | '`' | '*' | '~' | '[' | ']' | '<' => true,
        // Within a word it is one.
        '_' => !before.ends_with(char::is_alphanumeric) || !next.is_some_and(char::is_alphanumeric),
        // As `&#58;`.
        '&' => next.is_some_and(|next| next == '#' || next.is_ascii_alphanumeric()),
        // Headings, quotes, lists and lines; and what belongs to brackets of ours that stand before.
        '#' | '>' | '+' | '-' | '=' | '(' | ':' => before.is_empty(),
        // As in `1. `.
        '.' | ')' => {
            let is_number = !before.is_empty() && before.len() < 10 && before.bytes().all(|digit| digit.is_ascii_digit());
            is_number && next.is_none_or(char::is_whitespace)
        }
        _ => false,
    }
}

/// Whether it is what an address is known by.
fn leads_somewhere(letter: char, before: &str, after: &str) -> bool {
    match letter {
        ':' => after.starts_with("//"),
        '@' => after.starts_with(char::is_alphanumeric),
        // Before a letter there is a space already.
        '.' => !after.starts_with(' ') && before.len() >= 3 && before.as_bytes()[before.len() - 3..].eq_ignore_ascii_case(b"www"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;
    use crate::messages::html;

    #[test]
    fn a_value_is_shown_as_it_was_written_and_leads_nowhere() {
        for (value, markdown) in [
            ("Printer on fire!", "Printer on fire!"),
            ("Tom & Jerry, a_b (10.5 %) - 50:50", "Tom & Jerry, a_b (10.5 %) - 50:50"),
            ("  two\r\nlines ", "two  lines"),
            ("[Re-enter your password](https://evil.example)", "\\[Re-enter your password\\](https: //evil. example)"),
            ("![x](http://evil.example/x.png)", "!\\[x\\](http: //evil. example/x. png)"),
            ("(https://evil.example)", "\\(https: //evil. example)"),
            (": https://evil.example", "\\: https: //evil. example"),
            ("](https://evil.example)", "\\](https: //evil. example)"),
            ("<https://evil.example>", "\\<https: //evil. example>"),
            ("https://evil.example", "https: //evil. example"),
            ("&#104;ttps://evil.example &amp;", "\\&#104;ttps: //evil. example \\&amp;"),
            ("www.evil.example WWW.evil.example", "www. evil. example WWW. evil. example"),
            ("evil.example/login evil。example", "evil. example/login evil。 example"),
            ("www.1.example", "www. 1. example"),
            ("a@evil.example, @ana", "a@ evil. example, @ ana"),
            ("<b>bold</b>", "\\<b>bold\\</b>"),
            ("**Now** `x` ~~y~~ _z_", "\\*\\*Now\\*\\* \\`x\\` \\~\\~y\\~\\~ \\_z\\_"),
            ("# Paid", "\\# Paid"),
            ("> said", "\\> said"),
            ("- one", "\\- one"),
            ("+ one", "\\+ one"),
            ("1. one", "1\\. one"),
            ("1.one", "1\\. one"),
            ("2)", "2\\)"),
            ("---", "\\---"),
            ("===", "\\==="),
            ("over\\", "over\\\\"),
        ] {
            assert_eq!(plain(value), markdown);
            for before in ["", "About ", "[See]", "Dear customer\n"] {
                let shown = html(&format!("{before}{markdown}"));
                let inside = shown.trim().strip_prefix("<p>").and_then(|shown| shown.strip_suffix("</p>"));
                let inside = inside.map(|inside| inside.replace("<br>", ""));
                assert!(inside.is_some_and(|inside| !inside.contains('<')), "{before}{markdown}: {shown}");
            }
        }
    }
}
