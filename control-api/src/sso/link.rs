//! Whose account the provider's word opens.

use chrono::TimeDelta;
use shared::{
    Error, Result,
    act::{Act, Actor},
    auth::{amr::Amr, password},
};

use super::{
    Provider,
    model::{Account, Refusal, Verdict, Word, judge},
    provider::Claims,
    store,
};
use crate::{
    app::App,
    bound::Bound,
    events::{Event, Whom},
    identities::{self, Email, Name, NewUser, User},
    mails::{self, KeyText},
    members::{self, Member},
    sessions::{self, ClientKind, Reason},
    sign_in::{self, Answer, come_in},
    tenants::Tenant,
};

/// How many newcomers a tenant's providers bring within a day: their addresses are not proved, and nobody is to
/// take a company's for their own.
const A_DAY: Bound = Bound { most: 500, within: TimeDelta::days(1) };

/// Somebody for whom a provider vouches.
pub struct Vouched {
    /// The provider.
    pub provider: Provider,
    /// What it says.
    pub claims: Claims,
}

impl Vouched {
    fn link(&self) -> (&str, &str) {
        (self.provider.issuer.as_str(), &self.claims.subject)
    }

    /// The address, and what the provider's word for it is worth.
    fn word(&self) -> (Option<Email>, Word) {
        let email = self.claims.email.clone().and_then(|text| Email::try_from(text).ok());
        let word = match &email {
            Some(email) if self.claims.email_verified && self.provider.domains.hold(email) => Word::Good,
            Some(_) if self.claims.email_verified => Word::ForeignDomain,
            Some(_) | None => Word::Unverified,
        };
        (email, word)
    }
}

/// The verb: what the provider said is held against what we know at this moment.
pub async fn come_in_vouched(act: &mut Act, app: &App, tenant: &Tenant, vouched: &Vouched) -> Result<Answer> {
    let refused = || Error::Unauthenticated("sso_refused");
    let (issuer, subject) = vouched.link();
    let provider = store::hold(act.db(), tenant.id).await?.filter(|p| p.enabled && p.issuer == vouched.provider.issuer);
    provider.ok_or_else(refused)?;
    let (email, word) = vouched.word();
    let user = match &email {
        Some(email) => identities::lock_by_email(act, email).await?,
        None => None,
    };
    // Read under the account's lock: of two who come at once for the first time, the second is known.
    let linked = store::link(act.db(), tenant.id, issuer, subject).await?;
    let standing = match linked {
        Some(user) => members::standing(act.db(), tenant.id, user).await?,
        None => None,
    };
    let account = match &user {
        Some(user) => Some(account(act, tenant, issuer, user).await?),
        None => None,
    };
    let verdict = judge(standing, word, account);
    let user_id = match (verdict, linked, user, email) {
        (Verdict::ComeIn, Some(user), ..) => user,
        (Verdict::Link, None, Some(user), _) => user.id,
        (Verdict::Make, None, None, Some(email)) => make(act, tenant, vouched, email).await?,
        (Verdict::TakeOver, None, Some(user), Some(email)) => take_over(act, tenant, vouched, (user.id, email)).await?,
        (Verdict::Refuse(why), ..) => return Err(why.into()),
        (Verdict::ComeIn | Verdict::Link | Verdict::Make | Verdict::TakeOver, ..) => return Err(Refusal::Removed.into()),
    };
    let whom = Whom { tenant_id: tenant.id, user_id };
    let member = sign_in::hold_member(act, whom).await?.filter(Member::is_active).ok_or(Error::from(Refusal::Removed))?;
    act.is_by(member.actor());
    note(act, app, tenant, vouched, (&member, verdict)).await?;
    come_in(act, app, tenant, &member, ClientKind::Browser, Amr::SSO).await
}

async fn account(act: &mut Act, tenant: &Tenant, issuer: &str, user: &User) -> Result<Account> {
    Ok(Account {
        verified: user.verified,
        belongs: user.belongs,
        standing: members::standing(act.db(), tenant.id, user.id).await?,
        known_otherwise: store::is_linked(act.db(), tenant.id, issuer, user.id).await?,
    })
}

/// An account for somebody new. Its address is not proved by this: the provider speaks for one
/// organisation, and the account is everybody's.
async fn make(act: &mut Act, tenant: &Tenant, vouched: &Vouched, email: Email) -> Result<i64> {
    must_have_room(act, tenant).await?;
    let new = newcomer(tenant, vouched, email)?;
    let (user, made) = identities::find_or_make(act, &new).await?;
    // Somebody else has just made it: it is judged anew.
    if !made {
        return Err(Error::Contended);
    }
    join(act, tenant, vouched, user.id).await?;
    Ok(user.id)
}

/// An account that nobody has proved and that belongs nowhere begins anew.
async fn take_over(act: &mut Act, tenant: &Tenant, vouched: &Vouched, (user, email): (i64, Email)) -> Result<i64> {
    must_have_room(act, tenant).await?;
    let new = newcomer(tenant, vouched, email)?;
    identities::hand_over(act, user, &new).await?;
    sessions::end_all(act, user, Reason::AddressProved).await?;
    join(act, tenant, vouched, user).await?;
    Ok(user)
}

async fn must_have_room(act: &mut Act, tenant: &Tenant) -> Result<()> {
    let now = act.now();
    A_DAY.check(store::brought(act.db(), tenant.id, A_DAY.since(now)).await?, now)
}

async fn join(act: &mut Act, tenant: &Tenant, vouched: &Vouched, user_id: i64) -> Result<()> {
    let role = vouched.provider.default_role.role();
    act.is_by(Actor::Person { id: user_id, role: role.as_str().to_owned() });
    members::join(act, Whom { tenant_id: tenant.id, user_id }, role).await
}

fn newcomer(tenant: &Tenant, vouched: &Vouched, email: Email) -> Result<NewUser> {
    let name = |text: Option<&String>| text.and_then(|text| Name::try_from(text.clone()).ok());
    let local = email.as_str().split('@').next().map(str::to_owned);
    let nameless = || Name::try_from("–".to_owned()).map_err(|e| Error::internal(anyhow::anyhow!(e)));
    Ok(NewUser {
        firstname: name(vouched.claims.firstname.as_ref()).or_else(|| name(local.as_ref())).map_or_else(nameless, Ok)?,
        lastname: name(vouched.claims.lastname.as_ref()).map_or_else(nameless, Ok)?,
        email,
        locale: tenant.locale,
        // Nobody has one: an invitation or a link to a new password tells whose the address is.
        password_hash: password::NONE.to_owned(),
    })
}

/// Remembers who they are at the provider. Whoever had their account before hears of it.
async fn note(act: &mut Act, app: &App, tenant: &Tenant, vouched: &Vouched, (member, verdict): (&Member, Verdict)) -> Result<()> {
    let now = act.now();
    let (issuer, subject) = vouched.link();
    if verdict == Verdict::ComeIn {
        return store::used(act.db(), tenant.id, (issuer, subject), now).await;
    }
    store::insert_link(act.db(), tenant.id, (issuer, subject), member.user_id, now).await?;
    let whom = Whom { tenant_id: tenant.id, user_id: member.user_id };
    act.record(&Event::IdentityLinked(whom, issuer.to_owned())).await?;
    if verdict != Verdict::Link {
        return Ok(());
    }
    let link = format!("{}/login", app.site.url(&tenant.slug));
    let text = KeyText::ProviderLinked { organisation: &tenant.organisation, provider: vouched.provider.name.as_str(), link: &link };
    mails::send(act, app, mails::Addressee::of(member), &mails::Text::Key(text)).await
}
