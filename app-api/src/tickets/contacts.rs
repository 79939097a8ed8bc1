//! What becomes of a contact's tickets when somebody proves the address: they are that person's, with all that was said in
//! them. A few at a time, each portion in an act of its own.

use serde_json::json;
use shared::{
    Result,
    act::{Act, Author},
    cache::Cache,
    clock::Clock,
    tenancy::Tenant,
};

use super::store;
use crate::{
    events::{Deed, Noun, Setting},
    media, messages,
    people::{self, PersonId},
};

/// Tickets, and messages, that become somebody else's in one act.
const PORTION: i64 = 200;

/// Gives people what was theirs before they were known here; true when there may be more to give.
pub async fn hand_over(tenant: &Tenant, clock: &Clock, cache: &Cache) -> Result<bool> {
    let claimed = people::claimed(&mut *tenant.db.read().await?).await?;
    for (contact, person) in &claimed {
        let (contact, person) = (*contact, *person);
        tenant.db.act(Author::system("contacts"), clock, async |act| hand(act, contact, person).await).await?;
        for whose in [contact, person] {
            media::room::changed(cache, tenant, whose).await;
        }
    }
    Ok(!claimed.is_empty())
}

/// Whether somebody has proved an address, and not been given yet what is theirs.
pub async fn has_to_hand_over(tenant: &Tenant) -> Result<bool> {
    Ok(!people::claimed(&mut *tenant.db.read().await?).await?.is_empty())
}

async fn hand(act: &mut Act, contact: PersonId, person: PersonId) -> Result<()> {
    let now = act.now();
    if !people::hold_claimed(act.db(), contact, person).await? {
        return Ok(());
    }
    let tickets = store::hand_over(act.db(), (contact, person), PORTION, now).await?;
    let said = messages::hand_over(act.db(), (contact, person), PORTION).await?;
    let files = media::hand_over(act, (contact, person), PORTION).await?;
    if tickets.max(said).max(files.unsigned_abs()) < PORTION as u64 && people::handed(act.db(), contact, now).await? {
        act.record(&Setting::new(Noun::Contact, Deed::Changed, contact, json!({ "user_id": person }))).await?;
    }
    Ok(())
}
