//! An act: one transaction that knows its author, its request and its time. What happened is
//! recorded inside it, so rows, event and audit row exist together or not at all.

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Clock,
    db::{Connection, Db},
};

/// How often an act is done at most, when others get in its way.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(20);

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person, by their id, with the role they acted in.
    Person {
        /// The person's id.
        id: i64,
        /// Their role in this tenant, as `agent`.
        role: String,
    },
    /// Somebody who is not signed in, as at sign-up.
    Anonymous,
    /// A part of the system, by its name.
    System {
        /// The part's name, as `provisioning`.
        name: &'static str,
    },
}

/// Who acts, and from where.
#[derive(Debug, Clone)]
pub struct Author {
    /// Who.
    pub actor: Actor,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The country of that address, if a trusted proxy says it.
    pub country: Option<String>,
    /// The client's own name for itself, cut to 255 characters.
    pub user_agent: Option<String>,
    /// The request's id, as answered in `X-Request-Id`.
    pub request_id: Option<String>,
    /// The event that this is a reaction to.
    pub cause: Option<Uuid>,
    /// How many reactions led here; loops are cut by it.
    pub depth: i16,
}

impl Author {
    /// A part of the system, on its own account.
    pub fn system(name: &'static str) -> Self {
        Self { actor: Actor::System { name }, ip: None, country: None, user_agent: None, request_id: None, cause: None, depth: 0 }
    }

    /// A part of the system that reacts to `event`, which was itself `depth` reactions deep.
    pub fn reacting(name: &'static str, event: Uuid, depth: i16) -> Self {
        Self { cause: Some(event), depth: depth + 1, ..Self::system(name) }
    }
}

/// Something that happened. One enum per plane; names are past tense.
pub trait Event {
    /// The event's name in the envelope, as `TicketCreated`.
    fn kind(&self) -> &'static str;
    /// The exchange that hears of it.
    fn exchange(&self) -> &'static str;
    /// The topic, as `sav.ticket.created`.
    fn routing_key(&self) -> &'static str;
    /// What it happened to, as `ticket:42`. Events of one subject are published in order.
    fn subject(&self) -> String;
    /// Exactly the fields of the contract.
    fn data(&self) -> serde_json::Value;
    /// What changed, for the audit trail; secrets masked.
    fn changes(&self) -> serde_json::Value {
        self.data()
    }
    /// Who may hear of it live; `None` for nobody.
    fn audience(&self) -> Option<serde_json::Value> {
        None
    }
}

/// One transaction that knows who is acting and when.
pub struct Act {
    connection: Connection,
    author: Author,
    at: DateTime<Utc>,
    recorded: bool,
}

impl Act {
    /// The transaction's connection.
    pub fn db(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// When this act happens: one time for all its rows.
    pub fn now(&self) -> DateTime<Utc> {
        self.at
    }

    /// Who acts, and from where.
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// Records what happened: the event that the relay will publish, and the audit row.
    pub async fn record(&mut self, event: &(impl Event + Sync)) -> Result<Uuid> {
        let id = Uuid::now_v7();
        let actor = serde_json::to_value(&self.author.actor)?;
        sqlx::query!(
            "with event as (
                insert into events
                    (id, kind, exchange, routing_key, subject, data, audience, actor, request_id, cause, depth, occurred_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             )
             insert into audit_logs (at, actor, action, resource, changes, ip, user_agent, request_id)
             values ($12, $8, $2, $5, $13, $14, $15, $9)",
            id,
            event.kind(),
            event.exchange(),
            event.routing_key(),
            event.subject(),
            event.data(),
            event.audience(),
            actor,
            self.author.request_id,
            self.author.cause,
            self.author.depth,
            self.at,
            event.changes(),
            self.author.ip.map(|ip| ip.to_string()),
            self.author.user_agent,
        )
        .execute(&mut *self.connection)
        .await?;
        self.recorded = true;
        Ok(id)
    }
}

impl Db {
    /// Runs `work` as one act: all of it happens, or none of it does. When the database chooses it
    /// as the victim of a deadlock, it is run anew, three times in all. Afterwards whoever waits
    /// for events is told that there are some; that hint may be lost without harm.
    pub async fn act<T>(&self, author: Author, clock: &Clock, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        for tries in 1.. {
            let connection = self.begin().await?;
            let mut act = Act { connection, author: author.clone(), at: clock.now(), recorded: false };
            match self.run(&mut act, work.clone()).await {
                Err(Error::Contended) if tries < TRIES => {}
                done => return done,
            }
            drop(act);
            tokio::time::sleep(PAUSE * tries).await;
        }
        Err(Error::Contended)
    }

    async fn run<T>(&self, act: &mut Act, work: impl AsyncFnOnce(&mut Act) -> Result<T>) -> Result<T> {
        let value = work(act).await?;
        act.connection.commit(act.recorded.then(|| self.hint())).await?;
        Ok(value)
    }
}
