//! Questions to another service: each goes to its queue with an id, the answer comes straight back with the same id
//! (RabbitMQ's direct reply-to). A question that nobody takes in time is thrown away by the broker.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::StreamExt;
use lapin::{
    BasicProperties, Channel, Confirmation, PublisherConfirm,
    message::Delivery,
    options::{BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions},
    types::FieldTable,
};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{topology::text, wire::Wire};

/// The queue that is none: whatever is sent there goes to the channel that has asked.
const REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// Something that another service is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The queue that it reads.
    pub queue: &'a str,
    /// Whose affair it is.
    pub tenant: Uuid,
    /// What is asked, JSON.
    pub body: &'a [u8],
    /// How long an answer is worth something.
    pub patience: Duration,
}

/// One channel, with those who wait for answers on it.
#[derive(Clone)]
pub(super) struct Replies {
    channel: Channel,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting(Mutex<HashMap<String, oneshot::Sender<Vec<u8>>>>);

impl Waiting {
    fn add(&self, id: &str) -> oneshot::Receiver<Vec<u8>> {
        let (sender, answer) = oneshot::channel();
        self.all().insert(id.to_owned(), sender);
        answer
    }

    /// Takes somebody out; they hear at once that no answer comes, unless they are given one.
    fn take(&self, id: &str) -> Option<oneshot::Sender<Vec<u8>>> {
        self.all().remove(id)
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Vec<u8>>>> {
        self.0.lock().expect("nobody panics while holding those who wait")
    }
}

/// Somebody who waits, until they have an answer or leave.
struct Asker<'a>(&'a Waiting, &'a str);

impl Drop for Asker<'_> {
    fn drop(&mut self) {
        self.0.take(self.1);
    }
}

impl Replies {
    /// A channel that listens for answers. What it hears ends with its connection.
    pub(super) async fn open(wire: &Wire) -> lapin::Result<Self> {
        let channel = wire.connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let tag = format!("replies.{}", Uuid::now_v7());
        let mut answers = channel.basic_consume(REPLY_TO.into(), tag.into(), options, FieldTable::default()).await?;
        let waiting = Arc::new(Waiting::default());
        let theirs = waiting.clone();
        tokio::spawn(async move {
            while let Some(Ok(answer)) = answers.next().await {
                if let Some(asker) = correlation(&answer).and_then(|id| theirs.take(&id)) {
                    // Whoever has left does not miss it.
                    let _ = asker.send(answer.data);
                }
            }
            theirs.all().clear();
        });
        Ok(Self { channel, waiting })
    }

    /// Whether answers can come in.
    pub(super) fn stand(&self) -> bool {
        self.channel.status().connected()
    }

    /// The answer; `None` as soon as it is known that none will come. Who drops this waits no more.
    pub(super) async fn ask(&self, question: &Question<'_>) -> lapin::Result<Option<Vec<u8>>> {
        let id = Uuid::now_v7().to_string();
        let answer = self.waiting.add(&id);
        let _asker = Asker(&self.waiting, &id);
        // Mandatory: where nobody ever was, it comes back at once.
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let properties = properties(question, &id);
        let confirm = self.channel.basic_publish("".into(), question.queue.into(), options, question.body, properties).await?;
        // To its end, whoever leaves: lapin keeps those that are dropped.
        tokio::spawn(settle(confirm, self.waiting.clone(), id.clone()));
        Ok(answer.await.ok())
    }
}

/// Tells whoever asked that their question has come back. lapin hands a returned message to whichever confirm of the
/// channel comes next: it says itself whose it is.
async fn settle(confirm: PublisherConfirm, waiting: Arc<Waiting>, mine: String) {
    let confirmed = confirm.await;
    if !matches!(confirmed, Ok(Confirmation::Ack(_))) {
        waiting.take(&mine);
    }
    let returned = confirmed.ok().and_then(Confirmation::take_message);
    if let Some(id) = returned.and_then(|message| correlation(&message.delivery)) {
        waiting.take(&id);
    }
}

fn correlation(delivery: &Delivery) -> Option<String> {
    delivery.properties.correlation_id().as_ref().map(ToString::to_string)
}

fn properties(question: &Question<'_>, id: &str) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("tenant_id".into(), text(&question.tenant.to_string()));
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_correlation_id(id.into())
        .with_reply_to(REPLY_TO.into())
        .with_expiration(question.patience.as_millis().to_string().into())
        .with_headers(headers)
}
