//! Mails to customers: that their request has arrived, and what an agent answered. Decided in the
//! reaction to the event, once per event; notes are never in one (T-31).

mod reactions;
mod text;

pub use reactions::{QUEUE, react};
