//! `POST /api/v1/tickets`: a customer asks, or staff asks for one.

use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    idempotency::{Keyed, Once, once},
    month::Month,
};
use utoipa::ToSchema;

use super::{
    clocks::Life,
    history::Change,
    measure,
    model::{CustomFields, Label, Priority, Subject, Tags, Ticket, TicketRef},
    number,
    priority::{self, Opening},
    status::Status,
    store::{self, NewRow},
    visibility::{Audience, Viewer},
};
use crate::{
    events::Event,
    messages::{self, Body},
    people::{self, PersonId},
    permissions::Permission,
    session::Session,
    sla::Traits,
};

/// How often a taken number is drawn again. Two in a row happen once in many lifetimes.
const DRAWS: usize = 5;

/// A ticket to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenTicket {
    /// What it is about, one line.
    subject: Subject,
    /// What is asked, in Markdown.
    description: Body,
    /// How much it presses; medium unless told. A rule may say more, unless staff tell (T-20).
    priority: Option<Priority>,
    /// Its category.
    category: Option<Label>,
    /// The order it is about.
    order_id: Option<Label>,
    /// Tags; staff only.
    #[serde(default)]
    tags: Tags,
    /// Values of custom fields.
    #[serde(default)]
    custom_fields: CustomFields,
    /// The requester, where staff opens it on their behalf.
    user_id: Option<PersonId>,
}

/// Opens a ticket. With an `Idempotency-Key` a retry gets the first answer for 24 hours. `413 quota_exceeded` when
/// the organisation has opened as many this month (UTC) as its plan allows.
#[utoipa::path(post, path = "/api/v1/tickets", tag = "tickets", request_body = OpenTicket,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Ticket, headers(("Location" = String, description = "The ticket"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn open_ticket(session: Session, Keyed { body: new, key }: Keyed<OpenTicket>) -> Result<Once> {
    session.may(Permission::OpenTickets)?;
    if new.user_id.is_some_and(|id| id != session.person.id) || !new.tags.as_slice().is_empty() {
        session.may(Permission::OpenForOthers)?;
    }
    let (me, viewer, owner) = (session.person.id, session.viewer(), session.owner());
    let most = session.tenant.bounds.openings_a_month;
    let html = messages::rendered(new.description.as_str()).await?;
    session
        .act(async |act| {
            once(act, key.as_ref(), &owner, "tickets", async |act| {
                must_have_room(act, most).await?;
                let ticket = open(act, viewer, me, (&new, &html)).await?;
                Once::created(format!("/api/v1/tickets/{}", ticket.id), &ticket)
            })
            .await
        })
        .await
}

/// Refuses one more than the month allows. Whoever opens one waits here for whoever is just opening another, so the
/// number is exact; where there is no limit, nobody waits and nothing is counted.
async fn must_have_room(act: &mut Act, most: Option<i64>) -> Result<()> {
    let Some(allowed) = most else { return Ok(()) };
    let month = Month::of(act.now());
    store::hold_openings(act.db()).await?;
    let used = store::opened_within(act.db(), (month.starts(), month.ends())).await?;
    if used < allowed { Ok(()) } else { Err(Error::Quota { limit: "tickets_a_month", allowed, used }) }
}

/// Opens a ticket for its requester: number drawn, first step written, event recorded.
async fn open(act: &mut Act, viewer: Viewer, me: PersonId, (new, html): (&OpenTicket, &str)) -> Result<Ticket> {
    let requester = new.user_id.unwrap_or(me);
    if requester != me && !people::exists(act.db(), requester).await? {
        return Err(Error::field("user_id", "unknown_value", "There is no such person."));
    }
    let by_customer = !viewer.is_staff();
    let (custom_fields, category) = (new.custom_fields.to_json(), new.category.as_ref().map(Label::as_str));
    let (vip, in_category) = store::standing(act.db(), requester, category).await?;
    let opening = Opening { asked: new.priority, by_hand: !by_customer, category, in_category, vip, ..Opening::default() };
    let (priority, priority_reason) = priority::decide(&opening);
    let traits = Traits { category, tags: new.tags.as_slice(), team_id: None };
    let life = Life::beginning(priority, act.now());
    let measured = measure::begin(act, &life, traits).await?;
    let row = NewRow {
        user_id: requester,
        subject: new.subject.as_str(),
        description: new.description.as_str(),
        description_html: html,
        priority,
        priority_reason: &priority_reason,
        category,
        order_id: new.order_id.as_ref().map(Label::as_str),
        tags: new.tags.as_slice(),
        custom_fields: &custom_fields,
        channel: "web",
        staff_unread: i32::from(by_customer),
        measured: &measured,
    };
    let id = insert(act, row).await?;
    let now = act.now();
    let first = Change { kind: "status", from: None, to: Some(Status::Open.as_str()), reason: None };
    store::write_history(act.db(), id, 1, &first, Some(me), now).await?;
    // Who opens a ticket sees what they opened, also where the queue is not theirs to see.
    let ticket = store::find(act.db(), viewer, &TicketRef::Id(id), now).await?;
    let audience = Audience { after: ticket.sight(), before: None, internal: false };
    act.record(&Event::ticket_created(&ticket, audience)).await?;
    Ok(ticket)
}

async fn insert(act: &mut Act, row: NewRow<'_>) -> Result<i64> {
    let now = act.now();
    for _ in 0..DRAWS {
        let number = number::draw(&mut rand::rng());
        if let Some(id) = store::insert(act.db(), &number, &row, now).await? {
            return Ok(id);
        }
    }
    Err(Error::internal(anyhow::anyhow!("no free ticket number after {DRAWS} draws")))
}
