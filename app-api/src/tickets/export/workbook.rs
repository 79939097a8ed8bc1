//! A workbook: its lines go to a file without a name on this machine while they come, and from there into the packed file
//! that is sent. No cell is a formula: all of them are texts or times.

use std::io::{BufWriter, Write};

use axum::body::Bytes;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use shared::{Error, Result, spreadsheet::harmless};
use tokio::sync::mpsc;

use super::cells::Cell;

/// Lines of a sheet, its head included: no program reads more.
const LINES: u32 = 1_048_576;
/// UTF-16 units of a cell: no program reads more.
const LONGEST: usize = 32_767;
/// What is sent of the packed file at a time.
const PIECE: usize = 1 << 16;

/// A workbook that is being written.
pub(super) struct Book {
    workbook: Workbook,
    head: Vec<String>,
    times: Format,
    sheets: usize,
    /// Where the next line of the last sheet comes.
    next: u32,
    /// Lines of a sheet.
    lines: u32,
}

impl Book {
    /// An empty one. Tickets that do not fit on a sheet stand on another one.
    pub fn new(head: Vec<String>) -> Result<Self> {
        Self::with_lines(head, LINES)
    }

    fn with_lines(head: Vec<String>, lines: u32) -> Result<Self> {
        let times = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        let mut book = Self { workbook: Workbook::new(), head, times, sheets: 0, next: 0, lines };
        book.add_sheet()?;
        Ok(book)
    }

    fn add_sheet(&mut self) -> Result<()> {
        let bold = Format::new().set_bold();
        let sheet = self.workbook.add_worksheet_with_constant_memory().map_err(Error::internal)?;
        sheet.set_freeze_panes(1, 0).map_err(Error::internal)?;
        for (column, name) in self.head.iter().enumerate() {
            sheet.write_string_with_format(0, column as u16, name, &bold).map_err(Error::internal)?;
        }
        self.sheets += 1;
        self.next = 1;
        Ok(())
    }

    /// Adds a line.
    pub fn push(&mut self, cells: Vec<Cell>) -> Result<()> {
        if self.next >= self.lines {
            self.add_sheet()?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1).map_err(Error::internal)?;
        for (column, cell) in cells.into_iter().enumerate() {
            let place = (self.next, column as u16);
            let time = if let Cell::Time(at) = &cell { ExcelDateTime::from_timestamp(at.timestamp()).ok() } else { None };
            match (time, cell.into_text()) {
                (Some(time), _) => sheet.write_datetime_with_format(place.0, place.1, &time, &self.times).map(drop),
                (None, text) if text.is_empty() => Ok(()),
                (None, text) => sheet.write_string(place.0, place.1, cut(&harmless(&text))).map(drop),
            }
            .map_err(Error::internal)?;
        }
        self.next += 1;
        Ok(())
    }

    /// Packs and sends it; it takes its time, so this is not for threads that answer requests. False when nobody listens any more.
    pub fn send(mut self, out: mpsc::Sender<Result<Bytes>>) -> Result<bool> {
        let mut outlet = Outlet { out, is_gone: false };
        let mut buffered = BufWriter::with_capacity(PIECE, &mut outlet);
        let saved =
            self.workbook.save_to_writer(&mut buffered).map_err(Error::internal).and_then(|()| buffered.flush().map_err(Error::internal));
        drop(buffered);
        if outlet.is_gone { Ok(false) } else { saved.map(|()| true) }
    }
}

/// A text as a cell takes it: one that is too long ends with an ellipsis.
fn cut(text: &str) -> String {
    if text.encode_utf16().count() <= LONGEST {
        return text.to_owned();
    }
    let mut left = LONGEST - 1;
    let mut kept: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    kept.push('…');
    kept
}

/// Whoever reads the file.
struct Outlet {
    out: mpsc::Sender<Result<Bytes>>,
    is_gone: bool,
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.out.blocking_send(Ok(Bytes::copy_from_slice(bytes))).is_err() {
            self.is_gone = true;
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packed file of a book.
    async fn packed(book: Book) -> Vec<u8> {
        let (out, mut file) = mpsc::channel(1);
        let sending = tokio::task::spawn_blocking(move || book.send(out));
        let mut bytes = Vec::new();
        while let Some(piece) = file.recv().await {
            bytes.extend(piece.expect("a piece"));
        }
        assert!(sending.await.expect("sent").expect("packed"));
        bytes
    }

    #[tokio::test]
    async fn what_does_not_fit_on_a_sheet_stands_on_the_next_one() {
        let mut book = Book::with_lines(vec!["name".into()], 3).expect("a book");
        for n in 0..5 {
            book.push(vec![Cell::Text(format!("ticket {n}"))]).expect("written");
        }
        assert_eq!((book.sheets, book.next), (3, 2));
        assert!(packed(book).await.starts_with(b"PK"));
    }

    #[tokio::test]
    async fn nobody_who_listens_ends_the_writing() {
        let mut book = Book::new(vec!["name".into()]).expect("a book");
        book.push(vec![Cell::Text("x".into())]).expect("written");
        let (out, file) = mpsc::channel(1);
        drop(file);
        let sent = tokio::task::spawn_blocking(move || book.send(out)).await.expect("it ends");
        assert!(!sent.expect("no fault of ours"));
    }

    #[test]
    fn a_text_that_is_too_long_for_a_cell_is_cut_between_two_letters() {
        assert_eq!(cut("short"), "short");
        let long = cut(&"𝕏".repeat(20_000));
        assert!(long.encode_utf16().count() <= LONGEST && long.ends_with("𝕏…"));
        assert_eq!(cut(&"x".repeat(LONGEST)).len(), LONGEST);
    }
}
