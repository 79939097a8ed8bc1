//! `POST /api/v1/tickets`: a customer asks, or staff asks for one.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::{
    Error, Result,
    act::Act,
    idempotency::{Keyed, Once},
    month::Month,
};
use utoipa::ToSchema;

use super::{
    clocks::Life,
    follow_up,
    give::give_new,
    history::Change,
    measure,
    model::{CustomFields, Label, Priority, Subject, Tags, Ticket, TicketRef},
    number,
    orders::{self, Found},
    priority::{self, Opening},
    sealing, show,
    status::Status,
    store::{self, NewRow},
    visibility::{Audience, Viewer},
};
use crate::{
    app::App,
    categories::{self, Asked, Settled, Side},
    events::Event,
    messages::{self, Body},
    orders::Finding,
    people::{self, PersonId},
    permissions::Permission,
    session::Session,
    sla::Traits,
    teams,
};

/// How often a taken number is drawn again. Two in a row happen once in many lifetimes.
const DRAWS: usize = 5;

/// A ticket to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenTicket {
    /// What it is about, one line.
    pub(super) subject: Subject,
    /// What is asked, in Markdown.
    pub(super) description: Body,
    /// How much it presses; medium unless told. A rule may say more, unless staff tell (T-20).
    pub(super) priority: Option<Priority>,
    /// Its category.
    pub(super) category: Option<Label>,
    /// The order it is about.
    pub(super) order_id: Option<Label>,
    /// Tags; staff only.
    #[serde(default)]
    pub(super) tags: Tags,
    /// Values of custom fields.
    #[serde(default)]
    pub(super) custom_fields: CustomFields,
    /// The requester, where staff opens it on their behalf.
    pub(super) user_id: Option<PersonId>,
    /// The id of a closed ticket that it goes on from, of the same requester: category, order, tags and custom fields are
    /// that one's where they are not given.
    pub(super) follow_up_of: Option<i64>,
}

/// Opens a ticket. With an `Idempotency-Key` a retry gets the first answer for 24 hours. `413 quota_exceeded` when
/// the organisation has opened as many this month (UTC) as its plan allows. `422 unknown_order` when there is no such order
/// for this customer; when nobody can say that now, the ticket is opened and `metadata.order.validation` is `pending`.
#[utoipa::path(post, path = "/api/v1/tickets", tag = "tickets", request_body = OpenTicket,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = Ticket, headers(("Location" = String, description = "The ticket"), ("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn open_ticket(session: Session, State(app): State<App>, Keyed { body: new, key }: Keyed<OpenTicket>) -> Result<Once> {
    session.may(Permission::OpenTickets)?;
    if new.user_id.is_some_and(|id| id != session.person.id) || !new.tags.as_slice().is_empty() {
        session.may(Permission::OpenForOthers)?;
    }
    let (me, viewer) = (session.person.id, session.viewer());
    let most = session.tenant.bounds.openings_a_month;
    let html = messages::rendered(new.description.as_str()).await?;
    let from = follow_up::seen(&session, new.follow_up_of).await?;
    let order = orders::asked(&app, &session, new.about(from.as_ref()), new.requester(from.as_ref(), me)).await;
    session
        .once(key.as_ref(), "tickets", async |act| {
            must_have_room(act, most).await?;
            let closed = follow_up::closed(act, viewer, new.follow_up_of).await?;
            let beginning = Beginning { asked: &new, html: &html, order: order.as_ref(), from: closed.as_ref() };
            let ticket = open(act, viewer, me, beginning).await?;
            let ticket = follow_up::tie(act, viewer, me, (ticket, closed)).await?;
            answered(&ticket)
        })
        .await
}

/// The answer with a new ticket. What is sealed of it is not kept in clear with the answer either.
pub fn answered(ticket: &Ticket) -> Result<Once> {
    let at = format!("/api/v1/tickets/{}", ticket.id);
    if ticket.has_opened { Once::created_sealed(at, ticket) } else { Once::created(at, ticket) }
}

/// Refuses one more than the month allows. Whoever opens one waits here for whoever is just opening another, so the
/// number is exact; where there is no limit, nobody waits and nothing is counted.
pub(super) async fn must_have_room(act: &mut Act, most: Option<i64>) -> Result<()> {
    let Some(allowed) = most else { return Ok(()) };
    let month = Month::of(act.now());
    store::hold_openings(act.db()).await?;
    let used = store::opened_within(act.db(), (month.starts(), month.ends())).await?;
    if used < allowed { Ok(()) } else { Err(Error::Quota { limit: "tickets_a_month", allowed, used }) }
}

impl OpenTicket {
    /// Whose it will be: whoever is named, else that of the ticket that it comes from.
    fn requester(&self, from: Option<&Ticket>, me: PersonId) -> PersonId {
        self.user_id.or(from.map(|from| from.user_id)).unwrap_or(me)
    }

    /// The order that it will be about: the one that is given, else that of the ticket that it comes from.
    fn about<'a>(&'a self, from: Option<&'a Ticket>) -> Option<&'a str> {
        self.order_id.as_ref().map(Label::as_str).or(from.and_then(|from| from.order_id.as_deref()))
    }
}

