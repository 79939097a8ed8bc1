//! Live updates: a stream for each person, filtered exactly like the API (E-6). It carries hints, no
//! content: what has changed is fetched again with the reader's own rights. A stream resumes after
//! any break without a gap, because the events themselves are read, not a side channel: one reader
//! per tenant with listeners, woken by announcements; it looks by itself now and then, and often
//! while announcements do not come through. Who is at a ticket just now is no event: that comes through Redis, unnumbered, and
//! is nobody's loss when it does not.

mod hub;
mod model;
mod pace;
mod presence;
mod reader;
mod routes;
mod store;

pub use hub::Hubs;
pub use presence::hear;
pub use routes::routes;
