//! Publishing with confirms, over one connection that is made anew after any failure.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, join_all},
};
use lapin::{
    BasicProperties, Channel, Confirmation,
    message::BasicReturnMessage,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::{AMQPValue, FieldTable},
};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    Message, Outgoing, Queue,
    rpc::{Question, Replies},
    topology::{depth, text},
    wire::{Wire, away, within},
};
use crate::{Error, Result};

const CONNECT: Duration = Duration::from_secs(2);
const CONFIRM: Duration = Duration::from_secs(5);
/// How long a batch may begin new waves: with the last confirm it stays below the relay's lease.
const BATCH: Duration = Duration::from_secs(8);
const PING: Duration = Duration::from_secs(1);

/// A publisher that knows which queues must exist before anything is published.
pub struct Rabbit {
    url: SecretString,
    queues: Arc<[Queue]>,
    /// The connection, or the one attempt to get it: whoever needs it waits for the same.
    current: Mutex<Option<Opening>>,
}

type Opening = Shared<BoxFuture<'static, Option<Arc<Open>>>>;

struct Open {
    wire: Wire,
    /// Channels that nobody uses. Each batch has its own, for lapin hands a returned message to
    /// whichever confirm of the channel comes next.
    free: Mutex<Vec<Channel>>,
    /// Where answers come in. Whoever is the first to ask makes it, the others wait for that.
    replies: tokio::sync::Mutex<Option<Replies>>,
}

impl Rabbit {
    /// Connects when first used. `queues` are declared before the first message, so that none
    /// is lost because its reader has never run, or because the broker has forgotten them.
    pub fn new(url: &SecretString, queues: Vec<Queue>) -> Self {
        Self { url: url.clone(), queues: queues.into(), current: Mutex::default() }
    }

    /// See [`super::Broker::publish`].
    pub async fn publish(&self, batch: &[Outgoing]) -> Result<Vec<Uuid>> {
        let started = Instant::now();
        let open = self.open().await?;
        let (mut safe, mut behind, mut sound) = (Vec::new(), HashSet::new(), true);
        let channel = self.or_abandon(&open, within(CONFIRM, open.channel()).await)?;
        for wave in waves(batch) {
            // What comes after a failed one of its subject waits with it.
            let wave: Vec<&Outgoing> = wave.into_iter().filter(|o| !behind.contains(&o.subject)).collect();
            if started.elapsed() > BATCH {
                break;
            }
            let Ok(failed) = within(CONFIRM, self.send(&channel, &wave)).await else {
                sound = false;
                break;
            };
            sound &= !failed.returned;
            let (lost, arrived): (Vec<&Outgoing>, Vec<&Outgoing>) = wave.into_iter().partition(|o| failed.ids.contains(&o.message.id));
            safe.extend(arrived.iter().map(|o| o.message.id));
            behind.extend(lost.into_iter().map(|o| o.subject.clone()));
        }
        if sound {
            open.give_back(channel);
        } else {
            self.abandon(&open);
        }
        if safe.is_empty() && !batch.is_empty() { Err(Error::Unavailable("broker")) } else { Ok(safe) }
    }

    async fn send(&self, channel: &Channel, wave: &[&Outgoing]) -> lapin::Result<Failed> {
        let mut confirms = Vec::with_capacity(wave.len());
        for Outgoing { message, .. } in wave {
            let wanted = self.queues.iter().any(|queue| queue.wants(message));
            // Mandatory: without its queue it comes back, instead of being confirmed and gone.
            let options = BasicPublishOptions { mandatory: wanted, ..BasicPublishOptions::default() };
            let (exchange, topic) = (message.exchange.as_str().into(), message.routing_key.as_str().into());
            confirms.push(channel.basic_publish(exchange, topic, options, &message.body, properties(message)).await?);
        }
        let mut failed = Failed::default();
        for (out, answer) in wave.iter().zip(join_all(confirms).await) {
            match answer? {
                Confirmation::Ack(returned) => failed.returned(returned),
                Confirmation::Nack(returned) => {
                    tracing::warn!(event = %out.message.id, "the broker refused an event");
                    failed.ids.insert(out.message.id);
                    failed.returned(returned);
                }
                Confirmation::NotRequested => return Err(std::io::Error::other("the channel does not confirm").into()),
            }
        }
        Ok(failed)
    }

    /// Whether a connection stands or can be made, and its first queue is there, within a second.
    pub async fn ping(&self) -> Result<()> {
        let ask = async {
            let open = self.open().await?;
            let Some(queue) = self.queues.first() else { return Ok(()) };
            self.depth_over(&open, queue.name).await.map(drop)
        };
        tokio::time::timeout(PING, ask).await.unwrap_or(Err(Error::Unavailable("broker")))
    }

    /// How many messages lie in each of our queues and in those of their dead letters.
    pub async fn depths(&self) -> Result<Vec<(String, u32)>> {
        let open = self.open().await?;
        let mut depths = Vec::new();
        for queue in self.queues.iter() {
            for name in [queue.name.to_owned(), queue.dead()] {
                depths.push((name.clone(), self.depth_over(&open, &name).await?));
            }
        }
        Ok(depths)
    }

