//! How fast a tenant promises to answer: policies with targets for each priority (T-10), the business hours in which
//! they count (T-11), and the rules by which a ticket's clocks are read. Here are the promises; a ticket's own clocks,
//! warnings and breaches are in `tickets`.
//!
//! A ticket is measured by the first policy that fits it, in the version that the policy had when the ticket came under
//! it: an edit counts for what comes, and never changes what was promised.

pub mod calendar;
mod calendars;
pub mod clock;
mod model;
mod policies;
#[cfg(test)]
mod properties;
mod store;

pub use model::{Hours, Policy, Target, Targets, Traits, choose};
pub use store::{current, version};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;

/// Routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(policies::list_sla_policies, policies::add_sla_policy))
        .routes(routes!(policies::show_sla_policy, policies::replace_sla_policy, policies::archive_sla_policy))
        .routes(routes!(calendars::list_sla_calendars, calendars::add_sla_calendar))
        .routes(routes!(calendars::replace_sla_calendar, calendars::remove_sla_calendar))
}
