//! Orders, which another service keeps: what it is asked, what it answers, and what a ticket knows of its order.
//!
//! A question names tenant, order and customer. An order that is another tenant's or another customer's is for us as one
//! that does not exist, whatever the service answers: nobody learns from a ticket which orders there are. A service that
//! does not answer within its time keeps nobody waiting longer, and one that was silent five times in a row is left alone for
//! half a minute. What it says of one order and nobody can read, or that it cannot say it, concerns that order alone. The formats
//! are in `docs/orders.md`.

mod ask;
mod known;
mod model;

pub use ask::Orders;
pub use known::{Details, Known, Source, Step, Validation, learn};
pub use model::{Asked, Finding, Order, Payment, State, told};
use shared::broker::Queue;

/// What happens to orders, as their service tells it.
pub const ORDERS: Queue = Queue { name: "app.orders", exchange: "orders_exchange", topics: &["orders.order.*"] };
