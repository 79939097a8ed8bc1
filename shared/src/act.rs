//! An act: one transaction that knows its author, its request and its time. What happened is
//! recorded inside it, so rows, event and audit row exist together or not at all.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Error, Result, audit,
    clock::Clock,
    db::{Connection, Db},
    seal::FETCHES,
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
    /// Somebody who runs the platform.
    Operator {
        /// Their id among operators.
        id: i64,
    },
    /// A person's API key. It is written like the person, with the key besides: whoever looks for what a
    /// person did finds both.
    #[serde(rename = "person")]
    Key {
        /// The id of the person who made it.
        id: i64,
        /// Their role in this tenant.
        role: String,
        /// The key's id.
        key: i64,
    },
    /// Somebody who is not signed in, as at sign-up.
    Anonymous,
    /// A part of the system, by its name.
    System {
        /// The part's name, as `provisioning`.
        name: &'static str,
    },
}

impl Actor {
    /// The person's id, if it is one.
    pub fn person(&self) -> Option<i64> {
        match self {
            Self::Person { id, .. } | Self::Key { id, .. } => Some(*id),
            Self::Operator { .. } | Self::Anonymous | Self::System { .. } => None,
        }
    }
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
    /// When the request arrived.
    pub arrived: Option<Instant>,
}

impl Author {
    /// A part of the system, on its own account.
    pub fn system(name: &'static str) -> Self {
        Self {
            actor: Actor::System { name },
            ip: None,
            country: None,
            user_agent: None,
            request_id: None,
            cause: None,
            depth: 0,
            arrived: None,
        }
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
    /// What changed, for the audit trail, which hides secrets and names. Where something was another
    /// way before, [`Act::record_change`] tells both.
    fn changes(&self) -> serde_json::Value {
        json!({ "after": self.data() })
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
    /// The database lacks the audit trail's months.
    old_audit: bool,
}

impl Act {
    /// The transaction's connection.
    pub fn db(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// When this act happens: one time for all its rows.
    pub fn now(&self) -> DateTime<Utc> {
        self.at
    }

    /// Who acts, and from where.
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// Says whose this act is, where rows have owners: from here on it reaches that person's rows alone.
    pub async fn is_owned_by(&mut self, owner: i64) -> Result<()> {
        let scope = sqlx::query("select set_config('helpdeskly.owner', $1, true)").bind(owner.to_string());
        scope.execute(self.db()).await?;
        Ok(())
    }

    /// Names whoever has proved in this act who they are, where nobody was known before: rows from here on
    /// are theirs.
    pub fn is_by(&mut self, actor: Actor) {
        if self.author.actor == Actor::Anonymous {
            self.author.actor = actor;
        }
    }

    /// Says that there is work for whoever waits for commits, though nothing is recorded.
    pub fn leaves_work(&mut self) {
        self.recorded = true;
    }

    /// Records what happened: the event that the relay will publish, and the audit row.
    pub async fn record(&mut self, event: &(impl Event + Sync)) -> Result<Uuid> {
        self.write(event, audit::masked(event.changes())).await
    }

    /// The same with what it was like before and after, of which the trail keeps the differences.
    pub async fn record_change(&mut self, event: &(impl Event + Sync), before: &Value, after: &Value) -> Result<Uuid> {
        self.write(event, audit::difference(before, after)).await
    }

    async fn write(&mut self, event: &(impl Event + Sync), changes: Value) -> Result<Uuid> {
        let (id, data, audience, subject) = (Uuid::now_v7(), event.data(), event.audience(), event.subject());
        let recorded = audit::store::Recorded {
            id,
            event: (event.kind(), event.exchange(), event.routing_key()),
            subject: &subject,
            data: &data,
            audience: audience.as_ref(),
            changes: &changes,
            // In the control database, which is everybody's, each event's data names its tenant.
            tenant: data.get("tenant_id").and_then(Value::as_str).and_then(|id| id.parse().ok()),
            at: self.at,
        };
        match self.old_audit {
            false => audit::store::record(&mut self.connection, &recorded, &self.author).await?,
            true => audit::store::record_old(&mut self.connection, &recorded, &self.author).await?,
        }
        self.recorded = true;
        Ok(id)
    }
}

impl Db {
    /// Runs `work` as one act: all of it happens, or none of it does. When the database chooses it
    /// as the victim of a deadlock, it is run anew, three times in all; when the tenant moves meanwhile, it
    /// is run anew at the new place, and when it wants a key, after that was fetched. Afterwards whoever waits for events is told that there are some; that hint
    /// may be lost without harm.
    pub async fn act<T>(&self, author: Author, clock: &Clock, work: impl AsyncFnOnce(&mut Act) -> Result<T> + Clone) -> Result<T> {
        let (mut here, mut tries, mut fetched, begun) = (self.clone(), 1, 0, Instant::now());
        loop {
            match here.run(author.clone(), clock, work.clone()).await {
                Err(Error::Contended) if tries < TRIES => {
                    tokio::time::sleep(PAUSE * tries).await;
                    tries += 1;
                }
                Err(Error::Moved) => here = here.successor(begun).await?,
                // Its transaction has ended by then: none waits for Vault.
                Err(Error::Wanted(wanted)) if fetched < FETCHES => {
                    wanted.fetch().await?;
                    fetched += 1;
                }
                done => return done,
            }
        }
    }

    async fn run<T>(&self, author: Author, clock: &Clock, work: impl AsyncFnOnce(&mut Act) -> Result<T>) -> Result<T> {
        let connection = self.begin().await?;
        let mut act = Act { connection, author, at: clock.now(), recorded: false, old_audit: self.lacks_months() };
        let value = work(&mut act).await?;
        act.connection.commit(act.recorded.then(|| self.hint())).await?;
        Ok(value)
    }
}
