//! API keys: how programs come in. An admin makes one, sees it once and gives it scopes; it acts for
//! that admin and ends with them: when they leave, are admin no more, or take it back. A key makes no
//! keys and comes near no route about signing in. Handlers that a key may use say so by their first
//! argument, [`Scoped`]; all others refuse every key.

mod create;
mod manage;
mod model;
mod scoped;
mod store;

use chrono::{DateTime, Utc};
pub use model::ApiKey;
pub use scoped::{AuditRead, MembersRead, MembersWrite, Scoped, SettingsRead, SettingsWrite, refuse};
use shared::{Result, act::Act};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    events::{Event, Whom},
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(manage::list_api_keys, create::create_api_key)).routes(routes!(manage::revoke_api_key))
}

/// Ends the keys that somebody made in a tenant.
pub async fn end_by(act: &mut Act, whom: Whom) -> Result<()> {
    let now = act.now();
    let ended = store::revoke_by(act.db(), whom, now).await?;
    tell(act, ended).await
}

/// Ends the keys that somebody has made, wherever it was, at any time or since then.
pub async fn end_of(act: &mut Act, user: i64, since: Option<DateTime<Utc>>) -> Result<()> {
    let now = act.now();
    let ended = store::revoke_of(act.db(), user, since, now).await?;
    tell(act, ended).await
}

async fn tell(act: &mut Act, ended: Vec<ApiKey>) -> Result<()> {
    for key in ended {
        act.record(&Event::ApiKeyRevoked(key.into())).await?;
    }
    Ok(())
}
