//! What people are told inside the product: that a target is near or missed, that a ticket was given to them, that a note
//! names them, and what happens to a ticket that they watch. Nobody is told of what they did themselves, nor of a ticket
//! that they do not see.

use serde::Deserialize;
use shared::{
    Result,
    act::{Act, Author},
    broker::{Message, Outcome, Queue, SAV_EXCHANGE, unread},
    reaction::first_time,
    tenancy::Tenant,
};

use super::store;
use crate::{app::App, people::PersonId, tickets};

/// The queue of what is told inside the product.
pub const INBOX: Queue = Queue {
    name: "app.inbox",
    exchange: SAV_EXCHANGE,
    topics: &[
        "sav.ticket.sla_breach",
        "sav.ticket.sla_warning",
        "sav.ticket.assigned",
        "sav.ticket.message_added",
        "sav.ticket.status_changed",
        "sav.user.mentioned",
        "sav.attachment.infected",
        "sav.attachment.refused",
        "sav.attachment.shared",
    ],
};
const CONSUMER: &str = "inbox";

#[derive(Deserialize)]
struct Envelope {
    event: String,
    tenant: uuid::Uuid,
    data: serde_json::Value,
}

/// The parts of an event that say whom it concerns, and who did it.
#[derive(Debug, Default, Deserialize)]
struct Concerned {
    ticket_id: i64,
    assigned_to: Option<PersonId>,
    assigned_by: Option<PersonId>,
    user_id: Option<PersonId>,
    mentioned_by: Option<PersonId>,
    sender_id: Option<PersonId>,
    #[serde(default)]
    is_internal: bool,
    changed_by: Option<PersonId>,
    uploaded_by: Option<PersonId>,
    member_id: Option<PersonId>,
}

/// Who is to know, and as what.
#[derive(Debug, PartialEq, Eq)]
struct Notice {
    kind: &'static str,
    to: To,
}

#[derive(Debug, PartialEq, Eq)]
enum To {
    /// Whoever works on it, and managers and admins, too.
    Responsible { person: Option<PersonId>, managers: bool },
    /// Somebody, if they see it.
    Seer(PersonId),
    /// Somebody, whether they see the ticket or not: what they are told is not about it.
    Anyway(PersonId),
    /// Whoever watches it and sees it, but for these.
    Watchers([Option<PersonId>; 2]),
}

