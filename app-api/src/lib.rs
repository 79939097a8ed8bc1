//! The app plane: one tenant's helpdesk at a time.
//!
//! Features, each a folder with its rules in its first lines: [`access`], [`people`], [`teams`], [`categories`], [`settings`],
//! [`sla`], [`media`], [`messages`], [`orders`], [`tickets`], [`macros`], [`search`], [`satisfaction`], [`articles`], [`imports`], [`media_settings`], [`attachments`];
//! followers of what happens: [`notifications`], [`live`], [`reports`].

pub mod access;
pub mod app;
pub mod articles;
pub mod attachments;
pub mod categories;
pub mod config;
pub mod events;
pub mod figures;
pub mod imports;
pub mod limits;
pub mod live;
pub mod macros;
pub mod media;
pub mod media_settings;
pub mod messages;
pub mod notifications;
pub mod orders;
pub mod people;
pub mod permissions;
pub mod reports;
pub mod router;
pub mod satisfaction;
pub mod search;
pub mod session;
pub mod settings;
pub mod sla;
pub mod support;
pub mod teams;
pub mod tickets;
pub mod visitor;
pub mod worker;
