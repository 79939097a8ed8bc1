//! Clusters: the PostgreSQL servers that hold tenants' databases. Each is known by the URL of an
//! administrator that may make roles and databases there (sealed), and keeps a template from which
//! new tenants' databases are copied in a fraction of a second. Each is measured once a minute; which one gets the
//! next tenant is a rule of its own ([`placement`]).

pub mod libpq;
mod manage;
mod measure;
mod model;
pub mod placement;
mod store;
mod template;

use std::time::Duration;

pub use manage::{change, remove};
pub use measure::{Figures, Measured, measure_due, show as show_figures};
pub use model::{Added, AtMost, Change, Cluster, Listed, NewCluster};
use secrecy::ExposeSecret;
use shared::{
    Error, Result,
    act::{Act, Author},
    clock::Clock,
    db::Db,
    seal::Keyring,
};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
pub use template::{MIGRATIONS, Version, drop as drop_database, drop_copy, ensure_copy, open_to_everybody as open_databases, prepare};
use url::Url;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, events::Platform, keys};

/// How long a server may take to let us in.
const CONNECT: Duration = Duration::from_secs(3);

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(manage::list_clusters)).routes(routes!(manage::show_cluster, manage::change_cluster))
}

/// Adds a cluster or tells one anew, and prepares its template.
pub async fn add(db: &Db, ring: &Keyring, clock: &Clock, new: &NewCluster) -> Result<()> {
    let options = new.options()?;
    let mut server = connect(&administrator(options.clone())).await?;
    let template = prepare(&mut server, &options).await?;
    db.act(Author::system("command line"), clock, async |act| enter(act, ring, new, &options).await).await?;
    tracing::info!(cluster = new.name, template, "cluster ready");
    Ok(())
}

/// The verb.
async fn enter(act: &mut Act, ring: &Keyring, new: &NewCluster, options: &PgConnectOptions) -> Result<()> {
    let sealed = keys::seal(act.db(), ring, None, new.admin_url.expose_secret().as_bytes(), &model::owner(&new.name)).await?;
    let place = (options.get_host(), options.get_port());
    let row = store::Row {
        name: &new.name,
        sealed_admin_url: &sealed.bytes,
        key_id: &sealed.key_id,
        place,
        pooled: new.pooled.as_ref(),
        replica: new.replica.as_ref(),
        accepting: !new.is_closed,
    };
    let now = act.now();
    let id = store::upsert(act.db(), row, now).await?;
    let told = |place: &Option<(String, u16)>| place.as_ref().map(|(host, port)| format!("{host}:{port}"));
    let (pooled, replica) = (told(&new.pooled), told(&new.replica));
    let added = Added { id, name: new.name.clone(), host: place.0.to_owned(), port: place.1, pooled, replica };
    act.record(&Platform::ClusterAdded(added)).await?;
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
pub async fn list(db: &mut PgConnection) -> Result<Vec<Listed>> {
    store::list(db).await
}

/// The cluster of that name.
pub async fn by_name(db: &mut PgConnection, name: &str) -> Result<Listed> {
    store::listed(db, name).await?.ok_or(Error::NotFound("cluster_not_found"))
}

/// The cluster for the next tenant, by [`placement::choose`]; an error that says why when none has room. Others
/// who place one wait until this act has ended.
pub async fn place(act: &mut Act) -> Result<i64> {
    store::lock_all(act.db()).await?;
    Ok(placement::choose(&store::loads(act.db()).await?).map_err(anyhow::Error::from)?)
}

/// `409` unless that cluster takes one more tenant, who says which. Others who place one wait until this act has ended.
pub async fn expect_room(act: &mut Act, id: i64) -> Result<()> {
    store::lock_all(act.db()).await?;
    match store::loads(act.db()).await?.into_iter().find(|load| load.id == id) {
        Some(load) => load.expect_room(),
        None => Err(Error::NotFound("cluster_not_found")),
    }
}

/// Those in which a tenant could be placed at this moment.
pub async fn with_room(db: &mut PgConnection) -> Result<Vec<i64>> {
    Ok(store::loads(db).await?.into_iter().filter(placement::Load::has_room).map(|load| load.id).collect())
}

/// How the administrator of a cluster connects.
pub async fn options(db: &Db, ring: &Keyring, id: i64) -> Result<PgConnectOptions> {
    let options: PgConnectOptions = admin_url(db, ring, id).await?.parse()?;
    Ok(administrator(options))
}

/// The same for another server, which knows no more of such addresses than how to be safe on the way (`sslmode`).
pub async fn address(db: &Db, ring: &Keyring, id: i64) -> Result<Url> {
    let mut url: Url = admin_url(db, ring, id).await?.parse().map_err(Error::internal)?;
    let safe: Vec<(String, String)> = url.query_pairs().filter(|(key, _)| key == "sslmode").map(|(k, v)| (k.into(), v.into())).collect();
    url.query_pairs_mut().clear().extend_pairs(safe).append_pair("connect_timeout", "5");
    Ok(url)
}

async fn admin_url(db: &Db, ring: &Keyring, id: i64) -> Result<String> {
    let url = db.apply(async |db| {
        let cluster = store::by_id(db, id).await?.ok_or_else(|| anyhow::anyhow!("cluster {id} is gone"))?;
        keys::open(db, ring, None, &cluster.sealed_admin_url, &model::owner(&cluster.name)).await
    });
    let url = url.await?;
    String::from_utf8(url).map_err(Error::internal)
}

/// A database's copy may take seconds on a busy server, a lock no longer than that. Whoever has died without a word is noticed
/// within a minute, and what they held is let go: a moment that was kept for a dump, or a lock.
fn administrator(options: PgConnectOptions) -> PgConnectOptions {
    options
        .application_name("control-api provisioning")
        .options([("statement_timeout", "20s"), ("lock_timeout", "15s"), ("timezone", "UTC")])
        .options([("tcp_keepalives_idle", "30"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3")])
        .disable_statement_logging()
}

/// Connects, within three seconds.
pub async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let connecting = tokio::time::timeout(CONNECT, options.connect()).await;
    Ok(connecting.map_err(|_| Error::Unavailable("cluster"))??)
}
