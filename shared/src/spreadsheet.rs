//! Tables that people open in a spreadsheet: lines by RFC 4180, and cells that no program takes for a formula.
//!
//! A spreadsheet that speaks French divides a line at semicolons. It sees no quotes but those behind a semicolon or at the
//! beginning of a line, so to it each comma, quote, semicolon, tab and line break within a cell may begin another cell, and
//! quotes alone protect nothing: what follows is marked as well (I18).

use std::borrow::Cow;

use crate::{Error, Result};

/// What makes a spreadsheet take a cell for a formula, in wide letters too, which some of them read as the narrow ones.
const FORMULA: [char; 9] = ['=', '+', '-', '@', '\0', '＝', '＋', '－', '＠'];
/// What is passed over by some of them where a cell begins.
const SPACE: [char; 3] = ['\t', '\r', '\n'];
/// What divides cells, for one program or another.
const DIVIDERS: [char; 5] = [',', ';', '\t', '\r', '\n'];

/// Written before a table in UTF-8, so that spreadsheets know it for that.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// Where a letter stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the beginning of the cell.
    Start,
    /// Where a program that divides the line elsewhere may begin a cell.
    Divided,
    Within,
}

impl Place {
    fn begins_formula(self, letter: char) -> bool {
        (self != Self::Within && FORMULA.contains(&letter)) || (self == Self::Start && SPACE.contains(&letter))
    }

    /// Where the next letter stands. An apostrophe leaves it where it was, so that what is marked is found again.
    fn behind(self, letter: char) -> Self {
        match (self, letter) {
            (_, divider) if DIVIDERS.contains(&divider) => Self::Divided,
            (Self::Start, '\'') => Self::Start,
            (Self::Start | Self::Divided, '\'' | '"') => Self::Divided,
            _ => Self::Within,
        }
    }
}

/// The cell anew, with something done before each letter that might begin a formula.
fn marked(cell: &str, mark: impl Fn(&mut String)) -> String {
    let (mut place, mut marked) = (Place::Start, String::with_capacity(cell.len()));
    for letter in cell.chars() {
        if place.begins_formula(letter) {
            mark(&mut marked);
        }
        marked.push(letter);
        place = place.behind(letter);
    }
    marked
}

/// A cell of a workbook that a spreadsheet does not run when it is written elsewhere, whoever wrote it: what might be a formula
/// stands behind an apostrophe.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(|letter: char| Place::Start.begins_formula(letter)) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The same for a cell of a table in text, whatever divides the cells for those who read it.
fn harmless_in_text(cell: &str) -> String {
    marked(cell, |marked| marked.push('\''))
}

/// A cell of a table that somebody else wrote, without the apostrophe before its beginning that keeps it from being a formula. What
/// stands behind a divider within it is theirs.
pub fn as_begun(cell: &str) -> &str {
    let is_mark = |rest: &&str| rest.trim_start_matches('\'').starts_with(|letter: char| Place::Start.begins_formula(letter));
    cell.strip_prefix('\'').filter(is_mark).unwrap_or(cell)
}

/// A cell of a table as it was before [`push_line`].
pub fn as_written(cell: &str) -> String {
    let unmark = |written: &mut String| {
        if written.ends_with('\'') {
            written.pop();
        }
    };
    marked(cell, unmark)
}

/// Adds a line of harmless cells to a table. All of them stand in quotes: programs that divide at commas, semicolons and tabs
/// alike keep them whole.
pub fn push_line<'a>(table: &mut Vec<u8>, cells: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).terminator(csv::Terminator::CRLF).from_writer(table);
    for cell in cells {
        writer.write_field(harmless_in_text(cell).as_bytes()).map_err(Error::internal)?;
    }
    writer.write_record(None::<&[u8]>).map_err(Error::internal)?;
    writer.flush().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_cell_begins_a_formula_wherever_it_is_divided_and_each_is_read_back() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\n=1", "'\n'=1"),
            ("\0=1", "'\0=1"),
            ("＝1", "'＝1"),
            ("x;=1+1", "x;'=1+1"),
            ("x;\"=1+1", "x;\"'=1+1"),
            ("x,\"=1+1\"", "x,\"'=1+1\""),
            ("x\t@SUM(A1)", "x\t'@SUM(A1)"),
            ("x\r\n-1", "x\r\n'-1"),
            ("'=1", "''=1"),
            ("x;'=1", "x;''=1"),
            ("\"'=1", "\"''=1"),
            ("a=1", "a=1"),
            ("a - b; 5 + 7\n\nc, -1", "a - b; 5 + 7\n\nc, -1"),
            ("'quoted'", "'quoted'"),
            ("", ""),
        ] {
            assert_eq!((harmless_in_text(cell), as_written(written)), (written.to_owned(), cell.to_owned()));
        }
        assert_eq!((harmless("\n=1").as_ref(), harmless("x;=1").as_ref()), ("'\n=1", "x;=1"));
    }

    #[test]
    fn of_a_table_that_somebody_else_wrote_only_what_marks_a_cells_beginning_is_taken_away() {
        for (cell, begun) in [
            ("'=1+1", "=1+1"),
            ("''=1", "'=1"),
            ("'\t=1", "\t=1"),
            ("'＝1", "＝1"),
            ("Use\n'--force'", "Use\n'--force'"),
            ("x;'=1", "x;'=1"),
            ("'quoted', '-1'", "'quoted', '-1'"),
            ("=1", "=1"),
            ("'", "'"),
            ("", ""),
        ] {
            assert_eq!(as_begun(cell), begun, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back_and_divided_anywhere_begins_no_formula(cell in "[=+@',;\"\t\r\nax＝\\-]{0,12}") {
            let written = harmless_in_text(&cell);
            prop_assert_eq!(as_written(&written), cell);
            for part in written.split(DIVIDERS) {
                prop_assert!(!part.trim_start_matches('"').starts_with(FORMULA), "{:?}", written);
            }
        }
    }

    #[test]
    fn a_line_keeps_quotes_dividers_and_breaks_within_its_cells() {
        let mut table = Vec::new();
        push_line(&mut table, ["a", "b,\"c\"", "d\ne;f\tg", ""]).expect("written");
        push_line(&mut table, [",=1", "é"]).expect("written");
        let expected = "\"a\",\"b,\"\"c\"\"\",\"d\ne;f\tg\",\"\"\r\n\",'=1\",\"é\"\r\n";
        assert_eq!(String::from_utf8(table).expect("text"), expected);
    }
}
