//! What orders mean to tickets (T-51 to T-53).
//!
//! A ticket that names an order is opened when that order is there for its customer, and with what it is like. Where the
//! orders service does not answer, the ticket is opened all the same and says so; it is asked for later. What happens to
//! an order is told to its open tickets. Each open ticket is compared with its order ten minutes after it was opened, and
//! then once a day. A closed ticket learns nothing any more.

mod apply;
mod follow;
mod open;
mod reconcile;

pub use follow::follow;
pub(super) use open::{Found, asked, begin, must_exist};
pub use reconcile::{next_comparison, reconcile};