/// Whom an event concerns: a breach the managers and whoever works on it; a warning whoever works on it, or the managers
/// when nobody does; an assignment whoever got the ticket from somebody else; a note whom it names. Of public messages,
/// statuses and assignments those who watch know, too, each once.
fn notices(event: &str, of: &Concerned) -> Vec<Notice> {
    let responsible = |kind, managers| Notice { kind, to: To::Responsible { person: of.assigned_to, managers } };
    let watchers = |kind, but| Notice { kind, to: To::Watchers(but) };
    match event {
        "TicketSLABreach" => vec![responsible("sla_breach", true)],
        "TicketSLAWarning" => vec![responsible("sla_warning", of.assigned_to.is_none())],
        "TicketAssigned" => {
            let given = of.assigned_to.is_some() && of.assigned_to != of.assigned_by;
            let given = given.then(|| responsible("assigned", false));
            given.into_iter().chain([watchers("watched_assigned", [of.assigned_by, of.assigned_to])]).collect()
        }
        "MessageAdded" if !of.is_internal => vec![watchers("watched_message", [of.sender_id, None])],
        "TicketStatusChanged" => vec![watchers("watched_status", [of.changed_by, None])],
        "AttachmentInfected" => {
            vec![Notice { kind: "attachment_infected", to: To::Responsible { person: of.uploaded_by, managers: true } }]
        }
        "AttachmentRefused" => {
            vec![Notice { kind: "attachment_refused", to: To::Responsible { person: of.uploaded_by, managers: true } }]
        }
        "FileShared" => of.member_id.map(|person| Notice { kind: "file_shared", to: To::Anyway(person) }).into_iter().collect(),
        "UserMentioned" if of.user_id != of.mentioned_by => {
            of.user_id.map(|person| Notice { kind: "mentioned", to: To::Seer(person) }).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Writes what an event is to tell people, once.
pub async fn inform(app: &App, message: Message) -> Outcome {
    let read = serde_json::from_slice(&message.body).and_then(|e: Envelope| Ok((serde_json::from_value::<Concerned>(e.data.clone())?, e)));
    let (to, envelope) = match read {
        Ok(read) => read,
        Err(error) => return Outcome::GiveUp(unread(&error)),
    };
    // Page 11, T11: header and body must agree on whose event this is.
    if envelope.tenant != message.tenant {
        return Outcome::GiveUp("the envelope names another tenant".into());
    }
    let notices = notices(&envelope.event, &to);
    if notices.is_empty() {
        return Outcome::Done;
    }
    match app.tenants.by_id(message.tenant).await {
        Ok(Some(tenant)) => Outcome::from(write(app, &tenant, &message, (to.ticket_id, &notices, &envelope.data)).await),
        Ok(None) => Outcome::GiveUp("the tenant is not active".into()),
        Err(error) => Outcome::from(Err(error)),
    }
}

async fn write(app: &App, tenant: &Tenant, message: &Message, told: (i64, &[Notice], &serde_json::Value)) -> Result<()> {
    let author = Author::reacting(CONSUMER, message.id, 0);
    let (ticket, notices, data) = told;
    let work = async |act: &mut Act| {
        if !first_time(act.db(), CONSUMER, message.id).await? {
            return Ok(());
        }
        let now = act.now();
        for notice in notices {
            let (people, managers) = readers(act, ticket, &notice.to).await?;
            let about = (!matches!(notice.to, To::Anyway(_))).then_some(ticket);
            store::notify(act.db(), (notice.kind, about, data), (&people, managers), now).await?;
        }
        Ok(())
    };
    tenant.db.act(author, &app.clock, work).await
}

/// Who is to know, as of now, and whether managers and admins are.
async fn readers(act: &mut Act, ticket: i64, to: &To) -> Result<(Vec<PersonId>, bool)> {
    let now = act.now();
    match to {
        To::Responsible { person, managers } => Ok((person.iter().copied().collect(), *managers)),
        To::Anyway(person) => Ok((vec![*person], false)),
        To::Seer(person) => Ok((tickets::seers(act.db(), ticket, &[*person], now).await?, false)),
        To::Watchers(but) => {
            let watching = tickets::watching(act.db(), ticket, now).await?;
            Ok((watching.into_iter().filter(|person| !but.contains(&Some(*person))).collect(), false))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_an_event_concerns() {
        let responsible = |kind, person, managers| Notice { kind, to: To::Responsible { person, managers } };
        let watchers = |kind, but| Notice { kind, to: To::Watchers(but) };
        let (seven, eight) = (Some(7), Some(8));
        let assigned = |assigned_to, assigned_by| Concerned { assigned_to, assigned_by, ..Concerned::default() };
        let said = |is_internal| Concerned { sender_id: seven, is_internal, ..Concerned::default() };
        // The status of a ticket names its requester, too: they are not meant.
        let moved = Concerned { changed_by: seven, user_id: eight, ..Concerned::default() };
        let named = |mentioned_by| Concerned { user_id: seven, mentioned_by, ..Concerned::default() };
        for (event, of, expected) in [
            ("TicketSLABreach", assigned(seven, None), vec![responsible("sla_breach", seven, true)]),
            ("TicketSLABreach", assigned(None, None), vec![responsible("sla_breach", None, true)]),
            ("TicketSLAWarning", assigned(seven, None), vec![responsible("sla_warning", seven, false)]),
            ("TicketSLAWarning", assigned(None, None), vec![responsible("sla_warning", None, true)]),
            (
                "TicketAssigned",
                assigned(seven, eight),
                vec![responsible("assigned", seven, false), watchers("watched_assigned", [eight, seven])],
            ),
            (
                "TicketAssigned",
                assigned(seven, None),
                vec![responsible("assigned", seven, false), watchers("watched_assigned", [None, seven])],
            ),
            ("TicketAssigned", assigned(seven, seven), vec![watchers("watched_assigned", [seven, seven])]),
            ("TicketAssigned", assigned(None, eight), vec![watchers("watched_assigned", [eight, None])]),
            ("MessageAdded", said(false), vec![watchers("watched_message", [seven, None])]),
            ("MessageAdded", said(true), vec![]),
            ("TicketStatusChanged", moved, vec![watchers("watched_status", [seven, None])]),
            (
                "AttachmentRefused",
                Concerned { uploaded_by: seven, ..Concerned::default() },
                vec![responsible("attachment_refused", seven, true)],
            ),
            ("UserMentioned", named(eight), vec![Notice { kind: "mentioned", to: To::Seer(7) }]),
            ("UserMentioned", named(seven), vec![]),
            ("FileShared", Concerned { member_id: seven, ..Concerned::default() }, vec![Notice { kind: "file_shared", to: To::Anyway(7) }]),
            ("FileShared", Concerned::default(), vec![]),
            ("TicketEdited", assigned(seven, eight), vec![]),
        ] {
            assert_eq!(notices(event, &of), expected, "{event} {of:?}");
        }
    }
}
