//! What people are told. By mail, customers: that their request has arrived, what an agent answered, and that it was
//! resolved, with the question how content they are. An address that nobody has proved hears once a day that there is news, and
//! nothing of what it is (E4). Inside the product, members: that a ticket was given to them, that a target is near or missed,
//! that a note names them, and what happens to tickets that they watch. Decided in the reaction to the event, once per event;
//! notes are never in a mail (T-31).

mod inbox;
mod reactions;
mod routes;
mod sparing;
mod store;
mod text;

pub use inbox::{INBOX, inform};
pub use reactions::{QUEUE, react};
pub use routes::routes;
pub use sparing::Spared;
