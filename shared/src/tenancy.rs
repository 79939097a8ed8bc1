//! Whose data: finding the tenant of a request and its database. There is no other way to a
//! tenant's database than through a [`Tenant`], and none to a `Tenant` than through [`Tenants`].

mod pools;
mod quiet;
mod reading;
mod routes;
mod slug;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use futures::{FutureExt, StreamExt};
pub use pools::{Allowance, Via};
use prometheus::IntCounterVec;
pub use quiet::{Quiet, Written};
pub use reading::Went;
pub use routes::Route;
pub use slug::{Slug, named};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Error, Result,
    cache::{Cache, ROUTES},
    changes::Changes,
    clock::Clock,
    db::Db,
    seal::Keyring,
};

/// How much a tenant may have, as of at most five seconds ago; none: as much as comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Requests a minute of all its people and keys together.
    pub requests_a_minute: Option<u32>,
    /// What may be opened in a calendar month.
    pub openings_a_month: Option<i64>,
    /// Bytes of files.
    pub storage_bytes: Option<i64>,
    /// Files.
    pub storage_files: Option<i64>,
    /// Files that come in a day (UTC).
    pub uploads_a_day: Option<i64>,
}

/// A tenant whose database may be used now.
#[derive(Clone)]
pub struct Tenant {
    /// Its id.
    pub id: Uuid,
    /// Its subdomain.
    pub slug: Slug,
    /// Its name.
    pub organisation: Arc<str>,
    /// The language of what it writes to people, `fr` or `en`.
    pub locale: Arc<str>,
    /// How much it may have.
    pub bounds: Bounds,
    /// Its database.
    pub db: Db,
    /// The same on its server's standby, if that has one.
    standby: Option<Db>,
    heavy_reads: IntCounterVec,
}

impl Tenant {
    /// A database for what reads a lot and changes nothing, such as an export: the standby's, unless there is none, it
    /// does not answer or is more than ten seconds behind. What was written within these may be missing.
    pub async fn reading(&self) -> Result<Db> {
        reading::choose(&self.db, self.standby.as_ref(), &self.heavy_reads).await
    }

    /// The same for what has its time now ([`Db::due`]).
    #[must_use]
    pub fn due(self) -> Self {
        Self { db: self.db.due(), ..self }
    }

    /// Connections to its database, on both servers.
    fn held(&self) -> usize {
        self.db.connections() + self.standby.as_ref().map_or(0, Db::connections)
    }
}

/// Finds tenants and keeps their pools.
#[derive(Clone)]
pub struct Tenants(Arc<Inner>);

struct Inner {
    routes: routes::Routes,
    pools: pools::Pools,
}

impl Tenants {
    /// `control` reads the view `app_tenants`; `ring` opens the tenants' credentials.
    pub fn new(control: PgPool, cache: Cache, ring: Keyring, changes: Changes, clock: Clock, allowance: Allowance) -> Self {
        Self(Arc::new(Inner { routes: routes::Routes::new(control, cache, clock), pools: pools::Pools::new(ring, changes, allowance) }))
    }

    /// The same for a process that relies on the schema of that version: a database that lacks it is refused, `503`,
    /// until its migrations are applied.
    #[must_use]
    pub fn needing(self, version: i64) -> Self {
        let inner = Arc::into_inner(self.0).expect("new tenants are nobody's yet");
        Self(Arc::new(Inner { pools: inner.pools.needing(version), ..inner }))
    }

