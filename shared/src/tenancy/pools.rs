//! One lazy pool per tenant database under one allowance for the instance (P-2). A pool that
//! nobody has used costs nothing; one that nobody uses any more is closed.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, atomic::Ordering},
    time::{Duration, Instant},
};

use prometheus::IntCounterVec;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgConnection, migrate::Migrator, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{Route, Slug, Tenant, reading};
use crate::{
    Error, Result, audit,
    changes::Changes,
    db::{self, Budget, Db},
    seal::{FieldsKey, Keyring, Wrapped, at_hand, version_of},
};

const UNUSED: Duration = Duration::from_secs(300);
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/tenant");

/// Tenants whose databases lack a migration, as far as this instance has seen them.
type Behind = Arc<Mutex<HashSet<Uuid>>>;

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
    /// For one tenant, unless the control database says another number.
    pub tenant: u32,
    /// The largest number that it may say.
    pub most: u32,
    /// For all tenants together.
    pub instance: usize,
    /// How servers are reached.
    pub via: Via,
}

/// Host and port of a server and of its standby, database, sealed password unless Vault keeps it, connections, and the key of
/// sensitive fields if there is one, sealed, with its data key, wrapped.
type Place = ((String, i32), Option<(String, i32)>, String, Option<Vec<u8>>, usize, Option<(Vec<u8>, Vec<u8>)>);

/// The password of its role, and the key of its sensitive fields.
type Keys<'a> = (&'a SecretString, Option<&'a FieldsKey>);

struct Opened {
    tenant: Tenant,
    /// What it was opened for: another place or password means another pool.
    route: Place,
    /// When somebody last asked for it who stays; none if only a sweep has.
    used: Option<Instant>,
}

pub(super) struct Pools {
    pub(super) ring: Keyring,
    changes: Changes,
    allowance: Allowance,
    budget: Budget,
    opened: Mutex<HashMap<Uuid, Opened>>,
    behind: Behind,
    /// The oldest schema that this process can work on.
    needs: i64,
    pub(super) heavy_reads: IntCounterVec,
}

impl Pools {
    pub(super) fn new(ring: Keyring, changes: Changes, allowance: Allowance) -> Self {
        let (budget, heavy_reads) = (db::budget(allowance.instance), reading::counter());
        Self { ring, changes, allowance, budget, opened: Mutex::default(), behind: Behind::default(), needs: 0, heavy_reads }
    }

    pub(super) fn needing(self, version: i64) -> Self {
        Self { needs: version, ..self }
    }

