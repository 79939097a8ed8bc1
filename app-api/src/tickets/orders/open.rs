//! The order of a ticket that is opened: asked before the act, kept in it.

use chrono::TimeDelta;
use serde_json::json;
use shared::{Error, Result, act::Act};

use super::super::store;
use crate::{
    app::App,
    orders::{Asked, Finding, Known},
    people::PersonId,
    session::Session,
};

/// Whatever happened to the order while its ticket was being opened is learned then.
const FIRST: TimeDelta = TimeDelta::minutes(10);
/// How soon the service is asked again that was silent, or could not say.
const SOON: TimeDelta = TimeDelta::seconds(30);

/// What was found about an order of a customer.
#[derive(Debug)]
pub(in crate::tickets) struct Found {
    order_id: String,
    customer_id: PersonId,
    finding: Finding,
}

impl Found {
    /// The same for a ticket that is about that order and theirs; of another one it says nothing.
    pub fn of(&self, order_id: Option<&str>, customer_id: PersonId) -> Option<&Finding> {
        (order_id == Some(&*self.order_id) && customer_id == self.customer_id).then_some(&self.finding)
    }
}

/// What the orders service says, before the act: no transaction waits for it. Without an order nobody is asked.
pub(in crate::tickets) async fn asked(app: &App, session: &Session, order: Option<&str>, customer_id: PersonId) -> Option<Found> {
    let order_id = order?;
    let asked = Asked { tenant: session.tenant.id, order_id, customer_id };
    let finding = app.outside.orders.ask(&asked, app.clock.now()).await?;
    Some(Found { order_id: order_id.to_owned(), customer_id, finding })
}

/// Refuses an order that is not there for its customer.
pub(in crate::tickets) fn must_exist(finding: Option<&Finding>) -> Result<()> {
    match finding {
        Some(Finding::Missing) => Err(Error::unknown("unknown_order", "order_id", "There is no such order.")),
        Some(Finding::Valid(_) | Finding::Silent | Finding::Unable | Finding::Unreadable) | None => Ok(()),
    }
}

/// Keeps with a new ticket what is known of its order.
pub(in crate::tickets) async fn begin(act: &mut Act, id: i64, finding: &Finding) -> Result<()> {
    let check_at = act.now() + if matches!(finding, Finding::Silent | Finding::Unable) { SOON } else { FIRST };
    store::orders::begin(act.db(), id, &json!(Known::first(finding)), check_at).await
}
