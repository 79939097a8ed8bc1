//! Passwords that are forgotten or changed. Whoever forgot theirs gets a mail with a link, good once and
//! for an hour; asking tells nobody whether the address is known. A new password ends the sessions, and
//! its owner is told by mail. It does not stand for the second factor: that is asked for afterwards as
//! before.

mod change;
mod forgot;
mod reset;

use shared::{Result, act::Act};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    events::{Event, Platform},
    identities,
    mails::{self, Access, Addressee, Text},
    members::{self, Standing},
    tenants::Tenant,
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(forgot::forget_password))
        .routes(routes!(reset::reset_password))
        .routes(routes!(change::change_password))
}

/// Stores a new password, and tells its owner by mail.
async fn store(act: &mut Act, app: &App, tenant: &Tenant, user_id: i64, hash: &str, by: &'static str) -> Result<()> {
    identities::set_password(act, user_id, hash).await?;
    let member = members::find(act.db(), tenant.id, user_id).await?.filter(|member| member.standing != Standing::Removed);
    // Who invites somebody does not learn whether they have an account.
    match &member {
        Some(member) => act.record(&Event::PasswordChanged(member.whom(), by)).await?,
        None => act.record(&Platform::AccountPasswordChanged(user_id)).await?,
    };
    let locale = member.map_or(tenant.locale, |member| member.locale);
    let user = identities::by_id(act.db(), user_id).await?;
    let to = Addressee { email: &user.email, firstname: &user.firstname, locale };
    let link = format!("{}/forgot", app.site.url(&tenant.slug));
    mails::send(act, app, to, &Text::Access(Access::PasswordChanged { organisation: &tenant.organisation, link: &link })).await
}
