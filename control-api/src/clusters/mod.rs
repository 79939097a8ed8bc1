//! Clusters: the PostgreSQL servers that hold tenants' databases. Each is known by the URL of an
//! administrator that may make roles and databases there (sealed), and keeps a template from which
//! new tenants' databases are copied in a fraction of a second.

mod model;
mod store;
mod template;

use std::time::Duration;

pub use model::{Added, Cluster, NewCluster};
use secrecy::ExposeSecret;
use shared::{
    Error, Result,
    act::{Act, Author},
    clock::Clock,
    db::Db,
    seal::Sealer,
};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
pub use template::{MIGRATIONS, ensure_copy, prepare};

use crate::events::Platform;

/// How long a server may take to let us in.
const CONNECT: Duration = Duration::from_secs(3);

/// Adds a cluster or tells one anew, and prepares its template.
pub async fn add(db: &Db, sealer: &Sealer, clock: &Clock, new: &NewCluster) -> Result<()> {
    let options = new.options()?;
    let mut server = connect(&administrator(options.clone())).await?;
    let template = prepare(&mut server, &options).await?;
    let sealed = sealer.seal(new.admin_url.expose_secret().as_bytes(), &model::owner(&new.name))?;
    db.act(Author::system("command line"), clock, async |act| enter(act, new, &options, (&sealed, &sealer.key_id)).await).await?;
    tracing::info!(cluster = new.name, template, "cluster ready");
    Ok(())
}

/// The verb.
async fn enter(act: &mut Act, new: &NewCluster, options: &PgConnectOptions, (sealed, key_id): (&[u8], &str)) -> Result<()> {
    let place = (options.get_host(), options.get_port());
    let row = store::Row { name: &new.name, sealed_admin_url: sealed, key_id, place, pooled: new.pooled.as_ref() };
    let now = act.now();
    let id = store::upsert(act.db(), row, now).await?;
    let pooled = new.pooled.as_ref().map(|(host, port)| format!("{host}:{port}"));
    act.record(&Platform::ClusterAdded(Added { id, name: new.name.clone(), host: place.0.to_owned(), port: place.1, pooled })).await?;
    Ok(())
}

/// Databases of that server which every role may enter, tenants' roles too, because PostgreSQL's own
/// grant to everybody was never taken back.
pub async fn open_to_everybody(new: &NewCluster) -> Result<Vec<String>> {
    let mut server = connect(&administrator(new.options()?)).await?;
    let open = template::open_to_everybody(&mut server).await?;
    server.close().await?;
    Ok(open)
}

/// All clusters.
pub async fn list(db: &mut PgConnection) -> Result<Vec<Cluster>> {
    store::list(db).await
}

/// The cluster for the next tenant.
pub async fn least_loaded(db: &mut PgConnection) -> Result<i64> {
    store::least_loaded(db).await?.ok_or(Error::Unavailable("cluster"))
}

/// How the administrator of a cluster connects.
pub async fn options(db: &mut PgConnection, sealer: &Sealer, id: i64) -> Result<PgConnectOptions> {
    let cluster = store::by_id(db, id).await?.ok_or_else(|| anyhow::anyhow!("cluster {id} is gone"))?;
    let url = sealer.open(&cluster.sealed_admin_url, &model::owner(&cluster.name))?;
    let url = String::from_utf8(url).map_err(Error::internal)?;
    let options: PgConnectOptions = url.parse()?;
    Ok(administrator(options))
}

/// A database's copy may take seconds on a busy server, a lock no longer than that.
fn administrator(options: PgConnectOptions) -> PgConnectOptions {
    options
        .application_name("control-api provisioning")
        .options([("statement_timeout", "20s"), ("lock_timeout", "15s"), ("timezone", "UTC")])
        .disable_statement_logging()
}

/// Connects, within three seconds.
pub async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let connecting = tokio::time::timeout(CONNECT, options.connect()).await;
    Ok(connecting.map_err(|_| Error::Unavailable("cluster"))??)
}
