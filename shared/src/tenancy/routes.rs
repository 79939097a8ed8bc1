//! Where each tenant's database is: memory, then Redis, then the control database, none older than
//! five seconds, so that a suspension acts within five. When the control database is away, what
//! was known within the last hour still serves.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::future::Cache as Memory;
use prometheus::{IntCounterVec, Opts};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Bounds, Slug};
use crate::{Error, Result, cache::Cache, clock::Clock};

// Redis and memory may each be this old: together five seconds.
const FRESH: Duration = Duration::from_millis(2500);
const STALE: Duration = Duration::from_secs(3600);
/// Many look for a tenant that moves: within so long, one of them asks for all.
const ASKED: Duration = Duration::from_millis(25);

/// What the control database's view `app_tenants` says of one tenant.
#[derive(Debug, Clone, Serialize, Deserialize, sqlx::FromRow)]
pub struct Route {
    /// Its id.
    pub id: Uuid,
    /// Its subdomain.
    pub slug: String,
    /// Its name.
    pub organisation: String,
    /// `fr` or `en`.
    pub locale: String,
    /// Where it stands in its life: `active`, `suspended`, …
    pub status: String,
    /// The server of its database.
    pub host: String,
    /// That server's port.
    pub port: i32,
    /// The same server through PgBouncer.
    pub pooled_host: Option<String>,
    /// PgBouncer's port.
    pub pooled_port: Option<i32>,
    /// The standby of the server.
    #[serde(default)]
    pub replica_host: Option<String>,
    /// The standby's port.
    #[serde(default)]
    pub replica_port: Option<i32>,
    /// The database.
    pub database: String,
    /// The role that may use it.
    pub role: String,
    /// That role's password, sealed for `tenant:{id}:db`; none where Vault keeps it.
    pub sealed_password: Option<Vec<u8>>,
    /// That key, when it is the tenant's data key: wrapped by a master key.
    #[serde(default)]
    pub wrapped_key: Option<Vec<u8>>,
    /// The key of its sensitive fields, sealed by its data key; none until it has got one.
    #[serde(default)]
    pub sealed_fields_key: Option<Vec<u8>>,
    /// That data key, wrapped by a master key.
    #[serde(default)]
    pub fields_wrapped_key: Option<Vec<u8>>,
    /// Requests a minute of all its people together.
    #[serde(default)]
    pub requests_a_minute: Option<i32>,
    /// Connections of one instance to its database.
    #[serde(default)]
    pub connections: Option<i32>,
    /// What may be opened in a month.
    #[serde(default)]
    pub openings_a_month: Option<i64>,
    /// Bytes of files.
    #[serde(default)]
    pub storage_bytes: Option<i64>,
    /// Files.
    #[serde(default)]
    pub storage_files: Option<i64>,
    /// Files that come in a day (UTC).
    #[serde(default)]
    pub uploads_a_day: Option<i64>,
}

impl Route {
    /// How much it may have; the checks of the control database allow no negative numbers.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds {
            requests_a_minute: self.requests_a_minute.and_then(|n| n.try_into().ok()),
            openings_a_month: self.openings_a_month,
            storage_bytes: self.storage_bytes,
            storage_files: self.storage_files,
            uploads_a_day: self.uploads_a_day,
        }
    }
}

/// Where a stored tenant's database is.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Place {
    pub(super) id: Uuid,
    pub(super) host: String,
    pub(super) port: i32,
    pub(super) database: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    read_at: DateTime<Utc>,
    route: Option<Route>,
}

type Known = Option<Arc<Route>>;

pub(super) struct Routes {
    control: PgPool,
    cache: Cache,
    clock: Clock,
    fresh: Memory<String, Known>,
    stale: Memory<String, Known>,
    asked: Memory<String, Known>,
    /// A tenant keeps its slug for ever.
    slugs: Memory<Uuid, Slug>,
    /// Lookups by who knew the answer.
    pub(super) lookups: IntCounterVec,
}

impl Routes {
    pub(super) fn new(control: PgPool, cache: Cache, clock: Clock) -> Self {
        let memory = |ttl| Memory::builder().max_capacity(20_000).time_to_live(ttl).build();
        let opts = Opts::new("route_lookups_total", "Lookups of tenants' routes, by who knew the answer");
        Self {
            control,
            cache,
            clock,
            fresh: memory(FRESH),
            stale: memory(STALE),
            asked: memory(ASKED),
            slugs: Memory::builder().max_capacity(20_000).build(),
            lookups: IntCounterVec::new(opts, &["source"]).expect("the name and its label are sound"),
        }
    }

    /// One reader at a time per slug; the others wait for its answer.
    pub(super) async fn of(&self, slug: &Slug) -> Result<Known> {
        if let Some(known) = self.fresh.get(slug.as_str()).await {
            self.count("memory");
            return Ok(known);
        }
        let read = self.fresh.try_get_with(slug.to_string(), self.read(slug.as_str()));
        read.await.map_err(|_: Arc<Error>| Error::Unavailable("control database"))
    }

