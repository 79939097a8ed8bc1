//! Writing the file, page by page, into the hands of whoever asked for it.

use std::time::Duration;

use axum::body::Bytes;
use shared::{
    Error, Result,
    spreadsheet::{BOM, push_line},
};
use tokio::sync::mpsc::Sender;

use super::{
    super::model::Ticket,
    ask::Format,
    cells::{Cell, head, line},
    walk::Walk,
    workbook::Book,
};

/// So long one page may wait for a receiver who does not read on: whoever is slower gives their turn to others.
const PATIENCE: Duration = Duration::from_secs(30);
/// So long a whole file may take.
const LONGEST: Duration = Duration::from_secs(900);

type Out = Sender<Result<Bytes>>;

/// Where the walk begins: its first page, and where the others come from.
type Pages = (Vec<Ticket>, Walk);

/// The receiver has gone, or does not read.
struct Gone;

/// Writes a file to its end. What cannot be read or written on the way breaks it off.
pub(super) async fn write(format: Format, keys: &[String], pages: Pages, out: Out) {
    let writing = async {
        match format {
            Format::Csv => csv(keys, pages, &out).await,
            Format::Json => json(pages, &out).await,
            Format::Xlsx => xlsx(keys, pages, &out).await,
        }
    };
    let written = tokio::time::timeout(LONGEST, writing).await.unwrap_or(Err(Error::Unavailable("time for a file")));
    if let Err(error) = written {
        tracing::warn!(%error, "an export was broken off");
        // Whoever has gone does not hear it.
        let _ = out.send_timeout(Err(error), PATIENCE).await;
    }
}

async fn give(out: &Out, piece: Vec<u8>) -> Result<(), Gone> {
    out.send_timeout(Ok(Bytes::from(piece)), PATIENCE).await.map_err(|_| Gone)
}

async fn csv(keys: &[String], (mut page, mut walk): Pages, out: &Out) -> Result<()> {
    let mut piece = BOM.to_vec();
    push_line(&mut piece, head(keys).iter().map(String::as_str))?;
    loop {
        for ticket in &page {
            let cells: Vec<String> = line(ticket, keys).into_iter().map(Cell::into_text).collect();
            push_line(&mut piece, cells.iter().map(String::as_str))?;
        }
        if give(out, std::mem::take(&mut piece)).await.is_err() || page.is_empty() {
            return Ok(());
        }
        page = walk.next().await?;
    }
}

async fn json((mut page, mut walk): Pages, out: &Out) -> Result<()> {
    let (mut piece, mut is_first) = (b"[".to_vec(), true);
    loop {
        for ticket in &page {
            piece.extend_from_slice(if is_first { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut piece, ticket)?;
            is_first = false;
        }
        if page.is_empty() {
            piece.extend_from_slice(b"\n]\n");
        }
        if give(out, std::mem::take(&mut piece)).await.is_err() || page.is_empty() {
            return Ok(());
        }
        page = walk.next().await?;
    }
}

/// Its lines are all written before anything of it is packed: a workbook begins with what is known at its end.
async fn xlsx(keys: &[String], (mut page, mut walk): Pages, out: &Out) -> Result<()> {
    let mut book = Book::new(head(keys))?;
    while !page.is_empty() && !out.is_closed() {
        for ticket in &page {
            book.push(line(ticket, keys))?;
        }
        page = walk.next().await?;
    }
    let out = out.clone();
    tokio::task::spawn_blocking(move || book.send(out)).await.map_err(Error::internal)?.map(drop)
}
