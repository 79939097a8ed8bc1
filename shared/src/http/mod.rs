//! The edge that both planes share: ids, limits, logs, metrics and problems around every route.

pub mod document;
mod edge;
mod if_match;
mod json;
mod leftover;
pub mod problem;
pub mod rate_limit;
mod serve;

pub use edge::{Client, Edge, HttpMetrics, layered, page_policy};
pub use if_match::{IfMatch, Tagged, etag};
pub use json::{Created, Json, NoContent, NoQuery, Path, Query, parse, query_of};
pub use serve::{serve, serve_metrics};
