//! Files that come in parts, by the tus protocol 1.0 with creation, expiration, checksum and termination
//! (<https://tus.io/protocols/resumable-upload>). What has come is kept, in pieces of a few MiB, however the connection ends: whoever
//! comes again within a day is told how much that is, and goes on there. When the last byte is there the file is judged, stored and
//! made the ticket's as one that was sent in one go, and only with that the upload counts as complete.
//!
//! What is true of an upload stands in the tenant's database; Redis has a copy for a day, and nothing is lost with it.

mod append;
mod begin;
mod copy;
mod end;
mod finish;
mod metadata;
mod model;
mod part;
mod protocol;
mod show;
mod store;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::map_response,
    response::Response,
};
use chrono::{DateTime, Utc};
use shared::{Result, tenancy::Tenant};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Uploads of a visit that are forgotten at once.
const PORTION: i64 = 100;

/// Routes of uploads; each answer says which version of the protocol we speak.
pub(super) fn routes() -> OpenApiRouter<App> {
    let version = HeaderValue::from_static(protocol::VERSION);
    OpenApiRouter::new()
        .routes(routes!(protocol::tell_options, begin::begin_upload))
        .routes(routes!(show::show_upload, append::append_to_upload, end::end_upload))
        .layer(map_response(tell_version))
        .layer(SetResponseHeaderLayer::overriding(HeaderName::from_static("tus-resumable"), version))
}

/// Whoever speaks another version is told which there are (tus 1.0, "Tus-Version").
async fn tell_version(mut answer: Response) -> Response {
    if answer.status() == StatusCode::PRECONDITION_FAILED {
        answer.headers_mut().insert(HeaderName::from_static("tus-version"), HeaderValue::from_static(protocol::VERSION));
    }
    answer
}

/// Forgets uploads whose time is over; their parts lose their owner by that.
pub(super) async fn forget_old(tenant: &Tenant, now: DateTime<Utc>) -> Result<()> {
    while tenant.db.apply(async |db| store::forget_expired(db, now, PORTION).await).await? > 0 {}
    Ok(())
}
