//! What there is, page by page; copies, and what is taken away.

use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;
use chrono::{DateTime, Utc};

use super::{Storage, away, within};
use crate::Result;

/// An object as the store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// How many bytes it has.
    pub size: i64,
    /// What the store says of its contents, without quotes.
    pub etag: String,
    /// When it was written, to the second.
    pub modified: DateTime<Utc>,
}

/// A thousand objects at most, and where the next ones begin.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The objects, by key.
    pub objects: Vec<Listed>,
    /// What to ask the next page with; none at the end.
    pub next: Option<String>,
}

impl Storage {
    /// Objects whose keys begin so, by key; the first page, or the one behind `after`.
    pub async fn list(&self, prefix: &str, after: Option<String>) -> Result<Listing> {
        let asked = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).set_continuation_token(after);
        self.listed(prefix, asked).await
    }

    async fn listed(&self, prefix: &str, asked: ListObjectsV2FluentBuilder) -> Result<Listing> {
        let page = within(asked.customize().config_override(self.patient()).send()).await?.map_err(|error| away(prefix, error))?;
        let objects = page.contents.unwrap_or_default().into_iter().map(|object| Listed {
            key: object.key.unwrap_or_default(),
            size: object.size.unwrap_or_default(),
            etag: object.e_tag.unwrap_or_default().trim_matches('"').to_owned(),
            modified: object.last_modified.and_then(|at| DateTime::from_timestamp(at.secs(), 0)).unwrap_or_default(),
        });
        Ok(Listing { objects: objects.collect(), next: page.next_continuation_token })
    }

    /// A thousand objects at most whose keys begin so and stand behind that key, by key.
    pub async fn list_after(&self, prefix: &str, key: &str) -> Result<Listing> {
        let asked = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).start_after(key);
        self.listed(prefix, asked).await
    }

    /// Copies an object within the store; false when there is none of that key.
    pub async fn copy(&self, from: &str, to: &str) -> Result<bool> {
        let source = format!("{}/{}", self.bucket, encoded(from));
        let copy = self.client.copy_object().bucket(&self.bucket).key(to).copy_source(source);
        match within(copy.customize().config_override(self.patient()).send()).await? {
            Ok(_) => Ok(true),
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) => Ok(false),
            Err(error) => Err(away(from, error)),
        }
    }

    /// Takes an object away; one that is not there is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        let deleted = within(self.client.delete_object().bucket(&self.bucket).key(key).send()).await?;
        deleted.map(|_| ()).map_err(|error| away(key, error))
    }

    /// Takes an object away with all that it ever was: nothing of it comes back.
    pub async fn delete_for_good(&self, key: &str) -> Result<()> {
        self.delete(key).await?;
        self.forget_versions(key, |of| of == key).await.map(drop)
    }
}

/// A key as it stands in a header.
fn encoded(key: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    key.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_key_is_written_so_that_a_header_takes_it() {
        for (key, header) in [("a/b-1.pdf", "a/b-1.pdf"), ("a b", "a%20b"), ("é?%", "%C3%A9%3F%25")] {
            assert_eq!(encoded(key), header);
        }
    }
}
