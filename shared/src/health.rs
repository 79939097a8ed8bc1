//! Health: alive, ready to serve, and the state of each part with its latency (P-11).

use std::{future::Future, time::Instant};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Error, Result};

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It answers.
    Ok,
    /// Something is missing that we can do without for a while.
    Degraded,
    /// It does not answer.
    Down,
}

/// One part that we stand on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Part {
    /// Its name: database, redis, broker, storage.
    pub name: &'static str,
    /// Whether it answers.
    pub status: Condition,
    /// How long the answer took, in milliseconds.
    pub latency_ms: f64,
    /// Whether we can serve at all without it.
    #[serde(skip)]
    pub vital: bool,
}

/// The whole.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Health {
    /// `down` when a vital part is, `degraded` when another is.
    pub status: Condition,
    /// Each part.
    pub parts: Vec<Part>,
    /// Database connections of this process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pools: Option<Pools>,
}

/// Database connections of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pools {
    /// Databases that it has opened.
    pub open: usize,
    /// Connections, idle ones too.
    pub connections: usize,
    /// How many there may be.
    pub max: usize,
}

/// Asks one part and takes the time.
pub async fn probe(name: &'static str, vital: bool, ask: impl Future<Output = Result<(), Error>>) -> Part {
    let started = Instant::now();
    let status = if ask.await.is_ok() { Condition::Ok } else { Condition::Down };
    Part { name, status, latency_ms: started.elapsed().as_micros() as f64 / 1000.0, vital }
}

impl Health {
    /// Sums the parts up.
    pub fn of(parts: Vec<Part>) -> Self {
        let down = |part: &&Part| part.status == Condition::Down;
        let status = match parts.iter().filter(down).map(|p| p.vital).max() {
            Some(true) => Condition::Down,
            Some(false) => Condition::Degraded,
            None => Condition::Ok,
        };
        Self { status, parts, pools: None }
    }

    /// The same with the process's connections.
    pub fn with_pools(self, pools: Pools) -> Self {
        Self { pools: Some(pools), ..self }
    }
}

impl IntoResponse for Health {
    fn into_response(self) -> Response {
        let status = if self.status == Condition::Down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        (status, axum::Json(self)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_part_weighs_as_much_as_it_is_needed() {
        let part = |status, vital| Part { name: "x", status, latency_ms: 0.0, vital };
        for (parts, whole) in [
            (vec![part(Condition::Ok, true), part(Condition::Ok, false)], Condition::Ok),
            (vec![part(Condition::Ok, true), part(Condition::Down, false)], Condition::Degraded),
            (vec![part(Condition::Down, true), part(Condition::Down, false)], Condition::Down),
        ] {
            assert_eq!(Health::of(parts).status, whole);
        }
    }
}
