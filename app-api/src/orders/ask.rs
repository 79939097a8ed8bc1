//! Asking the orders service, over RabbitMQ.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use prometheus::{IntCounterVec, IntGauge, Opts, Registry};
use shared::{
    breaker::Breaker,
    broker::{Question, Rabbit},
};

use super::model::{Asked, Finding, NoFinding, judged};
use crate::config::OrdersConfig;

/// So many silences in a row, and the service is left alone.
const SILENCES: u32 = 5;
/// For so long.
const REST: TimeDelta = TimeDelta::seconds(30);

/// The orders service, or that there is none.
#[derive(Clone)]
pub struct Orders(Arc<Parts>);

struct Parts {
    way: Option<Way>,
    /// One for all tenants: they ask the same service.
    breaker: Breaker,
    answers: IntCounterVec,
    resting: IntGauge,
    checks: IntCounterVec,
}

struct Way {
    rabbit: Arc<Rabbit>,
    queue: String,
    patience: Duration,
}

impl Orders {
    /// Asked over that connection, as it is told; an empty queue says that there is no such service.
    pub fn over(rabbit: Arc<Rabbit>, config: &OrdersConfig) -> anyhow::Result<Self> {
        let (queue, patience) = (config.orders_queue.clone(), Duration::from_millis(config.orders_timeout_ms));
        Self::by((!queue.is_empty()).then_some(Way { rabbit, queue, patience }))
    }

    /// There is no such service: what customers say of orders is kept as they say it.
    pub fn none() -> anyhow::Result<Self> {
        Self::by(None)
    }

    fn by(way: Option<Way>) -> anyhow::Result<Self> {
        let counter = |name: &str, help: &str, label: &str| IntCounterVec::new(Opts::new(name, help), &[label]);
        Ok(Self(Arc::new(Parts {
            way,
            breaker: Breaker::new(SILENCES, REST),
            answers: counter("order_answers_total", "What came of questions to the orders service", "answer")?,
            resting: IntGauge::new("order_breaker_open", "1 while the orders service is left alone because it was silent")?,
            checks: counter("order_checks_total", "What came of comparing tickets with their orders", "outcome")?,
        })))
    }

    /// Shows on /metrics what came of it.
    pub fn register(&self, registry: &Registry) -> anyhow::Result<()> {
        registry.register(Box::new(self.0.answers.clone()))?;
        registry.register(Box::new(self.0.resting.clone()))?;
        Ok(registry.register(Box::new(self.0.checks.clone()))?)
    }

    /// Whether there is such a service.
    pub fn are_known(&self) -> bool {
        self.0.way.is_some()
    }

    /// What is known of an order, after the service's time at most; none where there is no such service.
    pub async fn ask(&self, asked: &Asked<'_>, now: DateTime<Utc>) -> Option<Finding> {
        let way = self.0.way.as_ref()?;
        let (finding, answer) = if self.0.breaker.lets(now) {
            match way.ask(asked).await {
                Ok(finding) => {
                    self.0.breaker.answered();
                    let answer = if finding == Finding::Missing { "missing" } else { "valid" };
                    (finding, answer)
                }
                Err(NoFinding::Silent(why)) => {
                    tracing::warn!(tenant = %asked.tenant, why, "the orders service has not answered");
                    self.0.breaker.failed(now);
                    (Finding::Silent, "silent")
                }
                // Neither silence nor an answer: it may be this order that the service stumbles over, or all.
                Err(NoFinding::Unable(why)) => {
                    tracing::warn!(tenant = %asked.tenant, why, "the orders service cannot say");
                    (Finding::Unable, "unable")
                }
                // One order that cannot be told is no reason to ask for no other: the service is there. Whoever asks chooses which
                // they are: nobody keeps others from asking.
                Err(NoFinding::Unreadable(why)) => {
                    tracing::warn!(tenant = %asked.tenant, why, "the orders service says what cannot be read");
                    self.0.breaker.answered();
                    (Finding::Unreadable, "unreadable")
                }
            }
        } else {
            (Finding::Silent, "not_asked")
        };
        self.0.answers.with_label_values(&[answer]).inc();
        self.0.resting.set(self.0.breaker.is_open().into());
        Some(finding)
    }

    /// Counts what came of comparing a ticket with its order.
    pub fn checked(&self, outcome: &str) {
        self.0.checks.with_label_values(&[outcome]).inc();
    }
}

impl Way {
    async fn ask(&self, asked: &Asked<'_>) -> Result<Finding, NoFinding> {
        let body = serde_json::to_vec(asked).map_err(|error| NoFinding::Unreadable(error.to_string()))?;
        let question = Question { queue: &self.queue, tenant: asked.tenant, body: &body, patience: self.patience };
        let answer = self.rabbit.ask(&question).await.map_err(|error| NoFinding::Silent(error.to_string()))?;
        judged(&answer, asked)
    }
}
