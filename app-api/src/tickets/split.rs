//! `POST /api/v1/tickets/{ticket}/split`: what a customer wrote beside the matter becomes a ticket of its own. It is
//! copied: the thread stays as it was read, mailed and answered, and so do its clocks. Only a customer's own words become
//! a description; a note never does, for customers read it.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    http::Path,
    idempotency::{Keyed, Once, once},
};
use utoipa::ToSchema;

use super::{
    links,
    model::{CustomFields, Label, Priority, Subject, Tags, Ticket, TicketRef},
    open::{Beginning, OpenTicket, answered, must_have_room, open},
    orders::{self, Found},
    show,
    status::Status,
    visibility::Viewer,
};
use crate::{
    app::App,
    media::{self, Allowed},
    messages::{self, Body, Message, SenderType},
    people::PersonId,
    permissions::Permission,
    session::Session,
};

/// A message that shall be a ticket of its own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitTicket {
    /// The message's id: something that the customer wrote in this ticket.
    message_id: i64,
    /// What the new ticket is about.
    subject: Subject,
    /// How much it presses; medium unless told.
    priority: Option<Priority>,
    /// Its category; that of this ticket unless told.
    category: Option<Label>,
}

/// Opens a ticket for what the customer wrote in another one, with its requester, order, tags and category, linked with it. With an
/// `Idempotency-Key` a retry gets the first answer. `409` from a closed ticket, `413 quota_exceeded` where there is no room for one ticket
/// more, or for its files once more.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/split", tag = "tickets", request_body = SplitTicket,
    params(("ticket" = String, Path, description = "Id or number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Ticket, headers(("Location" = String, description = "The new ticket"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn split_ticket(
    session: Session,
    State(app): State<App>,
    Path(ticket): Path<TicketRef>,
    Keyed { body: new, key }: Keyed<SplitTicket>,
) -> Result<Once> {
    session.may(Permission::EditTickets)?;
    session.may(Permission::OpenForOthers)?;
    let (me, viewer, owner) = (session.person.id, session.viewer(), session.owner());
    let bounds = session.tenant.bounds;
    let before = show::seen(&session, &ticket).await?;
    let order = orders::asked(&app, &session, before.order_id.as_deref(), before.user_id).await;
    let answer = session
        .act(async |act| {
            let source = show::lock(act, viewer, &ticket).await?;
            once(act, key.as_ref(), &owner, &format!("tickets/{}/split", source.id), async |act| {
                let message = of_customer(act, &source, new.message_id).await?;
                must_have_room(act, bounds.openings_a_month).await?;
                let ticket = split(act, (viewer, me), (&source, order.as_ref()), (&new, &message)).await?;
                media::copy_of(act, message.id, ticket.id, Allowed::by_plan(&bounds)).await?;
                answered(&ticket)
            })
            .await
        })
        .await?;
    // Files of the message are there twice now, and count so.
    media::room::changed(&app.outside.cache, &session.tenant, before.user_id).await;
    Ok(answer)
}

/// What the customer wrote in a locked ticket.
async fn of_customer(act: &mut Act, source: &Ticket, id: i64) -> Result<Message> {
    if source.status == Status::Closed {
        return Err(Error::conflict("ticket_closed", "A closed ticket is not split any more."));
    }
    let found = messages::public(act.db(), id).await?;
    found
        .filter(|message| message.ticket_id == source.id && message.sender_type == SenderType::Customer)
        .ok_or_else(|| Error::field("message_id", "unknown_value", "The customer wrote no such message here."))
}

async fn split(
    act: &mut Act,
    (viewer, me): (Viewer, PersonId),
    (source, order): (&Ticket, Option<&Found>),
    (new, message): (&SplitTicket, &Message),
) -> Result<Ticket> {
    let description = Body::parse(&message.message).map_err(|why| Error::internal(anyhow::anyhow!("message {}: {why}", message.id)))?;
    let asked = OpenTicket {
        subject: new.subject.clone(),
        description,
        priority: new.priority,
        category: new.category.clone(),
        order_id: None,
        tags: Tags::default(),
        custom_fields: CustomFields::default(),
        user_id: None,
        follow_up_of: None,
    };
    let beginning = Beginning { asked: &asked, html: &message.message_html, order, from: Some(source) };
    let ticket = open(act, viewer, me, beginning).await?;
    if links::tie(act, me, (ticket.id, source.id)).await?.is_some() {
        links::tell(act, me, &ticket, source, ("split", true)).await?;
    }
    show::find(act, Viewer::Everything, &TicketRef::Id(ticket.id)).await
}
