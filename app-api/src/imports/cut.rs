//! Where a record ends. A file is cut into records as its bytes come, whatever its parts hold; only then is each record read.
//! What never ends is cut off at a bound, and skipped to where it would have ended. Pure.

use super::model::{Delimiter, Kind};

/// Looks for the end of one record after the other, a piece at a time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scan {
    /// Of a table: its delimiter, and where in a line it is.
    Table(u8, Place),
    /// Of objects, one after the other: how deep in one it is.
    Objects(Depth),
}

/// Where in a line of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before a cell.
    Before,
    /// In one without quotes.
    Bare,
    /// In one in quotes.
    Quoted,
    /// Behind a quote that ends its cell, or is the first half of one that stands in it.
    AfterQuote,
}

/// Where in a sequence of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Between two.
    Between,
    /// In one: braces and brackets that are open, whether in a text, and whether behind a backslash there.
    Within(usize, bool, bool),
    /// In something else, until its line ends.
    Nonsense,
}

impl Scan {
    /// From the beginning of a record.
    pub fn new(kind: Kind, delimiter: Delimiter) -> Self {
        match kind {
            Kind::Csv => Self::Table(delimiter.byte(), Place::Before),
            Kind::Zendesk => Self::Objects(Depth::Between),
        }
    }

    /// How many of these bytes still belong to the record, if it ends in them. The next piece begins behind them.
    pub fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        for (n, byte) in bytes.iter().enumerate() {
            let ends = match self {
                Self::Table(delimiter, place) => step_in_line(*delimiter, place, *byte),
                Self::Objects(depth) => step_in_objects(depth, *byte),
            };
            if ends {
                return Some(n + 1);
            }
        }
        None
    }
}

fn step_in_line(delimiter: u8, place: &mut Place, byte: u8) -> bool {
    *place = match (*place, byte) {
        (Place::Before, b'"') | (Place::AfterQuote, b'"') => Place::Quoted,
        (Place::Quoted, b'"') => Place::AfterQuote,
        (Place::Quoted, _) => Place::Quoted,
        (_, b'\n') => {
            *place = Place::Before;
            return true;
        }
        (_, byte) if byte == delimiter => Place::Before,
        (Place::Before | Place::Bare | Place::AfterQuote, _) => Place::Bare,
    };
    false
}

/// Blanks, commas and the brackets of a list may stand between two objects: so a list of them is read like lines of them.
fn step_in_objects(depth: &mut Depth, byte: u8) -> bool {
    let (next, ends) = match (*depth, byte) {
        (Depth::Between, b'{') => (Depth::Within(1, false, false), false),
        (Depth::Between, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']') => (Depth::Between, false),
        (Depth::Nonsense, b'\n') => (Depth::Between, true),
        (Depth::Between | Depth::Nonsense, _) => (Depth::Nonsense, false),
        (Depth::Within(open, true, true), _) => (Depth::Within(open, true, false), false),
        (Depth::Within(open, true, false), b'\\') => (Depth::Within(open, true, true), false),
        (Depth::Within(open, in_text, _), b'"') => (Depth::Within(open, !in_text, false), false),
        (Depth::Within(open, false, _), b'{' | b'[') => (Depth::Within(open + 1, false, false), false),
        (Depth::Within(1, false, _), b'}' | b']') => (Depth::Between, true),
        (Depth::Within(open, false, _), b'}' | b']') => (Depth::Within(open - 1, false, false), false),
        (within @ Depth::Within(..), _) => (within, false),
    };
    *depth = next;
    ends
}

/// What stands before a record without belonging to it: line breaks, and what stands between objects. How many bytes.
pub(super) fn lead(kind: Kind, bytes: &[u8]) -> usize {
    let belongs = |byte: &u8| match kind {
        Kind::Csv => !matches!(byte, b'\r' | b'\n'),
        Kind::Zendesk => !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']'),
    };
    bytes.iter().position(belongs).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The records of a file that comes in pieces of that length.
    fn cut(kind: Kind, text: &str, piece: usize) -> Vec<String> {
        let (mut scan, mut records, mut record) = (Scan::new(kind, Delimiter::Comma), Vec::new(), Vec::new());
        for bytes in text.as_bytes().chunks(piece) {
            let mut left = bytes;
            while let Some(end) = scan.feed(left) {
                record.extend_from_slice(&left[..end]);
                records.push(String::from_utf8(std::mem::take(&mut record)).expect("text"));
                left = &left[end..];
            }
            record.extend_from_slice(left);
        }
        if !record.is_empty() {
            records.push(String::from_utf8(record).expect("text"));
        }
        records
    }

    #[test]
    fn a_line_of_a_table_ends_outside_of_quotes_however_the_file_comes() {
        let table = "a,b\r\n\"one\ntwo\",\"he said \"\"no\"\"\"\r\nx\"y,z\n\n\"open, to\nthe end";
        let records = ["a,b\r\n", "\"one\ntwo\",\"he said \"\"no\"\"\"\r\n", "x\"y,z\n", "\n", "\"open, to\nthe end"];
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(cut(Kind::Csv, table, piece), records, "{piece}");
        }
    }

    #[test]
    fn objects_are_cut_by_their_braces_be_they_lines_or_a_list_and_nonsense_by_its_line() {
        for (text, records) in [
            ("{\"a\":1}\n{\"a\":2}\n", vec!["{\"a\":1}", "\n{\"a\":2}", "\n"]),
            ("[{\"a\":\"}\\\"\"},\n {\"b\":[{}]}]", vec!["[{\"a\":\"}\\\"\"}", ",\n {\"b\":[{}]}", "]"]),
            ("nonsense {\n{\"a\":1}", vec!["nonsense {\n", "{\"a\":1}"]),
            ("{\"a\":{\"b\"", vec!["{\"a\":{\"b\""]),
        ] {
            for piece in [1, 2, 5, 1000] {
                assert_eq!(cut(Kind::Zendesk, text, piece), records, "{text} {piece}");
            }
        }
    }

    #[test]
    fn what_stands_before_a_record_is_passed_over() {
        assert_eq!(lead(Kind::Csv, b"\r\n\r\n a,b"), 4);
        assert_eq!(lead(Kind::Zendesk, b"\n, [ {"), 5);
        assert_eq!(lead(Kind::Zendesk, b"]\n"), 2);
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_and_pieces_change_nothing(text in "[a-c\",;{}\\[\\]\\\\\r\n ]{0,60}", piece in 1usize..9) {
            for kind in [Kind::Csv, Kind::Zendesk] {
                let whole = cut(kind, &text, 1000);
                prop_assert_eq!(whole.concat(), text.clone());
                prop_assert_eq!(cut(kind, &text, piece), whole);
            }
        }
    }
}
