//! A line of a table as a ticket. Pure.

use csv_core::ReadFieldResult;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::spreadsheet::{as_begun, as_written};

use super::{
    bounded::Bounded,
    judge::MOST_MESSAGES,
    mapping::{Mapping, Target},
    model::{Column, Delimiter, Encoding},
    raw::{Flaw, Raw, RawMessage, RawPerson, Voice},
};
use crate::tickets;

/// Tags of a line that are read: of these, the first are taken.
const MOST_TAGS: usize = 1000;
/// Bytes of a cell with values of custom fields: they have 16 KiB, and may be written widely.
const VALUES: usize = 64 << 10;

/// How a table is read.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub columns: Vec<Column>,
    pub mapping: Mapping,
    pub delimiter: Delimiter,
    pub encoding: Encoding,
}

/// A message in a table, as JSON.
#[derive(Deserialize)]
struct Spoken {
    /// Without one it is the requester who speaks.
    author_email: Option<String>,
    #[serde(default)]
    author_name: String,
    message: String,
    #[serde(default)]
    is_internal: bool,
    #[serde(default)]
    created_at: String,
}

/// Bytes as text: what is no UTF-8 is none, every byte means something in Windows-1252.
pub(super) fn decoded(bytes: &[u8], encoding: Encoding) -> Option<String> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Encoding::Windows1252 => Some(bytes.iter().map(|byte| of_windows(*byte)).collect()),
    }
}

/// The letters of Windows-1252 where they are not those of Latin-1; what is free there is read as Latin-1 has it.
fn of_windows(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•',
        '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// Whether a table of these columns is an export of ours: its marks are taken away wherever they stand.
pub(super) fn is_ours(columns: &[Column]) -> bool {
    tickets::is_export(columns.iter().map(|column| column.name.as_str()))
}

/// The first cells of a line, `most` of them at most, each as its author wrote it, and whether anything stands in one behind
/// them. What is behind them is not kept: a line of four mebibytes may have as many cells.
pub(super) fn cells(line: &str, delimiter: Delimiter, most: usize, is_ours: bool) -> (Vec<String>, bool) {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter.byte()).terminator(csv_core::Terminator::Any(b'\n')).build();
    // No cell is longer than its line; with room to spare, none is ever cut.
    let (mut rest, mut cell, mut length) = (line.as_bytes(), vec![0; line.len() + 1], 0);
    let mut cells = Vec::new();
    loop {
        let (result, read, written) = reader.read_field(rest, &mut cell[length..]);
        (rest, length) = (&rest[read..], length + written);
        let is_last = match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => continue,
            ReadFieldResult::End => return (cells, false),
            ReadFieldResult::Field { record_end } => record_end,
        };
        // What is text already is never unreadable.
        let text = String::from_utf8_lossy(&cell[..length]);
        if cells.len() < most {
            cells.push(if is_ours { as_written(&text) } else { as_begun(&text).to_owned() });
        } else if !text.trim().is_empty() {
            return (cells, true);
        }
        if is_last {
            return (cells, false);
        }
        length = 0;
    }
}

/// The ticket of a line; none of one in which nothing stands.
pub(super) fn read(bytes: &[u8], reading: &Reading) -> Result<Option<Raw>, Flaw> {
    let wrong = "This line is not UTF-8. Choose another encoding, or save the file as UTF-8.";
    let line = decoded(bytes, reading.encoding).ok_or_else(|| Flaw::error("", "encoding", wrong))?;
    let (cells, is_wider) = cells(&line, reading.delimiter, reading.columns.len(), is_ours(&reading.columns));
    if is_wider {
        return Err(Flaw::error("", "invalid", "There are more cells in this line than columns."));
    }
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(None);
    }
    let mut raw = Raw::default();
    for (column, cell) in reading.columns.iter().zip(cells) {
        if let Some(target) = reading.mapping.of(&column.name) {
            take(&mut raw, target, cell)?;
        }
    }
    Ok(Some(raw))
}

fn take(raw: &mut Raw, target: &Target, cell: String) -> Result<(), Flaw> {
    if cell.trim().is_empty() {
        return Ok(());
    }
    let word = match target {
        Target::Word(word) => *word,
        Target::Field(key) => {
            raw.custom_fields.insert(key.clone(), Value::from(cell));
            return Ok(());
        }
    };
    match word {
        "external_id" => raw.external_id = Some(cell.trim().to_owned()),
        "tags" => raw.tags.extend(parted(&cell)?),
        "requester_email" => raw.requester.email = cell,
        "requester_name" => raw.requester.name = cell,
        "requester_firstname" => raw.requester.firstname = cell,
        "requester_lastname" => raw.requester.lastname = cell,
        "assignee_email" => raw.assignee = Some(RawPerson { email: cell, ..RawPerson::default() }),
        "messages" => raw.messages = spoken(&cell)?,
        "custom_fields" => raw.custom_fields.extend(object(&cell)?),
        plain => *place(raw, plain) = cell,
    }
    Ok(())
}

