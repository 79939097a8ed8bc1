//! Operators come and go on the command line of the server, and nowhere else.

use anyhow::{Context, Result};
use shared::{
    act::Author,
    auth::{password::Passwords, token::Opaque},
    clock::Clock,
    db::Db,
};

use super::{model::Account, store};
use crate::{
    events::Platform,
    identities::{Email, Name},
};

/// Makes an operator, and gives their first password: it is told this once.
pub async fn add(db: &Db, clock: &Clock, email: &str, name: &str) -> Result<String> {
    let email = Email::try_from(email.to_owned()).map_err(anyhow::Error::msg)?;
    let name = Name::try_from(name.to_owned()).map_err(anyhow::Error::msg)?;
    let password = Opaque::generate().text;
    let secret = password.clone().into();
    let hash = Passwords::new(2)?.other_turn(move |hasher| hasher.hash(&secret)).await??;
    db.act(Author::system("command line"), clock, async |act| {
        let now = act.now();
        let id = store::insert(act.db(), (email.as_str(), name.as_str()), &hash, now).await?;
        act.record(&Platform::OperatorAdded(id)).await
    })
    .await?;
    Ok(password)
}

/// All operators.
pub async fn list(db: &Db) -> Result<Vec<Account>> {
    Ok(store::list(&mut *db.read().await?).await?)
}

/// Takes an operator out: whatever they hold is worth nothing from now on.
pub async fn remove(db: &Db, clock: &Clock, email: &str) -> Result<()> {
    let email = Email::try_from(email.to_owned()).map_err(anyhow::Error::msg)?;
    let removed = db.act(Author::system("command line"), clock, async |act| {
        let now = act.now();
        let Some(id) = store::remove(act.db(), email.as_str(), now).await? else { return Ok(false) };
        act.record(&Platform::OperatorRemoved(id)).await?;
        Ok(true)
    });
    removed.await?.then_some(()).context("there is no such operator")
}
