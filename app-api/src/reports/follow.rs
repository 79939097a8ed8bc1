//! How facts come to be: tickets that an event tells of are noted, and counted soon after, many at once. Whatever was there
//! before, or was told to nobody, is found by walks over all tickets and ratings, which never end for good: they come by
//! whatever was touched more than ten minutes ago, and by tickets that were brought from elsewhere with their past. Where the
//! organisation sets another clock, the walks begin anew.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Deserialize;
use shared::{
    Result,
    act::{Act, Author},
    broker::{Message, Outcome, Queue, SAV_EXCHANGE},
    clock::Clock,
    tenancy::Tenant,
};

use super::{
    fact::facts,
    store::counting::{self, Walk},
    sums::difference,
};
use crate::{app::App, settings};

/// The queue of this feature: events after which something else may be counted.
pub const QUEUE: Queue = Queue {
    name: "app.reports",
    exchange: SAV_EXCHANGE,
    topics: &[
        "sav.ticket.created",
        "sav.ticket.status_changed",
        "sav.ticket.message_added",
        "sav.ticket.priority_changed",
        "sav.ticket.edited",
        "sav.ticket.team_changed",
        "sav.ticket.sla_breach",
        "sav.ticket.merged",
        "sav.ticket.unmerged",
        "sav.ticket.thread_changed",
        "sav.csat.received",
    ],
};

/// Tickets counted in one act.
const BATCH: i64 = 200;
/// So old a change is surely committed, and seen in order.
const SETTLED: TimeDelta = TimeDelta::minutes(10);

#[derive(Deserialize)]
struct Envelope {
    tenant: uuid::Uuid,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    ticket_id: i64,
    /// Of messages: those of customers and notes answer nothing.
    sender_type: Option<String>,
    is_internal: Option<bool>,
}

/// Notes that a ticket may count another way. Twice is once: what is counted follows from the ticket, not from the event.
pub async fn note(app: &App, message: Message) -> Outcome {
    let envelope: Envelope = match message.read() {
        Ok(envelope) => envelope,
        Err(why) => return Outcome::GiveUp(why),
    };
    // Page 11, T11: header and body must agree on whose event this is.
    if envelope.tenant != message.tenant {
        return Outcome::GiveUp("the envelope names another tenant".into());
    }
    let data = envelope.data;
    if data.is_internal == Some(true) || data.sender_type.as_deref().is_some_and(|sender| sender != "agent") {
        return Outcome::Done;
    }
    let tenant = match app.tenants.by_id(message.tenant).await {
        Ok(Some(tenant)) => tenant,
        Ok(None) => return Outcome::GiveUp("the tenant is not active".into()),
        Err(error) => return Outcome::from(Err(error)),
    };
    let noted = tenant.db.apply(async |db| counting::note(db, data.ticket_id).await).await;
    if noted.is_ok() {
        app.outside.changes.announce(tenant.id);
    }
    Outcome::from(noted)
}

/// What is left when a batch was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// There may be more.
    More,
    /// Somebody else is counting.
    Elsewhere,
    /// Everything was counted.
    Nothing,
}

/// Counts one batch of tickets that were noted, and takes a step of each walk.
pub async fn count(tenant: &Tenant, clock: &Clock) -> Result<Left> {
    tenant.db.act(Author::system("reports"), clock, async |act| step(act).await).await
}

async fn step(act: &mut Act) -> Result<Left> {
    // One at a time: of two who counted the same ticket each would change the sums.
    if !counting::hold(act.db()).await? {
        return Ok(Left::Elsewhere);
    }
    let zone = settings::zone(act.db()).await?;
    let noted = counting::take_noted(act.db(), BATCH).await?;
    recount(act, &noted, zone).await?;
    let mut is_more = noted.len() as i64 == BATCH;
    for walk in counting::walks(act.db(), zone.name()).await? {
        is_more |= go_on(act, walk, zone).await?;
    }
    Ok(if is_more { Left::More } else { Left::Nothing })
}

/// Counts the next tickets of a walk; true when there may be more behind them.
async fn go_on(act: &mut Act, walk: Walk, zone: Tz) -> Result<bool> {
    let until = act.now() - SETTLED;
    let met = counting::next(act.db(), &walk, until, BATCH).await?;
    let is_full = met.len() as i64 == BATCH;
    let mut tickets: Vec<i64> = met.iter().filter(|met| !met.is_counted).map(|met| met.ticket_id).collect();
    tickets.sort_unstable();
    tickets.dedup();
    recount(act, &tickets, zone).await?;
    let is_done = walk.is_done || !is_full;
    if let Some(last) = met.last() {
        counting::remember(act.db(), &Walk { at: last.at, id: last.id, is_done, ..walk }, zone.name()).await?;
    } else if is_done != walk.is_done {
        counting::remember(act.db(), &Walk { is_done, ..walk }, zone.name()).await?;
    }
    Ok(is_full)
}

/// Makes the facts of these tickets what they should be, and the sums with them.
async fn recount(act: &mut Act, tickets: &[i64], zone: Tz) -> Result<()> {
    if tickets.is_empty() {
        return Ok(());
    }
    let pasts = counting::pasts(act.db(), tickets).await?;
    let after = pasts.iter().flat_map(|past| facts(past, zone)).collect();
    let before = counting::facts(act.db(), tickets).await?;
    counting::write(act.db(), &difference(before, after)).await
}
