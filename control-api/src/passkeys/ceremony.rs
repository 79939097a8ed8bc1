//! A ceremony: a question to an authenticator, from asking to its one answer.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use shared::{Result, auth::token::Opaque};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{model::PasskeyAsked, party::Asked, store};
use crate::{identities::Token, sessions::ClientKind};

/// How long an authenticator has; WebAuthn recommends as much.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// What is asked for. A ceremony of one kind is none of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new passkey.
    Register,
    /// Coming in.
    Login,
    /// The second factor of a sign-in.
    Second,
    /// A fresh proof within a session.
    StepUp,
}

impl Kind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::Second => "second",
            Self::StepUp => "step_up",
        }
    }
}

/// What a ceremony is about.
#[derive(Debug, Clone)]
pub struct About {
    /// What is asked for.
    pub kind: Kind,
    /// Where.
    pub tenant_id: Uuid,
    /// Whose; nobody knows at a login.
    pub user_id: Option<i64>,
    /// What it belongs to: a session, or a login ticket.
    pub owner: Option<String>,
    /// What the new passkey is to be called.
    pub name: Option<String>,
    /// Where the refresh token goes.
    pub client: Option<ClientKind>,
}

/// A ceremony whose answer has come.
pub struct Taken {
    /// What it is about, as far as the answer does not say it.
    pub owner: Option<String>,
    /// What the new passkey is to be called.
    pub name: Option<String>,
    /// Where the refresh token goes.
    pub client: Option<String>,
    /// What was asked.
    pub state: Value,
}

/// Begins a ceremony.
pub async fn begin(db: &mut PgConnection, about: &About, asked: Asked, now: DateTime<Utc>) -> Result<PasskeyAsked> {
    let token = Opaque::generate();
    store::insert_ceremony(db, about, (&token.hash, asked.state), now + LIFETIME).await?;
    Ok(PasskeyAsked { ceremony: token.text, options: asked.options })
}

/// Takes the answer of a ceremony of this kind at this tenant, for whoever began it. It is used up
/// whatever the answer is worth, and of many answers at once one gets it.
pub async fn take(db: &mut PgConnection, token: &Token, about: &About, now: DateTime<Utc>) -> Result<Option<Taken>> {
    store::take_ceremony(db, &token.hash(), about, now).await
}
