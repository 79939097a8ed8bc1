//! `GET /api/v1/customers`: whom a ticket may be opened for.

use serde::{Deserialize, Serialize};
use shared::{
    Result,
    http::{Json, Query},
    line::Line,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    model::{PersonId, says_enough},
    store,
};
use crate::{permissions::Permission, session::Session};

/// As many are found at most.
const MOST: i64 = 20;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// A part of their name or address, three letters or digits at least, or two that are not ASCII.
    #[param(value_type = Option<String>, max_length = 100)]
    q: Option<Line<100>>,
}

/// Customers that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customers {
    /// The newest account first; at most 20.
    pub data: Vec<Customer>,
}

/// Somebody for whom a ticket may be opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    /// Their id, for `user_id`.
    pub id: PersonId,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
    /// Their address.
    pub email: String,
}

/// Finds customers by a part of their name or address, for whoever opens a ticket for one (T-20). With fewer than three
/// letters or digits, or two that are not ASCII, there are none. `422 too_broad` when the search would take too long.
#[utoipa::path(get, path = "/api/v1/customers", tag = "tickets", params(Asked), responses((status = 200, body = Customers)))]
pub(super) async fn find_customers(session: Session, Query(asked): Query<Asked>) -> Result<Json<Customers>> {
    session.may(Permission::OpenForOthers)?;
    let Some(part) = asked.q.as_ref().map(Line::as_str).filter(|part| says_enough(part)) else {
        return Ok(Json(Customers { data: Vec::new() }));
    };
    Ok(Json(Customers { data: store::customers(&mut *session.ask().await?, part, MOST).await? }))
}
