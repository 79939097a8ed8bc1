//! The instance's connections, as the server counts them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use shared::{
    Error,
    db::{self, Budget, Db},
    testing,
};
use sqlx::{PgPool, migrate::Migrator, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::world::eventually;

static TENANT: Migrator = sqlx::migrate!("../migrations/tenant");

struct Server {
    name: String,
    options: PgConnectOptions,
    aside: PgPool,
}

impl Server {
    async fn new() -> Self {
        let name = format!("c{}", Uuid::now_v7().simple());
        let options = testing::database("tenant", &TENANT).await;
        let aside = testing::pool(&options).await;
        Self { options: db::options(options, &name), aside, name }
    }

    fn db(&self, own: usize, budget: &Budget) -> Db {
        Db::new(self.options.clone(), own, budget, Arc::new(|| ()))
    }

    async fn open(&self) -> i64 {
        let sql = "select count(*) from pg_stat_activity where application_name = $1";
        sqlx::query_scalar(sql).bind(&self.name).fetch_one(&self.aside).await.unwrap()
    }
}

async fn use_once(db: &Db) -> shared::Result<()> {
    sqlx::query("select 1").execute(&mut *db.read().await?).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tenants_at_once_never_hold_more_than_the_instance_may() {
    let (server, budget) = (Server::new().await, db::budget(4));
    let tenants: Vec<Db> = (0..10).map(|_| server.db(3, &budget)).collect();
    let (most, stop) = (AtomicI64::new(0), AtomicBool::new(false));
    let watch = async {
        while !stop.load(Ordering::SeqCst) {
            most.fetch_max(server.open().await, Ordering::SeqCst);
        }
    };
    let work = async {
        let all = tenants.iter().flat_map(|db| (0..3).map(move |_| use_once(db)));
        let done = futures::future::join_all(all).await;
        stop.store(true, Ordering::SeqCst);
        done.into_iter().filter(Result::is_ok).count()
    };
    let (_, served) = tokio::join!(watch, work);
    assert!(served > 0 && budget.open() <= 4, "{served}");
    // The server takes a moment to notice that one has said goodbye, as one more comes.
    assert!(most.load(Ordering::SeqCst) <= 5, "{}", most.load(Ordering::SeqCst));
    eventually(async || (server.open().await <= 4).then_some(())).await;
}

#[tokio::test]
async fn a_tenant_that_takes_all_it_can_does_not_keep_another_waiting() {
    let (server, budget) = (Server::new().await, db::budget(2));
    let (greedy, modest) = (server.db(2, &budget), server.db(2, &budget));
    let (stop, turns) = (AtomicBool::new(false), AtomicUsize::new(0));
    let hog = async || {
        while !stop.load(Ordering::SeqCst) {
            let Ok(mut connection) = greedy.read().await else { continue };
            sqlx::query("select pg_sleep(0.02)").execute(&mut *connection).await.unwrap();
            turns.fetch_add(1, Ordering::SeqCst);
        }
    };
    let other = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut served = 0;
        for _ in 0..5 {
            served += usize::from(use_once(&modest).await.is_ok());
        }
        stop.store(true, Ordering::SeqCst);
        served
    };
    let (.., served) = tokio::join!(hog(), hog(), hog(), hog(), hog(), hog(), other);
    // All of them, unless the machine is so busy that connecting alone takes too long.
    assert!(served >= 3, "{served}");
    assert!(turns.load(Ordering::SeqCst) > 5);
}

#[tokio::test]
async fn whoever_needs_a_second_connection_waits_a_moment_for_the_first_before_another_tenants_is_closed() {
    let (server, budget) = (Server::new().await, db::budget(2));
    let (acme, globex) = (server.db(2, &budget), server.db(2, &budget));
    let mut kept = 0;
    for _ in 0..10 {
        use_once(&acme).await.unwrap();
        let (one, two) = tokio::join!(use_once(&globex), use_once(&globex));
        kept += one.and(two).map(|()| acme.connections()).unwrap();
    }
    // On a busy machine a moment may be too short now and then.
    assert!(kept > 5, "acme's was there still after {kept} of 10");
    let _held = globex.read().await.unwrap();
    let _second = globex.read().await.expect("the first does not come back, so acme's makes room");
    assert_eq!((acme.connections(), budget.open()), (0, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_over_nearly_as_many_databases_as_connections_does_not_open_them_again_and_again() {
    let (server, budget, opened) = (Server::new().await, db::budget(24), Arc::new(AtomicUsize::new(0)));
    let counted = |db: Db| {
        let opened = opened.clone();
        db.checked(Arc::new(move |_| {
            opened.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        }))
    };
    let tenants: Vec<Db> = (0..20).map(|_| counted(server.db(5, &budget))).collect();
    let visits = async |first: usize| {
        for turn in 0..50 {
            use_once(&tenants[(first * 7 + turn * 11) % 20]).await.unwrap();
        }
    };
    futures::future::join_all((0..16).map(visits)).await;
    let opened = opened.load(Ordering::SeqCst);
    assert!((20..100).contains(&opened), "{opened} were opened for 800 visits");
}

#[tokio::test]
async fn work_that_nobody_waits_for_leaves_connections_to_requests() {
    let (server, budget) = (Server::new().await, db::budget(4));
    let db = server.db(3, &budget);
    let held = db.passing().read().await.unwrap();
    let mut next = std::pin::pin!(async { use_once(&db.behind()).await });
    assert!(futures::poll!(&mut next).is_pending(), "it has one of three");
    let requests = futures::future::try_join_all([db.read(), db.read()]).await.expect("the others are theirs");
    drop(requests);
    drop(held);
    next.await.expect("its turn has come");
    use_once(&server.db(1, &budget).behind()).await.expect("whoever has one alone shares it");
    // Over all databases it has a fifth, one here.
    let held = db.passing().read().await.unwrap();
    let mut next = std::pin::pin!(async { use_once(&server.db(3, &budget).passing()).await });
    assert!(futures::poll!(&mut next).is_pending(), "another tenant's waits, too");
    drop(held);
    next.await.expect("its turn has come");
}

#[tokio::test]
async fn what_is_due_waits_for_no_other_work_and_has_its_own_bound() {
    let (server, budget) = (Server::new().await, db::budget(4));
    let (db, other) = (server.db(3, &budget), server.db(3, &budget));
    let busy = db.passing().read().await.unwrap();
    let mut behind = std::pin::pin!(async { use_once(&other.passing()).await });
    assert!(futures::poll!(&mut behind).is_pending(), "all turns of other work are taken");
    for db in [&db, &other] {
        use_once(&db.passing().due()).await.expect("what is due has turns of its own");
    }
    let held = other.due().read().await.unwrap();
    let mut due = std::pin::pin!(async { use_once(&db.due()).await });
    assert!(futures::poll!(&mut due).is_pending(), "a seventh, one here");
    drop((held, busy));
    due.await.expect("its turn has come");
    behind.await.expect("its turn has come");
}

#[tokio::test]
async fn who_finds_everything_taken_hears_so_in_time_and_leaves_no_trace() {
    let (server, budget) = (Server::new().await, db::budget(1));
    let (one, two) = (server.db(1, &budget), server.db(1, &budget));
    let held = one.read().await.unwrap();
    let began = Instant::now();
    assert!(matches!(use_once(&two).await, Err(Error::Unavailable("database"))));
    assert!(began.elapsed() < Duration::from_secs(2));
    drop(held);
    use_once(&two).await.expect("there is room again");
    assert_eq!(budget.open(), 1);
}

#[tokio::test]
async fn who_has_no_connection_gets_one_in_time_while_others_keep_the_process_busy() {
    let (server, budget) = (Server::new().await, db::budget(1));
    // Each turn of all tasks takes 6 ms: 800 of them would be five seconds.
    for _ in 0..60 {
        tokio::spawn(async {
            loop {
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_micros(100) {}
                tokio::task::yield_now().await;
            }
        });
    }
    use_once(&server.db(1, &budget)).await.expect("a connection");
}

#[tokio::test]
async fn who_leaves_while_a_connection_is_opened_leaves_none_behind() {
    let (server, budget) = (Server::new().await, db::budget(1));
    let db = server.db(1, &budget);
    for wait in [0, 1, 3, 10, 30] {
        let _ = tokio::time::timeout(Duration::from_millis(wait), db.read()).await;
        use_once(&server.db(1, &budget)).await.expect("the only slot is free again");
    }
    eventually(async || (server.open().await <= 1).then_some(())).await;
    assert_eq!(budget.open(), 1);
}

#[tokio::test]
async fn whoever_passes_by_leaves_no_connection_behind() {
    let (server, budget) = (Server::new().await, db::budget(4));
    let db = server.db(2, &budget);
    use_once(&db.passing()).await.unwrap();
    eventually(async || (budget.open() == 0 && server.open().await == 0).then_some(())).await;
    // One that stood there is left as it was found, for longer than a passer-by's own.
    use_once(&db).await.unwrap();
    use_once(&db.passing()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(4500)).await;
    assert_eq!((budget.open(), server.open().await), (1, 1));
}

#[tokio::test]
async fn a_connection_that_has_ended_is_not_lent_again() {
    let (server, budget) = (Server::new().await, db::budget(1));
    let db = server.db(1, &budget);
    let mut connection = db.read().await.unwrap();
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *connection).await.unwrap();
    sqlx::query("select pg_terminate_backend($1)").bind(pid).execute(&server.aside).await.unwrap();
    assert!(sqlx::query("select 1").execute(&mut *connection).await.is_err());
    drop(connection);
    use_once(&db).await.expect("a new one");
}

#[tokio::test]
async fn a_connection_that_ended_while_it_rested_costs_nobody_a_request() {
    let (server, budget) = (Server::new().await, db::budget(1));
    let db = server.db(1, &budget);
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *db.read().await.unwrap()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    sqlx::query("select pg_terminate_backend($1)").bind(pid).execute(&server.aside).await.unwrap();
    use_once(&db).await.expect("a new one");
    assert_eq!(budget.open(), 1);
}
