//! One's own passkeys: seeing, naming and removing them.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, NoContent, Path},
    page::{Asked, Order, Page, Paging},
};
use utoipa::ToSchema;

use super::{PasskeyShown, model::may_go, store};
use crate::{
    app::App,
    events::{Called, Event},
    identities::Name,
    mails,
    session::Session,
    sign_in::hold_member,
    two_factor,
};

/// Another name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenamePasskey {
    name: Name,
}

/// One's own passkeys here, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/auth/passkeys",
    tag = "passkeys",
    params(Paging),
    responses((status = 200, body = Page<PasskeyShown>)),
    security(("bearer" = []))
)]
pub async fn list_passkeys(State(app): State<App>, session: Session, Asked { paging, .. }: Asked) -> Result<Json<Page<PasskeyShown>>> {
    let whom = session.member.whom();
    let part = paging.part(&app.keys.cursors, &format!("passkeys:{}:{}", whom.tenant_id, whom.user_id), Order::Oldest)?;
    let mut db = app.db.read().await?;
    let passkeys = store::list(&mut db, whom, &part).await?;
    let total = part.total(store::count(&mut db, whom)).await?;
    Ok(Json(part.page(passkeys, total, |passkey| passkey.id)?))
}

/// Gives one of them another name.
#[utoipa::path(
    patch,
    path = "/api/v1/auth/passkeys/{id}",
    tag = "passkeys",
    params(("id" = i64, Path)),
    request_body = RenamePasskey,
    responses((status = 200, body = PasskeyShown)),
    security(("bearer" = []))
)]
pub async fn rename_passkey(session: Session, Path(id): Path<i64>, Json(wish): Json<RenamePasskey>) -> Result<Json<PasskeyShown>> {
    session.must_be_fresh()?;
    let whom = session.member.whom();
    let renamed = session
        .act(async |act| {
            let renamed = store::rename(act.db(), whom, id, wish.name.as_str()).await?.ok_or(Error::NotFound("not_found"))?;
            act.record(&Event::PasskeyRenamed(whom, Called { id, name: renamed.name.clone() })).await?;
            Ok(renamed)
        })
        .await?;
    Ok(Json(renamed))
}

/// Removes one of them; it opens nothing from now on.
#[utoipa::path(
    delete,
    path = "/api/v1/auth/passkeys/{id}",
    tag = "passkeys",
    params(("id" = i64, Path)),
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn remove_passkey(State(app): State<App>, session: Session, Path(id): Path<i64>) -> Result<NoContent> {
    session.must_be_fresh()?;
    session.act(async |act| remove(act, &app, &session, id).await).await?;
    Ok(NoContent)
}

/// The verb. Whether it may go is decided under the lock of whoever would add or remove another.
async fn remove(act: &mut Act, app: &App, session: &Session, id: i64) -> Result<()> {
    let whom = session.member.whom();
    let factors = two_factor::locked(act, whom).await?;
    let member = hold_member(act, whom).await?.ok_or(Error::NotFound("not_found"))?;
    let name = store::remove(act.db(), whom, id).await?.ok_or(Error::NotFound("not_found"))?;
    may_go(factors, app.rules.needs_second_factor(member.role()))?;
    two_factor::forget_idle_codes(act, &[whom.user_id]).await?;
    two_factor::changed_at(act, whom, Some(session.id)).await?;
    act.record(&Event::PasskeyRemoved(whom, Called { id, name: name.clone() })).await?;
    let link = format!("{}/login", app.site.url(&session.tenant.slug));
    let text = mails::Text::Key(mails::KeyText::PasskeyRemoved { organisation: &session.tenant.organisation, name: &name, link: &link });
    mails::send(act, app, mails::Addressee::of(&session.member), &text).await
}
