//! `POST /api/v1/tickets/{ticket}/merge`: two tickets of one customer about the same thing become one. The thread of the
//! duplicate moves with its notes into the one that goes on, which says what came; watchers and tags are joined, and the
//! duplicate closes with a link. Drafts stay where they were begun: nobody's half a sentence goes into another thread
//! unseen. For a day it can be undone (`unmerge`).

use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, Path, Tagged},
};
use utoipa::ToSchema;

use super::{
    change_status::{Step, take},
    edit::{self, EditTicket},
    history::Change,
    joining::{Pair, brings_work, notice, refusal, tags_added},
    links, measure,
    model::{Tags, Ticket, TicketRef},
    number, show,
    snooze::snooze,
    status::{Status, Trigger},
    store::{
        self,
        merges::{self, NewMerge},
    },
    visibility::{Audience, Viewer},
};
use crate::{events::Event, media, messages, people::PersonId, permissions::Permission, session::Session};

/// Which ticket goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeTicket {
    /// The id or the number of the ticket that goes on.
    into: Named,
}

/// A ticket by its id or its number.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Named {
    /// Its id.
    Id(i64),
    /// Its number.
    Number(String),
}

impl Named {
    fn reference(&self) -> Result<TicketRef> {
        match self {
            Self::Id(id) => Ok(TicketRef::Id(*id)),
            Self::Number(text) => number::parse(text)
                .map(TicketRef::Number)
                .ok_or_else(|| Error::field("into", "invalid", "A ticket's id, or its number as TKT-23456789.")),
        }
    }
}

