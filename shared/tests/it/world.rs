//! What these tests stand on: a tenant's database each, and queues that no other test knows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use lapin::{
    Channel, Connection, ConnectionProperties, ExchangeKind,
    options::{BasicGetOptions, ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions},
    types::{AMQPValue, FieldTable},
};
use secrecy::SecretString;
use shared::{
    act::{Act, Actor, Author, Event},
    broker::{Message, Outgoing, Queue},
    clock::Clock,
    db::{self, Db},
    testing,
};
use sqlx::migrate::Migrator;
use uuid::Uuid;

static TENANT: Migrator = sqlx::migrate!("../migrations/tenant");

pub fn amqp() -> SecretString {
    std::env::var("AMQP_URL").expect("AMQP_URL: run the tests with scripts/test").into()
}

/// A tenant's database, and how many hints its commits have given.
pub async fn database(own: usize, all: usize) -> (Db, Arc<AtomicUsize>) {
    let hints = Arc::new(AtomicUsize::new(0));
    let told = hints.clone();
    let options = db::options(testing::database("tenant", &TENANT).await, "test");
    let hint = Arc::new(move || {
        told.fetch_add(1, Ordering::SeqCst);
    });
    (Db::new(options, own, &db::budget(all), hint), hints)
}

/// Something that happens to a ticket.
pub struct Happened {
    pub exchange: &'static str,
    pub ticket: u32,
    pub step: u32,
}

impl Event for Happened {
    fn kind(&self) -> &'static str {
        "Happened"
    }
    fn exchange(&self) -> &'static str {
        self.exchange
    }
    fn routing_key(&self) -> &'static str {
        "thing.happened"
    }
    fn subject(&self) -> String {
        format!("ticket:{}", self.ticket)
    }
    fn data(&self) -> serde_json::Value {
        serde_json::json!({ "ticket": self.ticket, "step": self.step })
    }
}

pub fn author() -> Author {
    Author { actor: Actor::Anonymous, ..Author::system("test") }
}

/// Records an event in an act of its own.
pub async fn happen(db: &Db, event: &Happened) -> Uuid {
    db.act(author(), &Clock::System, async |act: &mut Act| act.record(event).await).await.expect("recorded")
}

/// The first true answer within ten seconds.
pub async fn eventually<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within ten seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A channel of the test's own, and an exchange that nobody else uses.
pub struct Bench {
    pub channel: Channel,
    pub queue: Queue,
    _connection: Connection,
}

impl Bench {
    pub async fn new() -> Self {
        use secrecy::ExposeSecret;
        let connection = Connection::connect(amqp().expose_secret(), ConnectionProperties::default()).await.expect("RabbitMQ answers");
        let channel = connection.create_channel().await.expect("a channel");
        // Names for the life of the process, as those of the product are.
        let name = |kind: &str| -> &'static str { format!("test.{kind}.{}", Uuid::now_v7().simple()).leak() };
        let queue = Queue { name: name("queue"), exchange: name("exchange"), topics: &["thing.*"] };
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        channel.exchange_declare(queue.exchange.into(), ExchangeKind::Topic, durable, FieldTable::default()).await.expect("an exchange");
        Self { channel, queue, _connection: connection }
    }

    /// Another queue on the same exchange, that holds one message and refuses the next.
    pub async fn full_queue(&self) -> String {
        let name = format!("{}.full", self.queue.name);
        let mut arguments = FieldTable::default();
        arguments.insert("x-max-length".into(), AMQPValue::LongInt(1));
        arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
        self.declare(&name, arguments).await;
        name
    }

    /// Another queue on the same exchange, that takes everything.
    pub async fn tap(&self) -> String {
        let name = format!("{}.tap", self.queue.name);
        self.declare(&name, FieldTable::default()).await;
        name
    }

    async fn declare(&self, name: &str, arguments: FieldTable) {
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        self.channel.queue_declare(name.into(), durable, arguments).await.expect("a queue");
        let bind = QueueBindOptions::default();
        self.channel.queue_bind(name.into(), self.queue.exchange.into(), "#".into(), bind, FieldTable::default()).await.expect("bound");
    }

    /// Everything that lies in a queue, in order.
    pub async fn take(&self, name: &str) -> Vec<serde_json::Value> {
        let mut taken = Vec::new();
        while let Some(got) = self.channel.basic_get(name.into(), BasicGetOptions { no_ack: true }).await.expect("asked") {
            taken.push(serde_json::from_slice(&got.delivery.data).expect("JSON"));
        }
        taken
    }

    /// Deletes what the test has declared.
    pub async fn clean(self) {
        let names =
            [self.queue.name.to_owned(), self.queue.dead(), format!("{}.full", self.queue.name), format!("{}.tap", self.queue.name)];
        for name in names.into_iter().chain((1..=3).map(|n| self.queue.retry(n))) {
            self.channel.queue_delete(name.into(), QueueDeleteOptions::default()).await.expect("deleted");
        }
        self.channel.exchange_delete(self.queue.exchange.into(), ExchangeDeleteOptions::default()).await.expect("deleted");
    }

    /// A message for this exchange.
    pub fn out(&self, ticket: u32, step: u32) -> Outgoing {
        let message = Message {
            id: Uuid::now_v7(),
            exchange: self.queue.exchange.into(),
            routing_key: "thing.happened".into(),
            tenant: Uuid::now_v7(),
            occurred_at: "2026-03-02T09:00:00Z".into(),
            body: serde_json::json!({ "data": { "ticket": ticket, "step": step } }).to_string().into_bytes(),
        };
        Outgoing { subject: format!("ticket:{ticket}"), message }
    }
}