/// What a ticket begins with.
pub(super) struct Beginning<'a> {
    /// What was asked.
    pub asked: &'a OpenTicket,
    /// Its description as safe HTML.
    pub html: &'a str,
    /// What was found about its order, where it has one.
    pub order: Option<&'a Found>,
    /// The ticket that it comes from.
    pub from: Option<&'a Ticket>,
}

/// Opens a ticket for its requester: number drawn, first step written, event recorded. What is not given is taken from the
/// ticket that it comes from, if there is one.
pub(super) async fn open(act: &mut Act, viewer: Viewer, me: PersonId, beginning: Beginning<'_>) -> Result<Ticket> {
    let Beginning { asked: new, html, order, from } = beginning;
    let (requester, order_id) = (new.requester(from, me), new.about(from));
    must_be_of(act, requester, me, from).await?;
    let order = order.and_then(|found| found.of(order_id, requester));
    if new.order_id.is_some() {
        orders::must_exist(order)?;
    }
    let by_customer = !viewer.is_staff();
    let settled = settle(act, viewer, new, from).await?;
    let category = settled.category.as_deref();
    let (vip, in_category) = store::standing(act.db(), requester, category).await?;
    let opening = Opening {
        asked: new.priority,
        by_hand: !by_customer,
        category,
        in_category,
        vip,
        order_cents: order.and_then(Finding::euro_cents),
        unpaid: order.is_some_and(Finding::is_unpaid),
    };
    let (priority, priority_reason) = priority::decide(&opening);
    let tags = from.filter(|_| new.tags.as_slice().is_empty()).map_or(new.tags.as_slice(), |from| from.tags.as_slice());
    let traits = Traits { category, tags, team_id: settled.team_id };
    let values = sealing::keep(act, &settled.values).await?.with(&taken_over(new, from));
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
        team_id: settled.team_id,
        order_id,
        tags,
        values: &values,
        channel: "web",
        staff_unread: i32::from(by_customer),
        measured: &measured,
    };
    let id = insert(act, row).await?;
    if let Some(finding) = order {
        orders::begin(act, id, finding).await?;
    }
    let now = act.now();
    let first = Change { kind: "status", from: None, to: Some(Status::Open.as_str()), reason: None };
    store::write_history(act.db(), id, 1, &first, Some(me), now).await?;
    let ticket = store::find(act, Viewer::Everything, &TicketRef::Id(id), now).await?;
    let audience = Audience { after: ticket.sight(), before: None, internal: false };
    act.record(&Event::ticket_created(&ticket, audience)).await?;
    give_new(act, &ticket, &settled.skills).await?;
    // Who opens a ticket sees what they opened, also where the queue, or who got it, is not theirs to see.
    let eyes = if by_customer { viewer } else { Viewer::Everything };
    store::find(act, eyes, &TicketRef::Id(id), now).await
}

/// Refuses a requester whom nobody knows, and another one than that of the ticket that it comes from.
async fn must_be_of(act: &mut Act, requester: PersonId, me: PersonId, from: Option<&Ticket>) -> Result<()> {
    if from.is_some_and(|from| from.user_id != requester) {
        return Err(Error::field("user_id", "invalid", "It has the requester of the ticket that it comes from."));
    }
    if requester != me && !people::exists(act.db(), requester).await? {
        return Err(Error::field("user_id", "unknown_value", "There is no such person."));
    }
    Ok(())
}

/// Sealed values that go on in a ticket as they are, for nobody can open them now: those of the ticket that it comes from, where all
/// of its values go on.
fn taken_over(new: &OpenTicket, from: Option<&Ticket>) -> Map<String, Value> {
    let takes_all = new.category.is_none() && new.custom_fields.to_json() == json!({});
    from.filter(|_| takes_all).map(|from| from.unopened.clone()).unwrap_or_default()
}

/// Category and values, as they may be. What is taken over from another ticket is not judged anew.
async fn settle(act: &mut Act, viewer: Viewer, new: &OpenTicket, from: Option<&Ticket>) -> Result<Settled> {
    let (given, nothing) = (new.custom_fields.to_json(), json!({}));
    let values_before = match from.filter(|_| new.category.is_none()) {
        None => nothing.clone(),
        Some(from) if given == nothing => from.custom_fields.clone(),
        // Held against what they see of it: whether a guess at a hidden value is right tells nobody.
        Some(from) => show::find(act, viewer, &TicketRef::Id(from.id)).await?.custom_fields,
    };
    let category_before = from.and_then(|from| from.category.as_deref());
    let asked = Asked {
        category: new.category.as_ref().map(Label::as_str).or(category_before),
        category_before,
        values: if given == nothing { &values_before } else { &given },
        values_before: &values_before,
        unopened: &taken_over(new, from),
        side: if viewer.is_staff() { Side::Staff } else { Side::Customer },
    };
    let settled = categories::settle(act.db(), &asked).await?;
    match settled.team_id {
        // A team that goes just now takes no more.
        Some(team) if !teams::is_team(act.db(), team).await? => Ok(Settled { team_id: None, ..settled }),
        _ => Ok(settled),
    }
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
