//! `POST /api/v1/attachments/{attachment}/shares`.

use axum::extract::State;
use shared::{
    Error, Result,
    act::Act,
    auth::token::Opaque,
    http::Path,
    idempotency::{Keyed, Once},
};

use super::{
    model::{FileShare, ShareFile, With},
    store::{self, NewShare},
};
use crate::{
    app::App,
    attachments::{fetch::must_be_sound, show::seen, work::ticket_of},
    events::FileEvent,
    media,
    people::{self, PersonId},
    permissions::Permission,
    session::Session,
};

/// As many of a file stand at once.
const MOST: i64 = 50;

/// Shares a file that one sees, with a member or by a link, which is told in this answer alone. `409 scan_pending` or `409 infected`
/// for what nobody gets, `409 conflict` for a member who has it already and beyond 50 shares that stand. With an `Idempotency-Key`
/// a retry gets the first answer.
#[utoipa::path(post, path = "/api/v1/attachments/{attachment}/shares", tag = "attachments", request_body = ShareFile,
    params(("attachment" = i64, Path, description = "Its id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 201, body = FileShare, headers(("Location" = String, description = "The share")))))]
pub(in crate::attachments) async fn share_file(
    session: Session,
    State(app): State<App>,
    Path(id): Path<i64>,
    Keyed { body, key }: Keyed<ShareFile>,
) -> Result<Once> {
    session.may(Permission::ShareFiles)?;
    session.must_belong()?;
    let me = session.person.id;
    let with = body.with(me)?;
    seen(&session, id).await?;
    let site = app.site.url(session.tenant.slug.as_str());
    session
        .once(key.as_ref(), &format!("attachments/{id}/shares"), async |act| {
            let share = share(act, (id, me), with, &site).await?;
            Once::created_secret(format!("/api/v1/attachments/{id}/shares/{}", share.id), &share)
        })
        .await
}

async fn share(act: &mut Act, (id, me): (i64, PersonId), with: With, site: &str) -> Result<FileShare> {
    // People before files, as everybody holds them: nobody leaves while they are given something.
    if let With::Member(member) = with
        && !people::assignable(act.db(), member).await?
    {
        return Err(Error::field("member_id", "unknown_value", "There is no such member."));
    }
    // Held until the act ends: two at once do not both find the last place, and nobody takes the file away meanwhile.
    let file = media::lock(act.db(), id).await?.ok_or(Error::NotFound("not_found"))?;
    must_be_sound(file.scan_status)?;
    let now = act.now();
    if store::count_living(act.db(), id, now).await? >= MOST {
        return Err(Error::conflict("conflict", format!("At most {MOST} shares of a file.")));
    }
    let token = Opaque::generate();
    let (member, new) = match with {
        With::Member(member) => (Some(member), NewShare { member: Some(member), token: None, expires_at: None }),
        With::Link(time) => (None, NewShare { member: None, token: Some(&token.hash), expires_at: Some(now + time) }),
    };
    let share = store::insert(act.db(), id, &new, (me, now)).await?;
    let ticket = ticket_of(act, &file).await?;
    act.record(&FileEvent::shared(&file, (share, member), me, &ticket)).await?;
    let mut share = store::find(act.db(), id, share).await?.ok_or(Error::NotFound("not_found"))?;
    share.url = member.is_none().then(|| format!("{site}/shared#{}", token.text));
    Ok(share)
}
