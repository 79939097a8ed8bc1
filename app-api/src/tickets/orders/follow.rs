//! Follows what happens to orders (T-52). An event carries the whole order with its version: one that comes twice or late
//! changes nothing.

use shared::{
    Result,
    act::{Act, Author},
    broker::{Message, Outcome},
    reaction::first_time,
};

use super::{
    super::{model::TicketRef, show, store, visibility::Viewer},
    apply::apply,
};
use crate::{
    app::App,
    orders::{self, Finding, Order, Source},
};

const CONSUMER: &str = "orders";
/// Tickets of one order that one event reaches; all others learn of it when they are compared.
const MOST: i64 = 100;

/// Tells an order's open tickets what it is like now, once.
pub async fn follow(app: &App, message: Message) -> Outcome {
    match orders::told(&message) {
        Ok(order) => Outcome::from(tell(app, &message, order).await),
        Err(why) => Outcome::GiveUp(why),
    }
}

async fn tell(app: &App, message: &Message, order: Order) -> Result<()> {
    // Shops that are no tenant of ours have orders, too; one that is suspended learns of its own when it is compared.
    let Some(tenant) = app.tenants.by_id(message.tenant).await? else { return Ok(()) };
    // Most orders have no ticket: these cost one look.
    if store::orders::open_of(&mut *tenant.db.read().await?, &order.id, order.customer_id, 1).await?.is_empty() {
        return Ok(());
    }
    let (id, customer, finding) = (order.id.clone(), order.customer_id, Finding::Valid(order));
    let work = async |act: &mut Act| {
        if !first_time(act.db(), CONSUMER, message.id).await? {
            return Ok(());
        }
        for ticket in store::orders::open_of(act.db(), &id, customer, MOST).await? {
            let ticket = show::lock(act, Viewer::Everything, &TicketRef::Id(ticket)).await?;
            apply(act, &ticket, &finding, Source::Told).await?;
        }
        Ok(())
    };
    tenant.db.act(Author::reacting(CONSUMER, message.id, 0), &app.clock, work).await
}
