//! A search text, cut where a reader would cut it.

const KNOWN: [&str; 10] = ["status", "priority", "category", "tag", "order", "assignee", "requester", "is", "created", "updated"];
const TIMES: [&str; 2] = ["created", "updated"];

/// A part of a search text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// As it stands between spaces.
    Word { text: String, wanted: bool },
    /// What stood in quotes.
    Phrase { text: String, wanted: bool },
    /// Something with a key; the key need not be one that is known.
    Condition { key: String, operator: &'static str, value: String, is_quoted: bool, wanted: bool },
}

/// The parts of `text`, in order. There is no text that has none: a quote that is not closed ends with it.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let letters: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let (mut rest, mut found) = (letters.as_slice(), Vec::new());
    loop {
        rest = &rest[rest.iter().take_while(|c| c.is_whitespace()).count()..];
        let [first, behind @ ..] = rest else { return found };
        let is_left_out = *first == '-' && behind.first().is_some_and(|next| !next.is_whitespace() && *next != '-');
        rest = if is_left_out { behind } else { rest };
        let (piece, end) = piece(rest, !is_left_out);
        found.extend(piece);
        rest = &rest[end..];
    }
}

/// The part that `letters` begin with, and where it ends. Quotes around nothing are nothing.
fn piece(letters: &[char], wanted: bool) -> (Option<Piece>, usize) {
    if letters.first() == Some(&'"') {
        let (text, end) = quoted(letters);
        let piece = (!text.trim().is_empty()).then_some(Piece::Phrase { text, wanted });
        return (piece, end);
    }
    let end = letters.iter().take_while(|c| !c.is_whitespace()).count();
    let raw: String = letters[..end].iter().collect();
    let Some((key, operator)) = key(&raw) else { return (Some(Piece::Word { text: raw, wanted }), end) };
    let start = key.len() + operator.len();
    let condition = |value, is_quoted| Some(Piece::Condition { key: key.clone(), operator, value, is_quoted, wanted });
    if letters.get(start) == Some(&'"') {
        let (value, length) = quoted(&letters[start..]);
        return (condition(value, true), start + length);
    }
    (condition(raw[start..].to_owned(), false), end)
}

/// What stands in the quotes that `letters` begin with, and how long it is with them.
fn quoted(letters: &[char]) -> (String, usize) {
    let inside: String = letters[1..].iter().take_while(|c| **c != '"').collect();
    let length = inside.chars().count();
    (inside, (length + 2).min(letters.len()))
}

/// The key that a part begins with. What people write without meaning a condition is none: `http://…`, `12:30`, `Re:`.
fn key(raw: &str) -> Option<(String, &'static str)> {
    let at = raw.find([':', '<', '>'])?;
    let (head, tail) = raw.split_at(at);
    let operator = [":", ">=", "<=", ">", "<"].into_iter().find(|operator| tail.starts_with(operator))?;
    let (known, value) = (head.to_ascii_lowercase(), &tail[operator.len()..]);
    if KNOWN.contains(&known.as_str()) {
        return (operator == ":" || TIMES.contains(&known.as_str())).then_some((known, operator));
    }
    let is_meant = head.len() > 1 && head.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let is_text = operator != ":" || value.is_empty() || value.starts_with("//");
    (is_meant && !is_text).then_some((known, operator))
}
