//! What is done about files behind everybody's back: looking at what has come, drawing it small, and taking away what is nobody's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::{
    Error, Result,
    act::{Act, Author},
    db::Lent,
    tenancy::Tenant,
};

use super::{moderate::told, refuse::sweep, remove::take_away, room, store, uploads};
use crate::{
    app::App,
    events::{Deed, FileEvent, Noun, Setting},
    media::{self, Attachment, Preview, ScanStatus, Scanned, moderated},
    people::PersonId,
    tickets::{self, Facts},
};

/// Looks at files, makes previews, takes refused files and objects away; says when to come again.
pub async fn work(app: &App, tenant: &Tenant) -> Result<Option<Duration>> {
    let now = app.clock.now();
    // Neither waits for what goes wrong with the other.
    let (scanned, erased) = (scan(app, tenant, now).await, media::erase(tenant, &app.outside.storage, now).await);
    let (swept, drawn) = (sweep(app, tenant).await, draw(app, tenant).await);
    scanned.and(drawn)?;
    if swept? | erased? { Ok(Some(Duration::ZERO)) } else { next_work(app, tenant).await }
}

/// Looks at what waits for it. A scanner that is away is not asked for each file.
async fn scan(app: &App, tenant: &Tenant, now: DateTime<Utc>) -> Result<()> {
    for file in media::unscanned(tenant, now).await? {
        let parts = (&app.outside.storage, &app.media.scanner);
        if let Some(scanned) = media::look_at(tenant, parts, &file, now).await? {
            tell(app, tenant, scanned).await?;
        }
    }
    Ok(())
}

/// Makes previews, until something waits to be looked at: that goes before. A store that is away is not asked for each.
async fn draw(app: &App, tenant: &Tenant) -> Result<()> {
    for file in media::undrawn(tenant, app.clock.now()).await? {
        let now = app.clock.now();
        if media::next_scan(tenant).await?.is_some_and(|at| at <= now) {
            break;
        }
        if let Some(preview) = media::draw(tenant, (&app.outside.storage, &app.media.studio), &file, now).await? {
            tenant.db.act(Author::system("attachments"), &app.clock, async |act| keep_preview(act, &preview).await).await?;
        }
    }
    Ok(())
}

/// Makes a preview its file's; what the camera wrote is kept sealed, and left out where there is no key just now. A picture that looks
/// like a rejected one is to be judged.
async fn keep_preview(act: &mut Act, preview: &Preview) -> Result<()> {
    let Some(file) = media::lock(act.db(), preview.id).await? else { return Ok(()) };
    let (now, id) = (act.now(), file.id);
    let sealed = preview.exif()?.and_then(|exif| act.fields().and_then(|key| key.seal_exif(id, &exif)).ok());
    if media::drawn(act.db(), &file, preview, sealed.as_deref(), now).await? {
        let ticket = ticket_of(act, &file).await?;
        act.record(&FileEvent::previewed(&file, &ticket)).await?;
        if let Some(hash) = media::suspect(act.db(), &file, preview, now).await? {
            act.record(&Setting::kept(Noun::ModerationHash, Deed::Created, hash.id, hash.created_by, told(&hash))).await?;
        }
    }
    Ok(())
}

/// When there is something to be done.
pub async fn next_work(app: &App, tenant: &Tenant) -> Result<Option<Duration>> {
    let now = app.clock.now();
    let scan = media::next_scan(tenant).await?.map(|at| (at - now).to_std().unwrap_or_default());
    let draw = media::next_preview(tenant).await?.map(|at| (at - now).to_std().unwrap_or_default());
    let sweep = moderated::sweeping(&mut *tenant.db.read().await?).await?.map(|_| Duration::ZERO);
    Ok(scan.into_iter().chain(draw).chain(sweep).chain(media::next_erasure(tenant, now).await?).min())
}

/// Writes down what was found: of an infected file the row stays, so that everybody knows; its object goes at once.
async fn tell(app: &App, tenant: &Tenant, scanned: Scanned) -> Result<()> {
    let write = async |act: &mut Act| {
        let Some(file) = media::lock(act.db(), scanned.id).await? else { return Ok(None) };
        let now = act.now();
        if !media::scanned(act.db(), &file, &scanned, now).await? {
            return Ok(None);
        }
        if scanned.status == ScanStatus::Infected {
            media::room::give_back(act, &file).await?;
        }
        let ticket = ticket_of(act, &file).await?;
        act.record(&FileEvent::scanned(&file, scanned.status, scanned.found.as_deref(), &ticket)).await?;
        Ok(Some(file.uploaded_by))
    };
    let sender = tenant.db.act(Author::system("attachments"), &app.clock, write).await?;
    if let Some(sender) = sender.filter(|_| scanned.status == ScanStatus::Infected) {
        room::changed(app, tenant, sender).await;
    }
    Ok(())
}

/// Does what is due now and then: files whose message never came are taken away, those taken away a month ago forgotten, uploads
/// that nobody has gone on with too, the months of the log made and dropped, and the store compared with what is known of it.
pub async fn keep(app: &App, tenant: &Tenant) -> Result<()> {
    let now = app.clock.now();
    for id in media::unlinked(tenant, now).await? {
        let sender = tenant.db.act(Author::system("attachments"), &app.clock, async |act| withdraw(act, id).await).await?;
        if let Some(sender) = sender {
            room::changed(app, tenant, sender).await;
        }
    }
    media::forget_old(tenant, now).await?;
    uploads::forget_old(tenant, now).await?;
    tenant.db.apply(async |db| store::keep_months(db).await).await?;
    match media::compare(tenant, &app.outside.storage, now).await {
        // It has a week: without the store it goes on the next time.
        Err(Error::Unavailable("storage")) => Ok(()),
        compared => compared,
    }
}

async fn withdraw(act: &mut Act, id: i64) -> Result<Option<PersonId>> {
    let Some(file) = media::lock(act.db(), id).await? else { return Ok(None) };
    // Somebody may have just given it to a message.
    if file.message_id.is_some() {
        return Ok(None);
    }
    let ticket = ticket_of(act, &file).await?;
    take_away(act, &file, None, &ticket).await?;
    Ok(Some(file.uploaded_by))
}

/// The ticket that a file is in.
pub(super) async fn ticket_of(act: &mut Act, file: &Attachment) -> Result<Facts> {
    tickets::facts(act.db(), file.ticket_id).await?.ok_or(Error::NotFound("not_found"))
}
