//! Identities: the people, known by their e-mail address, once for the whole platform. Whoever
//! opens a link that we sent to an address has proved that it is theirs; until then an account
//! that somebody made with it gives its maker no hold over it. If several have given the address
//! with different passwords within a month, the link asks for the password: its opener may not know
//! who sent it. If a stranger alone has given it, whoever opens the link proves the stranger's claim.

mod locale;
mod me;
mod model;
mod password;
mod proof;
mod register;
mod store;

use chrono::{DateTime, Utc};
pub use locale::Locale;
pub use me::Me;
use model::Claimed;
pub use model::{Claim, Known, claim};
pub use password::Password;
pub use proof::{Token, proved, send_proof};
use shared::{Error, Result, act::Act, auth::password::NONE};
pub use shared::{email::Email, name::Name};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{api_keys, app::App, sso, two_factor};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register::register_customer))
        .routes(routes!(proof::verify_email))
        .routes(routes!(proof::resend_proof))
        .routes(routes!(me::show_me, me::change_me))
}

/// An account, as far as claims to it need to know.
#[derive(Debug, Clone)]
pub struct User {
    /// Its id.
    pub id: i64,
    /// Its address.
    pub email: String,
    /// argon2id.
    pub password_hash: String,
    /// First name.
    pub firstname: String,
    /// Last name.
    pub lastname: String,
    /// Somebody has proved the address.
    pub verified: bool,
    /// It is an active member somewhere.
    pub belongs: bool,
}

/// An account that is about to be.
pub struct NewUser {
    /// Its address.
    pub email: Email,
    /// First name.
    pub firstname: Name,
    /// Last name.
    pub lastname: Name,
    /// Language.
    pub locale: Locale,
    /// argon2id.
    pub password_hash: String,
}

impl User {
    /// Whether somebody holds it whose password is asked for, whatever link is shown: they have proved the
    /// address, or belong somewhere and chose the password. Whom a provider alone has vouched for has none.
    pub fn is_held(&self) -> bool {
        self.verified || (self.belongs && self.password_hash != NONE)
    }

    fn claimed(&self) -> Claimed {
        let (firstname, lastname) = (self.firstname.clone(), self.lastname.clone());
        Claimed { password_hash: self.password_hash.clone(), firstname, lastname }
    }
}

/// A claim to an address, and the link that proves it.
struct EmailToken {
    hash: Vec<u8>,
    user_id: i64,
    tenant_id: Uuid,
    password_hash: String,
    firstname: String,
    lastname: String,
}

impl EmailToken {
    fn claimed(&self) -> Claimed {
        let (firstname, lastname) = (self.firstname.clone(), self.lastname.clone());
        Claimed { password_hash: self.password_hash.clone(), firstname, lastname }
    }
}

/// The account of an address.
pub async fn by_email(db: &mut PgConnection, email: &Email) -> Result<Option<User>> {
    store::by_email(db, email).await
}

/// The account of an address, locked until the act ends.
pub async fn lock_by_email(act: &mut Act, email: &Email) -> Result<Option<User>> {
    store::lock_by_email(act.db(), email).await
}

/// The account of an address, made if there is none; locked until the act ends. The flag says
/// whether it is new.
pub async fn find_or_make(act: &mut Act, new: &NewUser) -> Result<(User, bool)> {
    let now = act.now();
    let made = store::insert(act.db(), new, now).await?.is_some();
    let user = store::lock_by_email(act.db(), &new.email).await?;
    Ok((user.ok_or_else(|| anyhow::anyhow!("an account vanished"))?, made))
}

/// The account of that id, locked until the act ends.
pub async fn lock(act: &mut Act, id: i64) -> Result<User> {
    store::lock(act.db(), id).await?.ok_or(Error::NotFound("not_found"))
}

/// The account of that id.
pub async fn by_id(db: &mut PgConnection, id: i64) -> Result<User> {
    store::by_id(db, id).await?.ok_or(Error::NotFound("not_found"))
}

/// Gives an account another password, or none (`password::NONE`).
pub async fn set_password(act: &mut Act, id: i64, hash: &str) -> Result<()> {
    let now = act.now();
    store::set_password(act.db(), id, hash, now).await
}

