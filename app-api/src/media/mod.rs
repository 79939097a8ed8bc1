//! Files: what is taken, what it is called, what its content must be, where it lies, how much there may be of it, and whether it
//! was looked at for malware. What a ticket has to do with it is [`crate::attachments`]' to say.
//!
//! A file is on the disk while it comes, judged there, written into the store, and only then a row: what is visible is surely
//! stored. Each object has a row of its own before it is written, so that one whose writer died is found and goes.

#[cfg(test)]
mod bombs;
mod bring;
mod category;
mod compare;
mod comparison;
mod copy;
mod hand_over;
mod judge;
mod keep;
mod kind;
mod link;
mod model;
mod moderation;
mod name;
mod preview;
mod quota;
pub mod room;
mod scan;
mod scanner;
mod shown;
mod spool;
mod store;
mod turns;

pub use bring::{Arrival, Ready, bring, ready};
pub use category::{Category, LONGEST, Taken, accept};
pub use compare::compare;
pub use copy::copy_of;
pub use hand_over::hand_over;
pub use keep::{erase, forget_old, next_erasure, unlinked};
pub use kind::{is_blocked, is_shown};
pub use link::{For, Link, Links};
pub use model::{Attachment, Eyes, Facts, PreviewStatus, ScanStatus};
pub use moderation::{ModerationHash, Sha256, Verdict, forget_verdict, must_not_be_refused};
pub use name::Name;
pub use preview::{Exif, Preview, Renderer, Studio, draw, drawn, next_preview, suspect, undrawn};
pub use quota::{Allowed, Amount, Whose, must_fit};
pub use scan::{Scanned, look_at, next_scan, scanned, unscanned};
pub use scanner::{Finding, Scanner};
use secrecy::SecretString;
use shared::Result;
pub use shown::Shown;
pub use spool::{Spool, Spooled};
pub use store::{
    categories, count_of_ticket, find, find_ever, join, link as link_to, lock, moderation as moderated, move_with, objects, of_messages,
    of_ticket, part, previews::exif, remove, these,
};
pub use turns::Turn;
use turns::Turns;
use uuid::Uuid;

use crate::people::PersonId;

/// What it takes to have files.
#[derive(Clone)]
pub struct Media {
    /// Who looks at them.
    pub scanner: Scanner,
    /// Signs where they are to be had.
    pub links: Links,
    /// Draws previews of them.
    pub studio: Studio,
    turns: Turns,
}

impl Media {
    /// Files that `scanner` looks at, at addresses that are signed by a key made of `secret`.
    pub fn new(scanner: Scanner, secret: &SecretString) -> Self {
        Self { scanner, links: Links::new(secret), studio: Studio::new(Renderer::Nobody), turns: Turns::default() }
    }

    /// The same with previews of documents.
    #[must_use]
    pub fn drawing(self, renderer: Renderer) -> Self {
        Self { studio: Studio::new(renderer), ..self }
    }

    /// A turn to bring a person's file, until it is dropped; `429` or `503` when none comes.
    pub async fn turn(&self, tenant: Uuid, person: PersonId) -> Result<Turn> {
        self.turns.turn(tenant, person).await
    }
}
