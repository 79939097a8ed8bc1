//! An orders service in place of a shop's: for local stacks and tests. It answers questions, takes commands and tells what
//! happens to orders, in the formats of `docs/orders.md`. Which orders there are follows from their ids, see [`book`].

pub mod book;

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

pub use book::{Book, Change, Order, Question};
use futures::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties, Consumer, ExchangeKind,
    message::Delivery,
    options::{
        BasicConsumeOptions, BasicPublishOptions, ExchangeDeclareOptions, ExchangeDeleteOptions, QueueDeclareOptions, QueueDeleteOptions,
    },
    types::{AMQPValue, FieldTable, LongString},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// How long an answer about a slow order takes.
const SLOW: Duration = Duration::from_secs(3);

/// Where it is heard and where it speaks.
#[derive(Debug, Clone)]
pub struct Names {
    /// Queue of questions.
    pub questions: String,
    /// Queue of commands.
    pub commands: String,
    /// Exchange of events.
    pub exchange: String,
}

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// At once.
    Prompt,
    /// Not at all.
    Silent,
    /// At once, that it cannot say.
    Failing,
    /// After so many milliseconds.
    SlowMs(u64),
}

/// What it is told to do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Command {
    Manner(Manner),
    Put(Order),
    Change(Change),
}

/// A running service.
pub struct Service {
    /// What it has before it.
    pub desk: Arc<Desk>,
    connection: Connection,
}

/// Its orders, and how it speaks of them.
pub struct Desk {
    book: Mutex<Book>,
    manner: Mutex<Manner>,
    asked: AtomicUsize,
    channel: Channel,
    exchange: String,
}

impl Service {
    /// Starts one over a connection of its own.
    pub async fn start(url: &str, names: &Names, book: Book) -> lapin::Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        channel.exchange_declare(names.exchange.as_str().into(), ExchangeKind::Topic, durable, FieldTable::default()).await?;
        let questions = reading(&channel, &names.questions).await?;
        let commands = reading(&channel, &names.commands).await?;
        let (book, manner) = (Mutex::new(book), Mutex::new(Manner::Prompt));
        let desk = Arc::new(Desk { book, manner, asked: AtomicUsize::new(0), channel, exchange: names.exchange.clone() });
        tokio::spawn(each(questions, desk.clone(), async |desk, question| desk.answer(question).await));
        tokio::spawn(each(commands, desk.clone(), async |desk, command| desk.obey(command).await));
        Ok(Self { desk, connection })
    }

    /// Waits until it has lost its broker.
    pub async fn ended(&self) {
        while self.connection.status().connected() && self.desk.channel.status().connected() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Takes away where it is heard and where it speaks, and leaves.
    pub async fn vanish(&self, names: &Names) -> lapin::Result<()> {
        for queue in [&names.questions, &names.commands] {
            self.desk.channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await?;
        }
        self.desk.channel.exchange_delete(names.exchange.as_str().into(), ExchangeDeleteOptions::default()).await?;
        self.stop().await
    }

    /// Takes a queue away that listened to it.
    pub async fn forget(&self, queue: &str) -> lapin::Result<()> {
        self.desk.channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.map(drop)
    }

    /// Leaves; its queues stay.
    pub async fn stop(&self) -> lapin::Result<()> {
        self.connection.close(200, "goodbye".into()).await
    }
}

async fn reading(channel: &Channel, queue: &str) -> lapin::Result<Consumer> {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), durable, FieldTable::default()).await?;
    let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    channel.basic_consume(queue.into(), format!("{queue}.{}", Uuid::now_v7()).into(), options, FieldTable::default()).await
}

/// One after the other, but a slow one keeps nobody waiting.
async fn each<F>(mut deliveries: Consumer, desk: Arc<Desk>, work: impl Fn(Arc<Desk>, Delivery) -> F)
where
    F: Future<Output = lapin::Result<()>> + Send + 'static,
{
    while let Some(Ok(delivery)) = deliveries.next().await {
        let working = work(desk.clone(), delivery);
        tokio::spawn(async move {
            if let Err(error) = working.await {
                println!("not said: {error}");
            }
        });
    }
}

