//! Login tickets: for whoever has proved one factor and owes the second (challenge), or has none yet
//! and must (enrolment). Opaque, good once, for ten minutes and for five tries.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    Result,
    act::Act,
    auth::{amr::Amr, token::Opaque},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::store;
use crate::{members::Member, sessions::ClientKind};

const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// How many wrong proofs one ticket outlives, less one.
pub const TRIES: i16 = 5;

/// What a ticket is for; each opens its own routes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The second factor is owed.
    Challenge,
    /// A second factor has to be set up.
    Enrolment,
}

impl Kind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Enrolment => "enrolment",
        }
    }
}

/// A ticket that is good at this moment.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Its hash.
    pub hash: Vec<u8>,
    /// Where one comes in.
    pub tenant_id: Uuid,
    /// Who.
    pub user_id: i64,
    /// Where the refresh token goes.
    pub client: ClientKind,
    /// What was proved so far.
    pub amr: Amr,
}

/// Issues a ticket; the text is for its holder alone.
pub async fn issue(act: &mut Act, member: &Member, kind: Kind, client: ClientKind, amr: Amr) -> Result<String> {
    let (now, token) = (act.now(), Opaque::generate());
    let ticket = Ticket { hash: token.hash, tenant_id: member.tenant_id, user_id: member.user_id, client, amr };
    store::insert_ticket(act.db(), &ticket, kind, (now, now + LIFETIME)).await?;
    Ok(token.text)
}

/// The ticket, if it is good.
pub async fn find(db: &mut PgConnection, hash: &[u8], kind: Kind, now: DateTime<Utc>) -> Result<Option<Ticket>> {
    store::ticket(db, hash, kind, now).await
}

/// The ticket, if it is good, locked: whoever shows it next waits for this act.
pub async fn hold(act: &mut Act, hash: &[u8], kind: Kind) -> Result<Option<Ticket>> {
    let now = act.now();
    store::lock_ticket(act.db(), hash).await?;
    store::ticket(act.db(), hash, kind, now).await
}

/// A wrong proof was shown with it; the fifth was the last.
pub async fn count_try(act: &mut Act, ticket: &Ticket) -> Result<()> {
    store::count_try(act.db(), &ticket.hash).await
}

/// It has led somewhere and leads nowhere again.
pub async fn spend(act: &mut Act, ticket: &Ticket) -> Result<()> {
    let now = act.now();
    store::spend(act.db(), &ticket.hash, now).await
}

/// A person's tickets lead nowhere any more: what they were issued upon has changed.
pub async fn end_all(act: &mut Act, user: i64) -> Result<()> {
    let now = act.now();
    store::spend_all(act.db(), user, now).await
}

/// The tickets of a tenant that rest on its identity provider's word lead nowhere any more.
pub async fn end_vouched(act: &mut Act, tenant: Uuid) -> Result<()> {
    let now = act.now();
    store::spend_vouched(act.db(), tenant, now).await
}

/// Forgets tickets that ended a day ago, at most `limit` of them.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep_tickets(db, now - TimeDelta::days(1), limit).await
}
