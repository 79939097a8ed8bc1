//! Mechanics both planes need: who asks, whose data, one transaction that knows both, and what
//! is told afterwards. No product words.

pub mod act;
pub mod audit;
pub mod auth;
pub mod breaker;
pub mod broker;
pub mod cache;
pub mod changes;
pub mod clock;
pub mod config;
pub mod crash;
pub mod db;
pub mod email;
pub mod error;
pub mod health;
pub mod http;
pub mod idempotency;
pub mod line;
pub mod mail;
pub mod month;
pub mod name;
pub mod outbox;
pub mod page;
pub mod reaction;
pub mod seal;
pub mod sealed_stream;
pub mod session;
pub mod shutdown;
pub mod sign;
pub mod spreadsheet;
pub mod storage;
pub mod telemetry;
pub mod tenancy;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::{Error, FieldError, MOVED, OnConstraint, Result};

/// Chooses the one TLS provider. Call before the first connection; a second call changes nothing.
pub fn start_tls() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
