//! Where words stand in a text, as safe HTML. What is not a mark of ours is text, and said so to a browser.

use std::collections::{BTreeSet, HashSet};

/// As many letters of a text are shown around its words.
const WINDOW: usize = 240;
/// As many of them before the first.
const BEFORE: usize = 60;
/// As many letters of one text are looked at.
const LOOKED_AT: usize = 30_000;
/// As many different words of one page are asked for.
const WORDS: usize = 5_000;
/// No longer word is marked.
const LONGEST: usize = 100;

/// A word in a text, by its bytes.
type Span = (usize, usize);

/// The words of a text: letters and digits, with the accents that stand behind their letter.
fn spans(text: &str) -> Vec<Span> {
    let (mut found, mut start) = (Vec::new(), None);
    for (at, c) in text.char_indices().take(LOOKED_AT) {
        let is_part = c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c);
        match (is_part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
    found.extend(start.map(|from| (from, end)));
    found
}

/// The different words of some texts.
pub fn words<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for text in texts {
        for (from, to) in spans(text) {
            if found.len() < WORDS && to - from <= LONGEST {
                found.insert(&text[from..to]);
            }
        }
    }
    found.into_iter().map(str::to_owned).collect()
}

/// All of a short text with the words in `marked`; none where there is none of them.
pub fn whole(text: &str, marked: &HashSet<String>) -> Option<String> {
    let marks = marks(text, marked);
    (!marks.is_empty()).then(|| html(text, &marks))
}

/// All of a short text with its part that is `part`, in capitals or not.
pub fn with_part(text: &str, part: &str) -> Option<String> {
    let at = text.to_ascii_uppercase().find(&part.to_ascii_uppercase())?;
    Some(html(text, &[(at, at + part.len())]))
}

/// The part of a long text in which the words in `marked` stand first; none where there is none of them.
pub fn part(text: &str, marked: &HashSet<String>) -> Option<String> {
    let marks = marks(text, marked);
    let (first, _) = *marks.first()?;
    Some(window(text, first, &marks))
}

/// How a long text begins.
pub fn beginning(text: &str) -> String {
    window(text, 0, &[])
}

fn marks(text: &str, marked: &HashSet<String>) -> Vec<Span> {
    spans(text).into_iter().filter(|(from, to)| marked.contains(&text[*from..*to])).collect()
}

fn window(text: &str, first: usize, marks: &[Span]) -> String {
    let start = text[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
    // A word is not cut, unless it is longer than all that comes before.
    let start = if start == 0 { 0 } else { text[start..first].find(char::is_whitespace).map_or(start, |at| start + at) };
    let end = text[start..].char_indices().nth(WINDOW).map_or(text.len(), |(at, _)| start + at);
    let end = if end == text.len() { end } else { text[first..end].rfind(char::is_whitespace).map_or(end, |at| first + at) };
    let within: Vec<Span> = marks.iter().filter(|(from, to)| *from >= start && *to <= end).map(|(f, t)| (f - start, t - start)).collect();
    let inside = html(&text[start..end], &within);
    let (before, behind) = (if start == 0 { "" } else { "… " }, if end == text.len() { "" } else { " …" });
    format!("{before}{}{behind}", inside.trim())
}

/// Text as HTML with `<mark>` around the spans, which are in order and apart.
fn html(text: &str, marks: &[Span]) -> String {
    let (mut html, mut done) = (String::with_capacity(text.len() + 16), 0);
    for (from, to) in marks {
        escape(&text[done..*from], &mut html);
        html.push_str("<mark>");
        escape(&text[*from..*to], &mut html);
        html.push_str("</mark>");
        done = *to;
    }
    escape(&text[done..], &mut html);
    html
}

fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            '`' => into.push_str("&#96;"),
            c if c.is_control() => into.push(' '),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(words: &[&str]) -> HashSet<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_are_marked_and_everything_else_is_text() {
        for (text, words, shown) in [
            ("Printer on fire", &["fire", "Printer"][..], Some("<mark>Printer</mark> on <mark>fire</mark>")),
            ("Printer on fire", &["Fire"], None),
            ("l’éte\u{301} passé", &["éte\u{301}"], Some("l’<mark>éte\u{301}</mark> passé")),
            ("<img src=x onerror=fire>", &["fire"], Some("&lt;img src=x onerror=<mark>fire</mark>&gt;")),
            ("</mark><script>fire</script>", &["fire"], Some("&lt;/mark&gt;&lt;script&gt;<mark>fire</mark>&lt;/script&gt;")),
            ("\"fire\" & 'fire' `x`\u{0}", &["fire"], Some("&quot;<mark>fire</mark>&quot; &amp; &#39;<mark>fire</mark>&#39; &#96;x&#96; ")),
            ("mark", &["mark"], Some("<mark>mark</mark>")),
            ("", &["fire"], None),
        ] {
            assert_eq!(whole(text, &marked(words)).as_deref(), shown, "{text}");
        }
        assert_eq!(with_part("TKT-23456789", "456").as_deref(), Some("TKT-23<mark>456</mark>789"));
        assert_eq!(with_part("TKT-23456789", "999"), None);
    }

    #[test]
    fn of_a_long_text_the_part_around_its_words_is_shown() {
        let text = format!("{}on fire {}", "word ".repeat(100), "more ".repeat(100));
        let shown = part(&text, &marked(&["fire"])).expect("it is there");
        assert!(shown.starts_with("… word") && shown.ends_with("more …") && shown.contains("on <mark>fire</mark> more"), "{shown}");
        assert!(shown.chars().count() < WINDOW + 30, "{shown}");
        assert_eq!(part(&text, &marked(&["absent"])), None);
        assert_eq!(beginning("a\nb"), "a b");
        let long = "é".repeat(1000);
        assert_eq!(beginning(&long).chars().count(), WINDOW + 2);
    }

    #[test]
    fn no_text_breaks_it() {
        let parts = ["é", "e\u{301}", "<", ">", "&", " ", "\u{0}", "mark", "漢字", "🦀", "\u{202e}", "\"", "\n"];
        for n in 0..parts.len().pow(3) {
            let text: String = [n, n / 13, n / 169].iter().map(|i| parts[i % 13]).collect::<String>().repeat(60);
            let all: HashSet<String> = words([text.as_str()].into_iter()).into_iter().collect();
            for html in [whole(&text, &all), part(&text, &all), Some(beginning(&text))].into_iter().flatten() {
                let bare = html.replace("<mark>", "").replace("</mark>", "");
                assert!(!bare.contains(['<', '>', '"', '\0']), "{html}");
                assert_eq!(html.matches("<mark>").count(), html.matches("</mark>").count(), "{html}");
            }
        }
    }
}
