//! Writing an object of any length, of which one part at a time is in memory.

use std::{pin::pin, time::Duration};

use aws_sdk_s3::{
    config::timeout::TimeoutConfig,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use axum::body::Bytes;
use futures::{Stream, StreamExt};

use super::{LONG, Storage, away, within};
use crate::Result;

/// What is sent at once. A store takes 10 000 parts at most, so an object may have 156 GiB.
const PART: usize = 16 << 20;

impl Storage {
    /// Writes an object under `key`, or another one in its place, and says how long it is. A stream that
    /// fails leaves no object.
    pub async fn put(&self, key: &str, bytes: impl Stream<Item = Result<Bytes>> + Send) -> Result<u64> {
        let mut bytes = pin!(bytes);
        let first = part(&mut bytes).await?;
        if first.len() < PART {
            let size = first.len() as u64;
            let put = self.client.put_object().bucket(&self.bucket).key(key).body(ByteStream::from(first));
            within(put.customize().config_override(self.patient()).send()).await?.map_err(|error| away(key, error))?;
            return Ok(size);
        }
        let upload = within(self.client.create_multipart_upload().bucket(&self.bucket).key(key).send()).await?;
        let upload = upload.map_err(|error| away(key, error))?.upload_id.unwrap_or_default();
        let put = self.put_parts(key, &upload, first, bytes).await;
        if put.is_err() {
            // What is left of it is nobody's object; the first error is the one to tell.
            let _ = self.abort(key, &upload).await;
        }
        put
    }

    /// Writes an object of a known length, which is read as fast as the store takes it, or another one in its place.
    pub async fn put_file(&self, key: &str, file: tokio::fs::File, length: u64) -> Result<()> {
        let body = ByteStream::read_from().file(file).length(aws_sdk_s3::primitives::Length::Exact(length)).build().await;
        let put = self.client.put_object().bucket(&self.bucket).key(key).body(body.map_err(crate::Error::internal)?);
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(1)).operation_timeout(time_for(length)).build();
        let patient = aws_sdk_s3::Config::builder().timeout_config(timeouts);
        within(put.customize().config_override(patient).send()).await?.map_err(|error| away(key, error))?;
        Ok(())
    }

    /// Writes a small object, or another one in its place.
    pub async fn put_bytes(&self, key: &str, bytes: Bytes) -> Result<()> {
        let put = self.client.put_object().bucket(&self.bucket).key(key).body(ByteStream::from(bytes));
        within(put.customize().config_override(self.patient()).send()).await?.map_err(|error| away(key, error))?;
        Ok(())
    }

    /// Gives up whatever is being written below `prefix`, and says how many objects that were: the parts of one whose
    /// writer was killed lie in the store for ever, and no list of objects shows them.
    pub async fn abort_uploads(&self, prefix: &str) -> Result<u64> {
        let (mut aborted, mut key_marker, mut id_marker) = (0, None, None);
        loop {
            let asked = self.client.list_multipart_uploads().bucket(&self.bucket).prefix(prefix);
            let asked = asked.set_key_marker(key_marker).set_upload_id_marker(id_marker);
            let page = within(asked.customize().config_override(self.patient()).send()).await?.map_err(|error| away(prefix, error))?;
            for upload in page.uploads() {
                let (key, id) = (upload.key().unwrap_or_default(), upload.upload_id().unwrap_or_default());
                // A store that does not know prefixes here names others', too.
                if key.starts_with(prefix) {
                    self.abort(key, id).await?;
                    aborted += 1;
                }
            }
            if !page.is_truncated().unwrap_or_default() {
                return Ok(aborted);
            }
            (key_marker, id_marker) = (page.next_key_marker, page.next_upload_id_marker);
        }
    }

    /// Gives up one; one that has ended meanwhile is no error.
    async fn abort(&self, key: &str, upload: &str) -> Result<()> {
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload);
        match within(abort.send()).await? {
            Err(error) if error.raw_response().is_none_or(|answer| answer.status().as_u16() != 404) => Err(away(key, error)),
            _ => Ok(()),
        }
    }

    async fn put_parts(
        &self,
        key: &str,
        upload: &str,
        first: Vec<u8>,
        mut bytes: impl Stream<Item = Result<Bytes>> + Unpin,
    ) -> Result<u64> {
        let (mut size, mut parts, mut next) = (0, Vec::new(), first);
        while !next.is_empty() {
            size += next.len() as u64;
            let number = parts.len() as i32 + 1;
            let put = self.client.upload_part().bucket(&self.bucket).key(key).upload_id(upload).part_number(number);
            let put = put.body(ByteStream::from(next)).customize().config_override(self.patient()).send();
            let put = within(put).await?.map_err(|error| away(key, error))?;
            parts.push(CompletedPart::builder().part_number(number).set_e_tag(put.e_tag).build());
            next = part(&mut bytes).await?;
        }
        let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.client.complete_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload).multipart_upload(whole);
        within(complete.customize().config_override(self.patient()).send()).await?.map_err(|error| away(key, error))?;
        Ok(size)
    }
}

/// How long the store may take for so many bytes: ten seconds, and one more for each 2 MiB.
fn time_for(length: u64) -> Duration {
    Duration::from_secs(10 + (length >> 21)).min(LONG)
}

/// The next part; shorter only at the end.
async fn part(bytes: &mut (impl Stream<Item = Result<Bytes>> + Unpin)) -> Result<Vec<u8>> {
    let mut part = Vec::new();
    while part.len() < PART {
        let Some(some) = bytes.next().await else { break };
        part.extend_from_slice(&some?);
    }
    Ok(part)
}
