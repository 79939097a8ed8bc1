//! Making a key.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::Act,
    auth::{api_key::NewKey, scope::Scope},
    idempotency::{Keyed, Once, once},
    session::Role,
};
use utoipa::ToSchema;

use super::{ApiKey, model::Shown, store};
use crate::{
    events::{Event, Whom},
    identities::Name,
    members,
    session::Session,
};

/// Keys that a tenant has at most: each program its own, and no heap of forgotten ones.
const MOST: i64 = 100;

/// A key to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What it is for.
    name: Name,
    /// What it may be used for; at least one.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// When it ends by itself; never without.
    expires_at: Option<DateTime<Utc>>,
}

/// A key with its secret, which nobody sees again.
#[derive(Serialize, ToSchema)]
pub struct CreatedApiKey {
    #[serde(flatten)]
    shown: Shown,
    /// For `Authorization: Bearer …`.
    key: String,
}

/// Makes a key; the answer is the only place where it is shown.
///
/// For admins who have proved within the last 15 minutes who they are. With an `Idempotency-Key` a retry
/// gets the first answer for 24 hours.
#[utoipa::path(
    post,
    path = "/api/v1/api-keys",
    tag = "api keys",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    request_body = CreateApiKey,
    responses((status = 201, body = CreatedApiKey, headers(("Location" = String, description = "The key")))),
    security(("bearer" = []))
)]
pub async fn create_api_key(session: Session, Keyed { body: wish, key }: Keyed<CreateApiKey>) -> Result<Once> {
    session.must_be(Role::Admin)?;
    session.must_be_fresh()?;
    let owner = session.owner();
    let whom = Whom { tenant_id: session.tenant.id, user_id: session.member.user_id };
    session
        .living_act(async |act| {
            once(act, key.as_ref(), &owner, "api-keys", async |act| {
                let (made, text) = create(act, whom, &wish).await?;
                Once::created_secret(format!("/api/v1/api-keys/{}", made.id), &CreatedApiKey { shown: made.into(), key: text })
            })
            .await
        })
        .await
}

/// The verb.
async fn create(act: &mut Act, whom: Whom, wish: &CreateApiKey) -> Result<(ApiKey, String)> {
    members::must_be_admin(act, whom).await?;
    let (now, scopes) = (act.now(), scopes(&wish.scopes)?);
    if wish.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::field("expires_at", "out_of_range", "A time to come."));
    }
    if store::count(act.db(), whom.tenant_id).await? >= MOST {
        return Err(Error::conflict("conflict", "There are 100 keys already; end one that is not used."));
    }
    let new = NewKey::generate();
    let (name, expires_at) = (wish.name.as_str(), wish.expires_at);
    let row = store::New { whom, name, prefix: &new.prefix, hash: &new.hash, scopes: &scopes, expires_at };
    let made = store::insert(act.db(), row, now).await?;
    act.record(&Event::ApiKeyCreated(made.clone().into())).await?;
    Ok((made, new.text))
}

/// Their words, each once.
fn scopes(wished: &[Scope]) -> Result<Vec<String>> {
    let mut scopes = wished.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Error::field("scopes", "required", "At least one."));
    }
    Ok(scopes.into_iter().map(|scope| scope.as_str().to_owned()).collect())
}
