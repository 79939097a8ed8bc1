//! Second factors: what somebody proves besides the first. A person has an app and recovery codes for
//! all organisations at once, and passkeys for each. Whoever has one is asked for it at every sign-in,
//! whichever way they come; admins must have one, and can do nothing but set it up before. A code
//! counts once. Whoever has lost their phone comes in with one of ten recovery codes. When a factor
//! comes or goes, its owner gets a mail and their other sessions end. What would let a thief stay asks
//! for a proof of the last 15 minutes.

mod account;
mod disable;
mod enrol;
mod enrolling;
mod password;
pub mod proof;
mod recovery;
mod reset;
mod status;
mod step_up;
mod store;
mod verify;

use chrono::{DateTime, Utc};
pub use enrolling::{By, Enrolling};
pub use password::with_password;
pub use recovery::RecoveryCode;
pub use reset::{forget, forget_since, reset, tell_reset};
use serde::Serialize;
use shared::{Error, Result, act::Act};
use sqlx::PgConnection;
pub use step_up::freshen;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    events::{Event, Whom},
    mails::{self, Notice},
    members::Member,
    session::Session,
    sessions::{self, Reason},
    sign_in::ticket,
    tenants::Tenant,
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(status::show_two_factor))
        .routes(routes!(enrol::set_up_two_factor))
        .routes(routes!(enrol::enable_two_factor))
        .routes(routes!(verify::verify_two_factor))
        .routes(routes!(disable::disable_two_factor))
        .routes(routes!(status::renew_recovery_codes))
        .routes(routes!(step_up::step_up))
}

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

/// What happened to a person's factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There is one more, or another one.
    Added,
    /// There is one less.
    Removed,
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

/// What follows when a factor has come or gone: tickets and all sessions but `keep` end, and the
/// person hears of it.
pub async fn changed(act: &mut Act, app: &App, who: (&Tenant, &Member), keep: Option<Uuid>, change: Change) -> Result<()> {
    let whom = who.1.whom();
    ticket::end_all(act, whom.user_id).await?;
    sessions::end_others(act, whom.user_id, keep, Reason::SecondFactorChanged).await?;
    match change {
        Change::Added => {
            act.record(&Event::TwoFactorEnabled(whom)).await?;
            tell(act, app, who, |organisation, link| Notice::SecondFactorOn { organisation, link }).await
        }
        Change::Removed => {
            act.record(&Event::TwoFactorDisabled(whom)).await?;
            tell(act, app, who, |organisation, link| Notice::SecondFactorOff { organisation, link }).await
        }
    }
}

/// What follows when a factor of one tenant has come or gone: tickets end, and the person's sessions
/// there but `keep`.
pub async fn changed_at(act: &mut Act, whom: Whom, keep: Option<Uuid>) -> Result<()> {
    ticket::end_all(act, whom.user_id).await?;
    sessions::end_others_in_tenant(act, whom, keep, Reason::SecondFactorChanged).await
}

/// Refuses to set up what counts at all tenants unless the person's own proofs are enough for that.
async fn may_set_up(act: &mut Act, person: &Enrolling) -> Result<()> {
    account::may_set_up(person.amr(), is_guarded(act, person.member.user_id).await?)
}

/// Whether the person has a second factor anywhere.
pub async fn is_guarded(act: &mut Act, user: i64) -> Result<bool> {
    Ok(store::count(act.db(), user).await? > 0)
}

/// Whether a passkey that this person makes speaks for their account, wherever they are.
pub async fn speaks_for_account(act: &mut Act, person: &Enrolling) -> Result<bool> {
    match may_set_up(act, person).await {
        Ok(()) => Ok(true),
        Err(Error::Forbidden(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// `403 two_factor_required` when the person has a second factor that counts elsewhere and has not shown it:
/// what is asked for changes the account everywhere.
pub async fn must_speak_for_account(db: &mut PgConnection, session: &Session) -> Result<()> {
    let guarded = store::counts_elsewhere(db, session.member.whom()).await?;
    account::may_change(session.amr, guarded)
}

/// Recovery codes for whoever has just got their very first second factor; none for anybody else.
pub async fn first_codes(act: &mut Act, person: &Enrolling) -> Result<Option<Vec<String>>> {
    let first = store::count(act.db(), person.member.user_id).await? == 1;
    if first && person.amr().proves_account() { renew_codes(act, person.member.user_id).await.map(Some) } else { Ok(None) }
}

/// Ten new recovery codes, for their owner's eyes; the former ones are dead.
pub async fn renew_codes(act: &mut Act, user: i64) -> Result<Vec<String>> {
    let now = act.now();
    let (texts, hashes): (Vec<_>, Vec<_>) = (0..recovery::COUNT).map(|_| recovery::generate()).unzip();
    store::forget_codes(act.db(), user).await?;
    store::insert_codes(act.db(), user, &hashes, now).await?;
    Ok(texts)
}

/// Forgets the recovery codes of those whose last factor went: old codes must not stand in for a later one.
pub async fn forget_idle_codes(act: &mut Act, users: &[i64]) -> Result<()> {
    store::forget_idle_codes(act.db(), users).await
}

/// Writes to the person, from where they are.
async fn tell(
    act: &mut Act,
    app: &App,
    (tenant, member): (&Tenant, &Member),
    notice: impl for<'a> FnOnce(&'a str, &'a str) -> Notice<'a>,
) -> Result<()> {
    let link = format!("{}/login", app.site.url(&tenant.slug));
    let to = mails::Addressee { email: &member.email, firstname: &member.firstname, locale: member.locale };
    mails::send(act, app, to, &mails::Text::Security(notice(&tenant.organisation, &link))).await
}

/// For whom a secret is sealed.
fn sealed_for(user: i64) -> String {
    format!("user:{user}:totp")
}

/// Forgets wrong proofs that count no more, and secrets of which no code came back.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep(db, now, limit).await
}
