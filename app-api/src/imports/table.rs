//! A line of a table as a ticket. Pure.

use serde::Deserialize;
use serde_json::{Map, Value};
use shared::spreadsheet::as_written;

use super::{
    mapping::{Mapping, Target},
    model::{Column, Delimiter, Encoding},
    raw::{Flaw, Raw, RawMessage, RawPerson, Voice},
};

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

/// The cells of a line, each as its author wrote it.
pub(super) fn cells(line: &str, delimiter: Delimiter) -> Vec<String> {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.byte())
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    // What is text already is never unreadable.
    let is_read = reader.read_record(&mut record).unwrap_or(false);
    if is_read { record.iter().map(as_written).collect() } else { Vec::new() }
}

/// The ticket of a line; none of one in which nothing stands.
pub(super) fn read(bytes: &[u8], reading: &Reading) -> Result<Option<Raw>, Flaw> {
    let wrong = "This line is not UTF-8. Choose another encoding, or save the file as UTF-8.";
    let line = decoded(bytes, reading.encoding).ok_or_else(|| Flaw::error("", "encoding", wrong))?;
    let cells = cells(&line, reading.delimiter);
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(None);
    }
    if cells.iter().skip(reading.columns.len()).any(|cell| !cell.trim().is_empty()) {
        return Err(Flaw::error("", "invalid", "There are more cells in this line than columns."));
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
        "tags" => raw.tags.extend(cell.split([',', ';', '|']).map(|tag| tag.trim().to_owned())),
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

fn spoken(cell: &str) -> Result<Vec<RawMessage>, Flaw> {
    let spoken: Vec<Spoken> = serde_json::from_str(cell).map_err(|error| Flaw::error("messages", "invalid", error.to_string()))?;
    let message = |said: Spoken| RawMessage {
        voice: match said.author_email {
            Some(email) => Voice::Agent(RawPerson { email, name: said.author_name, ..RawPerson::default() }),
            None => Voice::Requester,
        },
        text: said.message,
        is_internal: said.is_internal,
        created_at: said.created_at,
    };
    Ok(spoken.into_iter().map(message).collect())
}

fn object(cell: &str) -> Result<Map<String, Value>, Flaw> {
    serde_json::from_str(cell).map_err(|error| Flaw::error("custom_fields", "invalid", error.to_string()))
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
            ("''=1,x;'=1", vec!["'=1", "x;=1"]),
            ("a\rb,c", vec!["a\rb", "c"]),
            ("", vec![]),
        ] {
            assert_eq!(cells(line, Delimiter::Comma), read, "{line:?}");
        }
        assert_eq!(cells("a;\"b;c\"", Delimiter::Semicolon), ["a", "b;c"]);
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
        ] {
            assert_eq!(read(line, &plain).err().map(|flaw| flaw.code).as_deref(), expected, "{line:?}");
        }
        assert_eq!(read(b" , \n", &plain), Ok(None));
        let windows = Reading { encoding: Encoding::Windows1252, ..plain };
        let raw = read(b"caf\xe9 \x80,", &windows).expect("read").expect("a ticket");
        assert_eq!(raw.subject, "café €");
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
