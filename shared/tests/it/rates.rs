//! How many come in, with the real Redis and without any.

use std::time::{Duration, Instant};

use futures::future::join_all;
use secrecy::SecretString;
use shared::{
    Error,
    auth::jwt::Tokens,
    cache::Cache,
    clock::Clock,
    http::rate_limit::{ANONYMOUS, Bucket, CUSTOMER, Limits, Rate, STAFF, TENANT},
};
use uuid::Uuid;

fn redis() -> SecretString {
    std::env::var("REDIS_URL").expect("REDIS_URL: run the tests with scripts/test").into()
}

fn no_redis() -> SecretString {
    "redis://127.0.0.1:1".to_owned().into()
}

/// One process. Those of one test share a prefix in Redis.
pub fn instance(redis: &SecretString, prefix: Uuid) -> Limits {
    let cache = Cache::new(redis, &prefix.to_string()).expect("a URL").patient();
    Limits::new(&[], Tokens::new("k1", &"0123456789abcdef0123456789abcdef".into(), None), Clock::System, cache)
}

fn bucket(rate: Rate) -> [Bucket; 1] {
    [Bucket { key: "rate:{somebody}:all".into(), rate }]
}

fn is_in(result: shared::Result<()>) -> bool {
    match result {
        Ok(()) => true,
        Err(Error::TooMany { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

/// How many of so many at once come in.
pub async fn let_in(limits: &Limits, buckets: &[Bucket], asked: usize) -> usize {
    let asking = (0..asked).map(|_| limits.take(buckets));
    join_all(asking).await.into_iter().map(is_in).filter(|is_in| *is_in).count()
}

#[tokio::test]
async fn of_200_at_once_at_two_processes_exactly_as_many_come_in_as_each_limit_has_left() {
    for rate in [Rate::a_minute(5), Rate::a_minute(10), Rate::a_minute(30), CUSTOMER, ANONYMOUS, STAFF, TENANT] {
        let prefix = Uuid::now_v7();
        let (here, there, buckets) = (instance(&redis(), prefix), instance(&redis(), prefix), bucket(rate));
        let before = (rate.times as usize).saturating_sub(100);
        assert_eq!(let_in(&here, &buckets, before).await, before, "{rate:?}: nobody is refused before");
        let (a, b) = tokio::join!(let_in(&here, &buckets, 100), let_in(&there, &buckets, 100));
        assert_eq!(a + b, rate.times as usize - before, "{rate:?}");
        assert_eq!(let_in(&there, &buckets, 20).await, 0, "{rate:?}: and nobody afterwards");
    }
}

#[tokio::test]
async fn no_window_ever_holds_more_than_the_rate() {
    let rate = Rate { times: 5, seconds: 1 };
    let (limits, buckets) = (instance(&redis(), Uuid::now_v7()), bucket(rate));
    let mut came_in = Vec::new();
    while came_in.len() < 16 {
        let asked = Instant::now();
        if is_in(limits.take(&buckets).await) {
            came_in.push((asked, Instant::now()));
        } else {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    for six in came_in.windows(6) {
        assert!(six[5].1 - six[0].0 >= Duration::from_secs(1), "six within {:?}", six[5].1 - six[0].0);
    }
}

#[tokio::test]
async fn whoever_waits_as_told_is_let_in() {
    for redis in [redis(), no_redis()] {
        let (limits, buckets) = (instance(&redis, Uuid::now_v7()), bucket(Rate { times: 2, seconds: 2 }));
        assert_eq!(let_in(&limits, &buckets, 2).await, 2);
        let Err(Error::TooMany { retry_after }) = limits.take(&buckets).await else { panic!("the third is refused") };
        assert!(retry_after <= Duration::from_secs(2), "{retry_after:?}");
        tokio::time::sleep(retry_after).await;
        assert!(is_in(limits.take(&buckets).await));
    }
}

#[tokio::test]
async fn a_full_bucket_leaves_the_others_of_the_request_uncounted() {
    let limits = instance(&redis(), Uuid::now_v7());
    let narrow = Bucket { key: "t:{acme}:rate:7:export".into(), rate: Rate::a_minute(3) };
    let wide = Bucket { key: "t:{acme}:rate:7:all".into(), rate: Rate::a_minute(10) };
    assert_eq!(let_in(&limits, &[narrow, wide.clone()], 50).await, 3);
    assert_eq!(let_in(&limits, &[wide], 50).await, 7, "the 47 refused ones did not count");
}

#[tokio::test]
async fn without_redis_each_process_lets_in_the_whole_rate_at_once_and_then_evenly() {
    let prefix = Uuid::now_v7();
    let buckets = bucket(ANONYMOUS);
    for limits in [instance(&no_redis(), prefix), instance(&no_redis(), prefix)] {
        let begun = Instant::now();
        let came_in = let_in(&limits, &buckets, 200).await;
        let refilled = begun.elapsed().as_millis() as usize / 600 + 1;
        assert!((100..=100 + refilled).contains(&came_in), "{came_in} within {:?}", begun.elapsed());
    }
}
