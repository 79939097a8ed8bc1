//! A ticket learns something of its order: row, history and event together.

use serde_json::json;
use shared::{Result, act::Act};

use super::super::{
    history::Change,
    measure,
    model::{Ticket, TicketRef},
    priority,
    status::Status,
    store, trail,
    visibility::{Audience, Viewer},
};
use crate::{
    events::Event,
    orders::{Finding, Known, Source, Step, Validation, learn},
};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Learned {
    /// Nothing that anybody would see.
    Nothing,
    /// What nobody could say at the opening.
    Settled,
    /// What it knew was not so any more.
    Changed,
    /// Its order is not there.
    Lost,
}

/// Tells a locked ticket what was found. One that is closed learns nothing.
pub(super) async fn apply(act: &mut Act, ticket: &Ticket, finding: &Finding, source: Source) -> Result<Learned> {
    if ticket.status == Status::Closed {
        return Ok(Learned::Nothing);
    }
    let known = Known::of(ticket.metadata.as_ref());
    match learn(known.as_ref(), finding, source) {
        Step::Nothing => Ok(Learned::Nothing),
        Step::Kept(after) => {
            store::orders::keep(act.db(), ticket.id, &json!(after)).await?;
            Ok(Learned::Nothing)
        }
        Step::Changed(after) => {
            change(act, ticket, (known.as_ref(), &after), finding).await?;
            Ok(match (known.map(|known| known.validation), after.validation) {
                (_, Validation::NotFound) => Learned::Lost,
                (None | Some(Validation::Pending), _) => Learned::Settled,
                (Some(Validation::Valid | Validation::NotFound), _) => Learned::Changed,
            })
        }
    }
}

async fn change(act: &mut Act, before: &Ticket, (known, after): (Option<&Known>, &Known), finding: &Finding) -> Result<()> {
    let now = act.now();
    let version = store::orders::learn(act.db(), before.id, &json!(after), now).await?;
    let (from, to) = (known.map(Known::line), after.line());
    let change = Change { kind: "order", from: from.as_deref(), to: Some(&to), reason: None };
    store::write_history(act.db(), before.id, version, &change, None, now).await?;
    let was_pending = known.is_some_and(|known| known.validation == Validation::Pending);
    let raised = was_pending && raise(act, before, finding).await?;
    let ticket = store::find(act, Viewer::Everything, &TicketRef::Id(before.id), now).await?;
    let event = Event::ticket_order_changed(&ticket, known, after);
    act.record_change(&event, &trail::order(known), &trail::order(Some(after))).await?;
    if raised {
        let audience = Audience { after: ticket.sight(), before: None, internal: false };
        let event = Event::ticket_priority_changed(&ticket, before.priority, None, audience);
        act.record_change(&event, &trail::priority(before), &trail::priority(&ticket)).await?;
    }
    Ok(())
}

/// Raises the priority as far as it would have been, had the order been known at the opening (T-20).
async fn raise(act: &mut Act, before: &Ticket, finding: &Finding) -> Result<bool> {
    let (vip, _) = store::standing(act.db(), before.user_id, None).await?;
    let now = (before.priority, before.priority_reason.as_str());
    let Some((to, why)) = priority::with_order(now, (finding.euro_cents(), finding.is_unpaid()), vip) else { return Ok(false) };
    let now = act.now();
    let version = store::raise_priority(act.db(), before.id, to, &why, now).await?;
    let change = Change { kind: "priority", from: Some(before.priority.as_str()), to: Some(to.as_str()), reason: Some(&why) };
    store::write_history(act.db(), before.id, version, &change, None, now).await?;
    measure::renew(act, before.id).await?;
    Ok(true)
}
