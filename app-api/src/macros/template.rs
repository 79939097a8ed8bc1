//! Texts with placeholders. `{{name}}` stands for a value of the ticket; names come from a fixed list, and one that is
//! not on it is refused when the text is saved. There is no logic, and a value is never read again: whatever else
//! stands in braces, in the text or in a value, stays as it was written (page 11, I17).

use std::borrow::Cow;

/// Everything that a placeholder may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    TicketNumber,
    TicketSubject,
    TicketStatus,
    TicketPriority,
    TicketCategory,
    OrderId,
    RequesterFirstname,
    RequesterLastname,
    AgentFirstname,
    AgentLastname,
    AssigneeFirstname,
    Organisation,
}

impl Placeholder {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::TicketNumber,
        Self::TicketSubject,
        Self::TicketStatus,
        Self::TicketPriority,
        Self::TicketCategory,
        Self::OrderId,
        Self::RequesterFirstname,
        Self::RequesterLastname,
        Self::AgentFirstname,
        Self::AgentLastname,
        Self::AssigneeFirstname,
        Self::Organisation,
    ];

    /// The name between the braces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TicketNumber => "ticket.number",
            Self::TicketSubject => "ticket.subject",
            Self::TicketStatus => "ticket.status",
            Self::TicketPriority => "ticket.priority",
            Self::TicketCategory => "ticket.category",
            Self::OrderId => "order.id",
            Self::RequesterFirstname => "requester.firstname",
            Self::RequesterLastname => "requester.lastname",
            Self::AgentFirstname => "agent.firstname",
            Self::AgentLastname => "agent.lastname",
            Self::AssigneeFirstname => "assignee.firstname",
            Self::Organisation => "organisation",
        }
    }
}

/// Characters of a name at most.
const LONGEST: usize = 60;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    /// What stands between two pairs of braces and looks like a name.
    Name(&'a str),
}

/// Cuts a text into pieces; what is no name stays text, its braces too.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut rest, mut from) = (Vec::new(), text, 0);
    while let Some(at) = rest[from..].find("{{").map(|at| at + from) {
        let inside = &rest[at + 2..];
        // No name is longer: whoever writes thousands of braces has each looked at but a little.
        let near = inside.as_bytes().windows(2).take(LONGEST + 4).position(|pair| pair == b"}}");
        let name = near.map(|end| (inside[..end].trim(), at + 2 + end + 2)).filter(|(name, _)| is_name(name));
        match name {
            Some((name, end)) => {
                found.extend([Piece::Text(&rest[..at]), Piece::Name(name)]);
                (rest, from) = (&rest[end..], 0);
            }
            // One brace further: of three, the last two may begin a name.
            None => from = at + 1,
        }
    }
    found.push(Piece::Text(rest));
    found
}

fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text.len() <= LONGEST && text.split('.').all(is_word)
}

/// Refuses a text that names what there is not.
pub fn check(text: &str) -> Result<(), String> {
    let unknown = pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Name(name) if find(name).is_none() => Some(name),
        Piece::Text(_) | Piece::Name(_) => None,
    });
    unknown.map_or(Ok(()), |name| Err(format!("unknown_value: There is no placeholder {name}.")))
}

fn find(name: &str) -> Option<Placeholder> {
    Placeholder::ALL.into_iter().find(|placeholder| placeholder.as_str() == name)
}

/// A text filled in.
#[derive(Debug, PartialEq, Eq)]
pub struct Filled {
    /// The text; what has no value stands there as it was written.
    pub text: String,
    /// The names of what has no value, each once.
    pub unresolved: Vec<String>,
}

/// Fills a text in. No value and an empty one are the same.
pub fn fill<'v>(text: &str, value: impl Fn(Placeholder) -> Option<Cow<'v, str>>) -> Filled {
    let mut filled = Filled { text: String::with_capacity(text.len()), unresolved: Vec::new() };
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.text.push_str(text),
            Piece::Name(name) => match find(name).and_then(&value).filter(|value| !value.trim().is_empty()) {
                Some(value) => filled.text.push_str(&value),
                None => {
                    filled.text += &format!("{{{{{name}}}}}");
                    if !filled.unresolved.iter().any(|known| known == name) {
                        filled.unresolved.push(name.to_owned());
                    }
                }
            },
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(of: Placeholder) -> Option<Cow<'static, str>> {
        match of {
            Placeholder::RequesterFirstname => Some("Chloé".into()),
            Placeholder::TicketSubject => Some("{{agent.firstname}} {{7*7}} ${x}".into()),
            Placeholder::TicketCategory => Some("  ".into()),
            _ => None,
        }
    }

    #[test]
    fn a_placeholder_is_filled_in_and_nothing_else_is() {
        for (text, filled, unresolved) in [
            ("Bonjour {{requester.firstname}},", "Bonjour Chloé,", &[][..]),
            ("{{ requester.firstname }}{{requester.firstname}}", "ChloéChloé", &[]),
            ("{{{requester.firstname}}}", "{Chloé}", &[]),
            ("{{7*7}} {% include 'x' %} ${7*7} <%= 7 %> #{7}", "{{7*7}} {% include 'x' %} ${7*7} <%= 7 %> #{7}", &[]),
            ("{{}} {{ }} {{a b}} {{.a}} {{a.}} {{1a}}", "{{}} {{ }} {{a b}} {{.a}} {{a.}} {{1a}}", &[]),
            ("{{requester.firstname", "{{requester.firstname", &[]),
            ("}} {{ {{requester.firstname}}", "}} {{ Chloé", &[]),
            // A value is not read again.
            ("{{ticket.subject}}", "{{agent.firstname}} {{7*7}} ${x}", &[]),
            (
                "{{ticket.category}} {{order.id}} {{ order.id }}",
                "{{ticket.category}} {{order.id}} {{order.id}}",
                &["ticket.category", "order.id"],
            ),
        ] {
            let unresolved = unresolved.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(fill(text, value), Filled { text: filled.into(), unresolved }, "{text}");
        }
    }

    #[test]
    fn a_name_that_is_not_on_the_list_is_refused_and_what_is_no_name_is_none() {
        for (text, refused) in [
            ("{{tenant.secrets}}", true),
            ("{{requester.password_hash}}", true),
            ("{{ticket}}", true),
            ("{{requester.firstname.constructor}}", true),
            ("{{7*7}} {% if x %} ${x} {{{{}}}}", false),
            ("plain", false),
        ] {
            assert_eq!(check(text).is_err(), refused, "{text}");
        }
        for placeholder in Placeholder::ALL {
            assert_eq!(check(&format!("{{{{{}}}}}", placeholder.as_str())), Ok(()));
        }
    }

    #[test]
    fn many_braces_cost_no_more_than_their_number() {
        let text = "{{".repeat(32_000);
        let begun = std::time::Instant::now();
        assert_eq!(fill(&text, value).text, text);
        assert!(begun.elapsed().as_millis() < 2_000, "{:?}", begun.elapsed());
    }
}
