//! Sign-up: an organisation arrives with its first admin (C-1). The answer comes at once; the
//! organisation's database is made meanwhile (see `provisioning`), and a mail asks the admin to
//! prove the address. The admin may work before, but not invite; and of those who prove nothing, one
//! person and one network can sign up only so many organisations a day. The password of an address that has an
//! account is a try at that account, and is counted as one.

mod bound;
mod store;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::{
    Error, Result,
    act::{Act, Actor},
    http::Client,
    idempotency::{Key, Keyed, Once, once},
    session::Role,
};
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    attempts::{self, Attempt, Device, Origin, Outcome},
    events::{Event, Whom},
    identities::{self, Claim, Compared, Email, Known, Locale, Name, NewUser, Password, User, claim, find_or_make, send_proof},
    members, plans, provisioning,
    tenants::{self, NewSlug, NewTenant, Status, Tenant},
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_up_tenant))
}

/// An organisation and its first admin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    organisation: Name,
    slug: NewSlug,
    email: Email,
    /// At least 12 characters.
    password: Password,
    firstname: Name,
    lastname: Name,
    /// English unless told.
    #[serde(default)]
    locale: Option<Locale>,
}

/// What was accepted.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedUp {
    tenant: SignedUpTenant,
    user: SignedUpUser,
}

/// The new organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedUpTenant {
    id: Uuid,
    slug: String,
    organisation: String,
    status: Status,
    /// Where its people will find it.
    url: String,
}

/// Its first admin.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedUpUser {
    id: i64,
    email: Email,
}

/// Signs an organisation up. With an `Idempotency-Key` a retry gets the first answer for 24 hours.
#[utoipa::path(
    post,
    path = "/api/v1/tenants",
    tag = "tenants",
    request_body = SignUp,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes retries safe for 24 hours")),
    responses((status = 202, body = SignedUp, headers(("Location" = String, description = "Where its status is"))))
)]
pub async fn sign_up_tenant(
    State(app): State<App>,
    client: Client,
    device: Device,
    Keyed { body: wish, key }: Keyed<SignUp>,
) -> Result<Once> {
    let from = (&client, &device);
    let first = compare_and_sign_up(&app, from, &wish, key.as_ref(), false).await;
    if identities::overtaken(&first) { compare_and_sign_up(&app, from, &wish, key.as_ref(), true).await } else { first }
}

async fn compare_and_sign_up(app: &App, from: (&Client, &Device), wish: &SignUp, key: Option<&Key>, last: bool) -> Result<Once> {
    let known = {
        let mut db = app.db.read().await?;
        // A retry finds its own tenant there; the act gives it the first answer.
        if key.is_none() && tenants::taken(&mut db, wish.slug.slug()).await? {
            return Err(Error::conflict("slug_taken", "This address is taken."));
        }
        identities::by_email(&mut db, &wish.email).await?
    };
    let compared = Compared::with(known.as_ref().map(|user| user.password_hash.clone()), last);
    let (tenant, admin) = wish.parts(choose(app, from, wish, known.as_ref()).await?);
    let owner = format!("sign-up:{}", admin.email);
    let signed_up = app.db.act(from.0.author(Actor::Anonymous), &app.clock, async |act| {
        once(act, key, &owner, "tenants", async |act| {
            let (entered, user_id) = sign_up(act, app, &tenant, &admin, &compared).await?;
            Once::accepted(format!("/api/v1/tenants/{}/status", entered.slug), &answer(app, entered, user_id, admin.email.clone()))
        })
        .await
    });
    signed_up.await
}

/// The password's hash. With a known address it is compared with the account's: a try, counted before it is
/// made. An unknown address waits and is refused in the same way.
async fn choose(app: &App, (client, device): (&Client, &Device), wish: &SignUp, known: Option<&User>) -> Result<String> {
    if let Some(user) = known {
        client.aims_at(user.id);
    }
    let about =
        [wish.email.as_str(), wish.firstname.as_str(), wish.lastname.as_str(), wish.organisation.as_str(), wish.slug.slug().as_str()];
    let origin = Origin::Client(client.ip, device.clone());
    let attempt = Attempt { email: &wish.email, user: known.map(|user| user.id), password: &wish.password, origin };
    let counted = attempts::count(app, &attempt).await?;
    let chosen = wish.password.choose(&app.passwords, Role::Admin, &about, known.map(|user| user.password_hash.clone())).await;
    attempts::settle(app, counted, chosen.as_ref().map_or(Outcome::Nothing, |hash| outcome(known, hash))).await?;
    chosen
}

