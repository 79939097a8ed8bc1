//! One lazy pool per tenant database under one allowance for the instance (P-2). A pool that
//! nobody has used costs nothing; one that nobody uses any more is closed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use secrecy::ExposeSecret;
use sqlx::{PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Credentials, Route, Slug, Tenant};
use crate::{
    Result,
    changes::Changes,
    db::{self, Db, Gate},
    seal::Sealer,
};

const UNUSED: Duration = Duration::from_secs(300);

/// How a tenant's server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Via {
    /// Straight to PostgreSQL.
    Direct,
    /// Through the cluster's PgBouncer, where it has one.
    Pooled,
}

/// How many connections this instance may hold.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// For one tenant.
    pub tenant: u32,
    /// For all tenants together.
    pub instance: usize,
    /// How servers are reached.
    pub via: Via,
}

struct Opened {
    tenant: Tenant,
    /// What it was opened for: another place or password means another pool.
    route: (String, i32, String, Vec<u8>),
    used: Instant,
}

pub(super) struct Pools {
    sealer: Sealer,
    changes: Changes,
    allowance: Allowance,
    all: Arc<Semaphore>,
    opened: Mutex<HashMap<Uuid, Opened>>,
    connections: Arc<AtomicUsize>,
}

impl Pools {
    pub(super) fn new(sealer: Sealer, changes: Changes, allowance: Allowance) -> Self {
        let all = Arc::new(Semaphore::new(allowance.instance));
        Self { sealer, changes, allowance, all, opened: Mutex::default(), connections: Arc::default() }
    }

    pub(super) fn open(&self, route: &Route) -> Result<Tenant> {
        let (host, port) = match (self.allowance.via, &route.pooled_host, route.pooled_port) {
            (Via::Pooled, Some(host), Some(port)) => (host, port),
            _ => (&route.host, route.port),
        };
        let place = (host.clone(), port, route.database.clone(), route.sealed_password.clone());
        // A std Mutex: nothing is awaited while it is held.
        let mut opened = self.opened.lock().expect("nobody panics while holding the pools");
        if let Some(known) = opened.get_mut(&route.id)
            && known.route == place
        {
            known.used = Instant::now();
            return Ok(Tenant {
                organisation: route.organisation.as_str().into(),
                locale: route.locale.as_str().into(),
                ..known.tenant.clone()
            });
        }
        let tenant = self.tenant(route, host, port)?;
        opened.insert(route.id, Opened { tenant: tenant.clone(), route: place, used: Instant::now() });
        Ok(tenant)
    }

    fn tenant(&self, route: &Route, host: &str, port: i32) -> Result<Tenant> {
        let slug = Slug::parse(&route.slug).ok_or_else(|| anyhow::anyhow!("tenant {} has a slug that is none", route.id))?;
        let credentials = self.credentials(route)?;
        let options = PgConnectOptions::new_without_pgpass()
            .host(host)
            .port(u16::try_from(port).map_err(|_| anyhow::anyhow!("tenant {} has a port that is none", route.id))?)
            .database(&route.database)
            .username(&route.role)
            .password(credentials.password.expose_secret());
        let pool = self.pool(db::planned_once(db::options(options, "app-api")), route.id);
        let (changes, id) = (self.changes.clone(), route.id);
        let gate = Gate::new(self.allowance.tenant as usize, self.all.clone());
        let db = Db::new(pool, gate, Arc::new(move || changes.announce(id)));
        Ok(Tenant { id, slug, organisation: route.organisation.as_str().into(), locale: route.locale.as_str().into(), db })
    }

    fn credentials(&self, route: &Route) -> Result<Credentials> {
        let password = self.sealer.open(&route.sealed_password, &format!("tenant:{}:db", route.id))?;
        let password = String::from_utf8(password).map_err(|_| anyhow::anyhow!("tenant {} has no readable password", route.id))?;
        Ok(Credentials { password: password.into() })
    }

    fn pool(&self, options: PgConnectOptions, id: Uuid) -> PgPool {
        let (open, most) = (self.connections.clone(), self.allowance.instance);
        db::pool_options(self.allowance.tenant)
            .after_connect(move |connection, _| Box::pin(belongs_to(connection, id)))
            // Idle connections count too: past the allowance none is kept.
            .after_release(move |_, _| {
                let room = open.load(Ordering::Relaxed) <= most;
                Box::pin(async move { Ok(room) })
            })
            .connect_lazy_with(options)
    }

    pub(super) fn counts(&self) -> (usize, usize) {
        let opened = self.opened.lock().expect("nobody panics while holding the pools");
        (opened.len(), opened.values().map(|o| o.tenant.db.pool().size() as usize).sum())
    }

    pub(super) async fn tidy(&self) {
        let unused: Vec<Opened> = {
            let mut opened = self.opened.lock().expect("nobody panics while holding the pools");
            let total = opened.values().map(|o| o.tenant.db.pool().size() as usize).sum();
            self.connections.store(total, Ordering::Relaxed);
            opened.extract_if(|_, o| o.used.elapsed() > UNUSED && o.tenant.db.pool().size() == 0).map(|(_, o)| o).collect()
        };
        for pool in unused {
            pool.tenant.db.pool().close().await;
        }
    }
}

/// Refuses a database that is not this tenant's (page 11, T14): a wrong route answers `503`, never
/// with somebody else's data.
async fn belongs_to(connection: &mut PgConnection, id: Uuid) -> sqlx::Result<()> {
    let marker = sqlx::query_scalar!("select id from tenant_marker").fetch_optional(&mut *connection).await?;
    if marker == Some(id) {
        return Ok(());
    }
    tracing::error!(tenant = %id, ?marker, "the database belongs to another tenant");
    Err(sqlx::Error::Protocol("the database belongs to another tenant".into()))
}
