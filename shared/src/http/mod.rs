//! The edge that both planes share: ids, limits, logs, metrics and problems around every route.

mod edge;
mod json;
pub mod problem;
mod serve;

pub use edge::{Client, Edge, HttpMetrics, layered};
pub use json::{Accepted, Created, Json, NoContent, Path, Query, parse};
pub use serve::{serve, serve_metrics};
