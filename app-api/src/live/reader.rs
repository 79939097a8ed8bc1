//! One stream's reader: first what was missed, then what comes. It ends with the token it was opened
//! with, and at once when its session ends, its reader's role or eyes change, or they or their tenant may no
//! longer read.

use std::time::Duration;

use axum::response::sse::Event;
use rand::RngExt;
use serde_json::{Value, json};
use shared::{Error, Result};
use tokio::sync::{broadcast::error::RecvError, mpsc};

use super::{
    hub::Seat,
    model::{LiveEvent, Position, shown},
    store,
};
use crate::{
    app::App,
    session::Session,
    tickets::{Heard, Moved, Viewer},
};

/// How often it is asked whether the reader may still read, though nobody has knocked.
const RECHECK: Duration = Duration::from_secs(5);
/// A reader who missed more is told to fetch everything anew.
const MOST_MISSED: i64 = 2000;
const PAGE: i64 = 500;
/// Within this time the readers of a stream that we end come back, each at a moment of their own.
const BACK_WITHIN: std::ops::Range<u64> = 500..10_000;
/// The same for one whose token has ended.
const BACK_SOON: std::ops::Range<u64> = 0..500;
/// How long the last word may take to a reader who does not listen.
const LAST_WORD: Duration = Duration::from_secs(1);

/// The stream is over: the reader has gone, or may no longer read.
pub(super) struct Over;

/// Who reads, and up to where.
pub(super) struct Reader {
    app: App,
    session: Session,
    out: mpsc::Sender<Event>,
    position: Position,
    /// Whose positions these are: of this person, in this database.
    list: String,
}

impl Reader {
    pub(super) fn new(app: App, session: Session, out: mpsc::Sender<Event>, position: Position) -> Self {
        // Whoever sees more or less than before has missed something, wherever they stand.
        let eyes = (session.viewer(), &session.person.teams);
        let list = format!("live:{}:{}:{eyes:?}:{}", session.tenant.id, session.person.id, session.tenant.db.address());
        Self { app, session, out, position, list }
    }

    /// Streams until the end, and then says when to come back.
    pub(super) async fn run(mut self, seat: Seat, last: Option<String>) {
        let ends = self.session.credential.ends(self.app.clock.now()) - self.app.clock.now().timestamp();
        let lifetime = Duration::from_secs(u64::try_from(ends).unwrap_or(0));
        let (closing, over, out) = (self.app.hubs.closing(), seat.over.clone(), self.out.clone());
        let streaming = async {
            self.begin(last, seat.from).await?;
            self.follow(seat).await
        };
        let back = tokio::select! {
            () = closing.cancelled() => BACK_WITHIN,
            () = over.cancelled() => BACK_WITHIN,
            // A token ends for one reader at a time: nobody else comes back with them.
            () = tokio::time::sleep(lifetime) => BACK_SOON,
            _ = streaming => BACK_WITHIN,
        };
        let back = Duration::from_millis(rand::rng().random_range(back));
        // An error means that the reader has gone, or is so far behind that the word does not matter.
        let _ = out.send_timeout(Event::default().retry(back), LAST_WORD).await;
    }

    /// Sends what was missed, or the word to fetch everything anew, and then the position.
    async fn begin(&mut self, last: Option<String>, until: Position) -> Result<(), Over> {
        let caught_up = match last.map(|id| self.app.cursors.open(&self.list, &id)) {
            None => true,
            Some(Err(_)) => false,
            Some(Ok(last)) => self.catch_up(last, until).await?,
        };
        if !caught_up {
            self.position = until;
        }
        let name = if caught_up { "ready" } else { "resync" };
        self.send(name, &json!({ "event": name })).await
    }

    /// True when everything that was missed could be sent.
    async fn catch_up(&mut self, last: Position, until: Position) -> Result<bool, Over> {
        match self.is_within_reach(last, until).await {
            Ok(true) => {}
            Ok(false) | Err(_) => return Ok(false),
        }
        self.position = last;
        while self.position < until {
            let read = async { store::after(&mut *self.session.tenant.db.read().await?, self.position, PAGE).await };
            let Ok(batch) = read.await else { return Ok(false) };
            for event in batch.events.iter().filter(|event| event.at <= until) {
                self.pass_on(event).await?;
            }
            self.position = if batch.is_full { batch.reached } else { batch.reached.max(until) };
        }
        Ok(true)
    }

    /// Whether a reader who stood at `last` can be brought to `until`: they may have read further
    /// with another instance, but not further than anything that has happened.
    async fn is_within_reach(&self, last: Position, until: Position) -> Result<bool> {
        let mut db = self.session.tenant.db.read().await?;
        if last > until {
            return Ok(last <= store::now(&mut db).await?);
        }
        Ok(store::between(&mut db, last, until, MOST_MISSED + 1).await? <= MOST_MISSED)
    }

    async fn follow(&mut self, mut seat: Seat) -> Result<(), Over> {
        let mut recheck = tokio::time::interval(RECHECK);
        loop {
            tokio::select! {
                heard = seat.events.recv() => match heard {
                    Ok(event) if event.at > self.position => {
                        self.pass_on(&event).await?;
                        self.position = event.at;
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => self.send("resync", &json!({ "event": "resync" })).await?,
                    Err(RecvError::Closed) => return Err(Over),
                },
                // Whoever missed some looks again by themselves.
                Ok(moved) = seat.moves.recv() => self.pass_move_on(&moved).await?,
                _ = recheck.tick() => self.still_may().await?,
                Ok(()) = seat.knocked.changed() => self.still_may().await?,
                () = self.out.closed() => return Err(Over),
            }
        }
    }

    /// Nothing is shown meanwhile, so what cannot be asked now is asked again soon.
    async fn still_may(&self) -> Result<(), Over> {
        match self.session.still(&self.app).await {
            Ok(_) | Err(Error::Unavailable(_)) => Ok(()),
            Err(_) => Err(Over),
        }
    }

    async fn pass_on(&mut self, event: &LiveEvent) -> Result<(), Over> {
        let person = self.session.still(&self.app).await.map_err(|_| Over)?;
        let Some((name, data)) = shown(event, Viewer::of(&person), &person.teams) else { return Ok(()) };
        self.send_at(event.at, name, &data).await
    }

    async fn pass_move_on(&self, moved: &Moved) -> Result<(), Over> {
        let person = self.session.still(&self.app).await.map_err(|_| Over)?;
        match Viewer::of(&person).hears(&moved.audience, &person.teams) {
            Heard::Event => self.send("presence", &json!({ "event": "Presence", "ticket_id": moved.ticket_id })).await,
            Heard::Gone | Heard::Nothing => Ok(()),
        }
    }

    async fn send(&self, name: &str, data: &Value) -> Result<(), Over> {
        self.send_at(self.position, name, data).await
    }

    async fn send_at(&self, at: Position, name: &str, data: &Value) -> Result<(), Over> {
        let id = self.app.cursors.seal(&self.list, &at).map_err(|_| Over)?;
        let event = Event::default().id(id).event(name).data(data.to_string());
        self.out.send(event).await.map_err(|_| Over)
    }
}
