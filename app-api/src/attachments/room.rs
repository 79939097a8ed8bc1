//! Whether there is room for more, asked before a file comes. Whoever brings it is asked again, exactly, when it has come.

use shared::{Result, tenancy::Tenant};

use crate::{
    app::App,
    imports,
    media::{self, Allowed, Amount, Whose, must_fit, usage},
    people::PersonId,
    session::Session,
};

/// `413 quota_exceeded` unless whoever asks, and their organisation, have room for a file of so many bytes. What is on its way and
/// counts already is the caller's to add. Copies are asked first; where they say no, the database does.
pub(super) async fn must_have(app: &App, session: &Session, bytes: i64) -> Result<()> {
    let (me, today) = (session.person.id, app.clock.now().date_naive());
    let (cache, tenant) = (&app.outside.cache, &session.tenant);
    let mine = media::had(cache, tenant, me, today).await?;
    let all = media::had(cache, tenant, usage::ALL, today).await?;
    let mut db = session.read().await?;
    let (allowed, besides) = (usage::allowed(&mut db).await?, imports::kept(&mut db).await?);
    let fits = |mine: Amount, mut all: Amount| {
        all.bytes += besides;
        must_fit(Whose::Person, mine, allowed, bytes)?;
        must_fit(Whose::Organisation, all, Allowed { bytes: tenant.bounds.storage_bytes, ..Allowed::default() }, bytes)
    };
    if fits(mine, all).is_ok() {
        return Ok(());
    }
    let (mine, all) = (usage::of(&mut db, me, today).await?, usage::of(&mut db, usage::ALL, today).await?);
    fits(mine, all)
}

/// Says that what somebody has of files is another now.
pub(super) async fn changed(app: &App, tenant: &Tenant, whose: PersonId) {
    media::changed(&app.outside.cache, tenant, whose).await;
}
