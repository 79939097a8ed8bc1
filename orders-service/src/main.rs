//! Runs the orders service of a local stack. `AMQP_URL` says where its RabbitMQ is.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use clap::Parser;
use orders_service::{Book, Names, Order, Service};
use tokio::signal::unix::{SignalKind, signal};

/// An orders service to try Helpdeskly with
#[derive(Parser)]
struct Cli {
    /// Orders that there are besides those that follow from their ids: a JSON list
    #[arg(long)]
    orders: Option<PathBuf>,
    /// Queue of questions
    #[arg(long, default_value = "orders.rpc")]
    questions: String,
    /// Queue of commands
    #[arg(long, default_value = "orders.commands")]
    commands: String,
    /// Exchange of events
    #[arg(long, default_value = "orders_exchange")]
    exchange: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    shared::start_tls();
    let (cli, url) = (Cli::parse(), std::env::var("AMQP_URL").context("AMQP_URL")?);
    let names = Names { questions: cli.questions, commands: cli.commands, exchange: cli.exchange };
    let mut book = Book::default();
    if let Some(path) = &cli.orders {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        for order in serde_json::from_str::<Vec<Order>>(&text).with_context(|| path.display().to_string())? {
            book.put(order);
        }
    }
    let mut told = signal(SignalKind::terminate())?;
    loop {
        match Service::start(&url, &names, book.clone()).await {
            Ok(service) => {
                println!("answers questions in {}", names.questions);
                tokio::select! { () = service.ended() => {}, _ = told.recv() => return Ok(service.stop().await?) }
                println!("lost the broker after {} questions", service.desk.asked());
                book = service.desk.book();
            }
            Err(error) => println!("no broker: {error}"),
        }
        tokio::select! { () = tokio::time::sleep(Duration::from_secs(1)) => {}, _ = told.recv() => return Ok(()) }
    }
}
