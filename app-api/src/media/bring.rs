//! How a file that has come is judged, stored and written down.

use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    act::Act,
    crash,
    storage::{Storage, prefix_of},
    tenancy::Tenant,
};

use super::{
    Attachment, Media, ScanStatus, Scanner, Taken,
    judge::{Learned, Refusal, judge},
    moderation::must_not_be_rejected,
    name::Name,
    preview::Rank,
    quota::{Allowed, Amount},
    room,
    spool::Spooled,
    store::{self, NewFile, objects},
};
use crate::people::PersonId;

/// Who brings a file, and where to.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The ticket.
    pub ticket_id: i64,
    /// The message that it belongs to.
    pub message_id: Option<i64>,
    /// Whether it waits for one.
    pub awaits_message: bool,
    /// Who, and whether from the staff's side.
    pub by: (PersonId, bool),
    /// What it was called.
    pub name: Name,
    /// What it is taken as.
    pub taken: Taken,
}

/// A file that was judged and lies in the store, but is nobody's yet.
pub struct Ready<'a> {
    arrival: &'a Arrival,
    key: String,
    learned: Learned,
    length: i64,
    sha256: &'a str,
}

/// Judges a file and writes it into the store. What is refused was never there; what is left when this is broken off goes with
/// its row.
pub async fn ready<'a>(
    tenant: &Tenant,
    (storage, media): (&Storage, &Media),
    now: DateTime<Utc>,
    arrival: &'a Arrival,
    file: &'a Spooled,
) -> Result<Ready<'a>> {
    let turn = media.turns.judge().await?;
    let learned = judged(arrival, file).await?;
    drop(turn);
    let (ticket, ending) = (arrival.ticket_id, &arrival.taken.ending);
    let key = format!("{}tickets/{ticket}/{}.{ending}", prefix_of(tenant.id), file.sha256);
    let length = i64::try_from(file.length).map_err(Error::internal)?;
    tenant.db.apply(async |db| objects::claim(db, &key, length, now).await).await?;
    crash::point(|| "upload.claimed".into());
    storage.put_file(&key, tokio::fs::File::from_std(file.open()?), file.length).await?;
    crash::point(|| "upload.stored".into());
    Ok(Ready { arrival, key, learned, length, sha256: &file.sha256 })
}

async fn judged(arrival: &Arrival, file: &Spooled) -> Result<Learned> {
    let (kind, mut content) = (arrival.taken.kind, std::io::BufReader::new(file.open()?));
    let judged = tokio::task::spawn_blocking(move || judge(kind, &mut content)).await.map_err(Error::internal)?;
    judged.map_err(|refusal| match refusal {
        Refusal::Blocked(detail) => Error::File { code: "file_type_blocked", detail },
        Refusal::Mismatch(detail) => Error::File { code: "content_mismatch", detail },
        Refusal::TooMuch => Error::PayloadTooLarge,
        Refusal::Unread(error) => Error::internal(error),
    })
}

/// Makes a stored file its ticket's, in an act that holds the ticket: `413 quota_exceeded` where somebody would have more than they may,
/// `415 file_type_blocked` where its content was rejected meanwhile.
pub async fn bring(act: &mut Act, file: &Ready<'_>, scanner: &Scanner, plan: Allowed) -> Result<Attachment> {
    let (now, arrival) = (act.now(), file.arrival);
    must_not_be_rejected(act.db(), file.sha256).await?;
    // The object before what there is of whose, as whoever takes files away locks them.
    objects::settle(act.db(), &file.key, now).await?;
    room::take(act, arrival.by.0, plan, Amount::file(file.length)).await?;
    let new = NewFile {
        ticket_id: arrival.ticket_id,
        message_id: arrival.message_id,
        awaits_message: arrival.awaits_message,
        original_name: &arrival.name.shown,
        filename: &arrival.name.saved,
        file_path: &file.key,
        mime_type: arrival.taken.kind.mime(),
        file_size: file.length,
        sha256: file.sha256,
        category: &arrival.taken.category,
        scan_status: if scanner.looks() { ScanStatus::Pending } else { ScanStatus::Skipped },
        size: file.learned.size.map(|(width, height)| (width as i32, height as i32)),
        preview: arrival.taken.preview.then(|| Rank::of(arrival.taken.kind, file.length)),
        by: arrival.by,
    };
    let id = store::insert(act.db(), &new, now).await?;
    store::find(act.db(), id).await?.ok_or(Error::NotFound("not_found"))
}