    /// The active tenant of that slug. `404 tenant_not_found` when there is none or it is not
    /// (or no longer) there, `403 tenant_suspended` or `tenant_deleting`, `503` when that cannot be known now.
    pub async fn get(&self, slug: &Slug) -> Result<Tenant> {
        let route = self.0.routes.of(slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
        match &*route.status {
            "active" => self.opened(route).await,
            "suspended" => Err(Error::Forbidden("tenant_suspended")),
            "deleting" => Err(Error::Forbidden("tenant_deleting")),
            _ => Err(Error::NotFound("tenant_not_found")),
        }
    }

    /// The active tenant of that id, for whatever is no request of its people: these have connections that it leaves
    /// them.
    pub async fn by_id(&self, id: Uuid) -> Result<Option<Tenant>> {
        let Some(route) = self.active_route(id).await? else { return Ok(None) };
        let tenant = self.opened(route).await?;
        Ok(Some(Tenant { db: tenant.db.behind(), ..tenant }))
    }

    /// The same for whoever looks at one tenant after the other: it keeps nobody's pool alive, and
    /// a connection that it opens is closed after use.
    pub async fn passing(&self, id: Uuid) -> Result<Option<Tenant>> {
        let Some(route) = self.active_route(id).await? else { return Ok(None) };
        self.passed(route).await.map(Some)
    }

    /// The tenant of that id, suspended or not, for somebody who looks after what is stored.
    pub async fn stored(&self, id: Uuid) -> Result<Option<Tenant>> {
        let Some(route) = self.0.routes.by_id(id).await? else { return Ok(None) };
        self.passed(route).await.map(Some)
    }

    async fn opened(&self, route: Arc<Route>) -> Result<Tenant> {
        let tenant = match self.0.pools.open(&route).await {
            Err(error) => {
                let now = self.resealed(&route, error).await?;
                self.0.pools.open(&now).await?
            }
            Ok(tenant) => tenant,
        };
        Ok(self.followed(tenant))
    }

    async fn passed(&self, route: Arc<Route>) -> Result<Tenant> {
        let tenant = match self.0.pools.pass(&route).await {
            Err(error) => {
                let now = self.resealed(&route, error).await?;
                self.0.pools.pass(&now).await?
            }
            Ok(tenant) => tenant,
        };
        Ok(self.followed(tenant))
    }

    /// The route of a tenant that could not be opened by what others remember: they may have read it before its key
    /// was exchanged for one that is known here. When nothing has changed since, it stays closed.
    async fn resealed(&self, known: &Route, error: Error) -> Result<Arc<Route>> {
        let slug = Slug::parse(&known.slug).ok_or(Error::NotFound("tenant_not_found"))?;
        let now = self.0.routes.anew(&slug).await?.filter(|now| now.id == known.id && now.status == known.status);
        let keys = |of: &Route| [&of.sealed_password, &of.wrapped_key, &of.sealed_fields_key, &of.fields_wrapped_key].map(Clone::clone);
        let is_another = |now: &Arc<Route>| keys(now) != keys(known);
        now.filter(is_another).ok_or(error)
    }

    /// A tenant whose work goes on at its new place when it moves.
    fn followed(&self, tenant: Tenant) -> Tenant {
        let (inner, slug) = (Arc::downgrade(&self.0), tenant.slug.clone());
        let find = move || {
            let (inner, slug) = (inner.upgrade(), slug.clone());
            async move {
                let inner = inner.ok_or(Error::Unavailable("database"))?;
                let route = inner.routes.anew(&slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
                Ok(inner.pools.open(&route).await?.db)
            }
            .boxed()
        };
        Tenant { db: tenant.db.found_by(Arc::new(find)), ..tenant }
    }

    async fn active_route(&self, id: Uuid) -> Result<Option<Arc<Route>>> {
        Ok(self.0.routes.by_id(id).await?.filter(|route| route.status == "active"))
    }

    /// Ids of active tenants after `after`, in order, at most `limit`: for slow sweeps.
    pub async fn active(&self, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
        self.0.routes.active(after, limit).await
    }

    /// The same of those whose data is there, the suspended ones too.
    pub async fn all_stored(&self, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
        self.0.routes.all_stored(after, limit).await
    }

    /// How much was written so far into the databases of these tenants. One question to each server tells it;
    /// whose server does not answer is left out.
    pub async fn written(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Written>> {
        let places = self.0.routes.places(ids).await?;
        let mut servers: HashMap<(&str, i32), Option<HashMap<String, i64>>> = HashMap::new();
        let mut written = HashMap::new();
        for place in &places {
            let rows = match servers.entry((&place.host, place.port)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.rows_written(place.id).await),
            };
            if let Some(rows) = rows.as_ref().and_then(|rows| rows.get(&place.database)) {
                let database = format!("{}:{}/{}", place.host, place.port, place.database);
                written.insert(place.id, Written { database, rows: *rows });
            }
        }
        Ok(written)
    }

    /// Rows written so far in each database of the server where this tenant's is. Every role may read that.
    async fn rows_written(&self, id: Uuid) -> Option<HashMap<String, i64>> {
        let asked = async {
            let tenant = self.stored(id).await?.ok_or(Error::NotFound("tenant_not_found"))?;
            let rows = sqlx::query_as::<_, (String, i64)>(
                "select datname, tup_inserted + tup_updated + tup_deleted
                 from pg_stat_database
                 where datname is not null",
            );
            Ok::<_, Error>(rows.fetch_all(&mut *tenant.db.read().await?).await?)
        };
        match asked.await {
            Ok(rows) => Some(rows.into_iter().collect()),
            Err(error) => {
                tracing::warn!(tenant = %id, %error, "its server does not tell who is quiet");
                None
            }
        }
    }

    /// Forgets what is known about a slug: its route has changed. What Vault has given for it may have, too.
    pub async fn forget(&self, slug: &str) {
        if let Some(id) = self.0.routes.forget(slug).await {
            self.0.pools.ring.forget(id);
        }
    }

    /// The same by the tenant's id, in Redis too: whoever asks next hears from the control database.
    pub async fn forget_route(&self, id: Uuid) {
        self.0.routes.forget_id(id).await;
    }

    /// What opens credentials.
    pub fn ring(&self) -> &Keyring {
        &self.0.pools.ring
    }

    /// Forgets pools that nobody has used for a while. Call it now and then.
    pub fn tidy(&self) {
        self.0.pools.tidy();
    }

    /// How many tenants have a database that lacks a migration, as far as this instance has seen.
    pub fn behind(&self) -> usize {
        self.0.pools.behind()
    }

    /// Counts who asks for routes, and who answers.
    pub fn lookups(&self) -> IntCounterVec {
        self.0.routes.lookups.clone()
    }

    /// Counts heavy reads, and where they went.
    pub fn heavy_reads(&self) -> IntCounterVec {
        self.0.pools.heavy_reads.clone()
    }

    /// How many pools and connections this instance holds open.
    pub fn open(&self) -> (usize, usize) {
        self.0.pools.counts()
    }

    /// How many connections this instance may hold.
    pub fn limit(&self) -> usize {
        self.0.pools.limit()
    }

    /// Which tenants hold connections, idle ones too, and how many.
    pub fn holders(&self) -> Vec<(Uuid, usize)> {
        self.0.pools.holders()
    }
}

/// Tells every instance that a slug's route is another now. May be lost: routes end by themselves
/// after five seconds.
pub async fn route_changed(cache: &Cache, slug: &str) {
    cache.forget(&routes::key(slug)).await;
    cache.tell(ROUTES, slug).await;
}

/// Forgets routes as [`route_changed`] tells, until `stop`.
pub async fn follow_routes(tenants: Tenants, cache: Cache, stop: CancellationToken) {
    let following = async {
        loop {
            if let Ok(told) = cache.listen(ROUTES).await {
                let mut told = std::pin::pin!(told);
                while let Some(slug) = told.next().await {
                    tenants.forget(&slug).await;
                }
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    tokio::select! { () = stop.cancelled() => {}, () = following => {} }
}