/// Merges a ticket into another one of the same customer, and shows that one, which is work again when it waited and
/// somebody owes an answer to what came. `409` when one of them is closed, when that one is resolved and this one is not, when
/// their customers are different, and beyond a thousand messages.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/merge", tag = "tickets", request_body = MergeTicket,
    params(("ticket" = String, Path, description = "Id or number of the duplicate"),
        ("If-Match" = Option<String>, Header, description = "The version that it builds on")),
    responses((status = 200, body = Ticket, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn merge_ticket(
    session: Session,
    Path(ticket): Path<TicketRef>,
    version: IfMatch,
    Json(to): Json<MergeTicket>,
) -> Result<Tagged<Ticket>> {
    session.may(Permission::EditTickets)?;
    let (me, viewer, into) = (session.person.id, session.viewer(), to.into.reference()?);
    let merged = session
        .act(async |act| {
            let (duplicate, survivor) = lock_both(act, viewer, (&ticket, &into)).await?;
            version.check(duplicate.version)?;
            merge(act, me, &duplicate, &survivor).await
        })
        .await?;
    Ok(Tagged(merged.version, merged))
}

/// Two tickets, both seen and both locked, the lower id first: of two who merge the same ones the other way round neither
/// waits for the other for ever (page 11, C2).
pub(super) async fn lock_both(act: &mut Act, viewer: Viewer, (one, other): (&TicketRef, &TicketRef)) -> Result<(Ticket, Ticket)> {
    let (one, other) = (show::find(act, viewer, one).await?.id, show::find(act, viewer, other).await?.id);
    if one == other {
        return Err(Error::field("into", "invalid", "A ticket is not merged into itself."));
    }
    let first = show::lock(act, viewer, &TicketRef::Id(one.min(other))).await?;
    let second = show::lock(act, viewer, &TicketRef::Id(one.max(other))).await?;
    Ok(if first.id == one { (first, second) } else { (second, first) })
}

async fn merge(act: &mut Act, me: PersonId, duplicate: &Ticket, survivor: &Ticket) -> Result<Ticket> {
    let messages = messages::ids(act.db(), duplicate.id).await?;
    let pair = Pair {
        duplicate: duplicate.status,
        survivor: survivor.status,
        same_requester: duplicate.user_id == survivor.user_id,
        messages: messages.len() as i64,
    };
    if let Some((code, why)) = refusal(pair) {
        return Err(Error::conflict(code, why));
    }
    join(act, me, (duplicate, survivor), &messages).await?;
    let survivor = &set_going(act, me, (duplicate.status, survivor.id)).await?;
    if let Some(since) = duplicate.waiting_since {
        store::wait_since(act.db(), survivor.id, since).await?;
    }
    merges::set_into(act.db(), duplicate.id, Some(survivor.id)).await?;
    let step = Step { to: Status::Closed, trigger: Trigger::Merged, by: Some(me), reason: Some("merged") };
    let closed = take(act, Viewer::Everything, duplicate, step).await?;
    tell(act, me, (&closed, survivor), true).await?;
    show::find(act, Viewer::Everything, &TicketRef::Id(survivor.id)).await
}

/// The ticket that goes on, which words that somebody owes an answer to wake, and make work again of what waited for its
/// customer (T-32).
async fn set_going(act: &mut Act, me: PersonId, (duplicate, survivor): (Status, i64)) -> Result<Ticket> {
    let mut survivor = show::find(act, Viewer::Everything, &TicketRef::Id(survivor)).await?;
    if !brings_work(duplicate) {
        return Ok(survivor);
    }
    if survivor.is_snoozed {
        survivor = snooze(act, survivor, Some(me), None).await?;
    }
    if survivor.status == Status::WaitingCustomer {
        let step = Step { to: Status::InProgress, trigger: Trigger::CustomerWrote, by: Some(me), reason: Some("merged") };
        survivor = take(act, Viewer::Everything, &survivor, step).await?;
    }
    Ok(survivor)
}

/// Brings everything over, and writes down what it was.
async fn join(act: &mut Act, me: PersonId, (duplicate, survivor): (&Ticket, &Ticket), messages: &[i64]) -> Result<()> {
    let (now, added) = (act.now(), tags_added(&survivor.tags, &duplicate.tags));
    if !added.is_empty() {
        let tags = survivor.tags.iter().chain(&added).cloned().collect();
        retag(act, me, survivor, tags).await?;
    }
    let said = notice(&duplicate.ticket_number, &duplicate.subject, (&duplicate.description, &duplicate.description_html));
    messages::move_to(act.db(), messages, duplicate.id, survivor.id).await?;
    media::move_with(act.db(), messages, survivor.id).await?;
    media::join(act.db(), duplicate.id, survivor.id).await?;
    let notice_id = messages::announce(act.db(), survivor.id, (&said.0, &said.1), now).await?;
    let watchers = merges::join_watchers(act.db(), duplicate.id, survivor.id).await?;
    let link_id = links::tie(act, me, (duplicate.id, survivor.id)).await?;
    let merge = NewMerge {
        ticket_id: duplicate.id,
        into_id: survivor.id,
        tags_added: &added,
        watchers_added: &watchers,
        link_id,
        notice_id,
        messages,
        by: me,
    };
    merges::keep(act.db(), &merge, now).await?;
    merges::move_unread(act.db(), duplicate.id, survivor.id, (i32::MAX, i32::MAX)).await
}

/// Gives a locked ticket these tags, by the verb that people use.
pub(super) async fn retag(act: &mut Act, me: PersonId, ticket: &Ticket, tags: Vec<String>) -> Result<()> {
    let edit = EditTicket { tags: Some(Tags::again(tags)), ..EditTicket::default() };
    edit::apply(act, me, ticket, &edit).await.map(drop)
}

/// What follows at both ends, when two have become one and when they are two again: the clock of the answer goes by
/// the thread that is there now, each history names the other, and whoever looks at either hears of it.
pub(super) async fn tell(act: &mut Act, me: PersonId, (duplicate, survivor): (&Ticket, &Ticket), merged: bool) -> Result<()> {
    let now = act.now();
    let answered = messages::first_answer(act.db(), survivor.id).await?;
    let version = merges::set_thread(act.db(), survivor.id, answered, now).await?;
    measure::renew(act, survivor.id).await?;
    let ends = [(duplicate, duplicate.version, "merged_into", survivor), (survivor, version, "merged_from", duplicate)];
    for (end, version, kind, other) in ends {
        let number = Some(other.ticket_number.as_str());
        let (from, to) = if merged { (None, number) } else { (number, None) };
        store::write_history(act.db(), end.id, version, &Change { kind, from, to, reason: None }, Some(me), now).await?;
    }
    let audience = Audience { after: duplicate.sight(), before: None, internal: false };
    act.record(&Event::ticket_merged(duplicate, survivor, me, merged, audience)).await?;
    let audience = Audience { after: survivor.sight(), before: None, internal: false };
    let why = if merged { "merge" } else { "unmerge" };
    act.record(&Event::ticket_thread_changed(survivor, duplicate.id, why, me, audience)).await.map(drop)
}
