//! The tables of reports: `counting` writes them from what stands beside tickets, `reading` reads them.

pub(super) mod counting;
pub(super) mod reading;
