//! A file of SQL as statements, and these as words: enough to know what a statement does to a table. Pure.

/// One statement: its words in lower case, without comments; what stands in quotes is one word `''`, a body in
/// dollars one word `$$`, a name in double quotes the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its words.
    pub words: Vec<String>,
    /// The line on which it begins.
    pub line: usize,
}

/// The statements of a file, in order.
pub fn statements(sql: &str) -> Vec<Statement> {
    let (mut all, mut words, mut first) = (Vec::new(), Vec::new(), 0);
    let mut at = 0;
    while let Some((word, next)) = next_word(sql, at) {
        let begun = next - word_length(sql, at, next);
        match word.as_str() {
            ";" if words.is_empty() => {}
            ";" => all.push(Statement { words: std::mem::take(&mut words), line: line_of(sql, first) }),
            _ => {
                if words.is_empty() {
                    first = begun;
                }
                words.push(word);
            }
        }
        at = next;
    }
    if !words.is_empty() {
        all.push(Statement { words, line: line_of(sql, first) });
    }
    all
}

fn line_of(sql: &str, at: usize) -> usize {
    sql[..at].matches('\n').count() + 1
}

/// How long the word before `next` is, in bytes, without what was skipped before it.
fn word_length(sql: &str, at: usize, next: usize) -> usize {
    next - skip(sql, at)
}

/// Behind blanks and comments.
fn skip(sql: &str, mut at: usize) -> usize {
    loop {
        let rest = &sql[at..];
        let blank = rest.len() - rest.trim_start().len();
        if blank > 0 {
            at += blank;
        } else if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else {
            return at;
        }
    }
}

/// The next word and where it ends.
fn next_word(sql: &str, at: usize) -> Option<(String, usize)> {
    let at = skip(sql, at);
    let rest = &sql[at..];
    let first = rest.chars().next()?;
    if first == '\'' || (matches!(first, 'e' | 'E') && rest[1..].starts_with('\'')) {
        return Some(("''".into(), at + quoted(rest, first != '\'')));
    }
    if first == '"' {
        let end = rest[1..].find('"').map_or(rest.len(), |end| end + 2);
        return Some((rest[1..end.max(2) - 1].to_owned(), at + end));
    }
    if first == '$'
        && let Some(length) = in_dollars(rest)
    {
        return Some(("$$".into(), at + length));
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let length = if is_part(first) { rest.find(|c| !is_part(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
    Some((rest[..length].to_lowercase(), at + length))
}

/// The length of a text in quotes at the beginning.
fn quoted(text: &str, has_escapes: bool) -> usize {
    let mut chars = text.char_indices().skip(if has_escapes { 2 } else { 1 }).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if has_escapes => {
                chars.next();
            }
            '\'' if chars.peek().is_some_and(|next| next.1 == '\'') => {
                chars.next();
            }
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a body in dollars at the beginning, as `$$…$$` or `$tag$…$tag$`.
fn in_dollars(text: &str) -> Option<usize> {
    let end = text[1..].find('$')? + 2;
    let tag = &text[..end];
    let is_tag = tag[1..end - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
    is_tag.then(|| text[end..].find(tag).map_or(text.len(), |body| end + body + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_where_they_end() {
        for (sql, expected) in [
            ("", vec![]),
            (";;", vec![]),
            ("create table a (b int);", vec!["create table a ( b int )"]),
            ("-- drop table x;\nselect 1; /* drop; */ select 2", vec!["select 1", "select 2"]),
            ("select 'a;''b', E'\\';', \"A;b\"", vec!["select '' , '' , A;b"]),
            ("do $$ begin drop table x; end $$; select $1", vec!["do $$", "select $ 1"]),
            (
                "create function f() returns int language sql as $body$ select 1; $body$",
                vec!["create function f ( ) returns int language sql as $$"],
            ),
            ("Alter Table public.A add column x int", vec!["alter table public.a add column x int"]),
        ] {
            let found: Vec<String> = statements(sql).iter().map(|s| s.words.join(" ")).collect();
            assert_eq!(found, expected, "{sql}");
        }
        assert_eq!(statements("\n\n-- x\nselect 1;\nselect\n2").iter().map(|s| s.line).collect::<Vec<_>>(), [4, 5]);
    }
}
