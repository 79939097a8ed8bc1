//! `/api/v1/tickets/{ticket}/links`: tickets that belong together, side by side or one under the other. A link is
//! there for whoever sees both of its ends.

use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    http::{Json, NoContent, NoQuery, Path},
    idempotency::{Keyed, Once, once},
};
use utoipa::ToSchema;

use super::{
    history::Change,
    model::{Ticket, TicketRef},
    show,
    status::Status,
    store,
    visibility::Viewer,
};
use crate::{events::Event, people::PersonId, permissions::Permission, session::Session};

/// What the other ticket is to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Something like it.
    Related,
    /// What it is a part of; a ticket has one parent.
    Parent,
    /// A part of it.
    Child,
}

impl Relation {
    /// The link's ends in their order, and its kind, as they are stored.
    pub(super) fn stored(self, this: i64, other: i64) -> (i64, i64, &'static str) {
        match self {
            Self::Related => (this.min(other), this.max(other), "related"),
            Self::Parent => (other, this, "parent"),
            Self::Child => (this, other, "parent"),
        }
    }

    /// What the other end is to `this`.
    pub(super) fn seen_from(this: i64, from: i64, kind: &str) -> Self {
        match (kind, from == this) {
            ("parent", true) => Self::Child,
            ("parent", false) => Self::Parent,
            _ => Self::Related,
        }
    }
}

/// A link to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkTicket {
    /// The other ticket's id.
    to: i64,
    /// What it is to this one.
    relation: Relation,
}

/// Another ticket that this one is linked with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Link {
    /// The link's id.
    pub id: i64,
    /// What the other ticket is to this one.
    pub relation: Relation,
    /// The other ticket.
    pub ticket: Linked,
}

/// A ticket at the other end.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Linked {
    /// Its id.
    pub id: i64,
    /// Its number.
    pub ticket_number: String,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
}

impl Linked {
    fn of(ticket: &Ticket) -> Self {
        Self { id: ticket.id, ticket_number: ticket.ticket_number.clone(), subject: ticket.subject.clone(), status: ticket.status }
    }
}

/// A ticket's links.
#[derive(Debug, Serialize, ToSchema)]
pub struct Links {
    /// The oldest first; at most 50.
    pub data: Vec<Link>,
}

/// Links of a ticket at most.
const MOST: usize = 50;

/// Lists the tickets that this one is linked with, as far as the reader sees them.
#[utoipa::path(get, path = "/api/v1/tickets/{ticket}/links", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 200, body = Links)))]
pub(super) async fn list_links(session: Session, Path(ticket): Path<TicketRef>, _: NoQuery) -> Result<Json<Links>> {
    session.may(Permission::UseDesk)?;
    let (mut db, viewer) = (session.read().await?, session.viewer());
    let ticket = store::find(&mut db, viewer, &ticket, session.clock().now()).await?;
    let mut data = Vec::new();
    for (id, from, to, kind) in store::links(&mut db, ticket.id).await? {
        let other = if from == ticket.id { to } else { from };
        match store::find(&mut db, viewer, &TicketRef::Id(other), session.clock().now()).await {
            Ok(other) => {
                data.push(Link { id, relation: Relation::seen_from(ticket.id, from, &kind), ticket: Linked::of(&other) });
            }
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Json(Links { data }))
}

/// Links two tickets that one sees. `409` when they are linked so already, when the child has a parent, when the child
/// is above its parent, and beyond fifty links.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/links", tag = "tickets", request_body = LinkTicket,
    params(("ticket" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Link, headers(("Location" = String, description = "The ticket's links")))))]
pub(super) async fn link_tickets(
    session: Session,
    Path(ticket): Path<TicketRef>,
    Keyed { body: new, key }: Keyed<LinkTicket>,
) -> Result<Once> {
    session.may(Permission::EditTickets)?;
    let (me, viewer, owner) = (session.person.id, session.viewer(), session.owner());
    session
        .act(async |act| {
            let this = show::find(act, viewer, &ticket).await?;
            let list = format!("tickets/{}/links", this.id);
            once(act, key.as_ref(), &owner, &list, async |act| {
                let link = link(act, (viewer, me), this.id, &new).await?;
                Once::created(format!("/api/v1/{list}"), &link)
            })
            .await
        })
        .await
}

