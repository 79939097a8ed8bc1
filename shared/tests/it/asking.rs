//! Questions over the real RabbitMQ: each asker gets their own answer, and nobody waits for one that cannot come.

use std::time::{Duration, Instant};

use futures::{StreamExt, future::join_all};
use lapin::{
    BasicProperties,
    options::{BasicConsumeOptions, BasicPublishOptions},
    types::FieldTable,
};
use shared::broker::{Question, Rabbit};
use uuid::Uuid;

use crate::world::{Bench, amqp};

const LONG: Duration = Duration::from_secs(5);

fn question<'a>(queue: &'a str, body: &'a [u8], patience: Duration) -> Question<'a> {
    Question { queue, tenant: Uuid::nil(), body, patience }
}

/// Reads a queue and sends each question back as its answer, unless it begins with an exclamation mark.
async fn echo(bench: &Bench, queue: &str) {
    let channel = bench.channel.clone();
    let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let mut questions = channel.basic_consume(queue.into(), "echo".into(), options, FieldTable::default()).await.expect("read");
    tokio::spawn(async move {
        while let Some(Ok(asked)) = questions.next().await {
            let (to, id) = (asked.properties.reply_to().clone(), asked.properties.correlation_id().clone());
            let (Some(to), Some(id), false) = (to, id, asked.data.starts_with(b"!")) else { continue };
            let answer = BasicProperties::default().with_correlation_id(id);
            channel.basic_publish("".into(), to, BasicPublishOptions::default(), &asked.data, answer).await.expect("sent");
        }
    });
}

#[tokio::test]
async fn each_asker_gets_their_own_answer_and_who_asks_into_the_void_hears_so_at_once() {
    let bench = Bench::new().await;
    let queue = bench.tap().await;
    echo(&bench, &queue).await;
    let rabbit = Rabbit::new(&amqp(), Vec::new());
    let bodies: Vec<Vec<u8>> = (0..200).map(|n: u32| n.to_string().into_bytes()).collect();
    let begun = Instant::now();
    let answers = join_all(bodies.iter().enumerate().map(|(n, body)| {
        let to = if n % 10 == 0 { "test.no.such.queue" } else { queue.as_str() };
        let (rabbit, body) = (&rabbit, body.as_slice());
        async move { rabbit.ask(&question(to, body, LONG)).await }
    }))
    .await;
    for (n, (answer, body)) in answers.iter().zip(&bodies).enumerate() {
        assert_eq!(answer.as_ref().ok(), (n % 10 != 0).then_some(body), "question {n}");
    }
    assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
    bench.clean().await;
}

#[tokio::test]
async fn silence_ends_with_the_askers_patience_and_keeps_no_other_waiting() {
    let bench = Bench::new().await;
    let queue = bench.tap().await;
    echo(&bench, &queue).await;
    let rabbit = Rabbit::new(&amqp(), Vec::new());
    let patience = Duration::from_millis(800);
    let (silence, answer) = (question(&queue, b"!", patience), question(&queue, b"x", LONG));
    rabbit.ask(&answer).await.expect("an answer");
    let begun = Instant::now();
    let (silent, answered) = tokio::join!(rabbit.ask(&silence), async { (rabbit.ask(&answer).await, begun.elapsed()) });
    assert!(silent.is_err() && begun.elapsed() >= patience && begun.elapsed() < LONG);
    assert!(answered.0.is_ok() && answered.1 < patience, "{:?}", answered.1);
    // Whoever has left in the middle of a question leaves the line as it was.
    let leaving = tokio::time::timeout(Duration::from_millis(50), rabbit.ask(&silence)).await;
    assert!(leaving.is_err());
    assert_eq!(rabbit.ask(&answer).await.expect("an answer"), b"x");
    bench.clean().await;
}

#[tokio::test]
async fn a_question_that_nobody_has_taken_in_time_is_thrown_away() {
    let bench = Bench::new().await;
    let queue = bench.tap().await;
    let rabbit = Rabbit::new(&amqp(), Vec::new());
    let body = serde_json::json!({ "late": true }).to_string().into_bytes();
    assert!(rabbit.ask(&question(&queue, &body, Duration::from_millis(300))).await.is_err());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(bench.take(&queue).await.is_empty());
    bench.clean().await;
}
