//! API keys, as far as this plane may know them: which one it is, whose, and what for.

use std::{
    collections::HashSet,
    sync::{Arc, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use shared::{Error, Result};
use sqlx::PgPool;
use uuid::Uuid;

use super::store;

/// How long a key is not asked for again. That it was taken back is heard of sooner.
const FRESH: Duration = Duration::from_millis(2500);
/// How long a key that was known serves while the control database is away.
const STALE: Duration = Duration::from_secs(3600);
/// How often it is told that a key is used.
const TOLD: Duration = Duration::from_secs(60);

/// A key that was not taken back.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ApiKey {
    /// Its id.
    pub id: i64,
    /// The tenant that it opens.
    pub tenant_id: Uuid,
    /// For whom it acts.
    pub user_id: i64,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

type Known = Option<Arc<ApiKey>>;

pub(super) struct Keys {
    control: PgPool,
    fresh: Cache<Vec<u8>, Known>,
    stale: Cache<Vec<u8>, Known>,
    told: Cache<i64, ()>,
    /// Keys that were taken back while this process runs: a read that began before does not bring one
    /// back. They are few, and none of them ever opens anything again.
    ended: RwLock<HashSet<i64>>,
}

impl Keys {
    pub(super) fn new(control: PgPool) -> Self {
        let memory = |ttl| Cache::builder().max_capacity(20_000).time_to_live(ttl).build();
        let told = Cache::builder().max_capacity(20_000).time_to_live(TOLD).build();
        Self { control, fresh: memory(FRESH), stale: memory(STALE), told, ended: RwLock::default() }
    }

    /// The key of that hash; `401` for one that has ended or never was.
    pub(super) async fn get(&self, hash: &[u8], now: DateTime<Utc>) -> Result<Arc<ApiKey>> {
        let reading = self.fresh.try_get_with(hash.to_vec(), self.read(hash));
        let known = reading.await.map_err(|_: Arc<Error>| Error::Unavailable("control database"))?;
        known.filter(|key| self.is_living(key, now)).ok_or(Error::Unauthenticated("unauthenticated"))
    }

    /// The key of that id, asked for anew; none of one that has ended.
    pub(super) async fn by_id(&self, id: i64, now: DateTime<Utc>) -> Result<Option<ApiKey>> {
        Ok(store::key_by_id(&self.control, id).await?.filter(|key| self.is_living(key, now)))
    }

    fn is_living(&self, key: &ApiKey, now: DateTime<Utc>) -> bool {
        key.expires_at.is_none_or(|end| end > now) && !self.has_ended(key.id)
    }

    async fn read(&self, hash: &[u8]) -> Result<Known> {
        match store::key(&self.control, hash).await {
            Ok(found) => {
                let known = found.map(Arc::new);
                if known.is_some() {
                    self.stale.insert(hash.to_vec(), known.clone()).await;
                }
                Ok(known)
            }
            Err(error) => self.stale.get(hash).await.ok_or(error),
        }
    }

    /// A key was taken back.
    pub(super) fn end(&self, key: i64) {
        self.ended.write().expect("nobody panics while holding the ended keys").insert(key);
    }

    fn has_ended(&self, key: i64) -> bool {
        self.ended.read().expect("nobody panics while holding the ended keys").contains(&key)
    }

    /// Tells the control plane that a key is used, at most once a minute. Nobody waits for that, and
    /// whatever is away hears of the next time.
    pub(super) async fn used(&self, key: i64, now: DateTime<Utc>) {
        if self.told.get(&key).await.is_none() {
            self.told.insert(key, ()).await;
            tokio::spawn(store::note_use(self.control.clone(), key, now));
        }
    }
}
