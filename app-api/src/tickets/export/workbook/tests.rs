use std::{io::Cursor, time::Duration};

use axum::body::Bytes;
use calamine::{Data, Reader, Xlsx};
use futures::{Stream, StreamExt};
use uuid::Uuid;

use super::{super::turns::Turns, *};

fn texts(cells: &[&str]) -> Vec<Cell> {
    cells.iter().map(|cell| Cell::Text((*cell).to_owned())).collect()
}

/// A book with one column, and what its receiver gets.
fn book(bounds: (u32, usize)) -> (Book, impl Stream<Item = Result<Bytes>> + Send) {
    let (out, file) = Out::new(Turns::default().take(Uuid::now_v7()).expect("a turn"));
    (Book::within(vec!["name".into()], bounds, out).expect("a book"), file)
}

/// A book's sheets as another program reads them.
async fn read(book: Book, file: impl Stream<Item = Result<Bytes>>) -> Vec<Vec<Vec<Data>>> {
    let sending = tokio::task::spawn_blocking(move || book.send());
    let bytes = file.map(|piece| piece.expect("a piece")).collect::<Vec<_>>().await.concat();
    sending.await.expect("it ends").expect("it is sent");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    book.worksheets().into_iter().map(|(_, sheet)| sheet.rows().map(<[Data]>::to_vec).collect()).collect()
}

#[tokio::test]
async fn what_does_not_fit_on_a_sheet_stands_on_the_next_one() {
    let (book, file) = book((3, MOST));
    let book = book.with((0..5).map(|n| texts(&[&format!("ticket {n}")])).collect()).expect("written");
    let text = |text: &str| vec![Data::String(text.into())];
    let expected = [vec!["name", "ticket 0", "ticket 1"], vec!["name", "ticket 2", "ticket 3"], vec!["name", "ticket 4"]];
    assert_eq!(read(book, file).await, expected.map(|sheet| sheet.into_iter().map(text).collect::<Vec<_>>()));
}

#[tokio::test]
async fn nobody_who_listens_ends_the_writing() {
    let (book, file) = book((LINES, MOST));
    let book = book.with(vec![texts(&["x"])]).expect("written");
    drop(file);
    let sent = tokio::task::spawn_blocking(move || book.send()).await.expect("it ends");
    assert!(sent.is_err());
}

#[tokio::test]
async fn whoever_does_not_read_a_book_keeps_its_thread_and_turn_no_longer_than_their_patience() {
    let (turns, tenant) = (Turns::with_patience(Duration::from_millis(200)), Uuid::now_v7());
    let _other = turns.take(tenant).expect("a turn");
    let (out, file) = Out::new(turns.take(tenant).expect("a turn"));
    let lines = (0..20_000).map(|_| texts(&[&Uuid::new_v4().to_string()])).collect();
    let book = Book::new(vec!["name".into()], out).and_then(|book| book.with(lines)).expect("a book");
    let sending = tokio::task::spawn_blocking(move || book.send());
    assert!(turns.take(tenant).is_err(), "it is being sent");
    let sent = tokio::time::timeout(Duration::from_secs(20), sending).await.expect("it ends").expect("it ends");
    assert!(matches!(sent, Err(Error::Unavailable("a receiver who reads on"))));
    assert!(turns.take(tenant).is_ok());
    assert_eq!(file.map(|piece| piece.is_ok()).collect::<Vec<_>>().await, [true, false], "a part, and that it is one");
}

#[tokio::test]
async fn a_book_that_becomes_too_large_is_broken_off() {
    let (book, file) = book((LINES, 20 * weight("x")));
    let book = book.with(vec![texts(&["x"]); 20]).expect("as many as there is room for");
    assert!(matches!(book.with(vec![texts(&["", "x"])]).err(), Some(Error::Unavailable("room for a larger workbook"))));
    assert_eq!(file.map(|piece| piece.is_ok()).collect::<Vec<_>>().await, [false]);
}

#[test]
fn a_text_that_is_too_long_for_a_cell_is_cut_between_two_letters() {
    assert_eq!(cut("short"), "short");
    let long = cut(&"𝕏".repeat(20_000));
    assert!(long.encode_utf16().count() <= LONGEST && long.ends_with("𝕏…"));
    assert_eq!(cut(&"x".repeat(LONGEST)).len(), LONGEST);
}
