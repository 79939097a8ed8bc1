//! RabbitMQ: publishing with confirms, and one durable queue per reacting feature.

mod consume;
mod rabbit;

use std::sync::{Arc, Mutex};

pub use consume::{Outcome, consume};
pub use rabbit::Rabbit;
use uuid::Uuid;

use crate::{Error, Result};

/// Where the control plane tells what happened to people and tenants.
pub const AUTH_EXCHANGE: &str = "auth_exchange";
/// Where the app plane tells what happened to tickets.
pub const SAV_EXCHANGE: &str = "sav_exchange";
/// Where the planes meet: the app plane keeps its copies of people in step from this queue. Both
/// declare it, so nothing is lost whichever starts first.
pub const PEOPLE: Queue = Queue { name: "app.people", exchange: AUTH_EXCHANGE, topics: &["auth.user.*"] };

/// A durable queue of one reacting feature.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    /// Its name, as `app.mail`.
    pub name: &'static str,
    /// The topic exchange it listens to.
    pub exchange: &'static str,
    /// The topics it wants.
    pub topics: &'static [&'static str],
}

impl Queue {
    /// Where messages end that could not be handled.
    pub fn dead(&self) -> String {
        format!("{}.dead", self.name)
    }

    /// Where messages wait for their `attempt`-th retry.
    pub fn retry(&self, attempt: u32) -> String {
        format!("{}.retry.{attempt}", self.name)
    }
}

/// One message, out or in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The event's id; consumers act once per id.
    pub id: Uuid,
    /// The exchange.
    pub exchange: String,
    /// The topic.
    pub routing_key: String,
    /// The tenant it is about.
    pub tenant: Uuid,
    /// When it happened, RFC 3339.
    pub occurred_at: String,
    /// The JSON envelope.
    pub body: Vec<u8>,
}

/// Where events go.
#[derive(Clone)]
pub enum Broker {
    /// The real one.
    Rabbit(Arc<Rabbit>),
    /// Keeps them, for tests to look at and deliver.
    Memory(Arc<Mutex<Vec<Message>>>),
}

impl Broker {
    /// Publishes in order and says how many, from the first on, are safely with the broker.
    pub async fn publish(&self, messages: Vec<Message>) -> Result<usize> {
        match self {
            Self::Rabbit(rabbit) => rabbit.publish(&messages).await,
            Self::Memory(kept) => {
                let count = messages.len();
                kept.lock().map_err(|_| Error::Unavailable("broker"))?.extend(messages);
                Ok(count)
            }
        }
    }

    /// Whether the broker answers now.
    pub async fn ping(&self) -> Result<()> {
        match self {
            Self::Rabbit(rabbit) => rabbit.ping().await,
            Self::Memory(_) => Ok(()),
        }
    }
}
