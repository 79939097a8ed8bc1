//! A dump is loaded into a new database, and compared with what the backup says.

use shared::Result;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{
    inside,
    objects::Tally,
    progress,
    reach::Reach,
    source::{Opened, Source},
};
use crate::{app::App, clusters, jobs::Job};

/// Loads a source into a database of that name, in place of whatever a former try has left there. It belongs to
/// the cluster's administrator, who alone may enter.
pub async fn load(app: &App, job: &Job, source: &Source, (cluster, database): (i64, &str)) -> Result<()> {
    let opened = source.open(app, job.tenant()?).await?;
    make_anew(app, cluster, database).await?;
    let reach = Reach::on(app, cluster, database).await?;
    let tally = Tally::default();
    let total = opened.manifest.dump_bytes.cast_signed();
    progress::told(app, job, (|| tally.bytes(), total), fill(app, &opened, &reach, &tally)).await?;
    if tally.hash() != opened.manifest.dump_hash {
        return Err(anyhow::anyhow!("the dump of {:?} is another one than its manifest says", source).into());
    }
    let mut inside = reach.connect().await?;
    let marker = inside::store::marker(&mut inside).await?;
    inside.close().await?;
    if marker == job.tenant { Ok(()) } else { Err(anyhow::anyhow!("the dump of {source:?} is of tenant {marker:?}").into()) }
}

async fn make_anew(app: &App, cluster: i64, database: &str) -> Result<()> {
    let mut server = server(app, cluster).await?;
    inside::store::drop(&mut server, database).await?;
    clusters::ensure_copy(&mut server, "template0", database).await?;
    Ok(server.close().await?)
}

async fn fill(app: &App, opened: &Opened, reach: &Reach, tally: &Tally) -> Result<()> {
    // Owners and rights are this server's matter, and are given anew.
    let told = ["--no-owner", "--no-privileges", "--exit-on-error", "--dbname", reach.database()];
    let mut running = app.outside.tools.restore(reach, &told)?;
    running.feed(Box::pin(tally.over(opened.dump(app).await?))).await?;
    running.end().await
}

/// Compares a loaded database with its source: what is another in it, table by table, and how many rows there are.
pub async fn compare(app: &App, tenant: Uuid, source: &Source, (cluster, database): (i64, &str)) -> Result<(Vec<String>, i64)> {
    let opened = source.open(app, tenant).await?;
    let mut inside = Reach::on(app, cluster, database).await?.connect().await?;
    let tables = inside::count(&mut inside).await?;
    inside.close().await?;
    Ok((opened.manifest.differences(&tables), tables.iter().map(|table| table.rows).sum()))
}

/// The administrator's connection to a cluster's server.
pub async fn server(app: &App, cluster: i64) -> Result<PgConnection> {
    let options = clusters::options(&app.db, &app.keys.ring, cluster).await?;
    clusters::connect(&options).await
}
