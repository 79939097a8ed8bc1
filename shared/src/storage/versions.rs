//! What the store keeps of objects that were overwritten or deleted, so that a fault of ours can be taken back for a month.

use aws_sdk_s3::{
    operation::list_object_versions::ListObjectVersionsOutput,
    types::{
        AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, LifecycleRule,
        LifecycleRuleFilter, NoncurrentVersionExpiration, ObjectIdentifier, VersioningConfiguration,
    },
};

use super::{Storage, away, within};
use crate::{Error, Result};

/// For how many days the store keeps what was overwritten or deleted.
const DAYS: i32 = 30;
/// After so many days parts of an object that was never finished go.
const UNFINISHED: i32 = 7;

impl Storage {
    /// Has the bucket keep what is overwritten or deleted, and forget it after thirty days.
    pub(super) async fn keep_versions(&self) -> Result<()> {
        let how = within(self.client.get_bucket_versioning().bucket(&self.bucket).send()).await?;
        if how.map_err(|error| away(&self.bucket, error))?.status == Some(BucketVersioningStatus::Enabled) {
            return Ok(());
        }
        let rule = self.client.put_bucket_lifecycle_configuration().bucket(&self.bucket).lifecycle_configuration(lifecycle()?);
        within(rule.send()).await?.map_err(|error| away(&self.bucket, error))?;
        // Last: whoever finds it done finds all of it done.
        let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let put = within(self.client.put_bucket_versioning().bucket(&self.bucket).versioning_configuration(on).send()).await?;
        put.map(drop).map_err(|error| away(&self.bucket, error))
    }

    /// How many versions and marks of deletion there are of objects whose keys begin so, a thousand at most; for tests.
    #[cfg(feature = "testing")]
    pub async fn versions_of(&self, prefix: &str) -> Result<usize> {
        let asked = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix).max_keys(1000).send();
        Ok(versions(&within(asked).await?.map_err(|error| away(prefix, error))?).len())
    }

    /// Takes away all that those objects ever were whose keys begin so and fit, those that are there too, and says how many versions
    /// that were. Those that fit must stand before the others.
    pub(super) async fn forget_versions(&self, prefix: &str, fits: impl Fn(&str) -> bool) -> Result<u64> {
        let mut forgotten = 0;
        loop {
            // Always the first page: what was on the one before is gone.
            let asked = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix).max_keys(1000);
            let page = within(asked.customize().config_override(self.patient()).send()).await?;
            let mut versions = versions(&page.map_err(|error| away(prefix, error))?);
            versions.retain(|version| fits(version.key()));
            if versions.is_empty() {
                return Ok(forgotten);
            }
            forgotten += versions.len() as u64;
            self.delete_keys(versions).await?;
        }
    }
}

fn versions(page: &ListObjectVersionsOutput) -> Vec<ObjectIdentifier> {
    let objects = page.versions().iter().map(|version| (version.key(), version.version_id()));
    let marks = page.delete_markers().iter().map(|mark| (mark.key(), mark.version_id()));
    let all = objects.chain(marks);
    all.filter_map(|(key, id)| ObjectIdentifier::builder().key(key?).version_id(id?).build().ok()).collect()
}

fn lifecycle() -> Result<BucketLifecycleConfiguration> {
    let rule = LifecycleRule::builder()
        .id("what was overwritten or deleted")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .noncurrent_version_expiration(NoncurrentVersionExpiration::builder().noncurrent_days(DAYS).build())
        .abort_incomplete_multipart_upload(AbortIncompleteMultipartUpload::builder().days_after_initiation(UNFINISHED).build())
        .build()
        .map_err(Error::internal)?;
    BucketLifecycleConfiguration::builder().rules(rule).build().map_err(Error::internal)
}
