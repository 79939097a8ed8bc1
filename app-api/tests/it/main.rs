//! The app plane through its router, with real PostgreSQL: two tenants always, a clock that moves,
//! and a broker and a mailbox that can be looked into.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says where it broke")]

mod world;

mod access;
mod api_keys;
mod assignment;
mod audit;
mod bounds;
mod bulk;
mod categories;
mod configuration;
mod conversations;
mod csat;
mod customers_eyes;
mod desk;
mod document;
mod events;
mod exports;
mod follow_up;
mod health;
mod hostile;
mod importing;
mod imports;
mod instances;
mod isolation;
mod lists;
mod live;
mod live_gaps;
mod macros;
mod mails;
mod members;
mod mentions;
mod merge;
mod merge_races;
mod merge_work;
mod operations;
mod orders;
mod plans;
mod policies;
mod presence;
mod quiet;
mod rates;
mod reports;
mod reports_exact;
mod reports_refused;
mod schemas;
mod search;
mod search_backfill;
mod search_leaks;
mod sla;
mod split;
mod steps;
mod support;
mod surface;
mod teams;
mod tenancy;
mod timers;
mod views;
mod visibility;
mod waiting;
