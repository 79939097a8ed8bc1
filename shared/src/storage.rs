//! The S3-compatible store, one bucket for all tenants; keys are made by us, never from names.

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Credentials, Region, timeout::TimeoutConfig},
};
use secrecy::ExposeSecret;

use crate::{Error, Result, config::PartsConfig};

/// One bucket.
#[derive(Clone)]
pub struct Storage {
    client: Client,
    bucket: String,
}

impl Storage {
    /// Connects when first used; each call takes at most two seconds.
    pub fn new(config: &PartsConfig) -> Self {
        let credentials =
            Credentials::new(config.s3_access_key.expose_secret(), config.s3_secret_key.expose_secret(), None, None, "configuration");
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(1)).operation_timeout(Duration::from_secs(2)).build();
        let config_s3 = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(config.s3_region.clone()))
            .endpoint_url(&config.s3_endpoint)
            .force_path_style(true)
            .credentials_provider(credentials)
            .timeout_config(timeouts)
            .build();
        Self { client: Client::from_conf(config_s3), bucket: config.s3_bucket.clone() }
    }

    /// Whether the store answers for our bucket.
    pub async fn ping(&self) -> Result<()> {
        let head = self.client.head_bucket().bucket(&self.bucket).send();
        match tokio::time::timeout(Duration::from_secs(1), head).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Error::Unavailable("storage")),
        }
    }

    /// Makes the bucket where it is missing.
    pub async fn prepare(&self) -> Result<()> {
        if self.ping().await.is_ok() {
            return Ok(());
        }
        let made = self.client.create_bucket().bucket(&self.bucket).send().await;
        made.map(|_| ()).or(self.ping().await)
    }
}
