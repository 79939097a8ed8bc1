//! What happens when a target is near, or missed (T-13): it is told once, kept with the ticket, and a customer who has
//! waited too long for a first answer is moved up one level of priority, unless somebody has set that by hand.

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::{Result, act::Act};

use super::{
    clocks::{Life, Measured, Tiding, Which, measured},
    history::Change,
    measure,
    model::{Priority, Ticket, TicketRef},
    store, trail,
    visibility::{Audience, Viewer},
};
use crate::{
    events::{Event, Lateness},
    sla::Policy,
};

/// Tells what is due of one ticket's clocks, if that is still so now that it is ours alone. False when there was nothing.
pub(super) async fn tell(act: &mut Act, id: i64) -> Result<bool> {
    let now = act.now();
    let Some((before, _)) = store::lock_free(act.db(), id, now).await? else { return Ok(false) };
    let facts = store::clock_facts(act.db(), id).await?;
    let Some(policy) = facts.policy else { return Ok(false) };
    let (policy, mut life) = (measure::promised(act, policy).await?, facts.life);
    let found = measured(&policy, &life, now)?;
    let tidings = due(&found, now);
    note(act, &before, &found, &tidings, &mut life).await?;
    let is_late = |which: &Which| tidings.iter().any(|(w, tiding)| w == which && *tiding == Tiding::Breach);
    let raised = if is_late(&Which::Response) { raise(act, &before, &mut life).await? } else { None };
    let after = remeasured(act, &before, &policy, &life).await?;
    let audience = Audience { after: after.sight(), before: None, internal: true };
    for (which, tiding) in &tidings {
        let late = lateness(&found, *which);
        match tiding {
            Tiding::Warning => act.record(&Event::ticket_sla_warning(&after, &late, audience)).await?,
            Tiding::Breach => act.record(&Event::ticket_sla_breach(&after, &late, audience)).await?,
        };
    }
    if raised.is_some() {
        let audience = Audience { internal: false, ..audience };
        let event = Event::ticket_priority_changed(&after, before.priority, None, audience);
        act.record_change(&event, &trail::priority(&before), &trail::priority(&after)).await?;
    }
    Ok(!tidings.is_empty())
}

fn due(found: &Measured, now: DateTime<Utc>) -> Vec<(Which, Tiding)> {
    let untold = Which::BOTH.into_iter().filter_map(|which| Some((which, found.untold(which)?)));
    untold.filter(|(_, (_, at))| *at <= now).map(|(which, (tiding, _))| (which, tiding)).collect()
}

/// Marks as told, and writes each breach to metadata and history.
async fn note(act: &mut Act, ticket: &Ticket, found: &Measured, tidings: &[(Which, Tiding)], life: &mut Life) -> Result<()> {
    let now = act.now();
    for (which, tiding) in tidings {
        let told = &mut life.told[*which as usize];
        told.warned_at = told.warned_at.or(Some(now));
        if *tiding == Tiding::Warning {
            continue;
        }
        told.breached_at = Some(now);
        let (late, clock) = (lateness(found, *which), found.clock(*which));
        let breach = json!({
            "type": late.sla_type, "due_at": clock.due_at, "noticed_at": now, "priority": ticket.priority,
            "expected_minutes": late.expected_minutes, "actual_minutes": late.actual_minutes,
        });
        let version = store::note_breach(act.db(), ticket.id, &breach, now).await?;
        let change = Change { kind: "sla", from: Some(late.sla_type), to: Some("breached"), reason: None };
        store::write_history(act.db(), ticket.id, version, &change, None, now).await?;
    }
    Ok(())
}

fn lateness(found: &Measured, which: Which) -> Lateness {
    Lateness {
        sla_type: which.as_str(),
        expected_minutes: found.target_minutes(which).into(),
        actual_minutes: found.clock(which).elapsed.num_minutes(),
    }
}

/// Raises the priority by one level, unless it was set by hand or is the highest.
async fn raise(act: &mut Act, before: &Ticket, life: &mut Life) -> Result<Option<Priority>> {
    let Some(priority) = before.priority.raised().filter(|_| before.priority_reason != "manual") else { return Ok(None) };
    let now = act.now();
    let version = store::raise_priority(act.db(), before.id, priority, "sla_breach", now).await?;
    let (from, to) = (Some(before.priority.as_str()), Some(priority.as_str()));
    store::write_history(act.db(), before.id, version, &Change { kind: "priority", from, to, reason: Some("sla_breach") }, None, now)
        .await?;
    life.priority = priority;
    Ok(Some(priority))
}

async fn remeasured(act: &mut Act, before: &Ticket, policy: &Policy, life: &Life) -> Result<Ticket> {
    let now = act.now();
    measure::keep(act, before.id, &measured(policy, life, now)?, life.told).await?;
    store::find(act, Viewer::Everything, &TicketRef::Id(before.id), now).await
}
