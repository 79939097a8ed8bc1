//! Provisioning: how a tenant gets its database. A walk of small steps, each of which may be done
//! twice without harm; how far it has come stands in the control database, so a crash at any moment
//! is resumed by whoever looks next. A tenant that cannot be completed leaves nothing behind but
//! its name, and can be tried again. Later changes of a tenant's settings are carried into its
//! database here too.

mod perform;
mod step;
mod store;
mod target;
mod walk;

use shared::{Result, act::Act};
pub use step::{ATTEMPTS, AfterFailure, Step};
use uuid::Uuid;
pub use walk::{Job, claim, retry, settle, settle_failure, walk_all};

pub use perform::{carry_settings, perform};

/// Plans the database of a tenant that has just been entered.
pub async fn plan(act: &mut Act, tenant: Uuid) -> Result<()> {
    let now = act.now();
    store::insert(act.db(), tenant, now).await
}
