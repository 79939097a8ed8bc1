//! A macro and its parts.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{Error, Result};
use utoipa::ToSchema;

use super::{
    plain::plain,
    template::{self, Filled, Placeholder},
};
use crate::{
    messages::Body,
    people::Person,
    tickets::{Doing, Scope, Ticket, Work},
};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only speaks.
    CannedReply,
    /// It speaks, acts, or both.
    Macro,
}

impl Kind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CannedReply => "canned_reply",
            Self::Macro => "macro",
        }
    }
}

/// A text and actions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Macro {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub scope: Scope,
    /// What it says, in Markdown with placeholders.
    pub message: Option<String>,
    /// It says so among colleagues.
    pub is_internal: bool,
    /// What it does, in this order.
    pub actions: Vec<Doing>,
    /// Grows with each change; the `ETag`.
    pub version: i64,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A text for replies.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CannedReply {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub scope: Scope,
    /// What it says, in Markdown with placeholders.
    pub message: String,
    /// Grows with each change; the `ETag`.
    pub version: i64,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Macro> for CannedReply {
    fn from(of: Macro) -> Self {
        let Macro { id, name, scope, message, version, created_at, updated_at, .. } = of;
        Self { id, name, scope, message: message.unwrap_or_default(), version, created_at, updated_at }
    }
}

const MOST_ACTIONS: usize = 10;

/// What is said may hold the placeholders that there are.
pub fn check_text(message: &Body) -> Result<()> {
    template::check(message.as_str()).map_err(|why| {
        let (code, sentence) = why.split_once(": ").unwrap_or(("invalid", &why));
        Error::field("message", code, sentence)
    })
}

/// What is done, or which action is wrong. A time to come back at is no habit: macros do not snooze.
pub fn works(actions: &[Doing]) -> Result<Vec<Work>> {
    if actions.len() > MOST_ACTIONS {
        return Err(Error::field("actions", "too_long", format!("At most {MOST_ACTIONS} actions.")));
    }
    let of = |(n, doing): (usize, &Doing)| match Work::of(doing) {
        Ok(Work::Snooze(_)) => Err(Error::field(format!("actions[{n}].action"), "unknown_value", "Macros do not snooze.")),
        Err(Error::Invalid(errors)) => {
            let first = errors.into_iter().next();
            let (field, code, message) = first.map_or_else(Default::default, |e| (e.field, e.code, e.message));
            Err(Error::field(format!("actions[{n}].{field}"), code, message))
        }
        other => other,
    };
    actions.iter().enumerate().map(of).collect()
}

/// Fills a text in for a ticket, as `agent` of `organisation` would say it. What people have written is no Markdown there.
pub fn filled(text: &str, ticket: &Ticket, agent: &Person, organisation: &str) -> Filled {
    template::fill(text, |placeholder| {
        let value: Cow<'_, str> = match placeholder {
            Placeholder::TicketNumber => (&*ticket.ticket_number).into(),
            Placeholder::TicketSubject => plain(&ticket.subject).into(),
            Placeholder::TicketStatus => ticket.status.as_str().into(),
            Placeholder::TicketPriority => ticket.priority.as_str().into(),
            Placeholder::TicketCategory => plain(ticket.category.as_deref()?).into(),
            Placeholder::OrderId => plain(ticket.order_id.as_deref()?).into(),
            Placeholder::RequesterFirstname => plain(&ticket.requester.firstname).into(),
            Placeholder::RequesterLastname => plain(&ticket.requester.lastname).into(),
            Placeholder::AgentFirstname => plain(&agent.firstname).into(),
            Placeholder::AgentLastname => plain(&agent.lastname).into(),
            Placeholder::AssigneeFirstname => plain(&ticket.assignee.as_ref()?.firstname).into(),
            Placeholder::Organisation => plain(organisation).into(),
        };
        Some(value)
    })
}
