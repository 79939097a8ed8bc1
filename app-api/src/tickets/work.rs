//! What can be done to a ticket besides talking: one of these at a time to many tickets, or several to one by a macro.
//! All of it goes through the verbs that people use one by one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use shared::{Error, Result, act::Act};
use utoipa::ToSchema;

use super::{
    assign, change_status, edit,
    edit::EditTicket,
    model::{Label, Line, Priority, Tags, Ticket, TicketRef},
    reply::{Said, reply},
    show,
    snooze::{Snooze, snooze},
    status::Status,
    store::Edited,
    visibility::Viewer,
};
use crate::{
    messages::Body,
    people::{PersonId, TeamId},
};

/// Which of a ticket's properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Where it stands: `status`, with `reason` to close it unanswered.
    Status,
    /// Who works on it: `assigned_to`.
    Assign,
    /// In whose queue it is: `team_id`.
    Team,
    /// How much it presses: `priority`.
    Priority,
    /// Its tags: `add`, `remove` or both.
    Tags,
    /// Its category: `category`.
    Category,
    /// Out of sight of the queue: `until`.
    Snooze,
}

impl Action {
    /// The word in JSON and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Assign => "assign",
            Self::Team => "team",
            Self::Priority => "priority",
            Self::Tags => "tags",
            Self::Category => "category",
            Self::Snooze => "snooze",
        }
    }
}

/// Whom a ticket is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Whoever does it.
    Me,
    /// Nobody.
    Nobody,
    /// This agent.
    Person(PersonId),
}

impl Whom {
    pub(super) fn person(self, me: PersonId) -> Option<PersonId> {
        match self {
            Self::Me => Some(me),
            Self::Nobody => None,
            Self::Person(id) => Some(id),
        }
    }
}

impl Serialize for Whom {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Me => to.serialize_str("me"),
            Self::Nobody => to.serialize_none(),
            Self::Person(id) => to.serialize_i64(*id),
        }
    }
}

impl<'de> Deserialize<'de> for Whom {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        match (&value, value.as_i64()) {
            (Value::Null, _) => Ok(Self::Nobody),
            (_, Some(id)) => Ok(Self::Person(id)),
            _ if value == "me" => Ok(Self::Me),
            _ => Err(serde::de::Error::custom("invalid: An agent's id, me, or null for nobody.")),
        }
    }
}

/// An action and what it takes; whatever it does not take must be left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Doing {
    /// What is done.
    pub action: Action,
    /// With `status`: the status that it shall have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// With `status`: why; required to close an open ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    pub reason: Option<Line<1000>>,
    /// With `assign`: an agent's id, `me`, or null for nobody.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub assigned_to: Option<Whom>,
    /// With `team`: a team's id, or null for none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub team_id: Option<Option<TeamId>>,
    /// With `priority`: how much it presses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// With `tags`: these come, at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, max_items = 20)]
    pub add: Option<Vec<Label>>,
    /// With `tags`: these go, at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, max_items = 20)]
    pub remove: Option<Vec<Label>>,
    /// With `category`: its category; null for none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 64)]
    pub category: Option<Option<Label>>,
    /// With `snooze`: until then; null until the customer writes.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub until: Option<Option<DateTime<Utc>>>,
}

/// Tells a null from a field that was left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// What is done to a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// It takes a step, with a reason if there is one.
    Status(Status, Option<String>),
    /// It is given to somebody.
    Assign(Whom),
    /// It comes into a team's queue, or into none.
    Team(Option<TeamId>),
    /// It presses so much.
    Priority(Priority),
    /// Tags come and go.
    Tags {
        /// These come.
        add: Vec<Label>,
        /// These go.
        remove: Vec<Label>,
    },
    /// It has another category, or none.
    Category(Option<Label>),
    /// It is out of sight of the queue, or is back.
    Snooze(Option<Snooze>),
}

impl Work {
    /// What was asked, or which field is missing or too much.
    pub fn of(asked: &Doing) -> Result<Self> {
        asked.has_nothing_else()?;
        let missing = |name: &'static str| move || Error::field(name, "required", "This action needs it.");
        match asked.action {
            Action::Status => {
                let reason = asked.reason.as_ref().map(|reason| reason.as_str().to_owned());
                Ok(Self::Status(asked.status.ok_or_else(missing("status"))?, reason))
            }
            Action::Assign => Ok(Self::Assign(asked.assigned_to.ok_or_else(missing("assigned_to"))?)),
            Action::Team => Ok(Self::Team(asked.team_id.ok_or_else(missing("team_id"))?)),
            Action::Priority => Ok(Self::Priority(asked.priority.ok_or_else(missing("priority"))?)),
            Action::Tags => {
                let (add, remove) = (asked.add.clone().unwrap_or_default(), asked.remove.clone().unwrap_or_default());
                match add.len().max(remove.len()) {
                    0 => Err(missing("add")()),
                    1..=20 => Ok(Self::Tags { add, remove }),
                    _ => Err(Error::field("add", "too_long", "At most 20 tags.")),
                }
            }
            Action::Category => Ok(Self::Category(asked.category.clone().ok_or_else(missing("category"))?)),
            Action::Snooze => Ok(Self::Snooze(Some(Snooze { until: asked.until.ok_or_else(missing("until"))? }))),
        }
    }
}

