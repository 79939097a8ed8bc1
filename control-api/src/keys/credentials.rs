//! Passwords of tenants' databases go from the control database to Vault: first there, then this one is forgotten. Whatever
//! dies in between, the password is in one of the two, and it is the same in both.

use shared::{Error, Result, act::Author, crash};
use uuid::Uuid;

use super::{
    Stuck,
    store::{self, Password},
};
use crate::{
    app::App,
    provisioning::{credentials::IN_VAULT, target::owner},
};

/// Passwords that are read at once.
const SOME: i64 = 100;

/// Hands over what is here, if Vault is to keep it.
pub async fn hand_over_all(app: &App, stuck: &mut Stuck) -> Result<()> {
    if !app.keys.ring.keeps_credentials() {
        return Ok(());
    }
    let mut after = Uuid::nil();
    loop {
        let some = store::passwords(&mut *app.db.read().await?, after, SOME).await?;
        for password in &some {
            if let Err(error) = hand_over(app, password).await {
                stuck.note(format_args!("the password of tenant {}", password.tenant), error)?;
            }
            crash::point(|| "rotate_master.passwords.one".to_owned());
            after = password.tenant;
        }
        if some.is_empty() {
            return Ok(());
        }
    }
}

async fn hand_over(app: &App, password: &Password) -> Result<()> {
    let (ring, tenant) = (&app.keys.ring, password.tenant);
    let plain = super::opened(&app.db, ring, Some(tenant), &password.sealed, &owner(tenant)).await?;
    let plain = String::from_utf8(plain).map_err(Error::internal)?.into();
    ring.take_credential(tenant, &password.role, &plain).await?;
    crash::point(|| "rotate_master.passwords.kept".to_owned());
    app.db.act(Author::system("keys"), &app.clock, async |act| store::hand_over(act.db(), password, IN_VAULT).await).await
}
