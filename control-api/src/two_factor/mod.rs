//! Second factors: what somebody proves besides the first. A person has them for all organisations
//! at once. Whoever has one is asked for it at every sign-in; admins must have one.

mod store;

use serde::Serialize;
use shared::{Result, act::Act};
use sqlx::PgConnection;
use utoipa::ToSchema;

/// The second factors of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Factors {
    /// An authenticator app.
    pub totp: bool,
    /// How many passkeys.
    pub passkeys: i64,
    /// Recovery codes that are left.
    pub recovery_codes_left: i64,
}

impl Factors {
    /// Whether there is any; recovery codes alone are none.
    pub fn any(self) -> bool {
        self.totp || self.passkeys > 0
    }
}

/// What the person has.
pub async fn factors(db: &mut PgConnection, user: i64) -> Result<Factors> {
    store::factors(db, user).await
}

/// What the person has until the act ends: whoever would add or take a factor waits.
pub async fn held(act: &mut Act, user: i64) -> Result<Factors> {
    store::share(act.db(), user).await?;
    store::factors(act.db(), user).await
}

/// What the person has, when this act is about to change it: sign-ins wait, and other changes.
pub async fn locked(act: &mut Act, user: i64) -> Result<Factors> {
    store::lock(act.db(), user).await?;
    store::factors(act.db(), user).await
}
