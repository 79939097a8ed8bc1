//! Markdown to safe HTML (T-34): rendered, then cut down to an allow-list (page 11, I14–I16).

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use comrak::{Options, markdown_to_html};

static RULES: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut rules = Builder::empty();
    rules
        .tags(HashSet::from(tags))
        .add_tag_attributes("a", ["href"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // What is left of a refused address: without it the link leads nowhere, not to this very page.
        .attribute_filter(|_, attribute, value| (attribute != "href" || !value.is_empty()).then_some(value.into()))
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean_content_tags(HashSet::from(["script", "style", "title"]));
    rules
});

/// How many containers (quotes, lists) one line may open: deeper nesting costs its square, and
/// nobody writes it.
const DEEPEST: usize = 20;
/// How far a line may be indented for the same reason.
const WIDEST: usize = 100;
/// How many letters HTML has other words for a text may hold: the sanitiser's time grows with their square.
const MOST_ESCAPED: usize = 10_000;
/// Bytes of HTML beyond which a text is shown as it was written: short links and the like grow to many times their length, which
/// everybody who reads a list of them would pay for.
const LARGEST: usize = 256 << 10;

/// The HTML of a message. A single line break stays one, as people write mails; HTML in it is shown
/// as it was written. Nesting that nobody means is shown as plain text, and so is what becomes too long: see `DEEPEST`, `MOST_ESCAPED`
/// and `LARGEST`.
pub fn html(markdown: &str) -> String {
    let escaped = markdown.bytes().filter(|letter| matches!(letter, b'&' | b'<' | b'>' | b'"')).count();
    if escaped > MOST_ESCAPED || markdown.lines().any(is_too_deep) {
        return plain(markdown);
    }
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.render.hardbreaks = true;
    options.render.escape = true;
    let rendered = RULES.clean(&markdown_to_html(markdown, &options)).to_string();
    if rendered.len() > LARGEST { plain(markdown) } else { rendered }
}

/// The text as it was written, at most five times as long: outside of tags nothing else than these three is markup.
fn plain(text: &str) -> String {
    format!("<pre>{}</pre>", text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

fn is_too_deep(line: &str) -> bool {
    let is_rule = line.chars().all(|c| matches!(c, '-' | '*' | '_' | '=' | ' ' | '\t'));
    let prefix: Vec<char> = line.chars().take_while(|c| matches!(c, ' ' | '\t' | '>' | '*' | '+' | '-' | '.' | ')' | '0'..='9')).collect();
    let markers = prefix.iter().filter(|c| matches!(c, '>' | '*' | '+' | '-' | '.' | ')')).count();
    !is_rule && (markers > DEEPEST || prefix.len() > WIDEST)
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, html};

    #[test]
    fn what_a_browser_gets_holds_no_script() {
        for (written, shown) in [
            ("**Bonjour**\nà tous", "<p><strong>Bonjour</strong><br>\nà tous</p>\n"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
            ("<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>"),
            ("[x](javascript:alert(1))", "<p><a rel=\"noopener noreferrer nofollow\">x</a></p>\n"),
            ("[x](data:text/html,x)", "<p><a rel=\"noopener noreferrer nofollow\">x</a></p>\n"),
            ("![t](https://evil/pixel)", "<p></p>\n"),
        ] {
            let got = html(written);
            assert_eq!(got.trim(), shown.trim(), "{written}");
        }
    }

    #[test]
    fn hostile_nesting_costs_no_more_than_a_long_letter() {
        let hostile =
            [">", "> ", "- ", "* ", "1. ", "[", "![", "*a _b ", "<ul>", "|a|", "`", "\\", "&amp;", "&", "\"", "http://a.b ", "a@b.c "];
        for piece in hostile {
            let text = piece.repeat(65_000 / piece.len());
            let begun = std::time::Instant::now();
            let shown = html(&text);
            assert!(begun.elapsed().as_millis() < 2_000, "{piece} took {:?}", begun.elapsed());
            assert!(shown.len() <= LARGEST.max(5 * text.len() + "<pre></pre>".len()), "{piece} grew to {}", shown.len());
        }
        assert_eq!(html(&"a@b.c < ".repeat(6_000)), format!("<pre>{}</pre>", "a@b.c &lt; ".repeat(6_000)));
        assert!(html(&"a@b.c ".repeat(1_000)).contains("mailto:a@b.c"), "a list of addresses is one");
        let steps: String = (0..300).map(|n| format!("{}- x\n", "  ".repeat(n))).collect();
        assert!(html(&steps).starts_with("<pre>"));
        assert!(html("----------------------------------------").contains("<hr>"));
        assert!(html("> > quoted\n> once").contains("<blockquote>"));
    }
}
