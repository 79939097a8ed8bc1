//! What an organisation has judged once and for all: content that it refuses is not taken again, whoever sends it, and what
//! it approves is never taken for something alike.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use shared::{Error, Result, cache::Cache, tenancy::Tenant};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::moderation;
use crate::people::PersonId;

/// How long Redis remembers a verdict.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// What an upload is answered.
const REFUSED: Error = Error::File { code: "file_type_blocked", detail: "Your organisation refuses this file." };

/// What was judged of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may come, whatever it looks like.
    Approved,
    /// It may not, and pictures that look the same are to be judged.
    Rejected,
    /// That is yet to be decided; it may come meanwhile.
    Pending,
}

impl Verdict {
    /// The word in database and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Pending => "pending",
        }
    }

    /// The verdict of that word; of any other the one that decides nothing.
    pub(super) fn parse(word: &str) -> Self {
        [Self::Approved, Self::Rejected].into_iter().find(|verdict| verdict.as_str() == word).unwrap_or(Self::Pending)
    }
}

/// A SHA-256 in 64 hexadecimal digits, kept in small letters.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-fA-F]{64}$")]
pub struct Sha256(String);

impl Sha256 {
    /// The hash in `text`, or why it is none.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_one = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_one { Ok(Self(text.to_ascii_lowercase())) } else { Err("invalid: 64 hexadecimal digits.") }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// A content that was judged, or is to be.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ModerationHash {
    /// Its id.
    pub id: i64,
    /// SHA-256 of the content, in hexadecimal digits.
    pub sha256: String,
    /// Whether it is known what it looks like: a picture that has been here.
    pub has_likeness: bool,
    /// What was judged.
    pub status: Verdict,
    /// Why.
    pub note: Option<String>,
    /// Who has brought it here.
    pub created_by: PersonId,
    /// Who was last to change it.
    pub updated_by: PersonId,
    /// When it was brought here.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

fn key(tenant: Uuid, sha256: &str) -> String {
    format!("t:{{{tenant}}}:refused:{sha256}")
}

/// Refuses a content before anything of it is kept: `415 file_type_blocked`. Redis remembers what may come; that something may not,
/// the database says each time, since what Redis remembers may be old. Whoever makes a file of it asks once more, in the act: see
/// [`super::bring`].
pub async fn must_not_be_refused(cache: &Cache, tenant: &Tenant, sha256: &str) -> Result<()> {
    let key = key(tenant.id, sha256);
    if cache.get(&key).await.as_deref() == Some("no") {
        return Ok(());
    }
    let is_rejected = moderation::is_rejected(&mut *tenant.db.read().await?, sha256).await?;
    cache.put(&key, if is_rejected { "yes" } else { "no" }, KEPT).await;
    if is_rejected { Err(REFUSED) } else { Ok(()) }
}

/// The same in the act that makes a file of it. Nobody rejects it until that has ended: whoever does so next finds the file.
pub async fn must_not_be_rejected(db: &mut PgConnection, sha256: &str) -> Result<()> {
    moderation::hold(db, sha256, false).await?;
    if moderation::is_rejected(db, sha256).await? { Err(REFUSED) } else { Ok(()) }
}

/// Forgets what Redis remembers of a content.
pub async fn forget_verdict(cache: &Cache, tenant: Uuid, sha256: &str) {
    cache.forget(&key(tenant, sha256)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_64_digits_in_small_letters() {
        let digits = "0123456789abcdef".repeat(4);
        for (text, is_one) in [
            (digits.clone(), true),
            (digits.to_uppercase(), true),
            (digits[1..].to_owned(), false),
            (format!("{digits}0"), false),
            (format!("{}g", &digits[1..]), false),
            (format!("{}é", &digits[2..]), false),
            (String::new(), false),
        ] {
            assert_eq!(
                Sha256::parse(&text),
                if is_one { Ok(Sha256(digits.clone())) } else { Err("invalid: 64 hexadecimal digits.") },
                "{text}"
            );
        }
    }

    #[test]
    fn only_a_rejected_content_is_refused() {
        for verdict in [Verdict::Approved, Verdict::Rejected, Verdict::Pending] {
            assert_eq!(Verdict::parse(verdict.as_str()), verdict);
        }
        assert_eq!(Verdict::parse("whatever"), Verdict::Pending);
    }
}
