//! A workbook: its lines go to a file without a name on this machine while they come, and from there into the packed file
//! that is sent. No cell is a formula: all of them are texts or times. All of it waits for the disk or for its receiver, so
//! none of it is for threads that answer requests.

use std::io::{ErrorKind, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use shared::{Error, Result, spreadsheet::harmless};
use tokio::runtime::Handle;

use super::{
    cells::Cell,
    out::{Out, PIECE},
};

/// Lines of a sheet, its head included: no program reads more.
const LINES: u32 = 1_048_576;
/// UTF-16 units of a cell: no program reads more.
const LONGEST: usize = 32_767;
/// Bytes of its lines on the disk, at most: whoever has more takes them away as CSV.
const MOST: usize = 1 << 30;
/// Bytes around the text of a cell, at most.
const CELL: usize = 80;

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
    /// What its lines may still take on the disk, in bytes.
    room: usize,
    out: Out,
}

impl Book {
    /// An empty one. Tickets that do not fit on a sheet stand on another one.
    pub fn new(head: Vec<String>, out: Out) -> Result<Self> {
        Self::within(head, (LINES, MOST), out)
    }

    fn within(head: Vec<String>, (lines, room): (u32, usize), out: Out) -> Result<Self> {
        let times = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        let mut book = Self { workbook: Workbook::new(), head, times, sheets: 0, next: 0, lines, room, out };
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

    /// It, with these lines as well. It fails when nobody waits for it any more, or it becomes too large.
    pub fn with(mut self, lines: Vec<Vec<Cell>>) -> Result<Self> {
        self.out.must_go_on()?;
        for cells in lines {
            self.push(cells)?;
        }
        Ok(self)
    }

    fn push(&mut self, cells: Vec<Cell>) -> Result<()> {
        if self.next >= self.lines {
            self.add_sheet()?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1).map_err(Error::internal)?;
        for (column, cell) in cells.into_iter().enumerate() {
            let place = (self.next, column as u16);
            let time = if let Cell::Time(at) = &cell { ExcelDateTime::from_timestamp(at.timestamp()).ok() } else { None };
            let text = cut(&harmless(&cell.into_text()));
            if text.is_empty() {
                continue;
            }
            self.room = self.room.checked_sub(weight(&text)).ok_or(Error::Unavailable("room for a larger workbook"))?;
            match time {
                Some(time) => sheet.write_datetime_with_format(place.0, place.1, &time, &self.times).map(drop),
                None => sheet.write_string(place.0, place.1, text).map(drop),
            }
            .map_err(Error::internal)?;
        }
        self.next += 1;
        Ok(())
    }

    /// Packs it and hands it over.
    pub fn send(mut self) -> Result<()> {
        let mut outlet = Outlet { out: self.out, ready: Vec::new(), refused: None };
        let saved = self.workbook.save_to_writer(&mut outlet).map_err(Error::internal);
        if let Some(error) = outlet.refused {
            return Err(error);
        }
        saved?;
        Handle::current().block_on(async move {
            outlet.out.give(outlet.ready).await?;
            outlet.out.end().await
        })
    }
}

/// What a text takes on the disk, at most: what is markup there is written in up to seven bytes.
fn weight(text: &str) -> usize {
    let is_markup = |c: &char| c.is_ascii_control() || ['&', '<', '>', '_', '\u{fffe}', '\u{ffff}'].contains(c);
    CELL + text.len() + 6 * text.chars().filter(is_markup).count()
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
    out: Out,
    /// What was packed and not handed over yet.
    ready: Vec<u8>,
    /// Why nothing more is taken.
    refused: Option<Error>,
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // Whoever packs tries once more to end the file properly.
        if self.refused.is_some() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        self.ready.extend_from_slice(bytes);
        if self.ready.len() >= PIECE {
            let given = Handle::current().block_on(self.out.give(std::mem::take(&mut self.ready)));
            self.refused = given.err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
