//! Tables that people open in a spreadsheet: lines by RFC 4180, and cells that no program takes for a formula.

use std::borrow::Cow;

use crate::{Error, Result};

/// What makes a spreadsheet take a cell for a formula, in wide letters too, which some of them read as the narrow ones.
const FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// Written before a table in UTF-8, so that spreadsheets know it for that.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// A cell that a spreadsheet does not run, whoever wrote it: what might be a formula stands behind an apostrophe.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell as it was before [`harmless`].
pub fn as_written(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell)
}

/// Adds a line of harmless cells to a table.
pub fn push_line<'a>(table: &mut Vec<u8>, cells: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(table);
    for cell in cells {
        writer.write_field(harmless(cell).as_bytes()).map_err(Error::internal)?;
    }
    writer.write_record(None::<&[u8]>).map_err(Error::internal)?;
    writer.flush().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_and_each_is_read_back() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("\0=1", "'\0=1"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
            ("'quoted'", "'quoted'"),
            ("", ""),
        ] {
            assert_eq!((harmless(cell).as_ref(), as_written(written)), (written, cell));
        }
    }

    #[test]
    fn a_line_keeps_quotes_commas_and_breaks_within_its_cells() {
        let mut table = Vec::new();
        push_line(&mut table, ["a", "b,\"c\"", "d\ne", ""]).expect("written");
        push_line(&mut table, [",=1", "é"]).expect("written");
        assert_eq!(String::from_utf8(table).expect("text"), "a,\"b,\"\"c\"\"\",\"d\ne\",\r\n\",=1\",é\r\n");
    }
}
