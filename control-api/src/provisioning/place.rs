//! Where a new tenant goes: a cluster with room, and a database that waits there for somebody, if there is one.

use shared::{Result, act::Act};

use super::{credentials, spares, store, target::Place};
use crate::{app::App, clusters, keys, tenants::Tenant};

/// Chooses and writes down the tenant's place. True when it is a spare's: database and rights are there already.
pub(super) async fn find(act: &mut Act, app: &App, tenant: &Tenant) -> Result<bool> {
    let now = act.now();
    let cluster = clusters::place(act).await?;
    let spare = spares::take(act, cluster).await?;
    let sealed = credentials::choose(act.db(), &app.keys.ring, tenant.id).await?;
    keys::give_fields(act.db(), &app.keys.ring, tenant.id).await?;
    let key_id = credentials::key_id(sealed.as_ref()).to_owned();
    let place = Place::choose(cluster, &tenant.slug, spare.as_deref(), sealed);
    store::set_place(act.db(), tenant.id, &place, &key_id, now).await?;
    Ok(spare.is_some())
}

/// Lets tenants that wait for room look again at once.
pub async fn look_again(act: &mut Act) -> Result<()> {
    let now = act.now();
    store::look_again(act.db(), now).await?;
    act.leaves_work();
    Ok(())
}
