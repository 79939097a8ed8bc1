//! Somebody asks for keys to be exchanged. One such job of a kind is open at a time; whoever asks for the same again
//! gets that one.

use serde::{Deserialize, Serialize};
use shared::{Error, Result, act::Act, db::Db, seal::Keyring};
use uuid::Uuid;

use super::{model::Scope, store};
use crate::{
    events::Platform,
    jobs::{self, Kind, Planned},
};

/// What a master key's job is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToMaster {
    /// The id of the key that is to wrap everything.
    pub to: String,
}

/// What a data key's job is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OfData {
    pub scope: Scope,
}

/// The id of the key that is to wrap everything: the next one, which is made where keys are made by Vault, unless somebody
/// waits for one just now.
pub async fn next_master(db: &Db, ring: &Keyring) -> Result<String> {
    let under_way = jobs::open_one(&mut *db.read().await?, Kind::RotateMaster).await?;
    if under_way.is_none() {
        ring.advance().await?;
    }
    ring.newest().await
}

/// Plans that everything comes under the master key of that id.
pub async fn ask_master(act: &mut Act, to: &str) -> Result<Uuid> {
    let wanted = serde_json::to_value(ToMaster { to: to.to_owned() })?;
    ask(act, Kind::RotateMaster, (None, wanted), &Platform::MasterRotationAsked(to.to_owned())).await
}

/// Plans new data keys.
pub async fn ask_data(act: &mut Act, scope: Scope) -> Result<Uuid> {
    let wanted = serde_json::to_value(OfData { scope })?;
    ask(act, Kind::RotateData, (scope.tenant(), wanted), &Platform::DataRotationAsked(scope.tenant(), scope == Scope::All)).await
}

async fn ask(act: &mut Act, kind: Kind, (tenant, state): (Option<Uuid>, serde_json::Value), asked: &Platform) -> Result<Uuid> {
    store::one_asks(act.db()).await?;
    match jobs::open_one(act.db(), kind).await? {
        Some((id, known)) if known == state => return Ok(id),
        Some(_) => return Err(Error::conflict("job_under_way", "Other keys are being exchanged just now.")),
        None => {}
    }
    let id = jobs::plan(act, &Planned { kind, tenant, cluster: None, state, at: None }).await?;
    act.record(asked).await?;
    Ok(id)
}
