//! `DELETE /api/v1/attachments/{attachment}/shares/{share}`.

use shared::{
    Error, Result,
    act::Act,
    http::{NoContent, Path},
    session::Role,
};

use super::store;
use crate::{
    attachments::{show::seen, work::ticket_of},
    events::FileEvent,
    media,
    people::PersonId,
    permissions::Permission,
    session::Session,
};

/// Takes a share back: one's own, and for managers and admins anybody's. No address that was given through it works from then on.
/// Done again, it changes nothing.
#[utoipa::path(delete, path = "/api/v1/attachments/{attachment}/shares/{share}", tag = "attachments",
    params(("attachment" = i64, Path, description = "The file's id"), ("share" = i64, Path, description = "Its id")),
    responses((status = 204)))]
pub(in crate::attachments) async fn revoke_share(session: Session, Path((file, id)): Path<(i64, i64)>) -> Result<NoContent> {
    session.may(Permission::ShareFiles)?;
    session.must_belong()?;
    let (me, manages) = (session.person.id, matches!(session.role(), Role::Manager | Role::Admin));
    let share = store::find(&mut *session.read().await?, file, id).await?.ok_or(Error::NotFound("not_found"))?;
    if share.created_by.id != me {
        // Whoever sees the file sees its shares, and hears that they may not; others hear of nothing.
        seen(&session, file).await?;
        if !manages {
            return Err(Error::Forbidden("forbidden"));
        }
    }
    let member = share.member.map(|member| member.id);
    session.act(async |act| revoke(act, (file, id, member), me).await).await?;
    Ok(NoContent)
}

async fn revoke(act: &mut Act, (file, id, member): (i64, i64, Option<PersonId>), me: PersonId) -> Result<()> {
    let file = media::find(act.db(), file).await?.ok_or(Error::NotFound("not_found"))?;
    let now = act.now();
    if store::revoke(act.db(), id, me, now).await? {
        let ticket = ticket_of(act, &file).await?;
        act.record(&FileEvent::share_revoked(&file, (id, member), me, &ticket)).await?;
    }
    Ok(())
}
