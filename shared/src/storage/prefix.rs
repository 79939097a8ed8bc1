//! Everything below a prefix: counted, and taken away.

use std::time::Duration;

use aws_sdk_s3::{
    error::DisplayErrorContext,
    operation::list_objects_v2::ListObjectsV2Output,
    types::{Delete, Object, ObjectIdentifier},
};

use super::Storage;
use crate::{Error, Result};

/// How long one call may take; a page has up to a thousand keys.
const CALL: Duration = Duration::from_secs(10);

/// How many objects there are, and how many bytes they have together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counted {
    /// Objects.
    pub objects: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Storage {
    /// Counts what lies below `prefix`, which ends with a slash: `tenants/1` is no prefix of `tenants/10`.
    pub async fn count_prefix(&self, prefix: &str) -> Result<Counted> {
        let (mut counted, mut after) = (Counted::default(), None);
        loop {
            let page = self.page(prefix, after).await?;
            for object in page.contents() {
                counted.objects += 1;
                counted.bytes += u64::try_from(object.size().unwrap_or_default()).unwrap_or_default();
            }
            after = page.next_continuation_token;
            if after.is_none() {
                return Ok(counted);
            }
        }
    }

    /// Takes away what lies below `prefix`, which ends with a slash, a thousand keys a call, and says how
    /// many objects went; then all that was ever there. Done again, it takes what is left. A key that the store does not give up is
    /// an error.
    pub async fn delete_prefix(&self, prefix: &str) -> Result<u64> {
        let mut deleted = 0;
        loop {
            // Always the first page: what was on the one before is gone.
            let page = self.page(prefix, None).await?;
            let keys: Vec<ObjectIdentifier> = page.contents().iter().filter_map(identified).collect();
            if keys.is_empty() {
                self.forget_versions(prefix, |_| true).await?;
                return Ok(deleted);
            }
            deleted += keys.len() as u64;
            self.delete_keys(keys).await?;
        }
    }

    async fn page(&self, prefix: &str, after: Option<String>) -> Result<ListObjectsV2Output> {
        // Not the bucket: an empty prefix is all tenants.
        if !prefix.ends_with('/') || prefix.starts_with('/') {
            return Err(Error::internal(anyhow::anyhow!("{prefix:?} is no prefix of objects")));
        }
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).max_keys(1000).set_continuation_token(after);
        within(list.send()).await
    }

    pub(super) async fn delete_keys(&self, keys: Vec<ObjectIdentifier>) -> Result<()> {
        let delete = Delete::builder().set_objects(Some(keys)).quiet(true).build().map_err(Error::internal)?;
        let gone = within(self.client.delete_objects().bucket(&self.bucket).delete(delete).send()).await?;
        match gone.errors() {
            [] => Ok(()),
            [first, ..] => Err(Error::internal(anyhow::anyhow!("{} objects stay, as {:?}", gone.errors().len(), first.key()))),
        }
    }
}

fn identified(object: &Object) -> Option<ObjectIdentifier> {
    ObjectIdentifier::builder().key(object.key()?).build().ok()
}

async fn within<T, E: std::error::Error>(call: impl Future<Output = Result<T, E>>) -> Result<T> {
    match tokio::time::timeout(CALL, call).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::warn!(error = %DisplayErrorContext(&error), "the file store refused");
            Err(Error::Unavailable("storage"))
        }
        Err(_) => Err(Error::Unavailable("storage")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_prefix_is_refused_before_the_store_is_asked() {
        crate::start_tls();
        let client = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::Config::builder().behavior_version(aws_sdk_s3::config::BehaviorVersion::latest()).build(),
        );
        let storage = Storage { client, bucket: "sav".into() };
        for prefix in ["", "/", "tenants", "/tenants/"] {
            assert!(matches!(storage.delete_prefix(prefix).await, Err(Error::Internal { .. })), "{prefix:?}");
        }
    }
}
