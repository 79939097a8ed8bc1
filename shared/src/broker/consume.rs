//! Reading one queue: an effect happens once, a failure is tried again after 2, 4 and 8 seconds,
//! and what still fails waits in the dead-letter queue for an operator (E-5).

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::{FutureExt, StreamExt, TryStreamExt};
use lapin::{
    Channel, Confirmation, Consumer,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions},
    types::{AMQPValue, FieldTable},
};
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Message, Queue,
    wire::{Wire, away, within},
};
use crate::{Error, Result, shutdown::overdue};

/// How often a failed message is tried again.
pub(super) const RETRIES: u32 = 3;
/// Messages of one queue handled at the same time.
const AT_ONCE: usize = 16;
const ATTEMPT: &str = "x-attempt";
const ANSWER: Duration = Duration::from_secs(5);
/// How long one reaction may take: whatever it hangs on, others of its queue wait behind it.
const REACTION: Duration = Duration::from_secs(30);
/// How long reactions may go on once the process is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// What became of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its effect is there, now or since an earlier delivery.
    Done,
    /// Something that we depend on is away: it waits for as long as that takes.
    Wait(&'static str),
    /// Trying again may help.
    Retry(String),
    /// It will never work.
    GiveUp(String),
}

impl From<Result<()>> for Outcome {
    fn from(result: Result<()>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(Error::Unavailable(what)) => Self::Wait(what),
            Err(error) => Self::Retry(error.to_string()),
        }
    }
}

/// Reads `queue` until `stop`, reconnecting for as long as it takes.
pub async fn consume(url: SecretString, queue: Queue, react: impl AsyncFn(Message) -> Outcome, stop: CancellationToken) {
    let reading = async {
        while !stop.is_cancelled() {
            if let Err(error) = read(&url, queue, &react, &stop).await {
                tracing::warn!(queue = queue.name, %error, "broker lost, reconnecting");
            }
            tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(Duration::from_secs(1)) => {} }
        }
    };
    // Whom we leave in the middle is delivered again, and its effect happens once.
    tokio::select! { () = reading => {}, () = overdue(&stop, GRACE) => tracing::warn!(queue = queue.name, "stopping in the middle of a message") }
}

async fn read(url: &SecretString, queue: Queue, react: &impl AsyncFn(Message) -> Outcome, stop: &CancellationToken) -> Result<()> {
    let queues = [queue];
    let wire = tokio::select! { wire = Wire::connect(url, &queues) => wire?, () = stop.cancelled() => return Ok(()) };
    let settling = async {
        let passing = Mutex::new(within(ANSWER, confirming(&wire)).await?);
        let deliveries = within(ANSWER, listen(&wire, queue)).await?;
        let over = async {
            tokio::select! { () = stop.cancelled() => {}, () = wire.ended() => {} }
        };
        let deliveries = deliveries.map_err(away).take_until(over);
        // Side by side, so that one tenant whose database is away does not keep the others waiting.
        let settling = deliveries.try_for_each_concurrent(AT_ONCE, async |delivery| {
            settle(&passing, queue, react, &delivery).await?;
            within(ANSWER, delivery.ack(BasicAckOptions::default())).await.map(drop)
        });
        settling.await
    };
    let settled = settling.await;
    wire.close().await;
    settled?;
    if stop.is_cancelled() { Ok(()) } else { Err(Error::Unavailable("broker")) }
}

async fn listen(wire: &Wire, queue: Queue) -> lapin::Result<Consumer> {
    let channel = wire.connection.create_channel().await?;
    channel.basic_qos(AT_ONCE as u16, BasicQosOptions::default()).await?;
    let tag = format!("{}.{}", queue.name, Uuid::now_v7());
    channel.basic_consume(queue.name.into(), tag.into(), BasicConsumeOptions::default(), FieldTable::default()).await
}

async fn confirming(wire: &Wire) -> lapin::Result<Channel> {
    let channel = wire.connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(channel)
}

/// Reacts to one delivery; on failure hands it on before it is acknowledged, so it is never lost.
async fn settle(passing: &Mutex<Channel>, queue: Queue, react: &impl AsyncFn(Message) -> Outcome, delivery: &Delivery) -> Result<()> {
    let outcome = match message(queue, delivery) {
        Some(message) => {
            let reaction = AssertUnwindSafe(react(message)).catch_unwind();
            match tokio::time::timeout(REACTION, reaction).await {
                Ok(outcome) => outcome.unwrap_or_else(|_| Outcome::Retry("the reaction panicked".into())),
                Err(_) => Outcome::Retry("the reaction took too long".into()),
            }
        }
        None => Outcome::GiveUp("no event id or tenant id".into()),
    };
    let attempt = attempt(delivery);
    let event = delivery.properties.message_id().as_ref().map(ToString::to_string);
    match outcome {
        Outcome::Done => Ok(()),
        Outcome::Wait(what) => {
            tracing::warn!(queue = queue.name, ?event, what, "message waits");
            pass_on(passing, &queue.retry(RETRIES), delivery, attempt).await
        }
        Outcome::Retry(reason) if attempt < RETRIES => {
            tracing::warn!(queue = queue.name, ?event, attempt, reason, "message tried again later");
            pass_on(passing, &queue.retry(attempt + 1), delivery, attempt + 1).await
        }
        Outcome::Retry(reason) | Outcome::GiveUp(reason) => {
            tracing::error!(queue = queue.name, ?event, attempt, reason, "message given up");
            pass_on(passing, &queue.dead(), delivery, attempt).await
        }
    }
}

/// One at a time: lapin hands a returned message to whichever confirm of the channel comes next.
async fn pass_on(passing: &Mutex<Channel>, to: &str, delivery: &Delivery, attempt: u32) -> Result<()> {
    let mut headers = delivery.properties.headers().clone().unwrap_or_default();
    headers.insert(ATTEMPT.into(), AMQPValue::LongInt(attempt as i32));
    let properties = delivery.properties.clone().with_headers(headers);
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let channel = passing.lock().await;
    let sending = async { channel.basic_publish("".into(), to.into(), options, &delivery.data, properties).await?.await };
    match within(ANSWER, sending).await? {
        // A returned message is acknowledged too: only one without its return has arrived.
        Confirmation::Ack(None) => Ok(()),
        _ => Err(Error::Unavailable("broker")),
    }
}

fn attempt(delivery: &Delivery) -> u32 {
    let headers = delivery.properties.headers().as_ref();
    match headers.and_then(|h| h.inner().get(ATTEMPT)) {
        Some(AMQPValue::LongInt(n)) => u32::try_from(*n).unwrap_or(0),
        _ => 0,
    }
}

fn message(queue: Queue, delivery: &Delivery) -> Option<Message> {
    let headers = delivery.properties.headers().as_ref()?;
    let text = |name: &str| match headers.inner().get(name) {
        Some(AMQPValue::LongString(value)) => Some(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        _ => None,
    };
    Some(Message {
        id: text("event_id")?.parse().ok()?,
        exchange: queue.exchange.into(),
        routing_key: delivery.routing_key.to_string(),
        tenant: text("tenant_id")?.parse().ok()?,
        occurred_at: text("occurred_at").unwrap_or_default(),
        body: delivery.data.clone(),
    })
}
