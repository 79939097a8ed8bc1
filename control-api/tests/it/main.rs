//! The control plane through its router, with a real database per test and a clock that moves.

mod address_change;
mod addresses;
mod audit;
mod attempts;
mod documents;
mod factor;
mod input;
mod invitations;
mod isolation;
mod letters;
mod magic_link;
mod members;
mod outside;
mod passwords;
mod profile;
mod provisioning;
mod rates;
mod refresh;
mod sessions;
mod sign_in;
mod sign_up;
mod trails;
mod step_up;
mod two_factor;
mod world;
