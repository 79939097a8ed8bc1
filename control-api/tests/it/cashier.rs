//! Somebody who takes payments, on this machine: a real server that does what a test tells it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use control_api::billing::{Payments, Provider};
use serde_json::{Value, json};
use tokio::task::AbortHandle;

pub const KEY: &str = "a key of the tests";

/// What it does with the next payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Pays,
    Refuses,
    /// It is under way, until it is decided.
    Ponders,
    /// It takes the money, and never answers.
    PaysAndHangs,
    /// It says something else than it was asked.
    Lies,
    Breaks,
}

#[derive(Clone)]
pub struct Cashier {
    state: Arc<Mutex<Till>>,
    url: String,
    server: AbortHandle,
}

struct Till {
    mood: Mood,
    charges: HashMap<String, Value>,
    /// How often money was taken.
    taken: usize,
    asked: usize,
}

impl Cashier {
    pub async fn open() -> Self {
        shared::start_tls();
        let state = Arc::new(Mutex::new(Till { mood: Mood::Pays, charges: HashMap::new(), taken: 0, asked: 0 }));
        let router = Router::new().route("/charges", post(charge)).route("/charges/{id}", get(find)).with_state(state.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("served") }).abort_handle();
        Self { state, url, server }
    }

    /// The way to it, on which nobody waits longer than half a second.
    pub fn payments(&self) -> Payments {
        let url = self.url.parse().expect("a URL");
        Payments::Http(Provider::new(url, KEY.to_owned().into(), Duration::from_millis(500)).expect("a client"))
    }

    pub fn is(&self, mood: Mood) {
        self.state.lock().expect("the till").mood = mood;
    }

    /// What it has pondered is paid.
    pub fn decides(&self) {
        let mut till = self.state.lock().expect("the till");
        for charge in till.charges.values_mut() {
            charge["status"] = json!("paid");
        }
    }

    /// How often it was asked for money, and how often it took some.
    pub fn counts(&self) -> (usize, usize) {
        let till = self.state.lock().expect("the till");
        (till.asked, till.taken)
    }
}

impl Cashier {
    pub fn close(&self) {
        self.server.abort();
    }
}

fn knows(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|value| value == &format!("Bearer {KEY}"))
}

async fn find(State(till): State<Arc<Mutex<Till>>>, Path(id): Path<String>, headers: HeaderMap) -> (StatusCode, Json<Value>) {
    if !knows(&headers) {
        return (StatusCode::UNAUTHORIZED, Json(json!({})));
    }
    match till.lock().expect("the till").charges.get(&id) {
        Some(charge) => (StatusCode::OK, Json(charge.clone())),
        None => (StatusCode::NOT_FOUND, Json(json!({}))),
    }
}

async fn charge(State(till): State<Arc<Mutex<Till>>>, headers: HeaderMap, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    if !knows(&headers) {
        return (StatusCode::UNAUTHORIZED, Json(json!({})));
    }
    let key = headers["idempotency-key"].to_str().expect("text").to_owned();
    let (answer, mood) = {
        let mut till = till.lock().expect("the till");
        till.asked += 1;
        let mood = till.mood;
        if mood == Mood::Breaks {
            return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({})));
        }
        if !till.charges.contains_key(&key) {
            let status = match mood {
                Mood::Refuses => "refused",
                Mood::Ponders => "pending",
                _ => "paid",
            };
            let amount = if mood == Mood::Lies { json!(1) } else { body["amount"].clone() };
            let reason = (mood == Mood::Refuses).then_some("no money");
            let charge =
                json!({ "id": format!("pay-{key}"), "status": status, "amount": amount, "currency": body["currency"], "reason": reason });
            till.taken += usize::from(status == "paid");
            till.charges.insert(key.clone(), charge);
        }
        (till.charges[&key].clone(), mood)
    };
    if mood == Mood::PaysAndHangs {
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    (StatusCode::CREATED, Json(answer))
}