impl Desk {
    /// Answers in that manner from now on.
    pub fn is(&self, manner: Manner) {
        *self.manner.lock().expect("nobody panics while holding the manner") = manner;
    }

    /// Puts an order in.
    pub fn put(&self, order: Order) {
        self.orders().put(order);
    }

    /// How many questions have come so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// All its orders.
    pub fn book(&self) -> Book {
        self.orders().clone()
    }

    fn orders(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("nobody panics while holding the book")
    }

    async fn answer(&self, asked: Delivery) -> lapin::Result<()> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let manner = *self.manner.lock().expect("nobody panics while holding the manner");
        match manner {
            Manner::Prompt | Manner::Failing => {}
            Manner::Silent => return Ok(()),
            Manner::SlowMs(pause) => tokio::time::sleep(Duration::from_millis(pause)).await,
        }
        let body = match serde_json::from_slice::<Question>(&asked.data) {
            _ if manner == Manner::Failing => json!({ "error": "overloaded" }),
            Ok(question) if question.order_id.starts_with("MUTE-") => return Ok(()),
            Ok(question) if question.order_id.starts_with("FAILS-") => json!({ "error": "no such shelf" }),
            Ok(question) => {
                if question.order_id.starts_with("SLOW-") {
                    tokio::time::sleep(SLOW).await;
                }
                json!({ "order": self.orders().find(&question) })
            }
            Err(error) => json!({ "error": error.to_string() }),
        };
        let properties = &asked.properties;
        let (Some(to), Some(id)) = (properties.reply_to().clone(), properties.correlation_id().clone()) else { return Ok(()) };
        let answer = BasicProperties::default().with_content_type("application/json".into()).with_correlation_id(id);
        self.channel.basic_publish("".into(), to, BasicPublishOptions::default(), body.to_string().as_bytes(), answer).await?.await?;
        Ok(())
    }

    async fn obey(&self, told: Delivery) -> lapin::Result<()> {
        match serde_json::from_slice(&told.data) {
            Ok(Command::Manner(manner)) => self.is(manner),
            Ok(Command::Put(order)) => self.put(order),
            Ok(Command::Change(change)) => self.change(&change).await?,
            Err(error) => println!("not understood: {error}"),
        }
        Ok(())
    }

    /// Changes an order and tells of it.
    pub async fn change(&self, change: &Change) -> lapin::Result<()> {
        let changed = self.orders().change(change);
        let Some(order) = changed else {
            println!("there is no order {}", change.of.order_id);
            return Ok(());
        };
        let (id, at) = (Uuid::now_v7(), order.updated_at.clone());
        let body = json!({ "id": id, "event": named(&change.event), "tenant": order.tenant, "timestamp": at, "data": order });
        let text = |value: &str| AMQPValue::LongString(LongString::from(value));
        let mut headers = FieldTable::default();
        headers.insert("tenant_id".into(), text(&order.tenant.to_string()));
        headers.insert("event_id".into(), text(&id.to_string()));
        headers.insert("occurred_at".into(), text(&at));
        headers.insert("schema_version".into(), AMQPValue::LongInt(1));
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type("application/json".into())
            .with_message_id(id.to_string().into())
            .with_headers(headers);
        let (exchange, topic) = (self.exchange.as_str().into(), format!("orders.order.{}", change.event).into());
        self.channel.basic_publish(exchange, topic, BasicPublishOptions::default(), body.to_string().as_bytes(), properties).await?.await?;
        Ok(())
    }
}

/// `payment_failed` is the event `OrderPaymentFailed`.
fn named(event: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    std::iter::once("Order".to_owned()).chain(event.split('_').map(word)).collect()
}
