//! `POST /api/v1/tickets/{ticket}/snooze`: out of sight of the queue until a time, or until the customer writes. A
//! snoozed ticket comes back when its time has come, when its customer writes, when somebody says so, and when it is
//! resolved or closed.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use shared::{
    Error, Result,
    act::Act,
    http::{IfMatch, Json, NoContent, Path, Tagged},
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

/// Nobody means to come back later than that.
const LONGEST: TimeDelta = TimeDelta::days(366);
/// 9999-12-31: how "until the customer writes" is stored.
const UNTIL_THEY_WRITE: DateTime<Utc> = DateTime::from_timestamp(253_402_214_400, 0).expect("a time that there is");

/// A ticket is out of sight of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Snooze {
    /// Until then; null until the customer writes.
    pub until: Option<DateTime<Utc>>,
}

impl Snooze {
    /// As it is stored.
    pub(super) fn until(stored: DateTime<Utc>) -> Self {
        Self { until: (stored < UNTIL_THEY_WRITE).then_some(stored) }
    }

    fn stored(self) -> DateTime<Utc> {
        self.until.unwrap_or(UNTIL_THEY_WRITE)
    }

    /// Refuses a time that has passed or is too far away.
    pub(super) fn check(self, now: DateTime<Utc>) -> Result<Self> {
        match self.until {
            Some(until) if until <= now => Err(Error::field("until", "out_of_range", "This time has passed.")),
            Some(until) if until > now + LONGEST => Err(Error::field("until", "out_of_range", "At most a year.")),
            _ => Ok(self),
        }
    }
}

/// Until when a ticket shall be out of sight.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnoozeTicket {
    /// Until then, at most a year; null until the customer writes. Must be there.
    #[serde(deserialize_with = "present")]
    #[schema(required)]
    until: Option<DateTime<Utc>>,
}

/// Null is an answer here, leaving it out is none.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Option::deserialize(from)
}

/// Puts a ticket out of sight of the queue.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket}/snooze", tag = "tickets", request_body = SnoozeTicket,
    params(("ticket" = String, Path, description = "Id or number"), ("If-Match" = Option<String>, Header, description = "The version it builds on")),
    responses((status = 200, body = Ticket, headers(("ETag" = String, description = "The version, in quotes")))))]
pub(super) async fn snooze_ticket(
    session: Session,
    Path(ticket): Path<TicketRef>,
    version: IfMatch,
    Json(to): Json<SnoozeTicket>,
) -> Result<Tagged<Ticket>> {
    session.may(Permission::EditTickets)?;
    let (me, viewer) = (session.person.id, session.viewer());
    let snoozed = session
        .act(async |act| {
            let before = show::lock(act, viewer, &ticket).await?;
            version.check(before.version)?;
            snooze(act, before, Some(me), Some(Snooze { until: to.until })).await
        })
        .await?;
    Ok(Tagged(snoozed.version, snoozed))
}

/// Brings a ticket back before its time.
#[utoipa::path(delete, path = "/api/v1/tickets/{ticket}/snooze", tag = "tickets",
    params(("ticket" = String, Path, description = "Id or number")), responses((status = 204)))]
pub(super) async fn wake_ticket(session: Session, Path(ticket): Path<TicketRef>) -> Result<NoContent> {
    session.may(Permission::EditTickets)?;
    let (me, viewer) = (session.person.id, session.viewer());
    session
        .act(async |act| {
            let before = show::lock(act, viewer, &ticket).await?;
            snooze(act, before, Some(me), None).await
        })
        .await?;
    Ok(NoContent)
}

/// Puts a locked ticket out of sight, or brings it back: row, history and event together. The answer is for the staff.
pub(super) async fn snooze(act: &mut Act, before: Ticket, by: Option<PersonId>, to: Option<Snooze>) -> Result<Ticket> {
    match before.status {
        Status::Closed => return Err(Error::conflict("ticket_closed", "A closed ticket is not changed any more.")),
        Status::Resolved if to.is_some() => return Err(Error::conflict("conflict", "A resolved ticket is in no queue.")),
        Status::Open | Status::InProgress | Status::WaitingCustomer | Status::Resolved => {}
    }
    let now = act.now();
    let to = to.map(|to| to.check(now)).transpose()?;
    if before.snooze == to && before.is_snoozed == to.is_some() {
        return Ok(before);
    }
    let version = store::set_snooze(act.db(), before.id, to.map(Snooze::stored), now).await?;
    let (from_text, to_text) = (told(before.snooze), told(to));
    let change = Change { kind: "snooze", from: from_text.as_deref(), to: to_text.as_deref(), reason: None };
    store::write_history(act.db(), before.id, version, &change, by, now).await?;
    let after = show::find(act, Viewer::Everything, &TicketRef::Id(before.id)).await?;
    let shown = |ticket: &Ticket| serde_json::json!({ "snooze": ticket.snooze });
    act.record_change(&Event::ticket_snoozed(&after, by), &shown(&before), &shown(&after)).await?;
    Ok(after)
}

/// Wakes a locked ticket whose customer has written, and gives it as they see it.
pub(super) async fn wake_for_customer(act: &mut Act, viewer: Viewer, ticket: &Ticket) -> Result<Option<Ticket>> {
    if !ticket.is_snoozed || viewer.is_staff() {
        return Ok(None);
    }
    let named = TicketRef::Id(ticket.id);
    let whole = show::find(act, Viewer::Everything, &named).await?;
    snooze(act, whole, None, None).await?;
    show::find(act, viewer, &named).await.map(Some)
}

fn told(snooze: Option<Snooze>) -> Option<String> {
    snooze.map(|snooze| snooze.until.map_or_else(|| "customer".into(), |until| until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)))
}

/// Wakes one ticket if that is still right now that it is ours alone. False when it was not.
pub(super) async fn wake(act: &mut Act, id: i64) -> Result<bool> {
    let now = act.now();
    let Some((ticket, _)) = store::lock_free(act.db(), id, now).await? else { return Ok(false) };
    let is_due = ticket.snooze.and_then(|snooze| snooze.until).is_some_and(|until| until <= now);
    if is_due {
        snooze(act, ticket, None, None).await?;
    }
    Ok(is_due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_sleeps_until_a_time_to_come_or_until_its_customer_writes() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for (until, allowed) in [
            (None, true),
            (Some(now), false),
            (Some(now - TimeDelta::days(1)), false),
            (Some(now + TimeDelta::seconds(1)), true),
            (Some(now + TimeDelta::days(366)), true),
            (Some(now + TimeDelta::days(367)), false),
        ] {
            let snooze = Snooze { until };
            assert_eq!(snooze.check(now).is_ok(), allowed, "{until:?}");
            assert_eq!(Snooze::until(snooze.stored()), snooze);
        }
        assert_eq!(UNTIL_THEY_WRITE.to_rfc3339(), "9999-12-31T00:00:00+00:00");
    }
}
