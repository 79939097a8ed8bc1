//! What is said of a file before it comes: `Upload-Metadata`, pairs of a name and a value in base64. Names that we do not know are
//! the client's own, as the protocol has it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde::de::value::{Error as Unread, StrDeserializer};
use shared::{Error, Result};

use super::protocol::malformed;
use crate::{media::Name, tickets::TicketRef};

/// The longest header that is read.
const MOST: usize = 4096;
const MOST_TYPE: usize = 255;

/// What a file is and where it belongs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Metadata {
    /// What it is called.
    pub name: Name,
    /// What its sender says that it is.
    pub kind: Option<String>,
    /// Its ticket.
    pub ticket: TicketRef,
    /// Its message.
    pub message_id: Option<i64>,
    /// Whether it waits for one.
    pub awaits_message: bool,
}

impl Metadata {
    /// Reads the header; `400` for what cannot be read, `422` for what is wrong or missing.
    pub(super) fn parse(said: &str) -> Result<Self> {
        let pairs = pairs(said)?;
        let of = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty());
        let name = of("filename").ok_or_else(|| Error::field("filename", "required", "Say what the file is called."))?;
        let ticket = of("ticket_id").ok_or_else(|| Error::field("ticket_id", "required", "Say which ticket it is for."))?;
        let ticket = TicketRef::deserialize(StrDeserializer::<Unread>::new(ticket));
        let ticket = ticket.map_err(|_| Error::field("ticket_id", "invalid", "A ticket's id or number."))?;
        let id = |text: &str| text.parse().ok().filter(|id| *id > 0);
        let message_id = of("message_id").map(|text| id(text).ok_or_else(|| Error::field("message_id", "invalid", "A message's id.")));
        let awaits = of("awaits_message").map_or(Ok(false), str::parse);
        let awaits_message = awaits.map_err(|_| Error::field("awaits_message", "invalid", "true or false."))?;
        let message_id = message_id.transpose()?;
        if awaits_message && message_id.is_some() {
            return Err(Error::field("awaits_message", "invalid", "It belongs to a message already."));
        }
        let kind = of("filetype").map(|kind| kind.chars().take(MOST_TYPE).collect());
        Ok(Self { name: Name::of(name), kind, ticket, message_id, awaits_message })
    }
}

fn pairs(said: &str) -> Result<Vec<(&str, String)>> {
    let unread = || malformed("Upload-Metadata is pairs of a name and a value in base64, with commas between.".into());
    if said.len() > MOST {
        return Err(unread());
    }
    let pair = |pair: &'_ str| {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        (!key.is_empty()).then_some(()).and(value)
    };
    let pairs = said.split(',').map(str::trim).map(|text| {
        let value = pair(text).ok_or_else(unread)?;
        Ok((text.split_once(' ').map_or(text, |(key, _)| key), value))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&str, &str)]) -> String {
        pairs.iter().map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn a_file_says_what_it_is_called_and_where_it_belongs() {
        let read = Metadata::parse(&said(&[
            ("filename", "../Été.pdf"),
            ("filetype", "application/pdf"),
            ("ticket_id", "42"),
            ("awaits_message", "true"),
            ("relativePath", "null"),
        ]));
        let read = read.expect("it reads");
        assert_eq!((read.name.shown.as_str(), read.kind.as_deref()), ("Été.pdf", Some("application/pdf")));
        assert!(matches!(read.ticket, TicketRef::Id(42)) && read.awaits_message && read.message_id.is_none());
        let bare = format!("is_confidential, {}", said(&[("filename", "a.txt"), ("ticket_id", "1"), ("message_id", "7")]));
        assert_eq!(Metadata::parse(&bare).expect("a name without a value").message_id, Some(7));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let field = |text: &str| match Metadata::parse(text) {
            Err(Error::Invalid(errors)) => errors[0].field.clone(),
            Err(Error::Malformed { .. }) => "unread".into(),
            other => panic!("{other:?}"),
        };
        for (text, expected) in [
            (said(&[("ticket_id", "1")]), "filename"),
            (said(&[("filename", ""), ("ticket_id", "1")]), "filename"),
            (said(&[("filename", "a")]), "ticket_id"),
            (said(&[("filename", "a"), ("ticket_id", "-1")]), "ticket_id"),
            (said(&[("filename", "a"), ("ticket_id", "1"), ("message_id", "0")]), "message_id"),
            (said(&[("filename", "a"), ("ticket_id", "1"), ("awaits_message", "yes")]), "awaits_message"),
            (said(&[("filename", "a"), ("ticket_id", "1"), ("message_id", "1"), ("awaits_message", "true")]), "awaits_message"),
            ("filename not-base64!".into(), "unread"),
            ("filename /w==".into(), "unread"),
            (String::new(), "unread"),
            (said(&[("filename", &"a".repeat(5000))]), "unread"),
        ] {
            assert_eq!(field(&text), expected, "{text}");
        }
    }
}
