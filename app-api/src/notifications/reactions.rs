//! From an event to a mail in the tenant's outgoing box.

use serde::Deserialize;
use shared::{
    Error, Result,
    act::{Act, Author},
    broker::{Message, Outcome, Queue, SAV_EXCHANGE},
    mail::{self, Mail},
    reaction::first_time,
    tenancy::Tenant,
};
use sqlx::PgConnection;

use super::{
    sparing,
    text::{self, News, Occasion},
};
use crate::{
    app::App,
    messages,
    people::{self, PersonId},
    satisfaction, tickets,
};

/// The queue of this feature.
pub const QUEUE: Queue = Queue {
    name: "app.mail",
    exchange: SAV_EXCHANGE,
    topics: &["sav.ticket.created", "sav.ticket.message_added", "sav.ticket.resolved", "sav.attachment.infected", "sav.attachment.refused"],
};
/// A file is gone: whoever asked for help is told of their own.
const OF_FILES: [&str; 2] = ["AttachmentInfected", "AttachmentRefused"];
const CONSUMER: &str = "mail";

#[derive(Deserialize)]
struct Envelope {
    event: String,
    tenant: uuid::Uuid,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    ticket_id: i64,
    message_id: Option<i64>,
    sender_type: Option<String>,
    is_internal: Option<bool>,
    original_name: Option<String>,
    uploaded_by: Option<PersonId>,
}

impl Envelope {
    fn is_of_file(&self) -> bool {
        OF_FILES.contains(&self.event.as_str())
    }

    /// The message whose words are told.
    fn reply(&self) -> Option<i64> {
        self.data.message_id.filter(|_| !self.is_of_file())
    }
}

/// Writes the mail that an event calls for, once; then has it sent.
pub async fn react(app: &App, message: Message) -> Outcome {
    let envelope: Envelope = match message.read() {
        Ok(envelope) => envelope,
        Err(why) => return Outcome::GiveUp(why),
    };
    // Page 11, T11: header and body must agree on whose event this is.
    if envelope.tenant != message.tenant {
        return Outcome::GiveUp("the envelope names another tenant".into());
    }
    let by_agent = envelope.data.sender_type.as_deref() == Some("agent") && envelope.data.is_internal == Some(false);
    let by_itself = ["TicketCreated", "TicketResolved"].contains(&envelope.event.as_str()) || envelope.is_of_file();
    let wanted = by_itself || (envelope.event == "MessageAdded" && by_agent);
    if !wanted {
        return Outcome::Done;
    }
    let tenant = match app.tenants.by_id(message.tenant).await {
        Ok(Some(tenant)) => tenant,
        Ok(None) => return Outcome::GiveUp("the tenant is not active".into()),
        Err(error) => return Outcome::from(Err(error)),
    };
    let written = write(app, &tenant, &message, &envelope).await;
    if written.is_ok() {
        app.outside.changes.announce(tenant.id);
    }
    Outcome::from(written)
}

async fn write(app: &App, tenant: &Tenant, message: &Message, envelope: &Envelope) -> Result<()> {
    // Asked before the act, inside of which nothing goes over the network.
    let asked = asked(app, tenant, envelope).await?;
    let (event, data) = (&envelope.event, &envelope.data);
    let author = Author::reacting(CONSUMER, message.id, 0);
    let work = async |act: &mut Act| {
        if !first_time(act.db(), CONSUMER, message.id).await? {
            return Ok(());
        }
        let Some((ticket_id, reply)) = told(act.db(), envelope).await? else { return Ok(()) };
        let Some(ticket) = tickets::facts(act.db(), ticket_id).await? else { return Ok(()) };
        let Some(requester) = people::find(act.db(), ticket.user_id).await?.filter(|p| p.active) else { return Ok(()) };
        if envelope.is_of_file() && data.uploaded_by != Some(requester.id) {
            return Ok(());
        }
        // Whether somebody has proved their address who has the ticket since a moment is asked when this is tried again.
        let Some((_, has_proved)) = asked.filter(|(id, _)| *id == requester.id) else { return Err(Error::Contended) };
        if !has_proved {
            return send(act, app, tenant, &notice(app, tenant, &requester)?).await;
        }
        let site = app.site.url(tenant.slug.as_str());
        let rate_url = if event == "TicketResolved" { question(act, app, tenant, message).await? } else { None };
        let occasion = Occasion {
            organisation: &tenant.organisation,
            firstname: &requester.firstname,
            ticket_number: &ticket.ticket_number,
            subject: &ticket.subject,
            url: &format!("{site}/tickets/{}", ticket.ticket_number),
            news: match &reply {
                Some(m) => News::Answered { markdown: &m.message, html: &m.message_html },
                None if envelope.is_of_file() => News::FileRemoved {
                    name: data.original_name.as_deref().unwrap_or_default(),
                    is_infected: event == "AttachmentInfected",
                },
                None if event == "TicketResolved" => News::Resolved { rate_url: rate_url.as_deref() },
                None => News::Received,
            },
        };
        let mail = letter(app, tenant, &requester, &occasion, ticket_id)?;
        send(act, app, tenant, &mail).await
    };
    tenant.db.act(author, &app.clock, work).await
}

