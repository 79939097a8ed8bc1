//! Where previews are to be had, for one who sees their files: in each list of files and in each thread.

use chrono::{DateTime, Utc};
use shared::idempotency::Once;
use uuid::Uuid;

use super::{Attachment, Links, PreviewStatus};
use crate::{app::App, people::PersonId, session::Session};

/// Gives files that somebody sees the addresses of their previews.
pub struct Shown {
    links: Links,
    site: String,
    tenant: Uuid,
    person: PersonId,
    now: DateTime<Utc>,
}

impl Shown {
    /// To whoever asks.
    pub fn to(app: &App, session: &Session) -> Self {
        Self {
            links: app.media.links.clone(),
            site: app.site.url(session.tenant.slug.as_str()),
            tenant: session.tenant.id,
            person: session.person.id,
            now: app.clock.now(),
        }
    }

    /// All of these.
    pub fn all<'a>(&self, files: impl IntoIterator<Item = &'a mut Attachment>) {
        for file in files {
            file.preview_url = self.url(file);
        }
    }

    /// Where a file's preview is to be had.
    pub fn url(&self, file: &Attachment) -> Option<String> {
        let is_there = file.preview == PreviewStatus::Ready && file.scan_status.is_open();
        is_there.then(|| self.address(file.id))
    }

    /// The same for the files of a message that was answered with: what is kept for retries has no addresses.
    #[must_use]
    pub fn within(&self, answer: Once) -> Once {
        let Some(mut files) = answer.body().get("attachments").cloned() else { return answer };
        for file in files.as_array_mut().into_iter().flatten().filter(|file| file["preview"] == "ready") {
            file["preview_url"] = file["id"].as_i64().map(|id| self.address(id)).into();
        }
        answer.with("attachments", files)
    }

    fn address(&self, id: i64) -> String {
        let link = self.links.issue_preview(self.tenant, id, self.person, self.now);
        format!("{}/api/v1/files/{id}/preview?link={link}", self.site)
    }
}
