//! Which queues there are and how they hang together.

use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, LongString},
};

use super::{Queue, consume::RETRIES};

/// Declares a queue, its exchange, where its messages wait for a retry and where they end. Declaring
/// again changes nothing, and brings back what a broker has lost.
pub(super) async fn declare(channel: &Channel, queue: &Queue) -> lapin::Result<()> {
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

/// How many messages lie in a queue that exists.
pub(super) async fn depth(channel: &Channel, name: &str) -> lapin::Result<u32> {
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    Ok(channel.queue_declare(name.into(), passive, FieldTable::default()).await?.message_count())
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

pub(super) fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}
