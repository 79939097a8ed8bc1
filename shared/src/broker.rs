//! RabbitMQ: publishing with confirms, and one durable queue per reacting feature.

mod consume;
mod rabbit;
mod rpc;
mod topology;
mod wire;

use std::sync::{Arc, Mutex};

pub use consume::{Outcome, consume};
pub use rabbit::Rabbit;
pub use rpc::Question;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
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

    /// Whether it should get this message.
    pub fn wants(&self, message: &Message) -> bool {
        let words = |text: &'static str| text.split('.').collect::<Vec<_>>();
        let key: Vec<&str> = message.routing_key.split('.').collect();
        self.exchange == message.exchange && self.topics.iter().any(|topic| matches(&words(topic), &key))
    }
}

/// AMQP's topics, in words: `*` stands for one, `#` for any number.
fn matches(topic: &[&str], key: &[&str]) -> bool {
    match (topic, key) {
        ([], []) => true,
        (["#", rest @ ..], _) => matches(rest, key) || (!key.is_empty() && matches(topic, &key[1..])),
        ([want, topic @ ..], [word, key @ ..]) => (*want == "*" || want == word) && matches(topic, key),
        _ => false,
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

impl Message {
    /// What its body says; or why that cannot be read, see [`unread`].
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|error| unread(&error))
    }
}

/// Why JSON cannot be read that came over the broker, for the log: where, and never what stands there.
pub fn unread(error: &serde_json::Error) -> String {
    let why = match error.classify() {
        Category::Syntax => "it is no JSON",
        Category::Eof => "it ends too early",
        Category::Data | Category::Io => "it is not what belongs here",
    };
    match error.line() {
        // What was JSON already has no lines.
        0 => why.to_owned(),
        line => format!("{why}, at line {line}, column {}", error.column()),
    }
}

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// What it is about, as `ticket:42`: one subject's messages arrive in order.
    pub subject: String,
    /// The message.
    pub message: Message,
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
    /// Publishes and says which are safely with the broker. Nothing of a subject gets there before
    /// what stands before it in `batch`. Fails when nothing got there at all.
    pub async fn publish(&self, batch: Vec<Outgoing>) -> Result<Vec<Uuid>> {
        match self {
            Self::Rabbit(rabbit) => rabbit.publish(&batch).await,
            Self::Memory(kept) => {
                let safe = batch.iter().map(|out| out.message.id).collect();
                kept.lock().map_err(|_| Error::Unavailable("broker"))?.extend(batch.into_iter().map(|out| out.message));
                Ok(safe)
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

    /// How many messages lie in each queue, those of dead letters among them.
    pub async fn depths(&self) -> Result<Vec<(String, u32)>> {
        match self {
            Self::Rabbit(rabbit) => rabbit.depths().await,
            Self::Memory(_) => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn of_what_cannot_be_read_no_word_is_told() {
        let read = |body: &str| {
            let message = Message {
                id: Uuid::nil(),
                exchange: AUTH_EXCHANGE.into(),
                routing_key: "auth.user.updated".into(),
                tenant: Uuid::nil(),
                occurred_at: String::new(),
                body: body.into(),
            };
            message.read::<HashMap<String, i64>>()
        };
        assert_eq!(read("{\"id\": 7}"), Ok(HashMap::from([("id".to_owned(), 7)])));
        for (body, why) in [
            ("\"ana@acme.test\"", "it is not what belongs here, at line 1, column "),
            ("{\"id\": \"ana\"}", "it is not what belongs here, at line 1, column "),
            ("{\"id\": ana}", "it is no JSON, at line 1, column "),
            ("{\"ana\": 1", "it ends too early, at line 1, column "),
        ] {
            let told = read(body).expect_err("it cannot be read");
            assert!(told.starts_with(why) && !told.contains("ana"), "{told}");
        }
        let error = serde_json::from_value::<i64>("ana@acme.test".into()).expect_err("no number");
        assert_eq!(unread(&error), "it is not what belongs here");
    }

    #[test]
    fn topics_match_as_the_broker_matches_them() {
        for (topic, key, hit) in [
            ("sav.ticket.created", "sav.ticket.created", true),
            ("sav.ticket.created", "sav.ticket.create", false),
            ("auth.user.*", "auth.user.created", true),
            ("auth.user.*", "auth.user", false),
            ("auth.user.*", "auth.user.created.twice", false),
            ("auth.*.created", "auth.user.created", true),
            ("#", "auth.user.created", true),
            ("auth.#", "auth", true),
            ("auth.#.created", "auth.user.x.created", true),
            ("auth.#.created", "auth.user.x.updated", false),
        ] {
            let words = |text: &'static str| text.split('.').collect::<Vec<_>>();
            assert_eq!(matches(&words(topic), &words(key)), hit, "{topic} {key}");
        }
    }
}
