//! A helpdesk beside an orders service: the one that comes with the local stack, on the real RabbitMQ, with queues that no
//! other test knows.

use std::{sync::Arc, time::Duration};

use app_api::{config::OrdersConfig, orders::Orders, tickets, worker};
use orders_service::{Book, Change, Names, Order, Question, Service};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use shared::{
    broker::{Message, Outcome, Rabbit},
    tenancy::Tenant,
};
use uuid::Uuid;

use crate::world::{Answer, Caller, TestApp, TestTenant};

pub fn amqp() -> SecretString {
    std::env::var("AMQP_URL").expect("AMQP_URL: run the tests with scripts/test").into()
}

/// Orders that are asked for in that queue, over that broker.
pub fn asked_in(queue: &str, url: &SecretString) -> Orders {
    let config = OrdersConfig { orders_queue: queue.to_owned(), orders_timeout_ms: 2000 };
    Orders::over(Arc::new(Rabbit::new(url, Vec::new())), &config).expect("figures")
}

/// Both, and the names by which they meet.
pub struct Shop {
    pub app: TestApp,
    pub service: Service,
    pub names: Names,
}

impl Shop {
    pub async fn open() -> Self {
        let name = |kind: &str| format!("test.orders.{kind}.{}", Uuid::now_v7().simple());
        let names = Names { questions: name("rpc"), commands: name("commands"), exchange: name("exchange") };
        let service = Service::start(amqp().expose_secret(), &names, Book::default()).await.expect("RabbitMQ answers");
        let app = TestApp::start_beside(asked_in(&names.questions, &amqp())).await;
        Self { app, service, names }
    }

    /// Delivers what is left, and takes everything away.
    pub async fn closes(self) {
        self.app.drain().await;
        self.service.vanish(&self.names).await.expect("gone");
    }

    /// The tenant as background work knows it.
    pub async fn tenant(&self, tenant: &TestTenant) -> Tenant {
        self.app.app.tenants.by_id(tenant.id).await.expect("known").expect("active")
    }

    /// One visit that compares tickets with their orders.
    pub async fn compares(&self, tenant: &TestTenant) -> Option<Duration> {
        worker::compare_orders(&self.app.app, &self.tenant(tenant).await).await.expect("compared")
    }

    /// Delivers an event about an order.
    pub async fn tells(&self, message: Message) -> Outcome {
        tickets::follow_orders(&self.app.app, message).await
    }
}

/// An order as the service knows it.
pub fn order(tenant: &TestTenant, id: &str, customer: &Caller) -> Order {
    Order {
        id: id.into(),
        tenant: tenant.id,
        customer_id: customer.id,
        version: 1,
        number: "2026-1".into(),
        state: "shipped".into(),
        payment: "paid".into(),
        amount_cents: 64_900,
        currency: "EUR".into(),
        placed_at: "2026-02-28T10:00:00Z".into(),
        updated_at: "2026-03-01T08:00:00Z".into(),
    }
}

/// The same order in a later version.
pub fn later(order: &Order, version: i64, state: &str) -> Order {
    Order { version, state: state.into(), ..order.clone() }
}

/// An event about an order, as it comes from the broker.
pub fn message(order: &Order) -> Message {
    let id = Uuid::now_v7();
    let body = json!({ "id": id, "event": "OrderChanged", "tenant": order.tenant, "timestamp": order.updated_at, "data": order });
    Message {
        id,
        exchange: "orders_exchange".into(),
        routing_key: "orders.order.changed".into(),
        tenant: order.tenant,
        occurred_at: order.updated_at.clone(),
        body: body.to_string().into_bytes(),
    }
}

/// A change that the service is told to make.
pub fn change(tenant: &TestTenant, id: &str, customer: &Caller, state: &str) -> Change {
    let of = Question { tenant: tenant.id, order_id: id.into(), customer_id: customer.id };
    Change { of, event: state.into(), state: Some(state.into()), payment: None, amount_cents: None }
}

/// What is sent to open a ticket about an order.
pub fn about(order: &str) -> Value {
    json!({ "subject": "Where is it?", "description": "It has not come.", "order_id": order })
}

/// Asks for a ticket about an order.
pub async fn opens(caller: &Caller, order: &str) -> Answer {
    caller.post("/api/v1/tickets", about(order)).await
}

/// Opens a ticket about an order and gives its id.
pub async fn opened(caller: &Caller, order: &str) -> i64 {
    opens(caller, order).await.expect(201)["id"].as_i64().expect("an id")
}

/// The ticket as somebody sees it.
pub async fn seen(caller: &Caller, ticket: i64) -> Value {
    caller.get(&format!("/api/v1/tickets/{ticket}")).await.expect(200)
}

/// What the staff sees of a ticket's order.
pub async fn known(staff: &Caller, ticket: i64) -> Value {
    seen(staff, ticket).await["metadata"]["order"].clone()
}

/// The lines of a ticket's history of that kind, each as `from > to`.
pub async fn lines(caller: &Caller, ticket: i64, kind: &str) -> Vec<String> {
    let history = caller.get(&format!("/api/v1/tickets/{ticket}/history")).await.expect(200);
    let of_kind = history["data"].as_array().expect("a list").iter().filter(|line| line["kind"] == kind).cloned();
    of_kind.map(|line| format!("{} > {}", line["from"].as_str().unwrap_or("-"), line["to"].as_str().unwrap_or("-"))).collect()
}
