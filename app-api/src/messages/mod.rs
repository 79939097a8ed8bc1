//! Messages: what is said in a ticket's thread, to the customer or among colleagues. Written in
//! Markdown; what a browser shows is made here and holds no script, style or foreign form. Who may
//! write and what that does to the ticket is the ticket's rule.

mod markup;
mod model;
mod store;

pub use markup::html;
pub use model::{Body, Brought, Message, NewMessage, SenderType};
use shared::{Error, Result};
pub use store::{
    Unread, add, announce, bring, count, first_answer, hand_over, ids, is_theirs, mark_read, move_to, public, thread, unread, withdraw,
};

/// A text's safe HTML, made off the threads that answer requests: a long message takes its time.
pub async fn rendered(markdown: &str) -> Result<String> {
    let markdown = markdown.to_owned();
    tokio::task::spawn_blocking(move || markup::html(&markdown)).await.map_err(Error::internal)
}
