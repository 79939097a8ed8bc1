//! Who the people of many tickets are here: known by their addresses, or met as contacts.

use std::collections::HashMap;

use shared::{Error, Result, act::Act};

use super::{judge::Draft, model::Import, store};
use crate::people::{self, Addressee, Found};

/// Who they are, by address.
pub(super) struct Parties {
    known: HashMap<String, Found>,
    /// How many were not known before.
    pub new: i64,
}

impl Parties {
    /// Who has that address.
    pub fn of(&self, address: &str) -> Option<Found> {
        self.known.get(address).copied()
    }

    /// Finds whoever stands in these tickets, and makes contacts of the others. Contended while what was a contact's is being handed
    /// to somebody who has that address no more.
    pub async fn meet(act: &mut Act, drafts: &[&Draft]) -> Result<Self> {
        let (mut known, strangers) = find(act, drafts).await?;
        let now = act.now();
        let met = people::meet(act.db(), &strangers, now).await?;
        let new = met.len() as i64;
        known.extend(met.into_iter().map(|(address, id)| (address, Found { id, works_here: false })));
        if strangers.iter().any(|stranger| !known.contains_key(&stranger.email)) {
            // Somebody else has met one of them just now.
            let addresses: Vec<String> = strangers.into_iter().map(|stranger| stranger.email).collect();
            known.extend(people::by_address(act.db(), &addresses).await?);
            if addresses.iter().any(|address| !known.contains_key(address)) {
                return Err(Error::Contended);
            }
        }
        Ok(Self { known, new })
    }

    /// The same without making anybody a contact; whoever would be is counted once in a check.
    pub async fn look(act: &mut Act, import: &Import, drafts: &[&Draft]) -> Result<Self> {
        let (known, strangers) = find(act, drafts).await?;
        let keys: Vec<String> = strangers.iter().map(|stranger| format!("contact {}", stranger.email)).collect();
        let new = store::note_keys(act.db(), import, &keys).await?.len() as i64;
        Ok(Self { known, new })
    }
}

/// Whoever is known, and each who is not, once. Whom a ticket is only assigned to is no stranger to be met.
async fn find(act: &mut Act, drafts: &[&Draft]) -> Result<(HashMap<String, Found>, Vec<Addressee>)> {
    let mut met: HashMap<&str, &Addressee> = HashMap::new();
    let mut addresses: Vec<String> = Vec::new();
    for draft in drafts {
        let authors = draft.messages.iter().filter_map(|said| said.author.as_ref());
        for party in std::iter::once(&draft.requester).chain(authors) {
            met.entry(&party.email).or_insert(party);
        }
        addresses.extend(draft.assignee.iter().map(|agent| agent.email.clone()));
    }
    addresses.extend(met.keys().map(|address| (*address).to_owned()));
    let known: HashMap<String, Found> = people::by_address(act.db(), &addresses).await?.into_iter().collect();
    let strangers = met.into_values().filter(|party| !known.contains_key(&party.email)).cloned().collect();
    Ok((known, strangers))
}
