//! A server that holds tenants' databases.

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

/// A cluster as it is kept.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The administrator's URL, sealed.
    pub sealed_admin_url: Vec<u8>,
    /// Where the app plane connects.
    pub host: String,
    /// That server's port.
    pub port: i32,
    /// The same through PgBouncer, as `host:port`.
    pub pooled: Option<String>,
    /// New tenants may come.
    pub accepting: bool,
    /// How many tenants it holds.
    pub tenants: i64,
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
            let cluster = NewCluster { name: name.into(), admin_url: url.into(), pooled: None };
            assert_eq!(cluster.options().is_ok(), right, "{name} {url}");
        }
    }
}
