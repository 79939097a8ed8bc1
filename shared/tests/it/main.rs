//! The mechanics against a real RabbitMQ and a real PostgreSQL.

#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "a test that unwraps says where it broke")]

mod acts;
mod asking;
mod audit;
mod cluster;
mod connections;
mod consuming;
mod publishing;
mod rates;
mod relay;
mod stopping;
mod world;
