//! The app plane: one tenant's helpdesk at a time.
//!
//! Features, each a folder with its rules in its first lines: [`access`], [`people`], [`sla`], [`messages`], [`tickets`];
//! followers of what happens: [`notifications`], [`live`].

pub mod access;
pub mod app;
pub mod config;
pub mod events;
pub mod figures;
pub mod limits;
pub mod live;
pub mod messages;
pub mod notifications;
pub mod people;
pub mod permissions;
pub mod router;
pub mod session;
pub mod sla;
pub mod support;
pub mod tickets;
pub mod worker;
