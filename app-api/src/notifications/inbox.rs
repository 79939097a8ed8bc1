//! What people are told inside the product: that a target is near or missed, and that a ticket was given to them.

use serde::Deserialize;
use shared::{
    Result,
    act::{Act, Author},
    broker::{Message, Outcome, Queue, SAV_EXCHANGE},
    reaction::first_time,
    tenancy::Tenant,
};

use super::store;
use crate::{app::App, people::PersonId};

/// The queue of what is told inside the product.
pub const INBOX: Queue = Queue {
    name: "app.inbox",
    exchange: SAV_EXCHANGE,
    topics: &["sav.ticket.sla_breach", "sav.ticket.sla_warning", "sav.ticket.assigned"],
};
const CONSUMER: &str = "inbox";

#[derive(Deserialize)]
struct Envelope {
    event: String,
    tenant: uuid::Uuid,
    data: serde_json::Value,
}

/// The parts of an event that say whom it concerns.
#[derive(Debug, Deserialize)]
struct Concerned {
    ticket_id: i64,
    assigned_to: Option<PersonId>,
    assigned_by: Option<PersonId>,
}

/// Who is to know, and as what.
#[derive(Debug, PartialEq, Eq)]
struct Notice {
    kind: &'static str,
    person: Option<PersonId>,
    /// Managers and admins, too.
    managers: bool,
}

/// Whom an event concerns: a breach the managers and whoever works on it; a warning whoever works on it, or the managers
/// when nobody does; an assignment whoever got the ticket from somebody else.
fn notice(event: &str, to: &Concerned) -> Option<Notice> {
    match event {
        "TicketSLABreach" => Some(Notice { kind: "sla_breach", person: to.assigned_to, managers: true }),
        "TicketSLAWarning" => Some(Notice { kind: "sla_warning", person: to.assigned_to, managers: to.assigned_to.is_none() }),
        "TicketAssigned" if to.assigned_to != to.assigned_by => {
            to.assigned_to.map(|person| Notice { kind: "assigned", person: Some(person), managers: false })
        }
        _ => None,
    }
}

/// Writes what an event is to tell people, once.
pub async fn inform(app: &App, message: Message) -> Outcome {
    let read = serde_json::from_slice(&message.body).and_then(|e: Envelope| Ok((serde_json::from_value::<Concerned>(e.data.clone())?, e)));
    let (to, envelope) = match read {
        Ok(read) => read,
        Err(error) => return Outcome::GiveUp(error.to_string()),
    };
    // Page 11, T11: header and body must agree on whose event this is.
    if envelope.tenant != message.tenant {
        return Outcome::GiveUp("the envelope names another tenant".into());
    }
    let Some(notice) = notice(&envelope.event, &to) else { return Outcome::Done };
    match app.tenants.by_id(message.tenant).await {
        Ok(Some(tenant)) => Outcome::from(write(app, &tenant, &message, (to.ticket_id, &notice, &envelope.data)).await),
        Ok(None) => Outcome::GiveUp("the tenant is not active".into()),
        Err(error) => Outcome::from(Err(error)),
    }
}

async fn write(app: &App, tenant: &Tenant, message: &Message, told: (i64, &Notice, &serde_json::Value)) -> Result<()> {
    let author = Author::reacting(CONSUMER, message.id, 0);
    let (ticket, notice, data) = told;
    let work = async |act: &mut Act| {
        if !first_time(act.db(), CONSUMER, message.id).await? {
            return Ok(());
        }
        let now = act.now();
        store::notify(act.db(), (notice.kind, ticket, data), (notice.person, notice.managers), now).await
    };
    tenant.db.act(author, &app.clock, work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_an_event_concerns() {
        let notice = |event: &str, assigned_to, assigned_by| notice(event, &Concerned { ticket_id: 1, assigned_to, assigned_by });
        let to = |kind, person, managers| Some(Notice { kind, person, managers });
        for (event, assigned_to, assigned_by, expected) in [
            ("TicketSLABreach", Some(7), None, to("sla_breach", Some(7), true)),
            ("TicketSLABreach", None, None, to("sla_breach", None, true)),
            ("TicketSLAWarning", Some(7), None, to("sla_warning", Some(7), false)),
            ("TicketSLAWarning", None, None, to("sla_warning", None, true)),
            ("TicketAssigned", Some(7), Some(8), to("assigned", Some(7), false)),
            ("TicketAssigned", Some(7), None, to("assigned", Some(7), false)),
            ("TicketAssigned", Some(7), Some(7), None),
            ("TicketAssigned", None, Some(8), None),
            ("TicketEdited", Some(7), Some(8), None),
        ] {
            assert_eq!(notice(event, assigned_to, assigned_by), expected, "{event} {assigned_to:?} {assigned_by:?}");
        }
    }
}