    // A std Mutex: nothing is awaited while it is held.
    fn opened(&self) -> MutexGuard<'_, HashMap<Uuid, Opened>> {
        self.opened.lock().expect("nobody panics while holding the pools")
    }

    pub(super) async fn open(&self, route: &Route) -> Result<Tenant> {
        self.find(route, Some(Instant::now())).await
    }

    /// For a sweep, which looks at everybody: it keeps no pool alive and leaves no connection open.
    pub(super) async fn pass(&self, route: &Route) -> Result<Tenant> {
        let tenant = self.find(route, None).await?;
        Ok(Tenant { db: tenant.db.passing(), standby: tenant.standby.as_ref().map(Db::passing), ..tenant })
    }

    async fn find(&self, route: &Route, used: Option<Instant>) -> Result<Tenant> {
        let (host, port) = match (self.allowance.via, &route.pooled_host, route.pooled_port) {
            (Via::Pooled, Some(host), Some(port)) => (host, port),
            _ => (&route.host, route.port),
        };
        let standby = route.replica_host.clone().zip(route.replica_port);
        let (password, fields) = (route.sealed_password.clone(), route.sealed_fields_key.clone().zip(route.fields_wrapped_key.clone()));
        let place = ((host.clone(), port), standby, route.database.clone(), password, self.own(route), fields);
        if let Some(known) = self.known(route, &place, used) {
            return Ok(known);
        }
        let (password, fields) = (self.password(route).await?, self.fields(route).await?);
        // Somebody else may have opened it meanwhile.
        if let Some(known) = self.known(route, &place, used) {
            return Ok(known);
        }
        let tenant = self.tenant(route, &place, (&password, fields.as_ref()))?;
        self.opened().insert(route.id, Opened { tenant: tenant.clone(), route: place, used });
        Ok(tenant)
    }

    fn known(&self, route: &Route, place: &Place, used: Option<Instant>) -> Option<Tenant> {
        let mut opened = self.opened();
        let known = opened.get_mut(&route.id).filter(|known| known.route == *place)?;
        known.used = used.or(known.used);
        Some(Tenant {
            organisation: route.organisation.as_str().into(),
            locale: route.locale.as_str().into(),
            bounds: route.bounds(),
            ..known.tenant.clone()
        })
    }

    fn tenant(&self, route: &Route, (server, standby, ..): &Place, keys: Keys<'_>) -> Result<Tenant> {
        let slug = Slug::parse(&route.slug).ok_or_else(|| anyhow::anyhow!("tenant {} has a slug that is none", route.id))?;
        Ok(Tenant {
            id: route.id,
            slug,
            organisation: route.organisation.as_str().into(),
            locale: route.locale.as_str().into(),
            bounds: route.bounds(),
            db: self.database(route, server, keys)?,
            standby: standby.as_ref().map(|standby| self.database(route, standby, keys)).transpose()?,
            heavy_reads: self.heavy_reads.clone(),
        })
    }

    fn database(&self, route: &Route, (host, port): &(String, i32), (password, fields): Keys<'_>) -> Result<Db> {
        let options = PgConnectOptions::new_without_pgpass()
            .host(host)
            .port(u16::try_from(*port).map_err(|_| anyhow::anyhow!("tenant {} has a port that is none", route.id))?)
            .database(&route.database)
            .username(&route.role)
            .password(password.expose_secret());
        let options = db::planned_once(db::options(options, "app-api"));
        let (changes, id) = (self.changes.clone(), route.id);
        let hint = Arc::new(move || changes.announce(id));
        let (behind, needs) = (self.behind.clone(), self.needs);
        let db = Db::new(options, self.own(route), &self.budget, hint).sealing(fields.cloned());
        let old_audit = db.old_audit();
        Ok(db.checked(Arc::new(move |connection| {
            let (behind, old_audit) = (behind.clone(), old_audit.clone());
            Box::pin(async move {
                belongs_to(connection, id).await?;
                let lacking = note_schema(connection, id, &behind).await?;
                if lacking.iter().any(|version| *version <= needs) {
                    return Err(sqlx::Error::Protocol("the database lacks migrations that this release needs".into()));
                }
                old_audit.store(lacking.contains(&audit::store::MONTHS), Ordering::Relaxed);
                Ok(())
            })
        })))
    }

    /// How many connections it may have: as the control database says, within this instance's own bound (P-2); otherwise the usual number.
    fn own(&self, route: &Route) -> usize {
        route
            .connections
            .and_then(|n| usize::try_from(n).ok())
            .map_or(self.allowance.tenant as usize, |n| n.clamp(1, self.allowance.most as usize))
    }

    /// What the tenant's role comes in by.
    async fn password(&self, route: &Route) -> Result<SecretString> {
        let Some(sealed) = &route.sealed_password else { return self.ring.credential(route.id, &route.role).await };
        let owner = format!("tenant:{}:db", route.id);
        let password = at_hand(|| match (version_of(sealed), &route.wrapped_key) {
            (Some(version), Some(bytes)) => {
                let key = Wrapped { version, bytes: bytes.clone() }.unwrap(&self.ring, Some(route.id))?;
                key.open(sealed, &owner)
            }
            // From before there were data keys.
            _ => self.ring.open(sealed, &owner),
        });
        let password = String::from_utf8(password.await?).map_err(|_| anyhow::anyhow!("tenant {} has no readable password", route.id))?;
        Ok(password.into())
    }

    /// By what its sensitive fields are sealed, if it has got that. One that does not open is as none: everything else is served.
    async fn fields(&self, route: &Route) -> Result<Option<FieldsKey>> {
        let Some(sealed) = &route.sealed_fields_key else { return Ok(None) };
        match self.fields_key(route, sealed).await {
            Err(error @ Error::Internal { .. }) => {
                tracing::error!(tenant = %route.id, %error, "the key of sensitive fields does not open");
                Ok(None)
            }
            opened => opened.map(Some),
        }
    }

    async fn fields_key(&self, route: &Route, sealed: &[u8]) -> Result<FieldsKey> {
        let lost = || anyhow::anyhow!("tenant {} has a key of fields under a data key that is gone", route.id);
        let wrapped = route.fields_wrapped_key.as_ref().ok_or_else(lost)?;
        let owner = FieldsKey::owner(route.id);
        let bytes = at_hand(|| {
            let version = version_of(sealed).ok_or_else(|| anyhow::anyhow!("tenant {} has a key of fields under no data key", route.id))?;
            Wrapped { version, bytes: wrapped.clone() }.unwrap(&self.ring, Some(route.id))?.open(sealed, &owner)
        });
        FieldsKey::of(route.id, &bytes.await?)
    }

    /// Pools, and connections over all of them.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.opened().len(), self.budget.open())
    }

    pub(super) fn limit(&self) -> usize {
        self.allowance.instance
    }

    pub(super) fn behind(&self) -> usize {
        self.behind.lock().expect("nobody panics while holding the list").len()
    }

    /// Who holds connections, and how many.
    pub(super) fn holders(&self) -> Vec<(Uuid, usize)> {
        let opened = self.opened();
        opened.iter().map(|(id, o)| (*id, o.tenant.held())).filter(|(_, held)| *held > 0).collect()
    }

    pub(super) fn tidy(&self) {
        let unused = |o: &mut Opened| o.used.is_none_or(|used| used.elapsed() > UNUSED) && o.tenant.held() == 0;
        self.opened().retain(|_, o| !unused(o));
    }
}

/// Refuses a database that is not this tenant's (page 11, T14): a wrong route answers `503`, never
/// with somebody else's data.
async fn belongs_to(connection: &mut PgConnection, id: Uuid) -> sqlx::Result<()> {
    let marker = sqlx::query_scalar!("select id from tenant_marker").fetch_optional(connection).await?;
    if marker == Some(id) {
        return Ok(());
    }
    tracing::error!(tenant = %id, ?marker, "the database belongs to another tenant");
    Err(sqlx::Error::Protocol("the database belongs to another tenant".into()))
}

/// The migrations of this release that the database lacks: not only the newest ones, for files with greater numbers may have been
/// applied before. The table is sqlx's own, made by its first migration: unknown to the macros.
async fn note_schema(connection: &mut PgConnection, id: Uuid, behind: &Behind) -> sqlx::Result<Vec<i64>> {
    let applied = sqlx::query_scalar::<_, i64>("select version from _sqlx_migrations where success");
    let applied: HashSet<i64> = applied.fetch_all(connection).await?.into_iter().collect();
    let lacking: Vec<i64> = MIGRATIONS.iter().map(|m| m.version).filter(|version| !applied.contains(version)).collect();
    let mut behind = behind.lock().expect("nobody panics while holding the list");
    let news = if lacking.is_empty() { behind.remove(&id) } else { behind.insert(id) };
    if news && !lacking.is_empty() {
        tracing::warn!(tenant = %id, ?lacking, "the database lacks migrations");
    }
    Ok(lacking)
}