    /// A queue that is not there has been lost: the next connection declares it anew.
    async fn depth_over(&self, open: &Arc<Open>, name: &str) -> Result<u32> {
        let asking = async {
            let channel = open.channel().await?;
            let depth = depth(&channel, name).await?;
            open.give_back(channel);
            Ok(depth)
        };
        self.or_abandon(open, within(CONFIRM, asking).await)
    }

    /// Asks whoever reads the question's queue, and waits for the answer no longer than the question lasts, connecting
    /// included. `503` when none came: nobody reads there, they are silent, or the broker is away.
    pub async fn ask(&self, question: &Question<'_>) -> Result<Vec<u8>> {
        let asking = async {
            let replies = self.open().await?.replies().await.map_err(away)?;
            replies.ask(question).await.map_err(away)?.ok_or(Error::Unavailable("answer"))
        };
        tokio::time::timeout(question.patience, asking).await.unwrap_or(Err(Error::Unavailable("answer")))
    }

    async fn open(&self) -> Result<Arc<Open>> {
        let opening = {
            // A std Mutex: nothing is awaited while it is held.
            let mut current = self.current.lock().expect("nobody panics while holding the connection");
            current.take_if(|opening| opening.peek().is_some_and(|open| open.as_ref().is_none_or(|open| !open.stands())));
            current.get_or_insert_with(|| self.dial()).clone()
        };
        let open = tokio::time::timeout(CONNECT, opening).await.ok().flatten();
        open.ok_or(Error::Unavailable("broker"))
    }

    /// One attempt, in a task of its own: it goes on though its askers have stopped waiting.
    fn dial(&self) -> Opening {
        let (url, queues) = (self.url.clone(), self.queues.clone());
        let dialling = tokio::spawn(async move {
            let wire = Wire::connect(&url, &queues).await.ok()?;
            Some(Arc::new(Open { wire, free: Mutex::default(), replies: tokio::sync::Mutex::default() }))
        });
        async { dialling.await.ok().flatten() }.boxed().shared()
    }

    fn or_abandon<T>(&self, open: &Arc<Open>, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.abandon(open);
        }
        result
    }

    /// Uses this connection no more; another one that somebody has made meanwhile stays.
    fn abandon(&self, open: &Arc<Open>) {
        let mut current = self.current.lock().expect("nobody panics while holding the connection");
        current.take_if(|opening| opening.peek().is_some_and(|now| now.as_ref().is_some_and(|now| Arc::ptr_eq(now, open))));
    }
}

impl Open {
    fn stands(&self) -> bool {
        self.wire.connection.status().connected()
    }

    async fn channel(&self) -> lapin::Result<Channel> {
        let free = self.free.lock().expect("nobody panics while holding the channels").pop();
        if let Some(channel) = free.filter(|channel| channel.status().connected()) {
            return Ok(channel);
        }
        let channel = self.wire.connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(channel)
    }

    async fn replies(&self) -> lapin::Result<Replies> {
        let mut replies = self.replies.lock().await;
        if let Some(replies) = replies.as_ref().filter(|replies| replies.stand()) {
            return Ok(replies.clone());
        }
        let opened = Replies::open(&self.wire).await?;
        Ok(replies.insert(opened).clone())
    }

    fn give_back(&self, channel: Channel) {
        self.free.lock().expect("nobody panics while holding the channels").push(channel);
    }
}

/// What of a wave is not safely with the broker.
#[derive(Default)]
struct Failed {
    ids: HashSet<Uuid>,
    /// Some came back: a queue or its binding is missing.
    returned: bool,
}

impl Failed {
    fn returned(&mut self, message: Option<BasicReturnMessage>) {
        let Some(message) = message else { return };
        let id: Option<Uuid> = message.delivery.properties.message_id().as_ref().and_then(|id| id.as_str().parse().ok());
        tracing::error!(event = ?id, topic = %message.delivery.routing_key, "an event came back: its queue is missing");
        self.returned = true;
        self.ids.extend(id);
    }
}

/// The batch in waves in which each subject occurs once at most: the next is sent when the one
/// before is confirmed, so a failure never lets a later event of its subject pass it.
fn waves(batch: &[Outgoing]) -> Vec<Vec<&Outgoing>> {
    let mut waves: Vec<(HashSet<&str>, Vec<&Outgoing>)> = Vec::new();
    for out in batch {
        // In order, the first wave without this subject comes after all that have it.
        let at = waves.iter().position(|(subjects, _)| !subjects.contains(out.subject.as_str())).unwrap_or(waves.len());
        if at == waves.len() {
            waves.push(Default::default());
        }
        waves[at].0.insert(&out.subject);
        waves[at].1.push(out);
    }
    waves.into_iter().map(|(_, wave)| wave).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_has_each_subject_once_and_waves_keep_the_order() {
        let out = |subject: &str, n: u128| Outgoing {
            subject: subject.into(),
            message: Message {
                id: Uuid::from_u128(n),
                exchange: String::new(),
                routing_key: String::new(),
                tenant: Uuid::nil(),
                occurred_at: String::new(),
                body: Vec::new(),
            },
        };
        let batch = [out("a", 1), out("a", 2), out("b", 3), out("a", 4), out("c", 5), out("b", 6)];
        let ids: Vec<Vec<u128>> = waves(&batch).iter().map(|w| w.iter().map(|o| o.message.id.as_u128()).collect()).collect();
        assert_eq!(ids, [vec![1, 3, 5], vec![2, 6], vec![4]]);
    }
}
