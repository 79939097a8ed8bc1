//! Rows from before search came are indexed in batches, the oldest first, by whoever visits the tenant. How far it has
//! come is remembered, so that it goes on there; meanwhile search finds what is indexed. It never ends for good: while
//! releases change, one without search may still write, and its rows are found here ten minutes later.

use chrono::TimeDelta;
use shared::{Result, clock::Clock, tenancy::Tenant};

use super::store;

/// Rows of each kind in one batch: the longest texts there are take a statement's time, but not more.
const BATCH: i64 = 100;
/// So old a row's transaction is surely over, and its id seen in order.
const SETTLED: TimeDelta = TimeDelta::minutes(10);

/// Indexes one batch of a tenant's tickets and messages; true when more may wait.
pub async fn index_old(tenant: &Tenant, clock: &Clock) -> Result<bool> {
    let until = clock.now() - SETTLED;
    tenant
        .db
        .apply(async |db| {
            let (tickets_to, messages_to) = store::begin(db).await?;
            let tickets = store::index_tickets(db, tickets_to, until, BATCH).await?;
            let messages = store::index_messages(db, messages_to, until, BATCH).await?;
            if tickets.count + messages.count > 0 {
                store::remember(db, tickets.last.unwrap_or(tickets_to), messages.last.unwrap_or(messages_to)).await?;
            }
            Ok(tickets.count == BATCH || messages.count == BATCH)
        })
        .await
}
