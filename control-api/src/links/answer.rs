//! Mails for those who asked for a link. The worker does it, after the answer.

use shared::{
    Error, Result,
    act::{Act, Author},
    auth::token::Opaque,
};

use super::{
    Purpose, keep,
    model::{Letter, Wish, letter},
    store,
};
use crate::{
    app::App,
    events::{Event, Platform, Whom},
    identities::{self, Email, User},
    invitations,
    mails::{self, Access, Addressee, Text},
    members::{self, Member, Standing},
    tenants::{self, Door, Tenant},
};

/// Answers every wish that waits.
pub async fn answer_due(app: &App) -> Result<()> {
    while app.db.act(Author::system("links"), &app.clock, async |act| answer_one(act, app).await).await? {}
    Ok(())
}

/// Answers the oldest wish; `false` when there is none.
async fn answer_one(act: &mut Act, app: &App) -> Result<bool> {
    let Some(wish) = store::take_wish(act.db()).await? else { return Ok(false) };
    let tenant = tenants::by_id(act.db(), wish.tenant_id).await?.filter(|t| matches!(t.status.door(), Door::Open | Door::NotYet));
    let (Some(tenant), Some(user)) = (tenant, user(act, &wish).await?) else { return Ok(true) };
    let member = members::find(act.db(), tenant.id, user.id).await?.filter(|member| member.standing != Standing::Removed);
    let Some(member) = member else {
        send_to_invited(act, app, (&tenant, &user), &wish).await?;
        return Ok(true);
    };
    match letter(wish.purpose, member.standing, member.role(), tenant.customer_magic_link) {
        Letter::Nothing => {}
        Letter::Link => send_link(act, app, (&tenant, Reader::Member(&member)), wish.purpose).await?,
        Letter::UsePassword => {
            let text = Access::UsePassword { organisation: &tenant.organisation, link: &page(app, &tenant, "login") };
            mails::send_sparingly(act, app, tenant.id, to(&member), &Text::Access(text)).await?;
        }
    }
    Ok(true)
}

async fn user(act: &mut Act, wish: &Wish) -> Result<Option<User>> {
    let email = Email::try_from(wish.email.clone()).map_err(|e| anyhow::anyhow!("a wish's address does not parse: {e}"))?;
    identities::by_email(act.db(), &email).await
}

/// Whoever is only invited may need a new password, too: their account's is asked for, and somebody else may
/// have chosen it who wrote their address down.
async fn send_to_invited(act: &mut Act, app: &App, (tenant, user): (&Tenant, &User), wish: &Wish) -> Result<()> {
    let now = act.now();
    if wish.purpose == Purpose::Password && invitations::is_asked_in(act.db(), tenant.id, &user.email, now).await? {
        send_link(act, app, (tenant, Reader::Invited(user)), wish.purpose).await?;
    }
    Ok(())
}

/// Sends the link, unless the address has had enough of its kind: those that it has stay good then.
async fn send_link(act: &mut Act, app: &App, (tenant, reader): (&Tenant, Reader<'_>), purpose: Purpose) -> Result<()> {
    let (token, organisation) = (Opaque::generate(), tenant.organisation.as_str());
    let (link, text);
    match purpose {
        Purpose::Password => {
            link = page(app, tenant, &format!("reset?token={}", token.text));
            text = Access::NewPassword { organisation, link: &link };
        }
        Purpose::SignIn => {
            link = page(app, tenant, &format!("magic?token={}", token.text));
            text = Access::SignIn { organisation, link: &link };
        }
        Purpose::NewAddress | Purpose::OldAddress => return Err(Error::internal(anyhow::anyhow!("nobody asks for this link by address"))),
    }
    send(act, app, (tenant, reader), (purpose, &token), &Text::Access(text)).await
}

/// Sends a link to a new password to somebody who needs one; why, says the mail.
pub async fn send_new_password<'a>(
    act: &mut Act,
    app: &App,
    (tenant, member): (&'a Tenant, &'a Member),
    text: impl for<'t> FnOnce(&'t str, &'t str) -> Text<'t>,
) -> Result<()> {
    let token = Opaque::generate();
    let link = page(app, tenant, &format!("reset?token={}", token.text));
    send(act, app, (tenant, Reader::Member(member)), (Purpose::Password, &token), &text(&tenant.organisation, &link)).await
}

async fn send(
    act: &mut Act,
    app: &App,
    (tenant, reader): (&Tenant, Reader<'_>),
    (purpose, token): (Purpose, &Opaque),
    text: &Text<'_>,
) -> Result<()> {
    let to = reader.addressee(tenant);
    if mails::send_sparingly(act, app, tenant.id, to, text).await? {
        let whom = Whom { tenant_id: tenant.id, user_id: reader.user_id() };
        keep(act, purpose, (whom, to.email), None, token).await?;
        match reader {
            Reader::Member(_) => act.record(&Event::LinkSent(whom, purpose)).await?,
            // Who invites somebody does not learn whether they have an account.
            Reader::Invited(_) => act.record(&Platform::AccountLinkSent(whom.user_id)).await?,
        };
    }
    Ok(())
}

/// Whoever gets the link.
#[derive(Clone, Copy)]
enum Reader<'a> {
    /// Belongs to the tenant.
    Member(&'a Member),
    /// Is only asked in: a name of theirs may be a stranger's.
    Invited(&'a User),
}

impl<'a> Reader<'a> {
    fn user_id(self) -> i64 {
        match self {
            Self::Member(member) => member.user_id,
            Self::Invited(user) => user.id,
        }
    }

    fn addressee(self, tenant: &Tenant) -> Addressee<'a> {
        match self {
            Self::Member(member) => to(member),
            Self::Invited(user) => Addressee { email: &user.email, firstname: "", locale: tenant.locale },
        }
    }
}

fn to(member: &Member) -> Addressee<'_> {
    Addressee { email: &member.email, firstname: &member.firstname, locale: member.locale }
}

fn page(app: &App, tenant: &Tenant, path: &str) -> String {
    format!("{}/{path}", app.site.url(&tenant.slug))
}
