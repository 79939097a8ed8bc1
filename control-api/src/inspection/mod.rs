//! Compares the books with what is on the servers: databases and roles that nobody knows, as a crash in a bad moment
//! or a restored control database leaves them; tenants whose database, role or rights are missing; databases that
//! everybody may enter. What can be put right without losing anything is, when it is asked for.
//!
//! A server belongs to one installation: what another one has made there would be nobody's here.

mod inside;
mod model;
mod repair;
mod server;
mod store;

use std::time::Duration;

use model::{Books, Found};
pub use model::{Finding, What};
use shared::{Error, Result, clock::Clock, db::Db, seal::Keyring};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::clusters::{self, Version};

/// So long may a look at the names on one server take.
const LIMIT: Duration = Duration::from_secs(30);

/// What is looked at, and what is done about it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Puts right what can be.
    pub fix: bool,
    /// Only these databases and roles; all when empty.
    pub only: Vec<String>,
}

/// What an inspection stands on.
pub struct Inspector<'a> {
    /// The control database.
    pub db: &'a Db,
    /// Opens what administrators' URLs and tenants' passwords are sealed in.
    pub ring: &'a Keyring,
    /// The time.
    pub clock: &'a Clock,
}

/// Every difference on every server. `seen` hears of each server and how many tenants' databases were entered.
pub async fn check(inspector: &Inspector<'_>, asked: &Asked, seen: impl Fn(&str, usize)) -> Result<Vec<Finding>> {
    let mut all = Vec::new();
    let known = clusters::list(&mut *inspector.db.read().await?).await?;
    for cluster in known {
        seen(&cluster.name, 0);
        match look(inspector, cluster.id).await {
            Ok(looked) => all.extend(of_server(inspector, (cluster.id, &cluster.name), looked, (asked, &seen)).await?),
            Err(error) => all.push(away(&cluster.name, &error)),
        }
    }
    Ok(all)
}

/// A server with what is there, and what the books say.
struct Looked {
    server: PgConnection,
    options: PgConnectOptions,
    found: Found,
    books: Books,
}

async fn of_server(
    inspector: &Inspector<'_>,
    (id, name): (i64, &str),
    mut looked: Looked,
    (asked, seen): (&Asked, &impl Fn(&str, usize)),
) -> Result<Vec<Finding>> {
    let now = inspector.clock.now();
    let mut findings = model::compare(name, &looked.books, &looked.found, (Version::current().last, now));
    let wanted = |name: &str| asked.only.is_empty() || asked.only.iter().any(|only| only == name);
    let served: Vec<_> = looked.books.tenants.iter().filter(|t| t.is_served && wanted(&t.database)).cloned().collect();
    for (n, tenant) in served.iter().enumerate() {
        if looked.found.databases.contains(&tenant.database) && looked.found.roles.contains(&tenant.role) {
            findings.extend(inside::look(inspector.db, &looked.options, name, tenant).await?);
        }
        seen(name, n + 1);
    }
    findings.retain(|finding| wanted(&finding.name));
    if asked.fix {
        for finding in findings.iter_mut().filter(|f| f.can_be_fixed) {
            repair::fix(inspector, (id, &mut looked.server, &looked.options), finding).await?;
        }
    }
    looked.server.close().await?;
    Ok(findings)
}

/// What is on one server. Its names are read before the books: whatever makes something there has written its name
/// down before.
async fn look(inspector: &Inspector<'_>, cluster: i64) -> Result<Looked> {
    let options = clusters::options(inspector.db, inspector.ring, cluster).await?;
    let looking = async {
        let mut server = clusters::connect(&options).await?;
        let found = server::look(&mut server).await?;
        Ok::<_, Error>((server, found))
    };
    let (server, found) = tokio::time::timeout(LIMIT, looking).await.unwrap_or(Err(Error::Unavailable("cluster")))?;
    let mut db = inspector.db.read().await?;
    let books = store::books(&mut db, cluster).await?;
    store::note(&mut db, cluster, &model::strays(&books, &found), inspector.clock.now()).await?;
    let books = Books { strays: store::books(&mut db, cluster).await?.strays, ..books };
    Ok(Looked { server, options, found, books })
}

fn away(cluster: &str, error: &Error) -> Finding {
    Finding {
        cluster: cluster.to_owned(),
        what: What::Away,
        name: cluster.to_owned(),
        tenant: None,
        detail: Some(error.to_string()),
        can_be_fixed: false,
        fixed: false,
    }
}

/// Notes what is on the servers and in no book, so that it is known since when. A server that does not answer is
/// left for the next time.
pub async fn note_strays(db: &Db, ring: &Keyring, clock: &Clock) -> Result<()> {
    let inspector = Inspector { db, ring, clock };
    let known = clusters::list(&mut *db.read().await?).await?;
    for cluster in known {
        match look(&inspector, cluster.id).await {
            Ok(looked) => looked.server.close().await?,
            Err(error) => tracing::warn!(cluster = cluster.name, %error, "not compared with the books"),
        }
    }
    Ok(())
}
