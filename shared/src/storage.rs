//! The S3-compatible store, one bucket for all tenants; keys are made by us, never from names.

mod prefix;

mod get;
mod objects;
mod put;
mod versions;

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation, StalledStreamProtectionConfig, timeout::TimeoutConfig,
    },
};
pub use get::{Object, Part};
pub use objects::{Listed, Listing};
pub use prefix::Counted;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{Error, Result, config::PartsConfig};

/// Below it lies everything that is a tenant's, and nothing of anybody else: it names the tenant by its id,
/// which is never given twice.
pub fn prefix_of(tenant: Uuid) -> String {
    format!("tenants/{tenant}/")
}

/// How long one call may take that sends or copies a lot.
const LONG: Duration = Duration::from_secs(60);

/// Where the store is, and who we are to it.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its address.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Key id.
    pub access_key: SecretString,
    /// Secret key.
    pub secret_key: SecretString,
}

impl From<&PartsConfig> for Place {
    fn from(config: &PartsConfig) -> Self {
        Self {
            endpoint: config.s3_endpoint.clone(),
            bucket: config.s3_bucket.clone(),
            region: config.s3_region.clone(),
            access_key: config.s3_access_key.clone(),
            secret_key: config.s3_secret_key.clone(),
        }
    }
}

/// One bucket.
#[derive(Clone)]
pub struct Storage {
    client: Client,
    bucket: String,
}

impl Storage {
    /// Connects when first used; each call takes at most two seconds, or one minute where it sends a lot.
    pub fn new(config: &PartsConfig) -> Self {
        Self::at(&config.into())
    }

    /// The same for a command that is told of nothing else.
    pub fn at(place: &Place) -> Self {
        let credentials = Credentials::new(place.access_key.expose_secret(), place.secret_key.expose_secret(), None, None, "configuration");
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(1)).operation_timeout(Duration::from_secs(2)).build();
        let config_s3 = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(place.region.clone()))
            .endpoint_url(&place.endpoint)
            .force_path_style(true)
            .credentials_provider(credentials)
            .timeout_config(timeouts)
            // What we store is sealed, or hashed by whoever reads it; not every store knows the newer checksums.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            // Whoever reads may be slower than the store; each read has a time of its own.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self { client: Client::from_conf(config_s3), bucket: place.bucket.clone() }
    }

    /// For a call that sends or copies a lot.
    fn patient(&self) -> Builder {
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(1)).operation_timeout(LONG).build();
        aws_sdk_s3::Config::builder().timeout_config(timeouts)
    }

    /// Whether the store answers for our bucket.
    pub async fn ping(&self) -> Result<()> {
        let head = self.client.head_bucket().bucket(&self.bucket).send();
        match tokio::time::timeout(Duration::from_secs(1), head).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Error::Unavailable("storage")),
        }
    }

    /// Makes the bucket where it is missing, and has it keep what is overwritten or deleted for a while.
    pub async fn prepare(&self) -> Result<()> {
        if self.ping().await.is_err() {
            let made = self.client.create_bucket().bucket(&self.bucket).send().await;
            made.map(|_| ()).or(self.ping().await)?;
        }
        self.keep_versions().await
    }
}

/// Bounds a call once more: whatever the client does, nobody waits for ever.
async fn within<T>(call: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(LONG, call).await.map_err(|_| Error::Unavailable("storage"))
}

/// Whatever the store said, it has not done it.
fn away(key: &str, error: impl std::error::Error) -> Error {
    let causes: Vec<String> = std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string).collect();
    tracing::warn!(key, %error, causes = causes.join(": "), "the file store has not done it");
    Error::Unavailable("storage")
}
