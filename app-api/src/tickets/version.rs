//! A ticket's version as its `ETag` (T-8).

use axum::response::{AppendHeaders, IntoResponse, Response};
use shared::http::{Json, etag};

use super::model::Ticket;

/// A ticket with its `ETag`.
pub struct Tagged(pub Ticket);

impl IntoResponse for Tagged {
    fn into_response(self) -> Response {
        (AppendHeaders([etag(self.0.version)]), Json(self.0)).into_response()
    }
}
