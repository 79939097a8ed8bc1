//! By what tenants' sensitive fields are sealed: a key of each, made here, for the app plane only reads. It seals values in the
//! tenant's own database, and is itself one of the values that the tenant's data key seals.

use shared::{
    Result,
    seal::{FieldsKey, Keyring},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::store;
use crate::app::App;

/// Gives a tenant its key of sensitive fields, unless it has one or only its name is left.
pub async fn give(db: &mut PgConnection, ring: &Keyring, tenant: Uuid) -> Result<()> {
    let sealed = super::seal(db, ring, Some(tenant), &FieldsKey::generate(), &FieldsKey::owner(tenant)).await?;
    store::insert_field_key(db, tenant, &sealed).await
}

/// Gives `limit` of those one who were there before there were such keys; says how many. One whose data key does not open keeps
/// nobody else waiting.
pub async fn give_missing(app: &App, limit: i64) -> Result<u64> {
    let (mut given, mut failed) = (0, Ok(()));
    let lacking = store::without_field_key(&mut *app.db.read().await?, limit).await?;
    for tenant in lacking {
        match app.db.apply(async |db| give(db, &app.keys.ring, tenant).await).await {
            Ok(()) => given += 1,
            Err(error) => failed = Err(error),
        }
    }
    failed.map(|()| given)
}
