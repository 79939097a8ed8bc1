//! Reading an object as it comes.

use std::time::Duration;

use aws_sdk_s3::{config::timeout::TimeoutConfig, primitives::ByteStream};
use axum::body::Bytes;
use futures::{Stream, stream::try_unfold};

use super::{Storage, away, within};
use crate::{Error, Result};

/// How long the store may take to send the next bytes.
const STALL: Duration = Duration::from_secs(30);
/// How long it may take to begin.
const BUSY: Duration = Duration::from_secs(10);

/// An object that is being read.
pub struct Object {
    /// How many bytes it has.
    pub size: u64,
    body: ByteStream,
}

/// Some of an object, or all of it.
pub struct Part {
    /// Which part it is, as `bytes 0-99/1234`; none for all of it.
    pub range: Option<String>,
    /// Its bytes.
    pub object: Object,
}

impl Storage {
    /// The object of that key; none when there is none. For whoever has time: a busy store may take ten seconds to begin.
    pub async fn get(&self, key: &str) -> Result<Option<Object>> {
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(1)).operation_timeout(BUSY).build();
        let asked = self.client.get_object().bucket(&self.bucket).key(key).customize();
        let got = within(asked.config_override(aws_sdk_s3::Config::builder().timeout_config(timeouts)).send()).await?;
        match got {
            Ok(got) => Ok(Some(Object { size: u64::try_from(got.content_length.unwrap_or_default()).unwrap_or_default(), body: got.body })),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => Ok(None),
            Err(error) => Err(away(key, error)),
        }
    }

    /// Some of an object, for somebody who waits: `range` as RFC 9110, 14.2 has it, `bytes=0-99`, of bytes that it has. None when there is
    /// no such object.
    pub async fn get_range(&self, key: &str, range: Option<&str>) -> Result<Option<Part>> {
        let asked = self.client.get_object().bucket(&self.bucket).key(key).set_range(range.map(str::to_owned));
        match within(asked.send()).await? {
            Ok(got) => {
                let size = u64::try_from(got.content_length.unwrap_or_default()).unwrap_or_default();
                Ok(Some(Part { range: got.content_range, object: Object { size, body: got.body } }))
            }
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => Ok(None),
            Err(error) => Err(away(key, error)),
        }
    }

    /// A whole object of at most `most` bytes; none when there is none.
    pub async fn read(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>> {
        let Some(object) = self.get(key).await? else { return Ok(None) };
        if object.size > most {
            return Err(anyhow::anyhow!("object {key} has {} bytes, more than {most}", object.size).into());
        }
        let whole = tokio::time::timeout(STALL, object.body.collect()).await.map_err(|_| Error::Unavailable("storage"))?;
        Ok(Some(whole.map_err(|error| away(key, error))?.to_vec()))
    }
}

impl Object {
    /// Its bytes. A store that falls silent for half a minute is an error.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes>> + Send {
        try_unfold(self.body, |mut body| async move {
            match tokio::time::timeout(STALL, body.next()).await {
                Err(_) => Err(Error::Unavailable("storage")),
                Ok(None) => Ok(None),
                Ok(Some(Ok(bytes))) => Ok(Some((bytes, body))),
                Ok(Some(Err(error))) => Err(away("an object", error)),
            }
        })
    }
}
