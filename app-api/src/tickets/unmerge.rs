//! `POST /api/v1/tickets/{ticket}/unmerge`: for a day, two tickets that became one are two again. What came goes back, and
//! nothing else: what was written meanwhile stays with the ticket that went on.

use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Path, Tagged},
};

use super::{
    assign::requeue,
    change_status::{Step, take},
    joining::{undo_until, unread_back},
    merge::{lock_both, retag, tell},
    model::{Ticket, TicketRef},
    show,
    snooze::{Snooze, snooze},
    status::{Status, Trigger},
    store::{
        self,
        merges::{self, Merge},
    },
    visibility::Viewer,
};
use crate::{media, messages, people::PersonId, permissions::Permission, session::Session};

/// Undoes a merge, and shows the ticket that had gone into another one as it was. `409` when it was not merged, after 24
/// hours, and when the other one is closed or was merged itself.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/unmerge", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number of the duplicate"),
        ("If-Match" = Option<String>, Header, description = "The version that it builds on")),
    responses((status = 200, body = Ticket, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn unmerge_ticket(session: Session, Path(ticket): Path<TicketRef>, version: IfMatch) -> Result<Tagged<Ticket>> {
    session.may(Permission::EditTickets)?;
    let (me, viewer) = (session.person.id, session.viewer());
    let parted = session
        .act(async |act| {
            let id = show::find(act, viewer, &ticket).await?.id;
            let into = merge_of(act, id).await?.into_id;
            let (duplicate, survivor) = lock_both(act, viewer, (&TicketRef::Id(id), &TicketRef::Id(into))).await?;
            version.check(duplicate.version)?;
            // Now that both are ours alone: somebody may have been faster.
            let merge = merge_of(act, id).await?;
            may_part(&merge, &survivor, act.now())?;
            part(act, me, (&duplicate, &survivor), &merge).await
        })
        .await?;
    Ok(Tagged(parted.version, parted))
}

async fn merge_of(act: &mut Act, id: i64) -> Result<Merge> {
    merges::of(act.db(), id).await?.ok_or_else(|| Error::conflict("conflict", "It is not merged."))
}

fn may_part(merge: &Merge, survivor: &Ticket, now: DateTime<Utc>) -> Result<()> {
    if now >= undo_until(merge.merged_at) {
        return Err(Error::conflict("conflict", "A merge is undone within 24 hours."));
    }
    match &survivor.survivor {
        Some(next) => {
            let why = format!("{} was merged into {}: that is undone first.", survivor.ticket_number, next.ticket_number);
            Err(Error::conflict("conflict", why))
        }
        None if survivor.status == Status::Closed => {
            Err(Error::conflict("ticket_closed", format!("{} is closed and is not changed any more.", survivor.ticket_number)))
        }
        None => Ok(()),
    }
}

async fn part(act: &mut Act, me: PersonId, (duplicate, survivor): (&Ticket, &Ticket), merge: &Merge) -> Result<Ticket> {
    let now = act.now();
    merges::undo(act.db(), merge.id, me, now).await?;
    give_back(act, me, (duplicate, survivor), merge).await?;
    merges::set_into(act.db(), duplicate.id, None).await?;
    let status = Status::parse(&merge.status);
    let to = status.ok_or_else(|| Error::internal(anyhow::anyhow!("merge {} holds a status that is none", merge.id)))?;
    let step = Step { to, trigger: Trigger::Unmerged, by: Some(me), reason: Some("unmerged") };
    let parted = take(act, Viewer::Everything, duplicate, step).await?;
    store::look_again(act.db(), &[duplicate.id, survivor.id]).await?;
    let parted = requeue(act, &parted, parted.team_id, Some(me)).await?;
    tell(act, me, (&parted, survivor), false).await?;
    if merge.snoozed_until.is_some_and(|until| until > now) && to != Status::Resolved {
        snooze(act, parted, Some(me), merge.snoozed_until.map(Snooze::until)).await?;
    }
    show::find(act, Viewer::Everything, &TicketRef::Id(duplicate.id)).await
}

/// Takes from the one what came from the other.
async fn give_back(act: &mut Act, me: PersonId, (duplicate, survivor): (&Ticket, &Ticket), merge: &Merge) -> Result<()> {
    let came = merges::messages(act.db(), merge.id).await?;
    let unread = messages::unread(act.db(), survivor.id, &came).await?;
    let of_staff = unread_back(merge.staff_unread, (survivor.unread_count, unread.of_customer), unread.of_customer_among);
    messages::move_to(act.db(), &came, survivor.id, duplicate.id).await?;
    media::move_with(act.db(), &came, duplicate.id).await?;
    media::part(act.db(), survivor.id, duplicate.id).await?;
    messages::withdraw(act.db(), survivor.id, merge.notice_id).await?;
    merges::part_watchers(act.db(), survivor.id, &merge.watchers_added).await?;
    if let Some(link) = merge.link_id {
        store::delete_link(act.db(), link).await?;
    }
    merges::move_unread(act.db(), survivor.id, duplicate.id, (of_staff, unread.of_agents_among)).await?;
    let left: Vec<String> = survivor.tags.iter().filter(|tag| !merge.tags_added.contains(tag)).cloned().collect();
    if left.len() < survivor.tags.len() { retag(act, me, survivor, left).await } else { Ok(()) }
}
