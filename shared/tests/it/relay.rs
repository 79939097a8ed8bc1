//! The relay: one holder at a time by the database's clock, nothing written where nothing waits, and
//! the order of a ticket's events kept whatever the broker refuses.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use shared::{
    broker::{Broker, Message, Rabbit},
    clock::Clock,
    db::Db,
    outbox,
};
use uuid::Uuid;

use crate::world::{Bench, Happened, amqp, database, happen};

const EXCHANGE: &str = "nowhere";

fn memory() -> (Broker, Arc<Mutex<Vec<Message>>>) {
    let kept = Arc::default();
    (Broker::Memory(Arc::clone(&kept)), kept)
}

async fn relay(db: &Db, broker: &Broker, clock: &Clock) -> shared::Result<outbox::Relayed> {
    outbox::relay(db, Some(Uuid::nil()), Uuid::now_v7(), broker, clock).await
}

async fn leases(db: &Db) -> i64 {
    sqlx::query_scalar("select count(*) from relay_lease").fetch_one(db.pool()).await.unwrap()
}

async fn hold(db: &Db, until: &'static str) {
    let sql = "insert into relay_lease (holder, until) values (gen_random_uuid(), now() + $1::interval) on conflict (only_row) do update set until = excluded.until";
    sqlx::query(sql).bind(until).execute(db.pool()).await.unwrap();
}

#[tokio::test]
async fn a_database_where_nothing_waits_is_not_written_to() {
    let (db, _) = database(5, 5).await;
    let (broker, _) = memory();
    let guard = "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'written'; end $$;
                 create trigger refuse before insert or update or delete on relay_lease for each statement execute function refuse()";
    sqlx::raw_sql(guard).execute(db.pool()).await.unwrap();
    let done = relay(&db, &broker, &Clock::System).await.unwrap();
    assert_eq!((done.published, done.held_elsewhere), (0, false));
    happen(&db, &Happened { exchange: EXCHANGE, ticket: 1, step: 1 }).await;
    assert!(relay(&db, &broker, &Clock::System).await.is_err(), "the guard guards");
}

#[tokio::test]
async fn whoever_is_done_lets_the_next_one_go_on_at_once() {
    let (db, _) = database(5, 5).await;
    let (broker, kept) = memory();
    for step in 1..=2 {
        happen(&db, &Happened { exchange: EXCHANGE, ticket: 1, step }).await;
        // Each time another holder.
        assert_eq!(relay(&db, &broker, &Clock::System).await.unwrap(), outbox::Relayed { published: 1, held_elsewhere: false });
    }
    assert_eq!(kept.lock().unwrap().len(), 2);
    assert_eq!(leases(&db).await, 0);
}

