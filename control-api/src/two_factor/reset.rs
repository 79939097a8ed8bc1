//! Taking all second factors from somebody: an operator helps whoever has lost phone and recovery
//! codes, and an account that changes hands starts without.

use anyhow::Context;
use chrono::{DateTime, Utc};
use shared::{
    Result,
    act::{Act, Author},
    clock::Clock,
    db::Db,
    mail,
};

use super::{Notice, store};
use crate::{
    events::Event,
    identities::{self, Email},
    mails, members, passkeys,
    sessions::{self, Reason},
    sign_in::ticket,
};

/// Takes the second factors of the person with this address. Their sessions end, and they get a mail
/// from `domain`. Says how many second factors there were.
pub async fn reset(db: &Db, clock: &Clock, domain: &str, email: &str) -> anyhow::Result<i64> {
    let email = Email::try_from(email.to_owned()).map_err(anyhow::Error::msg)?;
    let user = identities::by_email(&mut *db.read().await?, &email).await?.context("nobody has this address")?;
    Ok(db.act(Author::system("command line"), clock, async |act| by_operator(act, user.id, domain).await).await?)
}

async fn by_operator(act: &mut Act, user: i64, domain: &str) -> Result<i64> {
    store::lock(act.db(), user).await?;
    let had = store::count(act.db(), user).await?;
    forget(act, user).await?;
    sessions::end_all(act, user, Reason::SecondFactorChanged).await?;
    tell_reset(act, user).await?;
    if let Some(member) = members::everywhere(act.db(), user).await?.first() {
        let to = mails::Addressee { email: &member.email, firstname: &member.firstname, locale: member.locale };
        let letter = mails::write(to, &mails::Text::Security(Notice::SecondFactorReset))?;
        let now = act.now();
        mail::queue(act.db(), &letter, domain, now).await?;
    }
    Ok(had)
}

/// Notes wherever a person belongs that their ways in besides the password were taken.
pub async fn tell_reset(act: &mut Act, user: i64) -> Result<()> {
    for member in members::everywhere(act.db(), user).await? {
        act.record(&Event::TwoFactorReset(member.whom())).await?;
    }
    Ok(())
}

/// Takes all second factors and recovery codes from a person, and what was begun with them; says whether
/// there was a factor. Whoever calls ends their sessions and tells them.
pub async fn forget(act: &mut Act, user: i64) -> Result<bool> {
    store::lock(act.db(), user).await?;
    let had = store::count(act.db(), user).await? > 0;
    store::disable(act.db(), user).await?;
    passkeys::forget_all(act, user).await?;
    store::forget_codes(act.db(), user).await?;
    ticket::end_all(act, user).await?;
    Ok(had)
}

/// Takes the second factors and recovery codes from a person that were added since then; says whether there
/// was a factor.
pub async fn forget_since(act: &mut Act, user: i64, since: DateTime<Utc>) -> Result<bool> {
    store::lock(act.db(), user).await?;
    let before = store::count(act.db(), user).await?;
    store::disable_since(act.db(), user, since).await?;
    passkeys::forget_since(act, user, since).await?;
    Ok(store::count(act.db(), user).await? < before)
}
