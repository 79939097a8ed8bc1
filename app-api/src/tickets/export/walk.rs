//! Walking through all tickets that somebody sees, a page at a time. Between two pages nothing is held: no connection and
//! no transaction.

use shared::Result;

use super::super::{
    list::{Filter, Key, Order},
    model::Ticket,
    store,
    visibility::Viewer,
};
use crate::{app::App, session::Session};

/// Tickets read in one go, or fewer of long ones: what is held of a file at a time.
pub(super) const PAGE: usize = 100;

/// Where a walk is.
pub(super) struct Walk {
    app: App,
    session: Session,
    filter: Filter,
    order: Order,
    after: Option<Key>,
    is_over: bool,
}

impl Walk {
    pub fn new(app: App, session: Session, (filter, order): (Filter, Order)) -> Self {
        Self { app, session, filter, order, after: None, is_over: false }
    }

    /// The next tickets, [`PAGE`] at most; none at the end. It fails once the reader may not read any more what they asked for.
    pub async fn next(&mut self) -> Result<Vec<Ticket>> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let viewer = Viewer::of(&self.session.still(&self.app).await?);
        // Requests come first: whoever waits for a file waits a little longer.
        let behind = self.session.tenant.db.behind();
        let mut db = if self.filter.words_in().is_some() { behind.ask().await? } else { behind.read().await? };
        let part = (self.after.as_ref(), PAGE as i64);
        let rows = store::list(&mut db, viewer, &self.filter, self.order, part, self.app.clock.now()).await?;
        let (page, is_cut) = rows.into_parts();
        self.is_over = !is_cut && page.len() < PAGE;
        self.after = page.last().map(|ticket| self.order.key(ticket)).or(self.after.take());
        Ok(page)
    }
}
