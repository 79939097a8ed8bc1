//! Compares open tickets with their orders (T-53): what nobody could say at the opening is settled, what no event has told
//! is learned, what has gone is said. A visit takes a small batch, and ends with the first question that has no answer.

use std::time::Duration;

use chrono::TimeDelta;
use shared::{
    Error, Result,
    act::{Act, Author},
    tenancy::Tenant,
};

use super::{
    super::store::{self, orders::Due},
    apply::{Learned, apply},
};
use crate::{
    app::App,
    orders::{Asked, Finding, Source},
};

/// As many as a visit has time for when each answer takes its longest.
const BATCH: usize = 20;
/// How long a ticket is one worker's, and how soon one is asked for again whose question had no answer.
const CLAIM: TimeDelta = TimeDelta::seconds(60);
/// How long a ticket is left alone that was compared.
const AGAIN: TimeDelta = TimeDelta::hours(24);
/// The same where the answer could not be read, and the longest where the service could not say.
const PUZZLED: TimeDelta = TimeDelta::hours(1);
/// When to come again for what is due and cannot be had: somebody is changing it just now.
const SOON: Duration = Duration::from_secs(2);

/// When the next ticket of a tenant is to be compared.
pub async fn next_comparison(app: &App, tenant: &Tenant) -> Result<Option<Duration>> {
    if !app.outside.orders.are_known() {
        return Ok(None);
    }
    let next = store::orders::next_check(&mut *tenant.db.read().await?).await?;
    Ok(next.map(|at| (at - app.clock.now()).to_std().unwrap_or_default()))
}

/// Compares a batch of a tenant's tickets, and says when to come again, if anything waits.
pub async fn reconcile(app: &App, tenant: &Tenant) -> Result<Option<Duration>> {
    if !app.outside.orders.are_known() {
        return Ok(None);
    }
    let mut behind = 0;
    let again = compare(app, tenant, &mut behind).await;
    if behind > 0 {
        tracing::warn!(tenant = %tenant.id, behind, "tickets had fallen behind their orders");
    }
    again
}

async fn compare(app: &App, tenant: &Tenant, behind: &mut usize) -> Result<Option<Duration>> {
    for _ in 0..BATCH {
        let now = app.clock.now();
        let Some(due) = tenant.db.apply(async |db| store::orders::claim(db, now, now + CLAIM).await).await? else {
            let next = store::orders::next_check(&mut *tenant.db.read().await?).await?;
            return Ok(next.map(|at| (at - now).to_std().unwrap_or_default().max(SOON)));
        };
        let asked = Asked { tenant: tenant.id, order_id: &due.order_id, customer_id: due.user_id };
        let Some(finding) = app.outside.orders.ask(&asked, now).await.filter(|finding| *finding != Finding::Silent) else {
            app.outside.orders.checked("silent");
            return Ok(CLAIM.to_std().ok());
        };
        let outcome = settle(app, tenant, &due, &finding).await?;
        *behind += usize::from(matches!(outcome, "changed" | "lost"));
        app.outside.orders.checked(outcome);
    }
    Ok(Some(Duration::ZERO))
}

/// One ticket that cannot be looked after keeps no other waiting.
async fn settle(app: &App, tenant: &Tenant, due: &Due, finding: &Finding) -> Result<&'static str> {
    let learned = tenant.db.act(Author::system("orders"), &app.clock, async |act| tell(act, due.id, finding).await).await;
    Ok(match learned {
        Ok(None) => "busy",
        Ok(Some(Learned::Nothing)) if *finding == Finding::Unable => "unable",
        Ok(Some(Learned::Nothing)) if *finding == Finding::Unreadable => "unreadable",
        Ok(Some(Learned::Nothing)) => "same",
        Ok(Some(Learned::Settled)) => "settled",
        Ok(Some(Learned::Changed)) => "changed",
        Ok(Some(Learned::Lost)) => "lost",
        Err(error @ Error::Unavailable(_)) => return Err(error),
        Err(error) => {
            tracing::error!(tenant = %tenant.id, ticket = due.id, %error, "a ticket could not be compared with its order");
            "failed"
        }
    })
}

/// None when somebody is changing the ticket just now: it is left to them for a minute.
async fn tell(act: &mut Act, id: i64, finding: &Finding) -> Result<Option<Learned>> {
    let now = act.now();
    let Some((ticket, _)) = store::lock_free(act.db(), id, now).await? else { return Ok(None) };
    let learned = apply(act, &ticket, finding, Source::Asked).await?;
    let again = match finding {
        // An outage is over soon; an order that the service always stumbles over is asked for ever more seldom.
        Finding::Unable => (now - ticket.created_at).clamp(CLAIM, PUZZLED),
        Finding::Unreadable => PUZZLED,
        Finding::Valid(_) | Finding::Missing | Finding::Silent => AGAIN,
    };
    store::orders::check_again(act.db(), id, now + again).await?;
    Ok(Some(learned))
}