/// Stores the same password under today's parameters. What was claimed with it stays the same claim.
pub async fn renew_hash(act: &mut Act, id: i64, (old, new): (&str, &str)) -> Result<()> {
    let now = act.now();
    store::renew_hash(act.db(), id, (old, new), now).await
}

/// Gives an account another address, whose owner has just shown that it is theirs; links that were
/// sent before prove nothing any more. Whoever wrote that address down and proved nothing gives way;
/// `409 email_taken` when it has an owner.
pub async fn set_address(act: &mut Act, id: i64, email: &str) -> Result<()> {
    let now = act.now();
    let address = Email::try_from(email.to_owned()).map_err(|e| anyhow::anyhow!("a link's address does not parse: {e}"))?;
    match store::lock_by_email(act.db(), &address).await? {
        Some(other) if other.id != id && (other.verified || other.belongs) => {
            return Err(Error::conflict("email_taken", "This e-mail address has an account of its own."));
        }
        Some(other) if other.id != id => store::give_way(act.db(), other.id, now).await?,
        Some(_) | None => {}
    }
    store::set_address(act.db(), id, &address, now).await
}

/// What a password was compared with before the act: the stored hash, or that there was none.
#[derive(Debug, Clone)]
pub struct Compared {
    hash: Option<String>,
    last: bool,
}

/// What an act says that was overtaken.
const OVERTAKEN: &str = "this account, which is changing,";

impl Compared {
    /// The comparison before an act. The `last` is good enough whatever has happened since.
    pub fn with(hash: Option<String>, last: bool) -> Self {
        Self { hash, last }
    }

    /// Refuses when somebody else has made or taken the account since: one password would have two
    /// hashes then, and be its own rival. It has to be compared anew.
    pub fn holds(&self, user: &User, made: bool) -> Result<()> {
        if made || self.last || self.hash.as_deref() == Some(&user.password_hash) { Ok(()) } else { Err(Error::Unavailable(OVERTAKEN)) }
    }
}

/// Whether the comparison did not hold.
pub fn overtaken<T>(done: &Result<T>) -> bool {
    matches!(done, Err(Error::Unavailable(OVERTAKEN)))
}

/// Gives an account to whoever has taken its address.
pub async fn hand_over(act: &mut Act, id: i64, new: &NewUser) -> Result<()> {
    let (firstname, lastname) = (new.firstname.as_str().to_owned(), new.lastname.as_str().to_owned());
    give(act, id, &Claimed { password_hash: new.password_hash.clone(), firstname, lastname }).await
}

/// The account changes hands; whatever else let its former holder in does so no more.
async fn give(act: &mut Act, id: i64, heir: &Claimed) -> Result<()> {
    let now = act.now();
    store::hand_over(act.db(), id, heir, now).await?;
    lock_out(act, id).await
}

/// Takes from an account what let its holder in besides the password: second factors, what providers
/// vouched for, and API keys. For whoever set them up without having proved the address, once somebody else
/// proves it.
pub async fn lock_out(act: &mut Act, id: i64) -> Result<()> {
    let had = two_factor::forget(act, id).await?;
    let linked = sso::forget_all(act, id).await?;
    note(act, id, had || linked).await?;
    api_keys::end_of(act, id, None).await
}

/// Takes from an account what has come to let somebody in since then, besides the password: second
/// factors, what providers vouched for, and API keys. For whoever lost it to a thief in the meantime.
pub async fn lock_out_since(act: &mut Act, id: i64, since: DateTime<Utc>) -> Result<()> {
    let had = two_factor::forget_since(act, id, since).await?;
    let linked = sso::forget_since(act, id, since).await?;
    note(act, id, had || linked).await?;
    api_keys::end_of(act, id, Some(since)).await
}

/// Notes that somebody's ways in were taken, if there were some, wherever they belong.
async fn note(act: &mut Act, id: i64, any: bool) -> Result<()> {
    if any { two_factor::tell_reset(act, id).await } else { Ok(()) }
}

/// The hash of an account's password.
pub async fn password_hash(db: &mut PgConnection, id: i64) -> Result<Option<String>> {
    Ok(store::by_id(db, id).await?.map(|user| user.password_hash))
}

/// Forgets links that ended a month ago, at most `limit` of them.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep_tokens(db, now, limit).await
}
