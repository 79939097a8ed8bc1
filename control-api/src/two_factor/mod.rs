//! Second factors: what somebody proves besides the first. A person has an app and recovery codes for all
//! organisations at once, and passkeys for each. Whoever has one is asked for it at every sign-in; admins must have one.

mod store;

use serde::Serialize;
use shared::{Result, act::Act};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::events::Whom;

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

/// What the person has there.
pub async fn factors(db: &mut PgConnection, whom: Whom) -> Result<Factors> {
    store::factors(db, whom).await
}

/// What the person has there until the act ends: whoever would add or take a factor waits.
pub async fn held(act: &mut Act, whom: Whom) -> Result<Factors> {
    store::share(act.db(), whom.user_id).await?;
    store::factors(act.db(), whom).await
}

/// What the person has there, when this act is about to change it: sign-ins wait, and other changes.
pub async fn locked(act: &mut Act, whom: Whom) -> Result<Factors> {
    store::lock(act.db(), whom.user_id).await?;
    store::factors(act.db(), whom).await
}
