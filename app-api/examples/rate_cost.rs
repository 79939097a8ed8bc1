//! What counting a request costs, in microseconds of CPU: `scripts/bench rates`. Asks the Redis of
//! `REDIS_URL`. On one thread, so that the thread's time on the CPU is all there is.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use axum::{Router, body::Body, http::Request, routing::get};
use prometheus::Registry;
use secrecy::SecretString;
use shared::{
    audit::Failures,
    auth::jwt::{Grant, Tokens},
    cache::Cache,
    clock::Clock,
    http::{Edge, HttpMetrics, layered, rate_limit::Limits},
};
use tower::ServiceExt;
use uuid::Uuid;

const PEOPLE: i64 = 10;
/// Below a person's rate and a tenant's: nobody is refused.
const EACH: u32 = 500;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url: SecretString = std::env::var("REDIS_URL").context("REDIS_URL")?.into();
    let tokens = Tokens::new("k1", &"a secret of the bench, 32 bytes long".into(), None);
    let counting = |url: &SecretString| -> Result<Limits> {
        Ok(Limits::new(&[], tokens.clone(), Clock::System, Cache::new(url, &Uuid::now_v7().to_string())?))
    };
    let nowhere = "redis://127.0.0.1:1".to_owned().into();
    let mut figures = Vec::new();
    for (name, limits) in [("off", Limits::off()), ("redis", counting(&url)?), ("alone", counting(&nowhere)?)] {
        figures.push((name, cost(limits, &tokens).await?));
    }
    let off = figures[0].1;
    for (name, cost) in figures {
        println!("{name}\t{:.1} us a request, {:.1} us more than without limits", micros(cost), micros(cost) - micros(off));
    }
    Ok(())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The CPU that one request takes, on average. The second of two rounds counts.
async fn cost(limits: Limits, tokens: &Tokens) -> Result<Duration> {
    let (failures, _) = Failures::new(Clock::System)?;
    let edge = Edge::plain(HttpMetrics::register(&Registry::new())?, [].into(), failures, limits);
    let router = layered(Router::new().route("/", get(async || "")), edge);
    round(&router, tokens).await?;
    round(&router, tokens).await
}

async fn round(router: &Router, tokens: &Tokens) -> Result<Duration> {
    let tenant = Uuid::now_v7();
    let grant = |user_id| Grant { user_id, tenant, role: "agent".into(), session: Uuid::nil(), amr: vec!["pwd".into()] };
    let bearers = (0..PEOPLE).map(|user| tokens.issue(&grant(user), Clock::System.now())).collect::<Result<Vec<_>, _>>()?;
    let begun = on_cpu()?;
    for _ in 0..EACH {
        for bearer in &bearers {
            let request = Request::get("/").header("authorization", format!("Bearer {bearer}")).body(Body::empty())?;
            let answer = router.clone().oneshot(request).await?;
            anyhow::ensure!(answer.status() == 200, "{}", answer.status());
        }
    }
    Ok((on_cpu()? - begun) / (EACH * PEOPLE as u32))
}

/// This thread's time on the CPU.
fn on_cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(stat.split(' ').next().context("a first number")?.parse()?))
}
