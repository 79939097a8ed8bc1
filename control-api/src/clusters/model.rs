//! A server that holds tenants' databases.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use sqlx::postgres::PgConnectOptions;
use utoipa::ToSchema;

/// A cluster as it is kept.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The administrator's URL, sealed.
    pub sealed_admin_url: Vec<u8>,
}

/// A cluster as it stands in the books, without what opens it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Cluster)]
pub struct Listed {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where the app plane connects.
    pub host: String,
    /// That server's port.
    pub port: i32,
    /// The same through PgBouncer, as `host:port`.
    pub pooled: Option<String>,
    /// Its standby for what only reads, as `host:port`.
    pub replica: Option<String>,
    /// New tenants may come.
    pub accepting: bool,
    /// How many tenants it holds.
    pub tenants: i64,
    /// How many it may hold.
    pub max_tenants: Option<i32>,
    /// The size of its databases, once measured.
    pub bytes: Option<i64>,
    /// How large they may be together.
    pub max_bytes: Option<i64>,
    /// Connections of whoever uses it, when it was last measured.
    pub connections: Option<i32>,
    /// How many it allows.
    pub max_connections: Option<i32>,
    /// Databases that wait there for a tenant.
    pub spares: i64,
    /// When it last answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Why it did not, when it was last looked at.
    pub trouble: Option<String>,
}

/// What to change of a cluster; absent fields stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeCluster)]
pub struct Change {
    /// New tenants may come.
    pub accepting: Option<bool>,
    /// How many tenants it may hold; null takes the limit away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, maximum = 100_000)]
    pub max_tenants: Option<Option<AtMost<100_000>>>,
    /// How many bytes its databases may have together; null takes the limit away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>)]
    pub max_bytes: Option<Option<AtMost<{ 1 << 50 }>>>,
}

/// A number from 0 to `N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct AtMost<const N: i64>(i64);

impl<const N: i64> TryFrom<i64> for AtMost<N> {
    type Error = String;

    fn try_from(n: i64) -> Result<Self, Self::Error> {
        if (0..=N).contains(&n) { Ok(Self(n)) } else { Err(format!("out_of_range: from 0 to {N}")) }
    }
}

impl<const N: i64> AtMost<N> {
    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

// Null is something else than nothing: it takes a limit away.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A cluster that was added or told anew, without what opens it.
#[derive(Debug, Clone)]
pub struct Added {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where the app plane connects.
    pub host: String,
    /// That server's port.
    pub port: u16,
    /// The same through PgBouncer, as `host:port`.
    pub pooled: Option<String>,
    /// Its standby, as `host:port`.
    pub replica: Option<String>,
}

/// A cluster to be added, or to be told anew.
#[derive(Debug, Clone)]
pub struct NewCluster {
    /// Its name.
    pub name: String,
    /// A role that may make roles and databases.
    pub admin_url: SecretString,
    /// The same server through PgBouncer.
    pub pooled: Option<(String, u16)>,
    /// Its standby for what only reads.
    pub replica: Option<(String, u16)>,
    /// No tenants come before it is opened; one that is known stays as it is.
    pub is_closed: bool,
}

impl NewCluster {
    /// Where the administrator connects; refuses what is no address that others could use too.
    pub fn options(&self) -> anyhow::Result<PgConnectOptions> {
        let url = url::Url::parse(self.admin_url.expose_secret())?;
        anyhow::ensure!(matches!(url.scheme(), "postgres" | "postgresql"), "the admin URL must begin with postgres://");
        anyhow::ensure!(url.host_str().is_some_and(|h| !h.is_empty()), "the admin URL names no host");
        let label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        anyhow::ensure!((1..=63).contains(&self.name.len()) && self.name.chars().all(label), "a cluster's name is made of a-z, 0-9 and -");
        Ok(self.admin_url.expose_secret().parse()?)
    }
}

/// What an administrator's URL is sealed for.
pub fn owner(cluster: &str) -> String {
    format!("cluster:{cluster}:admin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_clusters_can_be_added() {
        for (name, url, right) in [
            ("local", "postgres://p:x@127.0.0.1:6532/postgres", true),
            ("eu-1", "postgresql://p:x@db.example/postgres", true),
            ("local", "mysql://p:x@127.0.0.1/postgres", false),
            ("local", "postgres:///postgres", false),
            ("local", "nonsense", false),
            ("", "postgres://p:x@127.0.0.1/postgres", false),
            ("a b", "postgres://p:x@127.0.0.1/postgres", false),
        ] {
            let cluster = NewCluster { name: name.into(), admin_url: url.into(), pooled: None, replica: None, is_closed: false };
            assert_eq!(cluster.options().is_ok(), right, "{name} {url}");
        }
    }
}
