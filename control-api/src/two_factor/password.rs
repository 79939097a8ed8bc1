//! The password of somebody who is signed in already, asked for again. Wrong ones count with wrong
//! codes: whoever has found a token does not guess here either.

use shared::{Error, Result, act::Act};

use super::{
    proof::{count, exhausted, warn},
    store,
};
use crate::{
    app::App,
    identities::{self, Password},
    session::Session,
};

/// Runs `work` as an act of the session if the password is its holder's. The try is counted before
/// it is made, so that many at once are no more than one after the other.
pub async fn with_password<T>(
    app: &App,
    session: &Session,
    password: &Password,
    work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone,
) -> Result<T> {
    let user = session.member.user_id;
    let (number, hash) = session.act(async |act| reserve(act, user).await).await??;
    let (secret, stored) = (password.secret(), hash.clone());
    let compared = app.passwords.other_turn(move |hasher| hasher.matches(&secret, Some(&stored))).await;
    if compared.is_err() {
        // Nobody has looked at it: it was no try.
        session.act(async |act| store::forgive(act.db(), number).await).await?;
    }
    let right = compared?;
    let wrong = || Error::Unauthenticated("invalid_credentials");
    if !right {
        session.act(async |act| warn(act, app, (&session.tenant, &session.member)).await).await?;
        return Err(wrong());
    }
    session
        .act(async |act| {
            store::lock(act.db(), user).await?;
            if identities::password_hash(act.db(), user).await? != Some(hash.clone()) {
                return Err(wrong());
            }
            store::forgive(act.db(), number).await?;
            work(act).await
        })
        .await
}

async fn reserve(act: &mut Act, user: i64) -> Result<Result<(i64, String)>> {
    if let Some(retry_after) = exhausted(act, user).await? {
        return Ok(Err(Error::TooMany { retry_after }));
    }
    let hash = identities::password_hash(act.db(), user).await?.ok_or(Error::Unauthenticated("invalid_credentials"))?;
    Ok(Ok((count(act, user).await?, hash)))
}