    fn count(&self, source: &str) {
        self.lookups.with_label_values(&[source]).inc();
    }

    async fn read(&self, slug: &str) -> Result<Known> {
        if let Some(known) = self.ask_redis(slug).await {
            self.count("redis");
            return Ok(known);
        }
        match self.learn(slug).await {
            Ok(known) => Ok(known),
            Err(error) => self.stale.get(slug).await.flatten().map(Some).ok_or(error),
        }
    }

    /// As the control database has it now, whatever is remembered: for whoever knows that it has changed.
    pub(super) async fn anew(&self, slug: &Slug) -> Result<Known> {
        let asked = self.asked.try_get_with(slug.to_string(), self.learn(slug.as_str())).await;
        let known = asked.map_err(|_: Arc<Error>| Error::Unavailable("control database"))?;
        self.fresh.insert(slug.to_string(), known.clone()).await;
        Ok(known)
    }

    async fn learn(&self, slug: &str) -> Result<Known> {
        self.count("database");
        let kept = Kept { route: self.ask_control(slug).await?, read_at: self.clock.now() };
        self.cache.put(&key(slug), &serde_json::to_string(&kept)?, FRESH).await;
        let known = kept.route.map(Arc::new);
        self.stale.insert(slug.to_owned(), known.clone()).await;
        Ok(known)
    }

    /// A value that is not of this slug, or too old, counts as none.
    async fn ask_redis(&self, slug: &str) -> Option<Known> {
        let kept: Kept = serde_json::from_str(&self.cache.get(&key(slug)).await?).ok()?;
        let age = (self.clock.now() - kept.read_at).abs().to_std().ok()?;
        let right = age < FRESH && kept.route.as_ref().is_none_or(|route| route.slug == slug);
        let known = right.then_some(kept.route.map(Arc::new))?;
        self.stale.insert(slug.to_owned(), known.clone()).await;
        Some(known)
    }

    // The view lies in the control database, whose schema the macros of this crate do not see:
    // the integration tests of the app plane run this statement.
    async fn ask_control(&self, slug: &str) -> Result<Option<Route>> {
        let sql = "select id, slug, organisation, locale, status, host, port, pooled_host, pooled_port, replica_host, replica_port,
                       database, role, nullif(sealed_password, '') as sealed_password, wrapped_key, requests_a_minute, connections, openings_a_month,
                       storage_bytes, storage_files, uploads_a_day, sealed_fields_key, fields_wrapped_key
                   from app_tenants
                   where slug = $1";
        let read = sqlx::query_as(sql).bind(slug).fetch_optional(&self.control);
        within(read).await
    }

    pub(super) async fn by_id(&self, id: Uuid) -> Result<Known> {
        let slug = match self.slugs.get(&id).await {
            Some(slug) => slug,
            None => {
                let read = sqlx::query_scalar::<_, String>("select slug from app_tenants where id = $1").bind(id);
                let read = within(read.fetch_optional(&self.control)).await?;
                let Some(slug) = read.and_then(|slug| Slug::parse(&slug)) else { return Ok(None) };
                self.slugs.insert(id, slug.clone()).await;
                slug
            }
        };
        Ok(self.of(&slug).await?.filter(|route| route.id == id))
    }

    pub(super) async fn active(&self, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
        let sql = "select id from app_tenants where status = 'active' and id > $1 order by id limit $2";
        within(sqlx::query_scalar(sql).bind(after).bind(limit).fetch_all(&self.control)).await
    }

    pub(super) async fn all_stored(&self, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
        let sql = "select id from app_tenants where status in ('active', 'suspended') and id > $1 order by id limit $2";
        within(sqlx::query_scalar(sql).bind(after).bind(limit).fetch_all(&self.control)).await
    }

    pub(super) async fn places(&self, ids: &[Uuid]) -> Result<Vec<Place>> {
        let sql = "select id, host, port, database from app_tenants where id = any($1)";
        within(sqlx::query_as(sql).bind(ids).fetch_all(&self.control)).await
    }

    /// What nobody knows here needs no forgetting: it is read anew anyway.
    pub(super) async fn forget_id(&self, id: Uuid) {
        let known = self.fresh.iter().find(|(_, route)| route.as_ref().is_some_and(|route| route.id == id));
        if let Some((slug, _)) = known {
            self.cache.forget(&key(&slug)).await;
            self.forget(&slug).await;
        }
    }

    /// Says which tenant that was, if it was known.
    pub(super) async fn forget(&self, slug: &str) -> Option<Uuid> {
        self.fresh.invalidate(slug).await;
        self.stale.get(slug).await.flatten().map(|route| route.id)
    }
}

async fn within<T>(read: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    let read = tokio::time::timeout(Duration::from_millis(1500), read);
    Ok(read.await.map_err(|_| Error::Unavailable("control database"))??)
}

/// Processes of two releases share the cache: whenever [`Route`] grows, the number does, too, for an entry of the release before lacks what
/// came since.
pub(super) fn key(slug: &str) -> String {
    format!("route:3:{slug}")
}