/// What a password says about who gave it. Nobody's account, or one that only claims its address, is given to
/// whoever comes: there is nothing to guess.
fn outcome(known: Option<&User>, hash: &str) -> Outcome {
    match known.filter(|user| user.verified || user.belongs) {
        None => Outcome::Nothing,
        Some(user) if user.password_hash == hash => Outcome::Right,
        Some(_) => Outcome::Wrong,
    }
}

impl SignUp {
    fn parts(&self, password_hash: String) -> (NewTenant, NewUser) {
        let locale = self.locale.unwrap_or_default();
        let (slug, organisation) = (self.slug.slug().clone(), self.organisation.clone());
        let (email, firstname, lastname) = (self.email.clone(), self.firstname.clone(), self.lastname.clone());
        (NewTenant { id: Uuid::now_v7(), slug, organisation, locale }, NewUser { email, firstname, lastname, locale, password_hash })
    }
}

fn answer(app: &App, t: Tenant, id: i64, email: Email) -> SignedUp {
    let url = app.site.url(&t.slug);
    let tenant = SignedUpTenant { url, id: t.id, slug: t.slug, organisation: t.organisation, status: t.status };
    SignedUp { tenant, user: SignedUpUser { id, email } }
}

/// Forgets where sign-ups came from that count no more, at most `limit` of them.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<u64> {
    store::sweep(db, now - bound::WINDOW, limit).await
}

/// Refuses whoever has signed up too many of late, and counts this one. Whoever has proved the address
/// or sits at the machine itself is not refused.
async fn count(act: &mut Act, app: &App, tenant: Uuid, user: &User) -> Result<()> {
    let (now, source) = (act.now(), act.author().ip.and_then(bound::source));
    if let Some(source) = source.as_deref().filter(|_| !app.rules.no_rate_limit && !user.verified) {
        store::lock(act.db(), source).await?;
        store::recent(act.db(), user.id, source, now - bound::WINDOW).await?.check()?;
    }
    store::insert(act.db(), (tenant, user.id), source.as_deref(), now).await
}

/// The verb. Whose address it is was asked before the act; here it is asked again, under lock: a
/// password that was right then is the one that is stored now, or it was changed meanwhile.
async fn sign_up(act: &mut Act, app: &App, tenant: &NewTenant, admin: &NewUser, compared: &Compared) -> Result<(Tenant, i64)> {
    let (user, made) = find_or_make(act, admin).await?;
    compared.holds(&user, made)?;
    match if made { Claim::New } else { claim(Some(known(&user, admin))) } {
        Claim::New | Claim::Own => {}
        Claim::TakeOver => identities::hand_over(act, user.id, admin).await?,
        Claim::Taken => return Err(Error::conflict("email_taken", "This e-mail address has an account; use its password.")),
    }
    act.is_by(Actor::Person { id: user.id, role: Role::Admin.as_str().to_owned() });
    let entered = tenants::enter(act, tenant).await?;
    count(act, app, entered.id, &user).await?;
    plans::give_first(act, entered.id).await?;
    act.record(&Event::TenantCreated(entered.clone())).await?;
    members::join(act, Whom { tenant_id: entered.id, user_id: user.id }, Role::Admin).await?;
    provisioning::plan(act, entered.id).await?;
    if !user.verified {
        send_proof(act, app, &entered, user.id, admin, Role::Admin).await?;
    }
    Ok((entered, user.id))
}

fn known(user: &User, admin: &NewUser) -> Known {
    Known { verified: user.verified, belongs: user.belongs, password_right: user.password_hash == admin.password_hash }
}