impl Doing {
    fn has_nothing_else(&self) -> Result<()> {
        for (name, is_given, of) in [
            ("status", self.status.is_some(), Action::Status),
            ("reason", self.reason.is_some(), Action::Status),
            ("assigned_to", self.assigned_to.is_some(), Action::Assign),
            ("team_id", self.team_id.is_some(), Action::Team),
            ("priority", self.priority.is_some(), Action::Priority),
            ("add", self.add.is_some(), Action::Tags),
            ("remove", self.remove.is_some(), Action::Tags),
            ("category", self.category.is_some(), Action::Category),
            ("until", self.until.is_some(), Action::Snooze),
        ] {
            if is_given && of != self.action {
                return Err(Error::field(name, "invalid", "This action does not take it."));
            }
        }
        Ok(())
    }
}

/// What a ticket was before an action, as far as an undo needs it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Before {
    status: Status,
    assigned_to: Option<PersonId>,
    priority: Priority,
    /// None from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority_reason: Option<String>,
    tags: Vec<String>,
    category: Option<String>,
    /// In whose queue it was; none from before it was kept.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    team_id: Option<Option<TeamId>>,
    /// Whether it was snoozed, and until when.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    snooze: Option<Option<DateTime<Utc>>>,
}

impl Before {
    /// What `ticket` is now.
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            status: ticket.status,
            assigned_to: ticket.assigned_to,
            priority: ticket.priority,
            priority_reason: Some(ticket.priority_reason.clone()),
            tags: ticket.tags.clone(),
            category: ticket.category.clone(),
            team_id: Some(ticket.team_id),
            snooze: ticket.snooze.map(|snooze| snooze.until),
        }
    }
}

/// Does one thing to a locked ticket. What comes after an assignment sees the ticket still: these are the staff's eyes.
pub(super) async fn apply(act: &mut Act, me: PersonId, before: Ticket, work: &Work) -> Result<Ticket> {
    let eyes = Viewer::Everything;
    let edit = async |act: &mut Act, edit: EditTicket| edit::apply(act, me, &before, &edit).await;
    match work {
        Work::Status(to, reason) => change_status::set(act, eyes, me, &before, (*to, reason.as_deref())).await,
        Work::Assign(to) => assign::assign(act, me, &before, to.person(me)).await,
        Work::Team(to) => assign::queue(act, &before, *to, Some(me)).await,
        Work::Snooze(to) => snooze(act, before, Some(me), *to).await,
        Work::Priority(to) => edit(act, EditTicket { priority: Some(*to), ..EditTicket::default() }).await,
        Work::Category(to) => edit(act, EditTicket { category: Some(to.clone()), ..EditTicket::default() }).await,
        Work::Tags { add, remove } => {
            let tags = Tags::changed(&before.tags, add, remove).map_err(|why| Error::field("add", "too_long", why))?;
            edit(act, EditTicket { tags: Some(tags), ..EditTicket::default() }).await
        }
    }
}

/// Brings what an action has changed of a locked ticket back to what it was. Nothing is judged anew: it stood there.
pub(super) async fn undo(act: &mut Act, me: PersonId, ticket: Ticket, (action, was): (Action, &Before)) -> Result<Ticket> {
    let is = Edited::of(&ticket);
    match action {
        Action::Status => change_status::set(act, Viewer::Everything, me, &ticket, (was.status, None)).await,
        Action::Assign => assign::assign(act, me, &ticket, was.assigned_to).await,
        Action::Team => assign::requeue(act, &ticket, was.team_id.flatten(), Some(me)).await,
        Action::Snooze => snooze(act, ticket, Some(me), was.snooze.map(|until| Snooze { until })).await,
        Action::Tags => edit::put(act, me, &ticket, &Edited { tags: &was.tags, ..is }).await,
        Action::Priority => {
            let priority_reason = was.priority_reason.as_deref().unwrap_or("manual");
            edit::put(act, me, &ticket, &Edited { priority: was.priority, priority_reason, ..is }).await
        }
        Action::Category => {
            let back = edit::put(act, me, &ticket, &Edited { category: was.category.as_deref(), ..is }).await?;
            match was.team_id {
                Some(team) => assign::requeue(act, &back, team, Some(me)).await,
                None => Ok(back),
            }
        }
    }
}

