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
    Shared,
    ShareRevoked,
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

    /// A file was shared: `member_id` with one of the staff, else by a link. Nothing of the ticket is in it that the member may not see.
    pub fn shared(file: &Attachment, (id, member): (i64, Option<PersonId>), by: PersonId, ticket: &Facts) -> Self {
        Self::of_share(Kind::Shared, file, (id, member), ("shared_by", by), ticket)
    }

    /// A share was taken back.
    pub fn share_revoked(file: &Attachment, (id, member): (i64, Option<PersonId>), by: PersonId, ticket: &Facts) -> Self {
        Self::of_share(Kind::ShareRevoked, file, (id, member), ("revoked_by", by), ticket)
    }

    fn of_share(kind: Kind, file: &Attachment, (id, member): (i64, Option<PersonId>), (who, by): (&str, PersonId), ticket: &Facts) -> Self {
        let data = json!({
            "attachment_id": file.id,
            "ticket_id": file.ticket_id,
            "share_id": id,
            "kind": if member.is_some() { "member" } else { "link" },
            "member_id": member,
            who: by,
        });
        let audience = Audience { after: ticket.sight(), before: None, internal: true };
        Self { kind, ticket_id: file.ticket_id, audience: Some(audience), data }
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
            Kind::Shared => "FileShared",
            Kind::ShareRevoked => "FileShareRevoked",
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
            Kind::Shared => "sav.attachment.shared",
            Kind::ShareRevoked => "sav.attachment.share_revoked",
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