/// Whose ticket it is, and whether the platform knows that the address is theirs. A contact has proved none.
async fn asked(app: &App, tenant: &Tenant, envelope: &Envelope) -> Result<Option<(PersonId, bool)>> {
    let mut db = tenant.db.read().await?;
    let Some((ticket_id, _)) = told(&mut db, envelope).await? else { return Ok(None) };
    let Some(requester) = tickets::facts(&mut db, ticket_id).await?.map(|ticket| ticket.user_id) else { return Ok(None) };
    drop(db);
    Ok(Some((requester, app.people.has_proved(tenant.id, requester).await?)))
}

/// The ticket that the event is of, and what was said, if that is what it tells. A message may stand in another ticket of its customer
/// by now: its own was merged into that one.
async fn told(db: &mut PgConnection, envelope: &Envelope) -> Result<Option<(i64, Option<messages::Message>)>> {
    let Some(id) = envelope.reply() else { return Ok(Some((envelope.data.ticket_id, None))) };
    Ok(messages::public(db, id).await?.map(|message| (message.ticket_id, Some(message))))
}

/// Decides a mail. One that the organisation has no room for waits for its turn; one that its reader has had enough of is not
/// written, and what happened stands in the ticket all the same.
async fn send(act: &mut Act, app: &App, tenant: &Tenant, mail: &Mail) -> Result<()> {
    let (now, turn) = (act.now(), sparing::turn(act, &mail.to_address, mail.template, !app.no_rate_limit).await?);
    if turn != Some(now) {
        app.spared.note(turn, mail.template);
    }
    let Some(due) = turn else {
        tracing::warn!(tenant = %tenant.id, template = mail.template, "a mail was not written: there were too many");
        return Ok(());
    };
    mail::queue_until(act.db(), mail, &app.site.base_domain, (now, due)).await
}

/// Where the resolution that an event tells of is rated (T-60).
async fn question(act: &mut Act, app: &App, tenant: &Tenant, resolved: &Message) -> Result<Option<String>> {
    let token = satisfaction::token(app, act.db(), tenant.id, resolved.id).await?;
    Ok(token.map(|token| format!("{}/rate?token={token}", app.site.url(tenant.slug.as_str()))))
}

/// What goes to an address that nobody has proved: anybody may have written it down, so none of their words is in it (E4).
fn notice(app: &App, tenant: &Tenant, to: &people::Person) -> Result<Mail> {
    let url = format!("{}/login", app.site.url(tenant.slug.as_str()));
    let (organisation, news) = (&*tenant.organisation, News::Unproved { has_account: !people::is_contact(to.id) });
    let text = text::write(&to.locale, &Occasion { organisation, firstname: "", ticket_number: "", subject: "", url: &url, news })?;
    Ok(Mail {
        template: news.template(),
        to_address: to.email.clone(),
        to_name: String::new(),
        subject: text.subject,
        text: text.plain,
        html: text.html,
        headers: vec![("Auto-Submitted", "auto-generated".into())],
    })
}

fn letter(app: &App, tenant: &Tenant, to: &people::Person, occasion: &Occasion<'_>, ticket_id: i64) -> Result<Mail> {
    let text = text::write(&to.locale, occasion)?;
    // All mails of a ticket name the same first message, so that mail programs show one thread.
    let thread = format!("<ticket.{ticket_id}.{}@{}>", tenant.id, app.site.base_domain);
    Ok(Mail {
        template: occasion.news.template(),
        to_address: to.email.clone(),
        to_name: format!("{} {}", to.firstname, to.lastname),
        subject: text.subject,
        text: text.plain,
        html: text.html,
        headers: vec![("References", thread.clone()), ("In-Reply-To", thread), ("Auto-Submitted", "auto-generated".into())],
    })
}
