//! What stands at the head of a file: how its letters are written, what its columns are called, where its records begin; or
//! why it is no file that can be read. Nothing is ever unpacked. Pure.

use std::collections::HashSet;

use super::{
    cut::{Scan, lead},
    model::{Column, Delimiter, Encoding, Kind},
    table::{cells, decoded, is_ours},
    zendesk::Exported,
};

/// Bytes of a table's first line at most.
const LONGEST: usize = 64 << 10;
const MOST_COLUMNS: usize = 200;
/// Records that say which columns Zendesk's tickets have.
const LOOKED_AT: usize = 50;
const SAMPLE: usize = 100;

/// The head of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub encoding: Encoding,
    pub delimiter: Delimiter,
    pub columns: Vec<Column>,
    /// The byte and the line with which its records begin.
    pub begins: (i64, i64),
}

/// What somebody says of a file before it is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    pub encoding: Option<Encoding>,
    pub delimiter: Option<Delimiter>,
}

/// Reads the head of a file from its first part, which may be all of it.
pub(super) fn read(kind: Kind, bytes: &[u8], said: Said) -> Result<Head, &'static str> {
    if is_packed(bytes) {
        return Err("not_text");
    }
    // UTF-16 has a mark of its own, and a NUL in each letter of ours.
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.iter().take(LONGEST).any(|byte| *byte == 0) {
        return Err("encoding");
    }
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let encoding = said.encoding.unwrap_or_else(|| guess(bytes));
    match kind {
        Kind::Csv => table(&bytes[mark..], (mark, encoding), said.delimiter),
        Kind::Zendesk => objects(&bytes[mark..], mark),
    }
}

/// Archives and other files that begin with a sign of their own.
fn is_packed(bytes: &[u8]) -> bool {
    [&b"PK\x03\x04"[..], b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"%PDF", b"\xd0\xcf\x11\xe0"]
        .iter()
        .any(|sign| bytes.starts_with(sign))
}

/// What is UTF-8, but for a letter that the part cuts through, is that.
fn guess(bytes: &[u8]) -> Encoding {
    match std::str::from_utf8(bytes) {
        Ok(_) => Encoding::Utf8,
        Err(wrong) if wrong.error_len().is_none() => Encoding::Utf8,
        Err(_) => Encoding::Windows1252,
    }
}

fn table(bytes: &[u8], (mark, encoding): (usize, Encoding), said: Option<Delimiter>) -> Result<Head, &'static str> {
    let before = lead(Kind::Csv, bytes);
    let delimiter = said.unwrap_or_else(|| likely(&bytes[before..]));
    let end = before + Scan::new(Kind::Csv, delimiter).feed(&bytes[before..]).filter(|end| *end <= LONGEST).ok_or("no_head")?;
    let text = decoded(&bytes[before..end], encoding).ok_or("encoding")?;
    let names: Vec<String> =
        cells(&text, delimiter, MOST_COLUMNS + 1, false).0.iter().map(|name| name.trim().chars().take(255).collect()).collect();
    if names.is_empty() || names.len() > MOST_COLUMNS || names.iter().all(String::is_empty) {
        return Err("no_head");
    }
    let mut met = HashSet::new();
    if names.iter().any(|name| !name.is_empty() && !met.insert(name)) {
        return Err("duplicate_column");
    }
    let rest = &bytes[end..];
    let first = lead(Kind::Csv, rest);
    if first == rest.len() {
        return Err("no_records");
    }
    let length = Scan::new(Kind::Csv, delimiter).feed(&rest[first..]).unwrap_or(rest.len() - first);
    let name = |(n, name): (usize, &String)| if name.is_empty() { format!("column {}", n + 1) } else { name.clone() };
    let named = |named: (usize, &String)| Column { name: name(named), sample: String::new() };
    let mut columns: Vec<Column> = names.iter().enumerate().map(named).collect();
    let first_line = decoded(&rest[first..first + length], encoding).unwrap_or_default();
    let samples = cells(&first_line, delimiter, names.len(), is_ours(&columns)).0;
    columns.iter_mut().zip(&samples).for_each(|(column, text)| column.sample = sample(text));
    let breaks = bytes[..end].iter().filter(|byte| **byte == b'\n').count();
    let begins = ((mark + end) as i64, 1 + breaks as i64);
    Ok(Head { encoding, delimiter, columns, begins })
}

/// What stands most often in the first line, outside of quotes.
fn likely(bytes: &[u8]) -> Delimiter {
    let mut counts = [0_usize; 4];
    let mut is_quoted = false;
    for byte in bytes.iter().take(LONGEST) {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => break,
            byte if !is_quoted => {
                if let Some(n) = Delimiter::ALL.iter().position(|delimiter| delimiter.byte() == *byte) {
                    counts[n] += 1;
                }
            }
            _ => {}
        }
    }
    // Of equals, the first: `max_by_key` gives the last.
    let most = (0..counts.len()).rev().max_by_key(|n| counts[*n]).unwrap_or(0);
    Delimiter::ALL[most]
}

