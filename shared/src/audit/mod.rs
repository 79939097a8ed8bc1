//! The audit trail of one database (AU-1, AU-2). What was done is a row of the act that did it; what
//! was refused is written by the edge after the answer. Rows stand in partitions by months, are
//! sealed in chained batches, and leave by whole months when they have been kept long enough. They
//! are never changed.

mod chain;
mod failures;
mod masked;
mod seal;
pub(crate) mod store;
mod upkeep;
mod verify;

pub use chain::Newest;
pub use failures::{Failure, Failures, Waiting, Write, write_failures};
pub(crate) use failures::{is_recorded, resource};
pub use masked::{difference, masked};
pub use seal::{newest, seal};
pub use upkeep::{Figures, Kept, keep};
pub use verify::{Finding, Report, contains, verify};
