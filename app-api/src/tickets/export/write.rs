//! Writing the file, page by page, into the hands of whoever asked for it.

use shared::{
    Error, Result,
    spreadsheet::{BOM, push_line},
};

use super::{
    super::model::Ticket,
    ask::Format,
    cells::{Cell, head, line},
    out::Out,
    walk::Walk,
    workbook::Book,
};

/// Where the walk begins: its first page, and where the others come from.
type Pages = (Vec<Ticket>, Walk);

/// Writes a file to its end. What cannot be read, written or handed over on the way breaks it off.
pub(super) async fn write(format: Format, keys: &[String], pages: Pages, out: Out) {
    let written = match format {
        Format::Csv => csv(keys, pages, out).await,
        Format::Json => json(pages, out).await,
        Format::Xlsx => xlsx(keys, pages, out).await,
    };
    if let Err(error) = written {
        tracing::warn!(%error, "an export was broken off");
    }
}

/// What is written is not held any more as tickets while it is handed over, however long that takes.
async fn csv(keys: &[String], (mut page, mut walk): Pages, out: Out) -> Result<()> {
    let mut lines = BOM.to_vec();
    push_line(&mut lines, head(keys).iter().map(String::as_str))?;
    loop {
        let is_over = page.is_empty();
        for ticket in page {
            let cells: Vec<String> = line(&ticket, keys).into_iter().map(Cell::into_text).collect();
            push_line(&mut lines, cells.iter().map(String::as_str))?;
        }
        out.give(std::mem::take(&mut lines)).await?;
        if is_over {
            return out.end().await;
        }
        page = walk.next().await?;
    }
}

async fn json((mut page, mut walk): Pages, out: Out) -> Result<()> {
    let (mut items, mut is_first) = (b"[".to_vec(), true);
    loop {
        let is_over = page.is_empty();
        for ticket in page {
            items.extend_from_slice(if is_first { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut items, &ticket)?;
            is_first = false;
        }
        if is_over {
            items.extend_from_slice(b"\n]\n");
        }
        out.give(std::mem::take(&mut items)).await?;
        if is_over {
            return out.end().await;
        }
        page = walk.next().await?;
    }
}

/// Its lines are all written before anything of it is packed: a workbook begins with what is known at its end.
async fn xlsx(keys: &[String], (mut page, mut walk): Pages, out: Out) -> Result<()> {
    let head = head(keys);
    let mut book = aside(move || Book::new(head, out)).await?;
    while !page.is_empty() {
        let lines: Vec<_> = page.into_iter().map(|ticket| line(&ticket, keys)).collect();
        book = aside(move || book.with(lines)).await?;
        page = walk.next().await?;
    }
    aside(move || book.send()).await
}

/// What waits for the disk or for a receiver is not for threads that answer requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
