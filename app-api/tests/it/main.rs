//! The app plane through its router, with real PostgreSQL: two tenants always, a clock that moves,
//! and a broker and a mailbox that can be looked into.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says where it broke")]

mod world;

mod access;
mod api_keys;
mod audit;
mod bounds;
mod configuration;
mod conversations;
mod customers_eyes;
mod document;
mod events;
mod health;
mod hostile;
mod imports;
mod instances;
mod isolation;
mod lists;
mod live;
mod live_gaps;
mod mails;
mod members;
mod plans;
mod policies;
mod quiet;
mod rates;
mod schemas;
mod sla;
mod steps;
mod support;
mod surface;
mod tenancy;
mod timers;
mod visibility;
