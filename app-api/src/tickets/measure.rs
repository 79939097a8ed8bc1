//! Measures a ticket's clocks whenever something changes that they follow from (T-11, T-12). What is kept beside the
//! ticket is always what its history gives: whoever measures anew gets the same.

use chrono::{DateTime, Utc};
use shared::{Error, Result, act::Act};

use super::{
    clocks::{Life, Measured, Told, Which, measured},
    store,
};
use crate::sla::{self, Policy, Traits, clock::State};

/// The clocks of a ticket that is opened now.
pub(super) async fn begin(act: &mut Act, life: &Life, traits: Traits<'_>) -> Result<Measured> {
    let (policies, now) = (sla::current(act.db()).await?, act.now());
    measured(fitting(&policies, traits)?, life, now)
}

/// Measures a ticket of which status, priority or first answer have changed: by the policy that it is under, as that
/// was then (page 11, C13).
pub(super) async fn renew(act: &mut Act, id: i64) -> Result<()> {
    let facts = store::clock_facts(act.db(), id).await?;
    let Some(policy) = facts.policy else { return Ok(()) };
    let (policy, now) = (promised(act, policy).await?, act.now());
    keep(act, id, &measured(&policy, &facts.life, now)?, facts.life.told).await
}

/// Measures a ticket of which something has changed that policies look at: another one may fit now.
pub(super) async fn refit(act: &mut Act, id: i64) -> Result<()> {
    let facts = store::clock_facts(act.db(), id).await?;
    if facts.policy.is_none() {
        return Ok(());
    }
    let (policies, now) = (sla::current(act.db()).await?, act.now());
    let found = fitting(&policies, facts.traits())?;
    // Still under the same one: then in the version that it was promised.
    let policy = match facts.policy {
        Some((id, version)) if id == found.id && version != found.version => promised(act, (id, version)).await?,
        _ => found.clone(),
    };
    keep(act, id, &measured(&policy, &facts.life, now)?, facts.life.told).await
}

/// Measures a ticket from before there were targets. What is late by then was promised to nobody: it is noted, and
/// nobody is told.
pub(super) async fn adopt(act: &mut Act, id: i64) -> Result<bool> {
    let now = act.now();
    let Some((ticket, _)) = store::lock_free(act.db(), id, now).await? else { return Ok(false) };
    if ticket.sla.is_some() {
        return Ok(false);
    }
    let mut facts = store::clock_facts(act.db(), id).await?;
    let policies = sla::current(act.db()).await?;
    let policy = fitting(&policies, facts.traits())?;
    let first = measured(policy, &facts.life, now)?;
    facts.life.told = Which::BOTH.map(|which| passed(&first, which, now));
    keep(act, id, &measured(policy, &facts.life, now)?, facts.life.told).await?;
    Ok(true)
}

/// What would have been told of a clock by now.
fn passed(measured: &Measured, which: Which, now: DateTime<Utc>) -> Told {
    let clock = measured.clock(which);
    Told { warned_at: clock.warn_at.filter(|at| *at <= now), breached_at: clock.due_at.filter(|_| clock.state == State::Breached) }
}

pub(super) async fn keep(act: &mut Act, id: i64, measured: &Measured, told: [Told; 2]) -> Result<()> {
    store::keep_clocks(act.db(), id, measured, told).await
}

/// A policy as it was promised to a ticket.
pub(super) async fn promised(act: &mut Act, (id, version): (i64, i32)) -> Result<Policy> {
    let policy = sla::version(act.db(), id, version).await?;
    policy.ok_or_else(|| Error::internal(anyhow::anyhow!("policy {id} has no version {version}")))
}

fn fitting<'a>(policies: &'a [Policy], traits: Traits<'_>) -> Result<&'a Policy> {
    sla::choose(policies, traits).ok_or_else(|| Error::internal(anyhow::anyhow!("no policy is the default one")))
}
