//! `GET /api/v1/attachments/{attachment}`: what is known of a file, and where it is to be had.

use axum::extract::State;
use shared::{
    Error, Result,
    db::Lent,
    http::{Json, NoQuery, Path},
};

use super::{
    model::What,
    shares,
    store::{self, Access},
};
use crate::{
    app::App,
    media::{self, Attachment, Exif, Eyes, For, Shown},
    permissions::Permission,
    session::Session,
    tickets::{self, TicketRef},
};

/// Shows a file. Its address lasts for 15 minutes; it is null while the file was not looked at for malware, and for ever where
/// something was found. The staff is told what a camera has written into it, but where that was. That it was given is written down
/// . Members see what was shared with them, too.
#[utoipa::path(get, path = "/api/v1/attachments/{attachment}", tag = "attachments",
    params(("attachment" = i64, Path, description = "Its id")), responses((status = 200, body = Attachment)))]
pub(super) async fn show_attachment(session: Session, State(app): State<App>, Path(id): Path<i64>, _: NoQuery) -> Result<Json<Attachment>> {
    session.may(Permission::ReadTickets)?;
    match seen(&session, id).await {
        Err(Error::NotFound(_)) => {
            let (file, share) = shares::given(&session, id).await?;
            addressed_for(&app, &session, file, For::Share(share)).await
        }
        seen => {
            let mut file = seen?;
            if session.viewer().is_staff() {
                file.exif = written(&session, id).await?;
            }
            addressed(&app, &session, file).await
        }
    }
    .map(Json)
}

/// What a camera has written into a file. What does not open, for want of the right key, is as if there was nothing.
async fn written(session: &Session, id: i64) -> Result<Option<Exif>> {
    let mut db = session.read().await?;
    let Some(sealed) = media::exif(&mut db, id).await? else { return Ok(None) };
    let opened = db.fields().and_then(|key| key.open_exif(id, &sealed)).and_then(|exif| Ok(serde_json::from_value(exif)?));
    Ok(opened.inspect_err(|error| tracing::error!(attachment = id, %error, "what a camera wrote does not open")).ok())
}

/// A file as somebody sees it: they see its ticket, and it.
pub(super) async fn seen(session: &Session, id: i64) -> Result<Attachment> {
    let found = media::find(&mut *session.scoped().await?, id).await?;
    must_be_seen(session, found).await
}

/// The same for what was found.
pub(super) async fn must_be_seen(session: &Session, found: Option<Attachment>) -> Result<Attachment> {
    let file = found.ok_or(Error::NotFound("not_found"))?;
    tickets::seen(session, &TicketRef::Id(file.ticket_id)).await?;
    if file.facts.are_seen_by(eyes(session)) { Ok(file) } else { Err(Error::NotFound("not_found")) }
}

/// Whose eyes look.
pub(super) fn eyes(session: &Session) -> Eyes {
    Eyes { id: session.person.id, is_staff: session.viewer().is_staff() }
}

/// The file with its address, where it may be had; that is written down.
pub(super) async fn addressed(app: &App, session: &Session, file: Attachment) -> Result<Attachment> {
    addressed_for(app, session, file, For::Person(session.person.id)).await
}

async fn addressed_for(app: &App, session: &Session, mut file: Attachment, whose: For) -> Result<Attachment> {
    if !file.scan_status.is_open() {
        return Ok(file);
    }
    let now = app.clock.now();
    let share = match whose {
        For::Person(_) => None,
        For::Share(id) => Some(id),
    };
    let access = Access { file: file.id, ticket: file.ticket_id, person: Some(session.person.id), share, what: What::Issued };
    let author = session.author();
    session.tenant.db.apply(async |db| store::note(db, &access, &author, now).await).await?;
    let (link, until) = app.media.links.issue(session.tenant.id, file.id, whose, now);
    file.preview_url = Shown::by(app, session, whose).url(&file);
    file.url = Some(address(app, session.tenant.slug.as_str(), file.id, &link));
    file.url_expires_at = Some(until);
    Ok(file)
}

/// Where a file is to be had by a link.
pub(super) fn address(app: &App, slug: &str, file: i64, link: &str) -> String {
    format!("{}/api/v1/files/{file}?link={link}", app.site.url(slug))
}
