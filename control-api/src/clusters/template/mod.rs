//! The template database of a cluster: all migrations of a tenant's database, applied once. Its
//! name tells the version, its comment a digest of the migrations, so a template of others is made
//! anew. Nobody may connect to it, because a copy waits until everybody has left.

mod store;

use shared::{Result, auth::token::hash};
use sqlx::{Connection, PgConnection, migrate::Migrator, postgres::PgConnectOptions};
pub use store::{drop, open_to_everybody};

/// What a tenant's database consists of.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/tenant");

/// Makes sure that the template of this version is there, and names it. `options` are those of the
/// administrator's `server` connection.
pub async fn prepare(server: &mut PgConnection, options: &PgConnectOptions) -> Result<String> {
    let version = Version::current();
    let (name, digest) = (version.template(), version.digest);
    if store::digest(server, &name).await?.as_deref() == Some(&digest) {
        return Ok(name);
    }
    // One maker at a time on this server; the lock ends with the connection at the latest.
    store::lock(server).await?;
    let made = match store::digest(server, &name).await? {
        Some(found) if found == digest => Ok(()),
        _ => make(server, options, &name, &digest).await,
    };
    store::unlock(server).await?;
    made.map(|()| name)
}

/// Makes a database that is a copy of the template, unless it is there. The default strategy writes the
/// copy to the log: no checkpoint, which on a busy server would take a minute.
pub async fn ensure_copy(server: &mut PgConnection, template: &str, name: &str) -> Result<()> {
    store::ensure(server, name, template).await
}

/// Takes such a copy away.
pub async fn drop_copy(server: &mut PgConnection, name: &str) -> Result<()> {
    store::drop(server, name).await
}

/// Built under another name and renamed when complete: a crash leaves no half template.
async fn make(server: &mut PgConnection, options: &PgConnectOptions, name: &str, digest: &str) -> Result<()> {
    let draft = format!("{name}_draft");
    store::drop(server, &draft).await?;
    store::ensure(server, &draft, "template1").await?;
    let mut inside = super::connect(&options.clone().database(&draft)).await?;
    let migrated = MIGRATIONS.run_direct(None, &mut inside, false).await;
    inside.close().await?;
    migrated.map_err(|e| anyhow::anyhow!("migrating the template: {e}"))?;
    store::drop(server, name).await?;
    store::finish(server, &draft, name, digest).await
}

/// What a copy of the template consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The last migration.
    pub last: i64,
    /// A digest of all of them.
    pub digest: String,
}

impl Version {
    /// This release's.
    pub fn current() -> Self {
        let all: Vec<String> = MIGRATIONS.iter().map(|m| format!("{} {:02x?}", m.version, m.checksum)).collect();
        let digest = hash(&all.join("\n")).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { last: MIGRATIONS.iter().map(|m| m.version).max().unwrap_or_default(), digest }
    }

    /// The name of its template.
    pub fn template(&self) -> String {
        format!("hd_template_{}", self.last)
    }
}
