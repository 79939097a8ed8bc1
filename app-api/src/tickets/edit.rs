//! `PATCH /api/v1/tickets/{id}`: subject, category, priority, tags, custom fields. What is left out
//! stays. A priority set by hand is marked so, and no rule changes it back (T-20).

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, Path, Tagged},
};
use utoipa::ToSchema;

use super::{
    assign::queue,
    history::Change,
    measure,
    model::{CustomFields, Label, Priority, Subject, Tags, Ticket, TicketRef},
    sealing, show,
    status::Status,
    store::{self, Edited},
    trail,
    visibility::{Audience, Viewer},
};
use crate::{
    categories::{self, Asked, Sensitive, Settled, Side},
    events::Event,
    people::PersonId,
    permissions::Permission,
    session::Session,
};

/// What of a ticket shall change.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditTicket {
    /// What it is about.
    pub(super) subject: Option<Subject>,
    /// Its category; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub(super) category: Option<Option<Label>>,
    /// How much it presses.
    pub(super) priority: Option<Priority>,
    /// Its tags, all of them.
    pub(super) tags: Option<Tags>,
    /// Values of custom fields, all of them.
    pub(super) custom_fields: Option<CustomFields>,
}

/// Tells a null from a field that was left out.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Label>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Changes a ticket's properties.
#[utoipa::path(patch, path = "/api/v1/tickets/{ticket}", tag = "tickets", request_body = EditTicket,
    params(("ticket" = String, Path, description = "Id or number"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Ticket, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn edit_ticket(
    session: Session,
    Path(ticket): Path<TicketRef>,
    version: IfMatch,
    Json(edit): Json<EditTicket>,
) -> Result<Tagged<Ticket>> {
    session.may(Permission::EditTickets)?;
    let (me, viewer) = (session.person.id, session.viewer());
    let edited = session
        .act(async |act| {
            let before = show::lock(act, viewer, &ticket).await?;
            version.check(before.version)?;
            apply(act, me, &before, &edit).await
        })
        .await?;
    Ok(Tagged(edited.version, edited))
}

/// Applies an edit to a locked ticket. The answer is the ticket as its manager sees it: whoever moves it out of their
/// sight by its category still learns that it worked.
pub(super) async fn apply(act: &mut Act, me: PersonId, before: &Ticket, edit: &EditTicket) -> Result<Ticket> {
    must_be_open(before)?;
    let settled = settle(act, before, edit).await?;
    let manual = edit.priority.is_some();
    let to = Edited {
        subject: edit.subject.as_ref().map_or(&before.subject, Subject::as_str),
        category: settled.category.as_deref(),
        priority: edit.priority.unwrap_or(before.priority),
        priority_reason: if manual { "manual" } else { &before.priority_reason },
        tags: edit.tags.as_ref().map_or(&before.tags, Tags::as_slice),
        custom_fields: settled.values,
    };
    let changed = put(act, me, before, &to).await?;
    // A category leads to its team's queue whatever is in none.
    match settled.team_id.filter(|_| before.team_id.is_none() && before.category.as_deref() != to.category) {
        Some(team) => queue(act, &changed, Some(team), Some(me)).await,
        None => Ok(changed),
    }
}

fn must_be_open(ticket: &Ticket) -> Result<()> {
    let closed = || Error::conflict("ticket_closed", "A closed ticket is not changed any more.");
    if ticket.status == Status::Closed { Err(closed()) } else { Ok(()) }
}

impl<'a> Edited<'a> {
    /// The properties that a ticket has.
    pub fn of(ticket: &'a Ticket) -> Self {
        Self {
            subject: &ticket.subject,
            category: ticket.category.as_deref(),
            priority: ticket.priority,
            priority_reason: &ticket.priority_reason,
            tags: &ticket.tags,
            custom_fields: ticket.custom_fields.clone(),
        }
    }
}

/// Gives a locked ticket these properties, whatever is defined by now.
pub(super) async fn put(act: &mut Act, me: PersonId, before: &Ticket, to: &Edited<'_>) -> Result<Ticket> {
    must_be_open(before)?;
    sealing::must_overwrite_nothing(act, &before.unopened, &to.custom_fields)?;
    let sensitive = sealing::sensitive(act, [&before.custom_fields, &to.custom_fields]).await?;
    let (now, differences) = (act.now(), differences(before, to, &sensitive));
    if differences.is_empty() {
        return store::find(act, Viewer::Everything, &TicketRef::Id(before.id), now).await;
    }
    write(act, me, (before, to), &differences, &sensitive).await
}

/// Category and values after an edit. What is not touched is not judged.
async fn settle(act: &mut Act, before: &Ticket, edit: &EditTicket) -> Result<Settled> {
    let category_before = before.category.as_deref();
    if edit.category.is_none() && edit.custom_fields.is_none() {
        let (category, values) = (before.category.clone(), before.custom_fields.clone());
        return Ok(Settled { category, team_id: None, skills: Vec::new(), values });
    }
    let values = edit.custom_fields.as_ref().map_or_else(|| before.custom_fields.clone(), CustomFields::to_json);
    let asked = Asked {
        category: edit.category.as_ref().map_or(category_before, |to| to.as_ref().map(Label::as_str)),
        category_before,
        values: &values,
        values_before: &before.custom_fields,
        unopened: &before.unopened,
        side: Side::Staff,
    };
    categories::settle(act.db(), &asked).await
}

async fn write(
    act: &mut Act,
    me: PersonId,
    (before, to): (&Ticket, &Edited<'_>),
    differences: &[Difference],
    sensitive: &Sensitive,
) -> Result<Ticket> {
    let (now, values) = (act.now(), sealing::part(act, &to.custom_fields, sensitive)?.with(&before.unopened));
    let version = store::set_properties(act.db(), before.id, (to, &values), now).await?;
    if differences.iter().any(|d| matches!(d.kind, "subject" | "tags")) {
        store::index(act.db(), before.id).await?;
    }
    for difference in differences {
        let change = Change { kind: difference.kind, from: difference.from.as_deref(), to: difference.to.as_deref(), reason: None };
        store::write_history(act.db(), before.id, version, &change, Some(me), now).await?;
    }
    match differences.iter().any(|d| matches!(d.kind, "category" | "tags")) {
        true => measure::refit(act, before.id).await?,
        false => measure::renew(act, before.id).await?,
    }
    let after = store::find(act, Viewer::Everything, &TicketRef::Id(before.id), now).await?;
    let audience = Audience { after: after.sight(), before: None, internal: false };
    if differences.iter().any(|d| d.kind == "priority") {
        let event = Event::ticket_priority_changed(&after, before.priority, Some(me), audience);
        act.record_change(&event, &trail::priority(before), &trail::priority(&after)).await?;
    }
    let others: Vec<&'static str> = differences.iter().map(|d| d.kind).filter(|kind| *kind != "priority").collect();
    if !others.is_empty() {
        let event = Event::ticket_edited(&after, me, others, audience);
        let [was, is] = sealing::told(&before.custom_fields, &after.custom_fields, sensitive);
        act.record_change(&event, &trail::properties(before, &was), &trail::properties(&after, &is)).await?;
    }
    Ok(after)
}

/// One property that has changed, as its history tells it.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    kind: &'static str,
    from: Option<String>,
    to: Option<String>,
}

fn differences(before: &Ticket, to: &Edited<'_>, sensitive: &Sensitive) -> Vec<Difference> {
    let [was, is] = sealing::told(&before.custom_fields, &to.custom_fields, sensitive);
    let text = |value: &str| Some(value.to_owned());
    let json = |value: &Value| Some(value.to_string());
    [
        ("subject", text(&before.subject), text(to.subject)),
        ("category", before.category.clone(), to.category.map(str::to_owned)),
        ("priority", text(before.priority.as_str()), text(to.priority.as_str())),
        ("tags", text(&before.tags.join(", ")), text(&to.tags.join(", "))),
        ("custom_fields", json(&was), json(&is)),
    ]
    .into_iter()
    // A priority that is confirmed by hand is a change, too: of its reason.
    .filter(|(kind, from, value)| from != value || (*kind == "priority" && to.priority_reason != before.priority_reason))
    .map(|(kind, from, to)| Difference { kind, from, to })
    .collect()
}
