//! `POST /api/v1/shares/open`: whoever has a link sees what is behind it. The token comes in the body, where no log sees it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Act, auth::token::hash, http::Json};
use utoipa::ToSchema;

use super::store::{self, Opened};
use crate::{
    app::App,
    attachments::{
        model::What,
        show::address,
        store::{Access, note},
    },
    media::{self, Attachment, For},
    visitor::Visitor,
};

/// A link that is opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenShare {
    /// The link's token.
    token: String,
}

/// What is behind a link.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedShare {
    /// What the file is saved under.
    filename: String,
    /// Its type.
    mime_type: String,
    /// Its bytes.
    file_size: i64,
    /// Until when the link opens it.
    expires_at: DateTime<Utc>,
    /// Where it is to be had.
    url: String,
    /// Until when: 15 minutes, and no longer than the link.
    url_expires_at: DateTime<Utc>,
}

/// Opens a link to a file. `404` for one that is none of this organisation's, is over or was taken back, and where there is no such
/// file any more. That it was opened is written down.
#[utoipa::path(post, path = "/api/v1/shares/open", tag = "attachments", security(()), request_body = OpenShare,
    responses((status = 200, body = OpenedShare)))]
pub(in crate::attachments) async fn open_share(
    visitor: Visitor,
    State(app): State<App>,
    Json(asked): Json<OpenShare>,
) -> Result<Json<OpenedShare>> {
    let token = hash(&asked.token);
    let (share, file, now) = visitor.act(async |act| open(act, &token).await).await?;
    let times = (now, share.expires_at);
    let (link, url_expires_at) = app.media.links.issue_within(visitor.tenant.id, file.id, For::Share(share.id), times);
    Ok(Json(OpenedShare {
        url: address(&app, visitor.tenant.slug.as_str(), file.id, &link),
        filename: file.filename,
        mime_type: file.mime_type,
        file_size: file.file_size,
        expires_at: share.expires_at,
        url_expires_at,
    }))
}

async fn open(act: &mut Act, token: &[u8]) -> Result<(Opened, Attachment, DateTime<Utc>)> {
    let (gone, now) = (|| Error::NotFound("not_found"), act.now());
    let share = store::open(act.db(), token, now).await?.ok_or_else(gone)?;
    let file = media::find(act.db(), share.attachment_id).await?.filter(|file| file.scan_status.is_open()).ok_or_else(gone)?;
    let access = Access { file: file.id, ticket: file.ticket_id, person: None, share: Some(share.id), what: What::Issued };
    let author = act.author().clone();
    note(act.db(), &access, &author, now).await?;
    Ok((share, file, now))
}