#[tokio::test]
async fn an_event_of_no_tenant_is_told_to_nobody_and_holds_nobody_up() {
    let (db, _) = database(5, 5).await;
    let (broker, kept) = memory();
    // One says that it is nobody's; the other has forgotten to say whose it is.
    for (step, data) in [(1, r#"{"tenant_id": null}"#), (2, "{}"), (3, r#"{"tenant_id": "00000000-0000-0000-0000-000000000007"}"#)] {
        happen(&db, &Happened { exchange: EXCHANGE, ticket: 1, step }).await;
        let told = sqlx::query("update events set data = $1::text::jsonb where seq = (select max(seq) from events)").bind(data);
        told.execute(db.pool()).await.unwrap();
    }
    let relayed = outbox::relay(&db, None, Uuid::now_v7(), &broker, &Clock::System).await.unwrap();
    assert_eq!(relayed, outbox::Relayed { published: 1, held_elsewhere: false });
    let told: Vec<Uuid> = kept.lock().unwrap().iter().map(|message| message.tenant).collect();
    assert_eq!(told, [Uuid::from_u128(7)]);
    let (waiting, oldest) = outbox::backlog(&db).await.unwrap();
    assert_eq!((waiting, oldest), (0, None));
    assert_eq!(leases(&db).await, 0);
}

#[tokio::test]
async fn a_broker_that_is_away_leaves_no_lease_behind() {
    let (db, _) = database(5, 5).await;
    happen(&db, &Happened { exchange: EXCHANGE, ticket: 1, step: 1 }).await;
    let away = Broker::Rabbit(Arc::new(Rabbit::new(&"amqp://127.0.0.1:1".to_owned().into(), Vec::new())));
    assert!(relay(&db, &away, &Clock::System).await.is_err());
    assert_eq!(leases(&db).await, 0);
    let (broker, _) = memory();
    assert_eq!(relay(&db, &broker, &Clock::System).await.unwrap().published, 1);
}

#[tokio::test]
async fn who_holds_a_database_is_decided_by_the_databases_clock_alone() {
    let (db, _) = database(5, 5).await;
    let (broker, kept) = memory();
    happen(&db, &Happened { exchange: EXCHANGE, ticket: 1, step: 1 }).await;
    hold(&db, "10 seconds").await;
    // This machine is an hour ahead: the other's lease has not ended for that.
    let ahead = Clock::fixed(Clock::System.now() + TimeDelta::hours(1));
    assert_eq!(relay(&db, &broker, &ahead).await.unwrap(), outbox::Relayed { published: 0, held_elsewhere: true });
    assert_eq!(kept.lock().unwrap().len(), 0);
    assert_eq!(leases(&db).await, 1, "the other's lease stays");
    // This one is an hour behind: an ended lease has ended all the same.
    hold(&db, "-1 seconds").await;
    let behind = Clock::fixed(Clock::System.now() - TimeDelta::hours(1));
    assert_eq!(relay(&db, &broker, &behind).await.unwrap(), outbox::Relayed { published: 1, held_elsewhere: false });
}

#[tokio::test]
async fn two_relays_at_once_tell_each_event_once_and_in_order() {
    let (db, _) = database(5, 5).await;
    let (broker, kept) = memory();
    for step in 1..=50 {
        happen(&db, &Happened { exchange: EXCHANGE, ticket: step % 3, step }).await;
    }
    let clock = Clock::System;
    let (one, two) = tokio::join!(relay(&db, &broker, &clock), relay(&db, &broker, &clock));
    assert_eq!(one.unwrap().published + two.unwrap().published, 50);
    let steps: Vec<u64> = kept
        .lock()
        .unwrap()
        .iter()
        .map(|m| serde_json::from_slice::<serde_json::Value>(&m.body).unwrap()["data"]["step"].as_u64().unwrap())
        .collect();
    assert_eq!(steps, (1..=50).collect::<Vec<u64>>());
}

#[tokio::test]
async fn what_the_broker_refuses_waits_and_the_order_of_each_ticket_is_kept() {
    let bench = Bench::new().await;
    let (full, tap) = (bench.full_queue().await, bench.tap().await);
    let (db, _) = database(5, 5).await;
    for step in 1..=3 {
        for ticket in 1..=2 {
            happen(&db, &Happened { exchange: bench.queue.exchange, ticket, step }).await;
        }
    }
    let broker = Broker::Rabbit(Arc::new(Rabbit::new(&amqp(), vec![bench.queue])));
    // The full queue takes one message at a time.
    let mut heard = Vec::new();
    while outbox::backlog(&db).await.unwrap().0 > 0 {
        let _ = relay(&db, &broker, &Clock::System).await;
        heard.extend(bench.take(&tap).await);
        bench.take(&full).await;
        assert!(heard.len() < 100, "it comes to rest");
    }
    for ticket in 1..=2 {
        let mine = heard.iter().filter(|m| m["data"]["ticket"] == ticket);
        let mut steps: Vec<u64> = mine.map(|m| m["data"]["step"].as_u64().unwrap()).collect();
        steps.dedup();
        assert_eq!(steps, [1, 2, 3], "ticket {ticket}");
    }
    bench.clean().await;
}