async fn link(act: &mut Act, (viewer, me): (Viewer, PersonId), this: i64, new: &LinkTicket) -> Result<Link> {
    if new.to == this {
        return Err(Error::field("to", "invalid", "A ticket is not linked with itself."));
    }
    // Links are made one after the other, so that no two of them close a circle together.
    store::hold_links(act.db()).await?;
    let this = show::lock(act, viewer, &TicketRef::Id(this)).await?;
    if this.status == Status::Closed {
        return Err(Error::conflict("ticket_closed", "A closed ticket is not changed any more."));
    }
    let other = match show::find(act, viewer, &TicketRef::Id(new.to)).await {
        Err(Error::NotFound(_)) => return Err(Error::field("to", "unknown_value", "There is no such ticket.")),
        found => found?,
    };
    let ends = new.relation.stored(this.id, other.id);
    for end in [this.id, other.id] {
        let links = store::links(act.db(), end).await?;
        if links.len() >= MOST {
            return Err(Error::conflict("conflict", format!("A ticket has at most {MOST} links.")));
        }
        if ends.2 == "parent" && end == ends.1 && links.iter().any(|link| link.2 == end && link.3 == "parent") {
            return Err(Error::conflict("conflict", "It has a parent already."));
        }
    }
    if ends.2 == "parent" && store::is_above(act.db(), ends.1, ends.0).await? {
        return Err(Error::conflict("conflict", "It would be above itself."));
    }
    let now = act.now();
    let id = store::insert_link(act.db(), ends, me, now).await?;
    tell(act, me, &this, &other, (ends.2, true)).await?;
    Ok(Link { id, relation: new.relation, ticket: Linked::of(&other) })
}

/// Links two tickets side by side, unless they are linked or one of them has as many links as may be. The caller has
/// both, and tells of it.
pub(super) async fn tie(act: &mut Act, me: PersonId, (this, other): (i64, i64)) -> Result<Option<i64>> {
    for end in [this, other] {
        let links = store::links(act.db(), end).await?;
        if links.len() >= MOST || links.iter().any(|(_, from, to, _)| [*from, *to] == [this, other] || [*from, *to] == [other, this]) {
            return Ok(None);
        }
    }
    let now = act.now();
    store::insert_link(act.db(), Relation::Related.stored(this, other), me, now).await.map(Some)
}

/// Writes at both ends what became of a link between them, and tells it once.
pub(super) async fn tell(act: &mut Act, me: PersonId, this: &Ticket, other: &Ticket, (kind, linked): (&'static str, bool)) -> Result<()> {
    let now = act.now();
    for (end, far) in [(this, other), (other, this)] {
        let number = Some(far.ticket_number.as_str());
        let (from, to) = if linked { (None, number) } else { (number, None) };
        let change = Change { kind: "link", from, to, reason: Some(kind) };
        store::write_history(act.db(), end.id, end.version, &change, Some(me), now).await?;
    }
    act.record(&Event::ticket_linked(this, other.id, kind, me, linked)).await.map(drop)
}

/// Takes a link away; whoever does sees both of its ends.
#[utoipa::path(delete, path = "/api/v1/tickets/{ticket}/links/{link}", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number"), ("link" = i64, Path, description = "The link's id")),
    responses((status = 204)))]
pub(super) async fn unlink_tickets(session: Session, Path((ticket, id)): Path<(TicketRef, i64)>) -> Result<NoContent> {
    session.may(Permission::EditTickets)?;
    let (me, viewer) = (session.person.id, session.viewer());
    session
        .act(async |act| {
            let this = show::lock(act, viewer, &ticket).await?;
            let links = store::links(act.db(), this.id).await?;
            let (_, from, to, kind) = links.into_iter().find(|link| link.0 == id).ok_or(Error::NotFound("not_found"))?;
            let other = show::find(act, viewer, &TicketRef::Id(if from == this.id { to } else { from })).await?;
            if this.status == Status::Closed {
                return Err(Error::conflict("ticket_closed", "A closed ticket is not changed any more."));
            }
            store::delete_link(act.db(), id).await?;
            tell(act, me, &this, &other, (if kind == "parent" { "parent" } else { "related" }, false)).await
        })
        .await?;
    Ok(NoContent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_of_a_link_sees_what_the_other_is_to_it() {
        for (relation, back) in
            [(Relation::Related, Relation::Related), (Relation::Parent, Relation::Child), (Relation::Child, Relation::Parent)]
        {
            for (this, other) in [(1, 2), (2, 1)] {
                let (from, to, kind) = relation.stored(this, other);
                assert_eq!([from, to].iter().sum::<i64>(), 3);
                assert_eq!(Relation::seen_from(this, from, kind), relation, "{this}");
                assert_eq!(Relation::seen_from(other, from, kind), back, "{this}");
                assert_eq!(back.stored(other, this), (from, to, kind), "it is one link, whoever makes it");
            }
        }
    }
}
