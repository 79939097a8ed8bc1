//! How a database is reached as its owner: by us, and by PostgreSQL's own programs.

use std::{path::Path, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use shared::{Error, Result, seal::Keyring};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use super::store;
use crate::{
    app::App,
    clusters::{self, libpq},
};

/// How long a server may take to let us in or not.
const KNOCK: Duration = Duration::from_secs(5);

/// A database, and who comes in.
#[derive(Clone)]
pub struct Reach {
    options: PgConnectOptions,
    variables: libpq::Variables,
}

impl Reach {
    /// A tenant's database, wherever it is, in its days of grace too. `404` where there is none, or its deletion has begun.
    pub async fn of_tenant(app: &App, tenant: Uuid) -> Result<Self> {
        let there = store::there(&mut *app.db.read().await?, tenant).await?.ok_or(Error::NotFound("tenant_not_found"))?;
        Self::on(app, there.0, &there.1).await
    }

    /// A database on a cluster, as the cluster's administrator.
    pub async fn on(app: &App, cluster: i64, database: &str) -> Result<Self> {
        let ring: &Keyring = &app.keys.ring;
        let options = clusters::options(&app.db, ring, cluster).await?.database(database);
        let mut variables = libpq::variables(&app.db, ring, cluster).await?;
        variables.retain(|(name, _)| *name != "PGDATABASE");
        variables.push(("PGDATABASE", SecretString::from(database.to_owned())));
        Ok(Self { options, variables })
    }

    /// The database of a URL.
    pub fn of(url: &SecretString) -> Result<Self> {
        let options: PgConnectOptions = url.expose_secret().parse()?;
        Ok(Self { options: options.application_name("control-api backup"), variables: libpq::of_url(url.expose_secret())? })
    }

    /// A database of a server beside all others, which has a socket and nothing else.
    pub fn beside(sockets: &Path, user: &str, database: &str) -> Self {
        let options = PgConnectOptions::new_without_pgpass().socket(sockets).port(5432).username(user).database(database);
        let told = [("PGHOST", sockets.to_string_lossy().into_owned()), ("PGPORT", "5432".into()), ("PGUSER", user.into())];
        let told = told.into_iter().chain([("PGDATABASE", database.to_owned())]);
        Self { options: options.disable_statement_logging(), variables: told.map(|(name, value)| (name, value.into())).collect() }
    }

    /// What PostgreSQL's programs are told.
    pub fn variables(&self) -> &libpq::Variables {
        &self.variables
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        self.options.get_database().unwrap_or_default()
    }

    /// Whether it lets us in, in the server's own words.
    pub async fn knock(&self) -> Result<(), sqlx::Error> {
        let knocking = tokio::time::timeout(KNOCK, async { self.options.connect().await?.close().await });
        knocking.await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
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
