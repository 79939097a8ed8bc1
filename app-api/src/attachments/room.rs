//! Whether there is room for more, asked before a file comes. Whoever brings it is asked again, exactly, when it has come.

use shared::{Result, tenancy::Tenant};

use crate::{
    app::App,
    media::{Allowed, Amount, Whose, must_fit, room},
    people::PersonId,
    session::Session,
};

/// `413 quota_exceeded` unless whoever asks, and their organisation, have room for a file of so many bytes. What is on its way and
/// counts already is the caller's to add. Copies are asked first; where they say no, the database does.
pub(super) async fn must_have(app: &App, session: &Session, bytes: i64) -> Result<()> {
    let (me, today) = (session.person.id, app.clock.now().date_naive());
    let (cache, tenant) = (&app.outside.cache, &session.tenant);
    let (allowed, more) = (room::allowed(&mut *session.read().await?).await?, Amount::file(bytes));
    let fits = |mine: Amount, all: Amount| {
        must_fit(Whose::Person, mine, allowed, more)?;
        must_fit(Whose::Organisation, all, Allowed::by_plan(&tenant.bounds), more)
    };
    if fits(room::had(cache, tenant, me, today).await?, room::had(cache, tenant, room::ALL, today).await?).is_ok() {
        return Ok(());
    }
    fits(room::has(tenant, me, today).await?, room::has(tenant, room::ALL, today).await?)
}

/// Says that what somebody has of files is another now.
pub(super) async fn changed(app: &App, tenant: &Tenant, whose: PersonId) {
    room::changed(&app.outside.cache, tenant, whose).await;
}
