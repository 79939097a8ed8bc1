//! How a database is reached as its owner: by us, and by PostgreSQL's own programs.

use secrecy::{ExposeSecret, SecretString};
use shared::{Error, Result, seal::Keyring};
use sqlx::{PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use super::store;
use crate::{
    app::App,
    clusters::{self, libpq},
};

/// A database, and who comes in.
#[derive(Clone)]
pub struct Reach {
    options: PgConnectOptions,
    variables: libpq::Variables,
}

impl Reach {
    /// A tenant's database, wherever it is. `404` where there is none.
    pub async fn of_tenant(app: &App, tenant: Uuid) -> Result<Self> {
        let live = store::live(&mut *app.db.read().await?, tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
        Self::on(app, live.cluster_id, &live.database).await
    }

    /// A database on a cluster, as the cluster's administrator.
    pub async fn on(app: &App, cluster: i64, database: &str) -> Result<Self> {
        let ring: &Keyring = &app.keys.ring;
        let mut db = app.db.read().await?;
        let options = clusters::options(&mut db, ring, cluster).await?.database(database);
        let mut variables = libpq::variables(&mut db, ring, cluster).await?;
        variables.retain(|(name, _)| *name != "PGDATABASE");
        variables.push(("PGDATABASE", SecretString::from(database.to_owned())));
        Ok(Self { options, variables })
    }

    /// The database of a URL.
    pub fn of(url: &SecretString) -> Result<Self> {
        let options: PgConnectOptions = url.expose_secret().parse()?;
        Ok(Self { options: options.application_name("control-api backup"), variables: libpq::of_url(url.expose_secret())? })
    }

    /// What PostgreSQL's programs are told.
    pub fn variables(&self) -> &libpq::Variables {
        &self.variables
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        self.options.get_database().unwrap_or_default()
    }

    /// A connection whose statements may take their time: a large table is read as a whole.
    pub async fn connect(&self) -> Result<PgConnection> {
        let options = self.options.clone().options([
            ("statement_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
            ("lock_timeout", "15s"),
            ("timezone", "UTC"),
        ]);
        clusters::connect(&options).await
    }
}
