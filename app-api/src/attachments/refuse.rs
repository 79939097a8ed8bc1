//! Files of a content that is refused are taken away, wherever they are, and whoever sent them is told.

use shared::{
    Result,
    act::{Act, Author},
    tenancy::Tenant,
};

use super::{remove::take_away, room, work::ticket_of};
use crate::{
    app::App,
    events::FileEvent,
    media::{self, Attachment, moderated},
    people::PersonId,
};

/// Files of a visit.
const PORTION: i64 = 20;

/// Takes some files of a content away that was rejected. True when there may be more.
pub(super) async fn sweep(app: &App, tenant: &Tenant) -> Result<bool> {
    let Some(of) = moderated::sweeping(&mut *tenant.db.read().await?).await? else { return Ok(false) };
    let files = moderated::files_of(&mut *tenant.db.read().await?, &of.sha256, PORTION).await?;
    for id in &files {
        let sender = tenant.db.act(Author::system("attachments"), &app.clock, async |act| sweep_one(act, *id).await).await?;
        if let Some(sender) = sender {
            room::changed(app, tenant, sender).await;
        }
    }
    if (files.len() as i64) < PORTION {
        tenant.db.apply(async |db| moderated::swept(db, &of).await).await?;
    }
    Ok(true)
}

async fn sweep_one(act: &mut Act, id: i64) -> Result<Option<PersonId>> {
    let Some(file) = media::lock(act.db(), id).await? else { return Ok(None) };
    // Somebody may have just thought better of it.
    if moderated::is_rejected(act.db(), &file.sha256).await? { refuse(act, &file).await.map(Some) } else { Ok(None) }
}

/// Takes a locked file away, and says whose it was.
async fn refuse(act: &mut Act, file: &Attachment) -> Result<PersonId> {
    let ticket = ticket_of(act, file).await?;
    take_away(act, file, None, &ticket).await?;
    act.record(&FileEvent::refused(file, &ticket)).await?;
    Ok(file.uploaded_by)
}
