//! Puts right what an inspection has found, where nothing can be lost by it.

use shared::Result;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{
    Inspector,
    model::{Finding, Found, Kind, What, strays},
    store,
};
use crate::{clusters, provisioning};

/// A server, by its id, its connection and how one connects.
type Server<'a> = (i64, &'a mut PgConnection, &'a PgConnectOptions);

/// Puts it right, if it still is as it was found.
pub async fn fix(inspector: &Inspector<'_>, (cluster, server, options): Server<'_>, finding: &mut Finding) -> Result<()> {
    let name = finding.name.as_str();
    finding.fixed = match finding.what {
        What::OrphanDatabase | What::Draft => drop_stray(inspector, (cluster, server), (Kind::Database, name)).await?,
        What::OrphanRole => drop_stray(inspector, (cluster, server), (Kind::Role, name)).await?,
        What::OldTemplate => {
            clusters::drop_database(server, name).await?;
            true
        }
        What::RoleMissing | What::WrongRights | What::OpenToEverybody => give_rights(inspector, options, (cluster, finding)).await?,
        What::SpareMissing => {
            store::forget_spare(&mut *inspector.db.read().await?, name).await?;
            true
        }
        What::Away | What::DatabaseMissing | What::AnothersDatabase => false,
    };
    tracing::info!(cluster = finding.cluster, what = ?finding.what, name = finding.name, fixed = finding.fixed, "repaired");
    Ok(())
}

/// Somebody may have begun to use it since it was looked at: the books are asked once more.
async fn drop_stray(inspector: &Inspector<'_>, (cluster, server): (i64, &mut PgConnection), (kind, name): (Kind, &str)) -> Result<bool> {
    let books = store::books(&mut *inspector.db.read().await?, cluster).await?;
    let mut found = Found::default();
    match kind {
        Kind::Database => found.databases.insert(name.to_owned()),
        Kind::Role => found.roles.insert(name.to_owned()),
    };
    if strays(&books, &found).is_empty() {
        return Ok(false);
    }
    match kind {
        Kind::Database => clusters::drop_database(server, name).await?,
        Kind::Role => provisioning::drop_role(server, name).await?,
    }
    Ok(true)
}

/// The role with its password and its rights, and nobody else's.
async fn give_rights(inspector: &Inspector<'_>, options: &PgConnectOptions, (cluster, finding): (i64, &Finding)) -> Result<bool> {
    match finding.tenant.as_deref() {
        Some(slug) => provisioning::restore_rights(inspector.db, inspector.ring, (cluster, options), slug).await,
        None => {
            let mut inside = clusters::connect(&options.clone().database(&finding.name)).await?;
            provisioning::grant_spare(&mut inside, &finding.name).await?;
            inside.close().await?;
            Ok(true)
        }
    }
}