fn objects(bytes: &[u8], mark: usize) -> Result<Head, &'static str> {
    let first = lead(Kind::Zendesk, bytes);
    match bytes.get(first) {
        None => return Err("no_records"),
        Some(b'{') => {}
        Some(_) => return Err("not_text"),
    }
    let (mut columns, mut at): (Vec<Column>, usize) = (Vec::new(), 0);
    for _ in 0..LOOKED_AT {
        let begins = at + lead(Kind::Zendesk, &bytes[at..]);
        let Some(length) = Scan::new(Kind::Zendesk, Delimiter::Comma).feed(&bytes[begins..]) else { break };
        at = begins + length;
        let Ok(ticket) = Exported::parse(&bytes[begins..at]) else { continue };
        for (name, value) in ticket.columns() {
            let text = value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned);
            match columns.iter().position(|column| column.name == name) {
                Some(n) if columns[n].sample.is_empty() => columns[n].sample = sample(&text),
                None if columns.len() < MOST_COLUMNS => columns.push(Column { name, sample: sample(&text) }),
                Some(_) | None => {}
            }
        }
    }
    Ok(Head { encoding: Encoding::Utf8, delimiter: Delimiter::Comma, columns, begins: (mark as i64, 1) })
}

fn sample(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(SAMPLE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, bytes: &[u8]) -> Result<Head, &'static str> {
        read(kind, bytes, Said::default())
    }

    #[test]
    fn what_cannot_be_read_is_told_why() {
        let long = format!("{},b\n1,2\n", "a".repeat(LONGEST));
        let wide = format!("{}\n1\n", (0..201).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
        for (kind, bytes, why) in [
            (Kind::Csv, &b"PK\x03\x04aaaa"[..], "not_text"),
            (Kind::Zendesk, b"\x1f\x8b\x08aaaa", "not_text"),
            (Kind::Csv, b"\xff\xfea\0,\0", "encoding"),
            (Kind::Csv, b"\xfe\xff\0a\0,", "encoding"),
            (Kind::Csv, b"a\0,\0b\0\n\0", "encoding"),
            (Kind::Csv, b"a,b,a\n1,2,3\n", "duplicate_column"),
            (Kind::Csv, b"a,b\n", "no_records"),
            (Kind::Csv, b"a,b\n\r\n\r\n", "no_records"),
            (Kind::Csv, b"a,b", "no_head"),
            (Kind::Csv, b",,\n1,2,3\n", "no_head"),
            (Kind::Csv, b"\r\n", "no_head"),
            (Kind::Csv, long.as_bytes(), "no_head"),
            (Kind::Csv, wide.as_bytes(), "no_head"),
            (Kind::Zendesk, b"<xml>", "not_text"),
            (Kind::Zendesk, b"[ ]", "no_records"),
        ] {
            assert_eq!(of(kind, bytes), Err(why), "{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(20)]));
        }
    }

    #[test]
    fn a_tables_head_says_encoding_delimiter_columns_and_where_its_records_begin() {
        for (bytes, encoding, delimiter, begins, sample) in [
            (&b"a,b\n1,2\n"[..], Encoding::Utf8, Delimiter::Comma, (4, 2), "1"),
            (b"\xef\xbb\xbfa;b\r\n\r\n\"x;\ny\";2", Encoding::Utf8, Delimiter::Semicolon, (8, 2), "x;\ny"),
            (b"a\tb\ncaf\xe9\t2\n", Encoding::Windows1252, Delimiter::Tab, (4, 2), "café"),
            (b"\n\"a,\"|b\n1|2\n", Encoding::Utf8, Delimiter::Bar, (8, 3), "1"),
            ("a,b\né".as_bytes(), Encoding::Utf8, Delimiter::Comma, (4, 2), "é"),
        ] {
            let head = of(Kind::Csv, bytes).expect("a head");
            assert_eq!((head.encoding, head.delimiter, head.begins), (encoding, delimiter, begins), "{bytes:?}");
            assert_eq!((head.columns.len(), head.columns[0].sample.as_str()), (2, sample), "{bytes:?}");
        }
        assert_eq!(of(Kind::Csv, b"a,b\ncut through \xc3").expect("a head").encoding, Encoding::Utf8);
        let said = Said { encoding: Some(Encoding::Utf8), delimiter: Some(Delimiter::Semicolon) };
        assert_eq!(read(Kind::Csv, b"a,b\nx,y", said).expect("a head").columns.len(), 1);
        assert_eq!(of(Kind::Csv, b"a,,b\n1,2,3").expect("a head").columns[1].name, "column 2");
    }

    #[test]
    fn zendesks_columns_are_those_of_its_first_tickets() {
        let text = "\u{feff}{\"id\":1,\"custom_fields\":[{\"id\":5,\"value\":null}]}\nnonsense\n{\"id\":2,\"type\":\"task\",\"custom_fields\":[{\"id\":5,\"value\":\"x\"}]}\n{\"id\":";
        let head = of(Kind::Zendesk, text.as_bytes()).expect("a head");
        let told: Vec<_> = head.columns.iter().map(|column| (column.name.as_str(), column.sample.as_str())).collect();
        assert_eq!((told, head.begins), (vec![("5", "x"), ("type", "task")], (3, 1)));
    }
}
