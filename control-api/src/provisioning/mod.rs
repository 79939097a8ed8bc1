//! Provisioning: how a tenant gets its database. A walk of small steps, each of which may be done
//! twice without harm; how far it has come stands in the control database, so a crash at any moment
//! is resumed by whoever looks next. A tenant that cannot be completed leaves nothing behind but
//! its name, and can be tried again. Where a database waits for somebody ([`spares`]) most steps are
//! done before. Later changes of a tenant's settings are carried into its database here too.

mod carry;
pub mod credentials;
pub mod leave;
mod perform;
mod place;
pub mod retire;
mod rights;
pub mod spares;
mod step;
mod store;
pub mod target;
mod walk;

use shared::{Result, act::Act};
use sqlx::PgConnection;
pub use step::{ATTEMPTS, AfterFailure, Step};
pub use target::Place;
pub use target::store::{drop_role, marker, wrong_rights};
use uuid::Uuid;
pub use walk::{Job, claim, retry, settle, settle_failure, walk_all};

pub use carry::carry_settings;
pub use perform::{password, perform};
pub use place::look_again;
pub use rights::{grant_spare, restore_rights};
pub use target::another_name;
pub(crate) use target::store::{ensure_role, grant, is_open, remove};

/// Plans the database of a tenant that has just been entered.
pub async fn plan(act: &mut Act, tenant: Uuid) -> Result<()> {
    let now = act.now();
    store::insert(act.db(), tenant, now).await
}

/// Where a tenant's database is; none while it has none.
pub async fn place(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Place>> {
    store::place(db, tenant).await
}