/// Where a text goes that is taken as it is.
fn place<'a>(raw: &'a mut Raw, word: &str) -> &'a mut String {
    match word {
        "subject" => &mut raw.subject,
        "description" => &mut raw.description,
        "status" => &mut raw.status,
        "priority" => &mut raw.priority,
        "category" => &mut raw.category,
        "order_id" => &mut raw.order_id,
        "channel" => &mut raw.channel,
        "created_at" => &mut raw.created_at,
        "updated_at" => &mut raw.updated_at,
        "resolved_at" => &mut raw.resolved_at,
        other => {
            debug_assert_eq!(other, "closed_at");
            &mut raw.closed_at
        }
    }
}

fn parted(cell: &str) -> Result<Vec<String>, Flaw> {
    let tags = cell.split([',', ';', '|']).map(str::trim).filter(|tag| !tag.is_empty());
    let tags: Vec<String> = tags.take(MOST_TAGS + 1).map(str::to_owned).collect();
    if tags.len() > MOST_TAGS { Err(Flaw::error("tags", "too_long", format!("At most {MOST_TAGS} tags."))) } else { Ok(tags) }
}

fn spoken(cell: &str) -> Result<Vec<RawMessage>, Flaw> {
    let spoken: Bounded<Spoken, MOST_MESSAGES> = serde_json::from_str(cell).map_err(|error| Flaw::of_json("messages", &error))?;
    let message = |said: Spoken| RawMessage {
        voice: match said.author_email {
            Some(email) => Voice::Other(RawPerson { email, name: said.author_name, ..RawPerson::default() }),
            None => Voice::Requester,
        },
        text: said.message,
        is_internal: said.is_internal,
        created_at: said.created_at,
    };
    Ok(spoken.0.into_iter().map(message).collect())
}

