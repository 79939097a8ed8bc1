//! The end of an upload: all of it is here, is judged and stored, and becomes its ticket's file.

use shared::{Error, Result, act::Act, crash};

use super::{
    append::Coming,
    model::{Progress, State, Upload},
    part, store,
};
use crate::{
    attachments::{room, upload::attach},
    media::{self, Arrival, Name, Ready, Spool, accept},
    session::Session,
};

/// Makes the upload a file. What is final ends it; whatever else goes wrong, its last bytes are to be sent again.
pub(super) async fn finish(coming: &Coming, last: Spool) -> Result<Progress> {
    let made = make(coming, last).await;
    if let Err(error) = &made
        && is_final(error)
    {
        let (db, id) = (&coming.session.tenant.db, coming.upload.progress.id);
        db.apply(async |db| store::refuse(db, id).await).await?;
    }
    made
}

/// Whether sending the end once more is of no use: the content is refused, or the ticket, or the message, takes no file any more. Room
/// may come, and so may a store that is away.
fn is_final(error: &Error) -> bool {
    match error {
        Error::File { .. } | Error::PayloadTooLarge | Error::NotFound(_) | Error::Invalid(_) => true,
        Error::Conflict { code, .. } => *code == "ticket_closed",
        _ => false,
    }
}

async fn make(coming: &Coming, last: Spool) -> Result<Progress> {
    let Coming { app, session, upload, at, .. } = coming;
    let (id, tenant) = (upload.progress.id, &session.tenant);
    let whole = part::whole(app, tenant, id, upload.progress.length, last).await?;
    let arrival = arrival(session, upload).await?;
    media::must_not_be_refused(&app.outside.cache, tenant, &whole.sha256).await?;
    let ready = media::ready(tenant, (&app.outside.storage, &app.media), app.clock.now(), &arrival, &whole).await?;
    let file = session.scoped_act(async |act| become_file(act, coming, &ready, &arrival, *at).await).await?;
    crash::point(|| "upload.finished".into());
    room::changed(app, tenant, session.person.id).await;
    Ok(Progress { state: State::Done, offset: upload.progress.length, attachment_id: Some(file), ..upload.progress.clone() })
}

/// What it is by the rules of now: they may have changed since it was announced.
async fn arrival(session: &Session, upload: &Upload) -> Result<Arrival> {
    let (name, is_staff) = (Name::of(&upload.original_name), session.viewer().is_staff());
    let categories = media::categories(&mut *session.read().await?).await?;
    let taken = accept(&categories, &name, upload.declared_type.as_deref(), is_staff)?;
    if upload.progress.length > taken.max_bytes {
        return Err(Error::PayloadTooLarge);
    }
    Ok(Arrival {
        ticket_id: upload.ticket_id,
        message_id: upload.message_id,
        awaits_message: upload.awaits_message,
        by: (session.person.id, is_staff),
        name,
        taken,
    })
}

async fn become_file(act: &mut Act, coming: &Coming, ready: &Ready<'_>, arrival: &Arrival, at: i64) -> Result<i64> {
    let file = attach(act, &coming.session, ready, arrival, &coming.app.media.scanner).await?;
    match store::become_file(act.db(), coming.upload.progress.id, at, file.id).await? {
        true => Ok(file.id),
        false => Err(Error::conflict("conflict", "The upload has gone on or ended meanwhile.")),
    }
}
