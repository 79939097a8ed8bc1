//! What can happen to a file of a ticket.

use serde_json::{Value, json};
use shared::broker::SAV_EXCHANGE;

use crate::{
    media::{Attachment, ScanStatus},
    people::PersonId,
    tickets::{Audience, Facts},
};

/// Something that happened to a file.
pub struct FileEvent {
    kind: Kind,
    ticket_id: i64,
    audience: Option<Audience>,
    data: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Added,
    Removed,
    Scanned,
    Previewed,
    Refused,
    Infected,
}

impl FileEvent {
    /// A file came.
    pub fn added(file: &Attachment, ticket: &Facts) -> Self {
        let data = json!({
            "attachment_id": file.id,
            "ticket_id": file.ticket_id,
            "ticket_number": ticket.ticket_number,
            "message_id": file.message_id,
            "mime_type": file.mime_type,
            "file_size": file.file_size,
            "scan_status": file.scan_status,
            "uploaded_by": file.uploaded_by,
        });
        Self::of(Kind::Added, file, ticket, data)
    }

    /// A file was taken away; by nobody when its message never came.
    pub fn removed(file: &Attachment, by: Option<PersonId>, ticket: &Facts) -> Self {
        let data = json!({
            "attachment_id": file.id,
            "ticket_id": file.ticket_id,
            "ticket_number": ticket.ticket_number,
            "message_id": file.message_id,
            "original_name": file.original_name,
            "removed_by": by,
        });
        Self::of(Kind::Removed, file, ticket, data)
    }

    /// A file was looked at.
    pub fn scanned(file: &Attachment, status: ScanStatus, found: Option<&str>, ticket: &Facts) -> Self {
        let data = json!({
            "attachment_id": file.id,
            "ticket_id": file.ticket_id,
            "ticket_number": ticket.ticket_number,
            "message_id": file.message_id,
            "original_name": file.original_name,
            "scan_status": status,
            "found": found,
            "uploaded_by": file.uploaded_by,
        });
        let kind = if status == ScanStatus::Infected { Kind::Infected } else { Kind::Scanned };
        Self::of(kind, file, ticket, data)
    }

    /// There is a small picture of a file.
    pub fn previewed(file: &Attachment, ticket: &Facts) -> Self {
        let data = json!({
            "attachment_id": file.id,
            "ticket_id": file.ticket_id,
            "ticket_number": ticket.ticket_number,
            "message_id": file.message_id,
        });
        Self::of(Kind::Previewed, file, ticket, data)
    }

    /// A file was taken away, since its content is refused.
    pub fn refused(file: &Attachment, ticket: &Facts) -> Self {
        let data = json!({
            "attachment_id": file.id,
            "ticket_id": file.ticket_id,
            "ticket_number": ticket.ticket_number,
            "message_id": file.message_id,
            "original_name": file.original_name,
            "sha256": file.sha256,
            "uploaded_by": file.uploaded_by,
        });
        Self::of(Kind::Refused, file, ticket, data)
    }

    /// Live hear of it those who see the file: nobody but its sender of what waits for its message, and they have been answered.
    fn of(kind: Kind, file: &Attachment, ticket: &Facts, data: Value) -> Self {
        let waits = file.facts.note.is_none() && file.facts.awaits_message;
        let internal = file.facts.note.unwrap_or(file.facts.by_staff);
        let audience = (!waits).then_some(Audience { after: ticket.sight(), before: None, internal });
        Self { kind, ticket_id: file.ticket_id, audience, data }
    }
}

impl shared::act::Event for FileEvent {
    fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Added => "AttachmentAdded",
            Kind::Removed => "AttachmentRemoved",
            Kind::Scanned => "AttachmentScanned",
            Kind::Previewed => "AttachmentPreviewed",
            Kind::Refused => "AttachmentRefused",
            Kind::Infected => "AttachmentInfected",
        }
    }

    fn exchange(&self) -> &'static str {
        SAV_EXCHANGE
    }

    fn routing_key(&self) -> &'static str {
        match self.kind {
            Kind::Added => "sav.attachment.added",
            Kind::Removed => "sav.attachment.removed",
            Kind::Scanned => "sav.attachment.scanned",
            Kind::Previewed => "sav.attachment.previewed",
            Kind::Refused => "sav.attachment.refused",
            Kind::Infected => "sav.attachment.infected",
        }
    }

    fn subject(&self) -> String {
        format!("ticket:{}", self.ticket_id)
    }

    fn data(&self) -> Value {
        self.data.clone()
    }

    fn audience(&self) -> Option<Value> {
        self.audience.and_then(|audience| serde_json::to_value(audience).ok())
    }
}