/// Says something in a ticket's thread, if there is something to say, and then does all of this to it.
pub async fn say_and_do(
    act: &mut Act,
    (viewer, me): (Viewer, PersonId),
    ticket: &TicketRef,
    said: Option<(&Body, &str, bool)>,
    works: &[Work],
) -> Result<Ticket> {
    let mut ticket = show::lock(act, viewer, ticket).await?;
    if let Some((message, html, is_internal)) = said {
        reply(act, viewer, me, &ticket, Said { message, html, is_internal, reopen: false, mentions: &[], attachments: &[] }).await?;
    }
    for work in works {
        ticket = apply(act, me, ticket, work).await?;
    }
    // After its last step a ticket may be somebody else's: whoever hands it over still learns that it worked.
    show::find(act, Viewer::Everything, &TicketRef::Id(ticket.id)).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> Result<Work, String> {
        let asked: Doing = serde_json::from_value(body).map_err(|error| error.to_string())?;
        Work::of(&asked).map_err(|error| match error {
            Error::Invalid(errors) => format!("{}: {}", errors[0].field, errors[0].code),
            other => other.to_string(),
        })
    }

    #[test]
    fn an_action_takes_what_it_needs_and_nothing_else() {
        for (body, wrong) in [
            (json!({ "action": "status", "status": "resolved" }), None),
            (json!({ "action": "status", "status": "closed", "reason": "spam" }), None),
            (json!({ "action": "status" }), Some("status: required")),
            (json!({ "action": "assign", "assigned_to": 7 }), None),
            (json!({ "action": "assign", "assigned_to": "me" }), None),
            (json!({ "action": "assign", "assigned_to": null }), None),
            (json!({ "action": "assign" }), Some("assigned_to: required")),
            (json!({ "action": "assign", "assigned_to": "you" }), Some("invalid: An agent's id")),
            (json!({ "action": "team", "team_id": null }), None),
            (json!({ "action": "team" }), Some("team_id: required")),
            (json!({ "action": "assign", "assigned_to": "me", "team_id": 7 }), Some("team_id: invalid")),
            (json!({ "action": "priority", "priority": "high", "status": "closed" }), Some("status: invalid")),
            (json!({ "action": "tags", "add": ["a"], "remove": ["b"] }), None),
            (json!({ "action": "tags", "add": [] }), Some("add: required")),
            (json!({ "action": "tags", "add": vec!["a"; 21] }), Some("add: too_long")),
            (json!({ "action": "category", "category": null }), None),
            (json!({ "action": "category" }), Some("category: required")),
            (json!({ "action": "snooze", "until": null }), None),
            (json!({ "action": "snooze" }), Some("until: required")),
            (json!({ "action": "delete" }), Some("unknown variant")),
            (json!({ "action": "priority", "priority": "high", "version": 1 }), Some("unknown field")),
        ] {
            let told = read(body.clone()).err();
            assert_eq!(told.is_some(), wrong.is_some(), "{body} {told:?}");
            assert!(told.unwrap_or_default().starts_with(wrong.unwrap_or_default()), "{body}");
        }
    }

    #[test]
    fn what_was_asked_is_stored_as_it_was_asked() {
        for body in [
            json!({ "action": "assign", "assigned_to": null }),
            json!({ "action": "assign", "assigned_to": "me" }),
            json!({ "action": "team", "team_id": null }),
            json!({ "action": "category", "category": null }),
            json!({ "action": "snooze", "until": null }),
            json!({ "action": "tags", "add": ["a"] }),
        ] {
            let asked: Doing = serde_json::from_value(body.clone()).expect("an action");
            assert_eq!(serde_json::to_value(&asked).expect("JSON"), body);
        }
    }

    #[test]
    fn what_a_ticket_was_is_kept_whole_and_what_the_release_before_has_kept_is_read() {
        let old = json!({ "status": "open", "assigned_to": null, "priority": "low", "tags": ["a"], "category": null, "snooze": null });
        let before: Before = serde_json::from_value(old.clone()).expect("a state");
        assert_eq!((before.snooze, before.team_id, &before.priority_reason), (Some(None), None, &None));
        assert_eq!(serde_json::to_value(&before).expect("JSON"), old);
        for (team_id, snooze) in [(None, None), (Some(7), Some(None))] {
            let before = Before { priority_reason: Some("vip".into()), team_id: Some(team_id), snooze, ..before_of(&old) };
            assert_eq!(before_of(&serde_json::to_value(&before).expect("JSON")), before);
        }
    }

    fn before_of(kept: &Value) -> Before {
        serde_json::from_value(kept.clone()).expect("a state")
    }
}
