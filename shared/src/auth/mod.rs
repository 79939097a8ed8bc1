//! Tools for knowing who somebody is; no routes.

pub mod amr;
pub mod api_key;
pub mod jwt;
pub mod marks;
pub mod password;
pub mod scope;
pub mod scram;
pub mod token;
pub mod totp;
