//! The control plane: who the tenants and the people are.
//!
//! | folder | what it is about |
//! |---|---|
//! | `sign_up` | an organisation arrives |
//! | `tenants` | who the tenants are, which one a request names, their settings |
//! | `provisioning` | how a tenant gets its database |
//! | `clusters` | the servers that hold tenants' databases |
//! | `inspection` | whether what is on the servers is what the books say |
//! | `plans` | how much a tenant may have, for what price, and how much it has |
//! | `billing` | prepaid credits, invoices, and whoever takes payments |
//! | `deletion` | how a tenant comes to its end: asked for, taken back, carried out, recorded |
//! | `backups` | copies of databases and files, and the way back |
//! | `fleet` | how all tenants' databases come to a newer schema |
//! | `exports` | everything that an organisation has here, as one archive |
//! | `jobs` | long work in steps, which survives whoever does it |
//! | `keys` | data keys under master keys, and how both are exchanged |
//! | `identities` | people: addresses, names, passwords, their own profile, registration and proof of an address |
//! | `members` | who belongs to a tenant, as what |
//! | `moves` | a tenant's database goes to another server while the tenant works |
//! | `invitations` | how staff is asked in |
//! | `sign_in`, `sessions` | coming in, staying in, leaving |
//! | `two_factor` | what somebody proves besides the first factor |
//! | `audit` | what was done and what was refused: kept in order, searched, exported, verified |
//! | `magic_link` | coming in by a mail's link |
//! | `passwords`, `address_change` | a forgotten or changed password, another address |
//! | `attempts` | how often passwords may be tried |
//! | `bound` | at most so many within a time |
//! | `links` | what links in mails are good for |
//! | `passkeys` | keys that devices keep: a second factor, and a way in of their own |
//! | `sso` | signing in through an organisation's own identity provider |
//! | `mails` | what the platform writes to people |

pub mod address_change;
pub mod api_keys;
pub mod app;
pub mod attempts;
pub mod audit;
pub mod backups;
pub mod billing;
pub mod bound;
pub mod cli;
pub mod clusters;
pub mod config;
pub mod deletion;
pub mod events;
pub mod exports;
pub mod figures;
pub mod fleet;
pub mod identities;
pub mod inspection;
pub mod invitations;
pub mod jobs;
pub mod keys;
mod lease;
pub mod limits;
pub mod links;
pub mod magic_link;
pub mod mails;
pub mod members;
pub mod moves;
pub mod operators;
pub mod passkeys;
pub mod passwords;
pub mod plans;
pub mod provisioning;
pub mod router;
pub mod session;
pub mod sessions;
pub mod sign_in;
pub mod sign_up;
pub mod sso;
pub mod support;
pub mod tenants;
pub mod two_factor;
pub mod worker;

pub use app::App;
