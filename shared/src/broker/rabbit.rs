//! One connection and one channel for publishing; made anew after any failure.

use std::time::Duration;

use futures::future::join_all;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind,
    options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, LongString, ShortString},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::{Message, Queue, consume::RETRIES};
use crate::{Error, Result};

const CONNECT: Duration = Duration::from_secs(2);
const CONFIRM: Duration = Duration::from_secs(5);

/// A publisher that knows which queues must exist before anything is published.
pub struct Rabbit {
    url: SecretString,
    queues: Vec<Queue>,
    open: Mutex<Option<Open>>,
}

struct Open {
    /// Dropping it would close the channel.
    connection: Connection,
    channel: Channel,
}

impl Rabbit {
    /// Connects when first used. `queues` are declared before the first message, so that none
    /// is lost because its reader has never run.
    pub fn new(url: &SecretString, queues: Vec<Queue>) -> Self {
        Self { url: url.clone(), queues, open: Mutex::new(None) }
    }

    /// See [`super::Broker::publish`].
    pub async fn publish(&self, messages: &[Message]) -> Result<usize> {
        let channel = self.channel().await?;
        let sent = tokio::time::timeout(CONFIRM, publish(&channel, messages)).await;
        let confirmed = sent.ok().and_then(Result::ok);
        if confirmed.is_none_or(|n| n < messages.len()) {
            *self.open.lock().await = None;
        }
        confirmed.ok_or(Error::Unavailable("broker"))
    }

    /// Whether a connection stands or can be made within a second.
    pub async fn ping(&self) -> Result<()> {
        let ask = async {
            let channel = self.channel().await?;
            let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
            match self.queues.first() {
                Some(queue) => channel
                    .queue_declare(queue.name.into(), passive, FieldTable::default())
                    .await
                    .map(|_| ())
                    .map_err(|_| Error::Unavailable("broker")),
                None => Ok(()),
            }
        };
        match tokio::time::timeout(Duration::from_secs(1), ask).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Error::Unavailable("broker")),
        }
    }

    async fn channel(&self) -> Result<Channel> {
        let mut open = self.open.lock().await;
        if let Some(open) = &*open
            && open.connection.status().connected()
            && open.channel.status().connected()
        {
            return Ok(open.channel.clone());
        }
        let (connection, channel) = connect(&self.url, &self.queues).await?;
        let confirming = channel.confirm_select(ConfirmSelectOptions::default());
        tokio::time::timeout(CONNECT, confirming).await.map_err(|_| Error::Unavailable("broker"))?.map_err(away)?;
        *open = Some(Open { connection, channel: channel.clone() });
        Ok(channel)
    }
}

/// Any failure of the broker: it is away, and trying again helps.
pub(super) fn away(error: lapin::Error) -> Error {
    tracing::debug!(%error, "broker");
    Error::Unavailable("broker")
}

/// Opens a connection and a channel and declares the queues, within two seconds.
pub(super) async fn connect(url: &SecretString, queues: &[Queue]) -> Result<(Connection, Channel)> {
    let work = async {
        let connection = Connection::connect(url.expose_secret(), ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        for queue in queues {
            declare(&channel, queue).await?;
        }
        Ok::<_, lapin::Error>((connection, channel))
    };
    tokio::time::timeout(CONNECT, work).await.map_err(|_| Error::Unavailable("broker"))?.map_err(away)
}

async fn declare(channel: &Channel, queue: &Queue) -> lapin::Result<()> {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let exchange = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(queue.exchange.into(), ExchangeKind::Topic, exchange, FieldTable::default()).await?;
    channel.queue_declare(queue.name.into(), durable, guarded(queue)).await?;
    channel.queue_declare(queue.dead().into(), durable, quorum()).await?;
    for attempt in 1..=RETRIES {
        channel.queue_declare(queue.retry(attempt).into(), durable, waiting(queue, attempt)).await?;
    }
    for topic in queue.topics {
        channel
            .queue_bind(queue.name.into(), queue.exchange.into(), (*topic).into(), QueueBindOptions::default(), FieldTable::default())
            .await?;
    }
    Ok(())
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

/// A queue whose poison, a message that kills its reader five times, ends with the dead ones.
fn guarded(queue: &Queue) -> FieldTable {
    let mut arguments = quorum();
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(5));
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(&queue.dead()));
    arguments
}

/// A queue whose messages return to `queue` after 2 s, 4 s, 8 s (E-5).
fn waiting(queue: &Queue, attempt: u32) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-message-ttl".into(), AMQPValue::LongInt(1000 << attempt));
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(queue.name));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}

async fn publish(channel: &Channel, messages: &[Message]) -> Result<usize> {
    let mut confirms = Vec::with_capacity(messages.len());
    for message in messages {
        let (exchange, topic) = (ShortString::from(message.exchange.as_str()), ShortString::from(message.routing_key.as_str()));
        let sending = channel.basic_publish(exchange, topic, BasicPublishOptions::default(), &message.body, properties(message));
        confirms.push(sending.await.map_err(away)?);
    }
    let answers = join_all(confirms).await;
    Ok(answers.into_iter().take_while(|a| matches!(a, Ok(Confirmation::Ack(_)))).count())
}

/// Headers of E-1. The trace begins with the event: its id is the trace's.
pub(super) fn properties(message: &Message) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("tenant_id".into(), text(&message.tenant.to_string()));
    headers.insert("event_id".into(), text(&message.id.to_string()));
    headers.insert("occurred_at".into(), text(&message.occurred_at));
    headers.insert("schema_version".into(), AMQPValue::LongInt(1));
    let id = message.id.simple().to_string();
    headers.insert("traceparent".into(), text(&format!("00-{id}-{}-01", &id[16..])));
    BasicProperties::default()
        .with_delivery_mode(2)
        .with_content_type("application/json".into())
        .with_message_id(message.id.to_string().into())
        .with_headers(headers)
}
