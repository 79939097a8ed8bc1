//! Consuming from the real RabbitMQ: once, again after a failure, for as long as something is away,
//! and in the end with the dead.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use shared::broker::{Message, Outcome, Rabbit, consume};
use tokio_util::sync::CancellationToken;

use crate::world::{Bench, amqp, eventually};

type Seen = Arc<Mutex<Vec<(Instant, Message)>>>;

/// A reader that answers as `answer` says, by the number of the delivery.
fn read(bench: &Bench, answer: fn(usize) -> Outcome) -> (Seen, CancellationToken, tokio::task::JoinHandle<()>) {
    let (seen, stop) = (Seen::default(), CancellationToken::new());
    let kept = seen.clone();
    let react = async move |message: Message| {
        let n = {
            let mut seen = kept.lock().unwrap();
            seen.push((Instant::now(), message));
            seen.len()
        };
        answer(n)
    };
    let reading = tokio::spawn(consume(amqp(), bench.queue, react, stop.clone()));
    (seen, stop, reading)
}

fn count(seen: &Seen) -> usize {
    seen.lock().unwrap().len()
}

#[tokio::test]
async fn a_failure_is_tried_again_after_2_4_and_8_seconds_and_then_lies_with_the_dead() {
    let bench = Bench::new().await;
    let rabbit = Rabbit::new(&amqp(), vec![bench.queue]);
    let sent = bench.out(1, 1);
    rabbit.publish(std::slice::from_ref(&sent)).await.expect("published");
    let (seen, stop, reading) = read(&bench, |_| Outcome::Retry("on purpose".into()));
    eventually(async || (count(&seen) == 3).then_some(())).await;
    eventually(async || (count(&seen) == 4).then_some(())).await;
    let dead = eventually(async || bench.take(&bench.queue.dead()).await.pop()).await;
    assert_eq!(dead, serde_json::from_slice::<serde_json::Value>(&sent.message.body).unwrap(), "as it was");
    let seen = seen.lock().unwrap().clone();
    let pauses: Vec<u64> = seen.windows(2).map(|pair| (pair[1].0 - pair[0].0).as_secs()).collect();
    assert_eq!(pauses, [2, 4, 8]);
    assert!(seen.iter().all(|(_, m)| m.id == sent.message.id && m.tenant == sent.message.tenant), "the same message each time");
    stop.cancel();
    reading.await.unwrap();
    bench.clean().await;
}

#[tokio::test]
async fn waiting_for_what_is_away_uses_up_no_try_and_success_ends_it() {
    let bench = Bench::new().await;
    let rabbit = Rabbit::new(&amqp(), vec![bench.queue]);
    rabbit.publish(&[bench.out(1, 1)]).await.expect("published");
    // One wait of eight seconds, then a failure that is the first.
    let answer = |n| match n {
        1 => Outcome::Wait("database"),
        2 => Outcome::Retry("on purpose".into()),
        _ => Outcome::Done,
    };
    let (seen, stop, reading) = read(&bench, answer);
    eventually(async || (count(&seen) == 2).then_some(())).await;
    eventually(async || (count(&seen) == 3).then_some(())).await;
    let times: Vec<Instant> = seen.lock().unwrap().iter().map(|(at, _)| *at).collect();
    assert_eq!(((times[1] - times[0]).as_secs(), (times[2] - times[1]).as_secs()), (8, 2));
    eventually(async || rabbit.depths().await.ok().filter(|d| d.iter().all(|(_, n)| *n == 0))).await;
    stop.cancel();
    reading.await.unwrap();
    bench.clean().await;
}

#[tokio::test]
async fn what_can_never_work_and_what_panics_do_not_stop_the_others() {
    let bench = Bench::new().await;
    let rabbit = Rabbit::new(&amqp(), vec![bench.queue]);
    rabbit.publish(&[bench.out(1, 1), bench.out(2, 1), bench.out(3, 1)]).await.expect("published");
    let answer = |n| match n {
        1 => Outcome::GiveUp("on purpose".into()),
        2 => panic!("on purpose"),
        _ => Outcome::Done,
    };
    let (seen, stop, reading) = read(&bench, answer);
    eventually(async || (count(&seen) >= 3).then_some(())).await;
    eventually(async || bench.take(&bench.queue.dead()).await.pop()).await;
    stop.cancel();
    reading.await.unwrap();
    bench.clean().await;
}

#[tokio::test]
async fn a_reaction_that_hangs_does_not_keep_the_process_from_stopping_and_its_message_comes_again() {
    let bench = Bench::new().await;
    let rabbit = Rabbit::new(&amqp(), vec![bench.queue]);
    rabbit.publish(&[bench.out(1, 1)]).await.expect("published");
    let (stop, began) = (CancellationToken::new(), Arc::new(tokio::sync::Notify::new()));
    let told = began.clone();
    let hang = async move |_: Message| {
        told.notify_one();
        std::future::pending().await
    };
    let reading = tokio::spawn(consume(amqp(), bench.queue, hang, stop.clone()));
    began.notified().await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(8), reading).await.expect("it stops").unwrap();
    let (seen, stop, reading) = read(&bench, |_| Outcome::Done);
    eventually(async || (count(&seen) == 1).then_some(())).await;
    stop.cancel();
    reading.await.unwrap();
    bench.clean().await;
}

#[tokio::test]
async fn a_broker_that_hangs_does_not_keep_the_process_from_stopping() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("amqp://guest:guest@{}/%2f", listener.local_addr().expect("its address"));
    let bench = Bench::new().await;
    let stop = CancellationToken::new();
    let reading = tokio::spawn(consume(url.into(), bench.queue, async |_| Outcome::Done, stop.clone()));
    let (_socket, _) = listener.accept().await.expect("it connects");
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(1), reading).await.expect("it stops at once").unwrap();
    bench.clean().await;
}