fn object(cell: &str) -> Result<Map<String, Value>, Flaw> {
    if cell.len() > VALUES {
        return Err(Flaw::error("custom_fields", "too_long", "At most 50 fields and 16 KiB."));
    }
    serde_json::from_str(cell).map_err(|error| Flaw::of_json("custom_fields", &error))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reading(mapping: Value, names: &[&str]) -> Reading {
        Reading {
            columns: names.iter().map(|name| Column { name: (*name).to_owned(), sample: String::new() }).collect(),
            mapping: serde_json::from_value(mapping).expect("a mapping"),
            delimiter: Delimiter::Comma,
            encoding: Encoding::Utf8,
        }
    }

    #[test]
    fn every_target_of_a_table_has_its_place() {
        let words = [
            "external_id",
            "subject",
            "description",
            "status",
            "priority",
            "category",
            "order_id",
            "tags",
            "channel",
            "requester_email",
            "requester_name",
            "requester_firstname",
            "requester_lastname",
            "assignee_email",
            "created_at",
            "updated_at",
            "resolved_at",
            "closed_at",
        ];
        let mapping: Map<String, Value> = words.iter().map(|word| ((*word).to_owned(), json!(word))).collect();
        let line = words.map(|word| format!("a {word}")).join(",");
        let raw = read(line.as_bytes(), &reading(Value::Object(mapping), &words)).expect("read").expect("a ticket");
        let told = format!("{raw:?}");
        for word in words {
            assert!(told.contains(&format!("\"a {word}\"")), "{word}: {told}");
        }
    }

    #[test]
    fn cells_are_read_by_rfc_4180_and_without_the_apostrophe_that_an_export_adds() {
        for (line, read) in [
            ("a,b,c\r\n", vec!["a", "b", "c"]),
            ("\"a,\"\"b\"\"\",\"c\nd\"\n", vec!["a,\"b\"", "c\nd"]),
            ("'=1+1,'plain',-1", vec!["=1+1", "'plain'", "-1"]),
            ("''=1,x;'=1,\"Use\n'--force'\"", vec!["'=1", "x;'=1", "Use\n'--force'"]),
            ("a\rb,c", vec!["a\rb", "c"]),
            ("", vec![]),
        ] {
            assert_eq!(cells(line, Delimiter::Comma, 3, false), (read.into_iter().map(str::to_owned).collect(), false), "{line:?}");
        }
        assert_eq!(cells("a;\"b;c\"", Delimiter::Semicolon, 3, false).0, ["a", "b;c"]);
        assert_eq!(cells("''=1,x;'=1", Delimiter::Comma, 3, true).0, ["'=1", "x;=1"]);
    }

    #[test]
    fn what_an_export_of_ours_has_marked_within_a_cell_is_unmarked_and_nothing_in_anybody_elses_file() {
        let mut table = Vec::new();
        shared::spreadsheet::push_line(&mut table, ["Use\n--force", "x;'=1"]).expect("written");
        let ours = ["ticket_number", "subject", "description", "status", "priority", "priority_reason", "category", "team", "channel"];
        let rest = ["requester_email", "requester_firstname", "requester_lastname", "assignee_email", "assignee_firstname"];
        let last = ["assignee_lastname", "order_id", "tags", "sla_state", "response_due_at", "resolution_due_at", "created_at"];
        let end = ["updated_at", "resolved_at", "closed_at", "custom_fields"];
        let names = [&ours[..], &rest, &last, &end].concat();
        let mapping = json!({ "ticket_number": "description", "subject": "subject" });
        let read_as = |names: &[&str]| read(&table, &reading(mapping.clone(), names)).expect("read").expect("a ticket");
        let raw = read_as(&names);
        assert_eq!((raw.description.as_str(), raw.subject.as_str()), ("Use\n--force", "x;'=1"));
        let raw = read_as(&names[..2]);
        assert_eq!((raw.description.as_str(), raw.subject.as_str()), ("Use\n'--force", "x;''=1"));
    }

    #[test]
    fn a_line_is_refused_that_is_no_text_or_has_more_cells_than_columns() {
        let plain = reading(json!({ "a": "subject", "b": "messages" }), &["a", "b"]);
        for (line, expected) in [
            (&b"caf\xe9,"[..], Some("encoding")),
            (b"a,[],c", Some("invalid")),
            (b"a,{}", Some("invalid")),
            (b"a,[],", None),
            (b" , \n", None),
            (b"a,[],,,\"\", ,", None),
            (b" ,,,,\" c\"", Some("invalid")),
        ] {
            assert_eq!(read(line, &plain).err().map(|flaw| flaw.code).as_deref(), expected, "{line:?}");
        }
        assert_eq!(read(b" , \n", &plain), Ok(None));
        let windows = Reading { encoding: Encoding::Windows1252, ..plain };
        let raw = read(b"caf\xe9 \x80,", &windows).expect("read").expect("a ticket");
        assert_eq!(raw.subject, "café €");
    }

    #[test]
    fn of_a_line_of_many_cells_so_many_are_kept_as_there_are_columns() {
        let (commas, words) = (",".repeat(1 << 20), "a,".repeat(1 << 20));
        let (kept, is_wider) = cells(&commas, Delimiter::Comma, 2, false);
        assert_eq!((kept, is_wider), (vec![String::new(); 2], false));
        let (kept, is_wider) = cells(&words, Delimiter::Comma, 2, false);
        assert_eq!((kept, is_wider), (vec!["a".to_owned(); 2], true));
    }

    #[test]
    fn a_list_in_a_cell_is_read_up_to_its_bound() {
        let plain = reading(json!({ "a": "tags", "b": "messages", "c": "custom_fields" }), &["a", "b", "c"]);
        let said = |count: usize| format!("[{}{{\"\"message\"\":\"\"\"\"}}]", "{\"\"message\"\":\"\"\"\"},".repeat(count - 1));
        let tags = |count: usize| "a,,".repeat(count);
        for (line, expected) in [
            (format!("\"{}\",,", tags(1000)), None),
            (format!("\"{}\",,", tags(1001)), Some("tags too_long")),
            (format!("x,\"{}\",", said(5000)), None),
            (format!("x,\"{}\",", said(5001)), Some("messages too_long")),
            (format!("x,,\"{{\"\"a\"\":1}}{}\"", " ".repeat(65_000)), None),
            (format!("x,,\"{{\"\"a\"\":1}}{}\"", " ".repeat(66_000)), Some("custom_fields too_long")),
        ] {
            let told = read(line.as_bytes(), &plain).err().map(|flaw| format!("{} {}", flaw.field, flaw.code));
            assert_eq!(told.as_deref(), expected, "{}", &line[..40]);
        }
    }

    #[test]
    fn messages_stand_in_a_cell_as_json() {
        let plain = reading(json!({ "a": "subject", "b": "messages", "c": "custom_fields" }), &["a", "b", "c"]);
        let line =
            r#"x,"[{""author_email"":""ana@a.test"",""message"":""hi"",""is_internal"":true},{""message"":""yes""}]","{""serial"":1}""#;
        let raw = read(line.as_bytes(), &plain).expect("read").expect("a ticket");
        let voices: Vec<bool> = raw.messages.iter().map(|said| said.voice == Voice::Requester).collect();
        assert_eq!((voices, raw.messages[0].is_internal, &raw.custom_fields["serial"]), (vec![false, true], true, &json!(1)));
    }
}
