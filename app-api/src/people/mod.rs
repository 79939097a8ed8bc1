//! People: the tenant's own copy of who its customers and members are. The control plane owns the
//! truth; its user events keep the copy in step, and whoever is missed by an event is fetched when
//! first seen. Everybody works on this copy, so a removal acts here within seconds.
//! Who is known here by an address alone, from another helpdesk, is a contact until somebody proves the address.
//! Whoever opens a ticket for a customer finds them here.
//! Members say here, too, whether they are there, until when they are away, who stands in for them, and how much they take.

mod availability;
mod customers;
mod model;
mod reactions;
mod routes;
mod store;

pub use model::{Addressee, Found, Person, PersonId, Reach, TeamId, is_away, says_enough};
pub use reactions::{follow, told};
pub use routes::routes;
pub use store::{
    People, assignable, by_address, claimed, exists, find, find_twins, handed, hold, hold_assignment, hold_claimed, is_admin, is_contact,
    literal, meet,
};
