//! A new password for somebody who is signed in and knows the old one.

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Error, Result,
    act::Act,
    http::{Json, NoContent},
};
use utoipa::ToSchema;

use crate::{
    app::App,
    attempts,
    identities::{self, Password},
    links, members,
    session::Session,
    sessions::{self, Reason},
    sign_in::ticket,
    two_factor,
};

/// The old one and the new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    current_password: Password,
    /// At least 12 characters for staff, 8 for customers.
    new_password: Password,
}

/// Changes one's password; all other sessions end.
///
/// Whoever has a second factor that counts elsewhere must have shown it: `403 two_factor_required`.
#[utoipa::path(
    post,
    path = "/api/v1/auth/password/change",
    tag = "passwords",
    request_body = ChangePassword,
    responses((status = 204)),
    security(("bearer" = []))
)]
pub async fn change_password(State(app): State<App>, session: Session, Json(wish): Json<ChangePassword>) -> Result<NoContent> {
    two_factor::must_speak_for_account(&mut *app.db.read().await?, &session).await?;
    let old = attempts::prove(&app, &session, &wish.current_password, "current_password").await?;
    let role = members::highest_role(&mut *app.db.read().await?, session.member.user_id).await?;
    let (member, tenant) = (&session.member, &session.tenant);
    let about = [member.email.as_str(), &member.firstname, &member.lastname, &tenant.organisation, &tenant.slug];
    let new = wish.new_password.choose(&app.passwords, role, &about, None).await.map_err(|e| e.at_field("new_password"))?;
    session.living_act(async |act| change(act, &app, &session, (&old, &new)).await).await?;
    Ok(NoContent)
}

/// The verb. If the password was changed meanwhile, that wins.
async fn change(act: &mut Act, app: &App, session: &Session, (old, new): (&str, &str)) -> Result<()> {
    let now = act.now();
    let user = identities::lock(act, session.member.user_id).await?;
    two_factor::must_speak_for_account(act.db(), session).await?;
    if user.password_hash != old {
        return Err(Error::conflict("conflict", "The password was changed at this moment; sign in with the new one."));
    }
    super::store(act, app, &session.tenant, user.id, new, "change").await?;
    sessions::end_others(act, user.id, Some(session.id), Reason::PasswordChanged).await?;
    ticket::end_all(act, user.id).await?;
    links::end_all(act, user.id, now).await
}
