//! What somebody was writing into the store who was killed.

use std::time::Duration;

use axum::body::Bytes;
use control_api::backups;
use futures::{StreamExt, stream};

use super::world::Stored;

/// Writes so much that the store has parts of it, and is gone in the middle.
pub async fn cut(stored: &Stored, key: &str) {
    let some = (0..20).map(|_| Ok(Bytes::from(vec![7; 1 << 20])));
    let endless = stream::iter(some).chain(stream::pending());
    let writing = stored.app().outside.storage.put(key, endless);
    assert!(tokio::time::timeout(Duration::from_secs(5), writing).await.is_err(), "it has no end");
}

#[tokio::test]
async fn what_was_being_written_goes_with_the_folder_and_nothing_elses_does() {
    let stored = Stored::empty().await;
    let (ours, theirs) = ("backups/x/1/", "backups/x/2/");
    tokio::join!(cut(&stored, "backups/x/1/y/dump"), cut(&stored, "backups/x/2/y/dump"));
    let storage = &stored.app().outside.storage;
    assert_eq!(stored.keys("backups/x/").await, Vec::<String>::new(), "no list of objects shows it");
    backups::clear(storage, ours).await.expect("cleared");
    let left = (storage.abort_uploads(ours).await.expect("asked"), storage.abort_uploads(theirs).await.expect("asked"));
    assert_eq!(left, (0, 1));
    stored.clean().await;
}
