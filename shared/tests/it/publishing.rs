//! Publishing: confirmed, in order per subject, never into nothing, and never more than one connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use shared::broker::{Outgoing, Rabbit};
use tokio::net::TcpListener;

use crate::world::{Bench, amqp, eventually};

fn steps(taken: &[serde_json::Value], ticket: u32) -> Vec<u64> {
    let data = taken.iter().map(|m| &m["data"]).filter(|d| d["ticket"] == ticket);
    data.map(|d| d["step"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn after_a_refusal_nothing_of_that_ticket_goes_ahead_and_others_are_not_kept() {
    let bench = Bench::new().await;
    let (full, tap) = (bench.full_queue().await, bench.tap().await);
    let rabbit = Rabbit::new(&amqp(), vec![bench.queue]);
    let all: Vec<Outgoing> = [(1, 1), (1, 2), (2, 1), (1, 3), (2, 2)].map(|(ticket, step)| bench.out(ticket, step)).into();
    // The full queue takes one message: all after that are refused, though the tap gets them too.
    let mut waiting = all.clone();
    let mut heard = Vec::new();
    for _ in 0..20 {
        let safe = rabbit.publish(&waiting).await.unwrap_or_default();
        waiting.retain(|out| !safe.contains(&out.message.id));
        heard.extend(bench.take(&tap).await);
        bench.take(&full).await;
        if waiting.is_empty() {
            break;
        }
    }
    assert!(waiting.is_empty(), "all arrive in the end");
    for (ticket, last) in [(1, 3), (2, 2)] {
        let mut steps = steps(&heard, ticket);
        // A refused message has reached the tap, and comes again: twice is fine, out of order is not.
        steps.dedup();
        assert_eq!(steps, (1..=last).collect::<Vec<u64>>(), "ticket {ticket}");
    }
    bench.clean().await;
}

#[tokio::test]
async fn an_event_whose_queue_has_lost_its_binding_is_not_confirmed_until_it_is_there_again() {
    let bench = Bench::new().await;
    let rabbit = Rabbit::new(&amqp(), vec![bench.queue]);
    assert_eq!(rabbit.publish(&[bench.out(1, 1)]).await.expect("published").len(), 1);
    let unbind = bench.channel.queue_unbind(bench.queue.name.into(), bench.queue.exchange.into(), "thing.*".into(), Default::default());
    unbind.await.expect("unbound");
    let two = [bench.out(1, 2), bench.out(1, 3)];
    assert!(rabbit.publish(&two).await.is_err(), "it came back");
    assert_eq!(rabbit.publish(&two).await.expect("bound anew").len(), 2);
    assert_eq!(steps(&bench.take(bench.queue.name).await, 1), [1, 2, 3]);
    bench.clean().await;
}

#[tokio::test]
async fn batches_that_are_published_side_by_side_do_not_take_each_others_returned_messages() {
    let bench = Bench::new().await;
    let rabbit = Rabbit::new(&amqp(), vec![bench.queue]);
    // Nobody of ours wants this topic: it is confirmed and gone, as it should be.
    let mut unheard = bench.out(2, 1);
    unheard.message.routing_key = "other".into();
    for round in 0..10 {
        rabbit.publish(&[bench.out(1, 0)]).await.expect("published");
        let unbind = bench.channel.queue_unbind(bench.queue.name.into(), bench.queue.exchange.into(), "thing.*".into(), Default::default());
        unbind.await.expect("unbound");
        let (batch, others) = ([bench.out(1, round)], [unheard.clone()]);
        let (lost, fine) = tokio::join!(rabbit.publish(&batch), rabbit.publish(&others));
        assert!(lost.is_err(), "round {round}");
        assert_eq!(fine.expect("published").len(), 1, "round {round}");
    }
    bench.clean().await;
}

/// A server that takes connections and says nothing; counts those that are open.
async fn silent() -> (String, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("amqp://guest:guest@{}/%2f", listener.local_addr().expect("its address"));
    let (open, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, ever) = (open.clone(), seen.clone());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            now.fetch_add(1, Ordering::SeqCst);
            ever.fetch_add(1, Ordering::SeqCst);
            let now = now.clone();
            tokio::spawn(async move {
                let _ = tokio::io::copy(&mut socket, &mut tokio::io::sink()).await;
                now.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (url, open, seen)
}

#[tokio::test]
async fn a_broker_that_hangs_costs_two_seconds_and_no_connection() {
    let (url, open, seen) = silent().await;
    let bench = Bench::new().await;
    let rabbit = Rabbit::new(&url.into(), vec![bench.queue]);
    for round in 1..=2 {
        let began = Instant::now();
        let batch = [bench.out(1, 1)];
        // Eight at once wait for the same attempt, and side by side.
        let tries = futures::future::join_all((0..8).map(|_| rabbit.publish(&batch))).await;
        assert!(tries.iter().all(Result::is_err));
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        eventually(async || (open.load(Ordering::SeqCst) == 0).then_some(())).await;
        assert_eq!(seen.load(Ordering::SeqCst), round);
    }
    bench.clean().await;
}

#[tokio::test]
async fn depths_tell_what_lies_in_each_queue_and_among_the_dead() {
    let bench = Bench::new().await;
    let rabbit = Rabbit::new(&amqp(), vec![bench.queue]);
    rabbit.publish(&[bench.out(1, 1), bench.out(1, 2)]).await.expect("published");
    let depths = async || {
        let depths = rabbit.depths().await.expect("asked");
        (depths[0].1 == 2).then_some(depths)
    };
    assert_eq!(eventually(depths).await, [(bench.queue.name.to_owned(), 2), (bench.queue.dead(), 0)]);
    bench.clean().await;
}
