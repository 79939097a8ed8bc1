//! Acts: done anew when others get in the way, and told about even when nobody waits for the end.

use std::sync::atomic::{AtomicUsize, Ordering};

use shared::{Error, act::Act, clock::Clock, db::Db};

use crate::world::{Happened, author, database, eventually};

const EVENT: Happened = Happened { exchange: "nowhere", ticket: 1, step: 1 };

/// Events and audit rows, which are the same number.
async fn told(db: &Db) -> i64 {
    let sql = "select (select count(*) from events), (select count(*) from audit_logs)";
    let (events, rows): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut *db.read().await.unwrap()).await.unwrap();
    assert_eq!(events, rows, "each event has its row, and each row its event");
    rows
}

async fn lock(act: &mut Act, key: i64) -> shared::Result<()> {
    sqlx::query("select pg_advisory_xact_lock($1)").bind(key).execute(act.db()).await?;
    Ok(())
}

#[tokio::test]
async fn two_acts_that_lock_in_opposite_order_both_happen() {
    let (db, _) = database(5, 5).await;
    let met = tokio::sync::Barrier::new(2);
    let tries = AtomicUsize::new(0);
    let one = async |first: i64, second: i64| {
        db.act(author(), &Clock::System, async |act: &mut Act| {
            let again = tries.fetch_add(1, Ordering::SeqCst) >= 2;
            lock(act, first).await?;
            if !again {
                met.wait().await;
            }
            lock(act, second).await?;
            act.record(&EVENT).await
        })
        .await
    };
    let (left, right) = tokio::join!(one(1, 2), one(2, 1));
    assert!(left.is_ok() && right.is_ok(), "{left:?} {right:?}");
    assert_eq!(tries.load(Ordering::SeqCst), 3, "the victim was run once more");
    assert_eq!(told(&db).await, 2, "each happened once");
}

#[tokio::test]
async fn an_act_that_never_gets_through_is_tried_three_times() {
    let (db, _) = database(5, 5).await;
    let tries = AtomicUsize::new(0);
    let done = db
        .act(author(), &Clock::System, async |act: &mut Act| {
            tries.fetch_add(1, Ordering::SeqCst);
            sqlx::query("do $$ begin raise exception 'others' using errcode = '40001'; end $$").execute(act.db()).await?;
            Ok(())
        })
        .await;
    assert!(matches!(done, Err(Error::Contended)), "{done:?}");
    assert_eq!(tries.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_means_that_the_database_is_not_available() {
    let (db, _) = database(5, 5).await;
    let done = db
        .act(author(), &Clock::System, async |act: &mut Act| {
            sqlx::query("set local statement_timeout = '50ms'").execute(act.db()).await?;
            sqlx::query("select pg_sleep(5)").execute(act.db()).await?;
            Ok(())
        })
        .await;
    assert!(done.as_ref().is_err_and(Error::is_out_of_time), "{done:?}");
}

#[tokio::test]
async fn a_commit_whose_author_has_left_is_told_when_it_is_done() {
    let (db, hints) = database(5, 5).await;
    // The commit itself takes half a second.
    sqlx::raw_sql(
        "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return null; end $$;
         create constraint trigger slow after insert on events deferrable initially deferred for each row execute function slow()",
    )
    .execute(db.pool())
    .await
    .unwrap();
    let clock = Clock::System;
    let acting = db.act(author(), &clock, async |act: &mut Act| act.record(&EVENT).await);
    // Gone in the middle of the commit.
    assert!(tokio::time::timeout(std::time::Duration::from_millis(250), acting).await.is_err());
    assert_eq!((told(&db).await, hints.load(Ordering::SeqCst)), (0, 0), "not told before it can be seen");
    eventually(async || (hints.load(Ordering::SeqCst) == 1).then_some(())).await;
    assert_eq!(told(&db).await, 1);
}

#[tokio::test]
async fn an_act_whose_author_has_left_before_the_commit_leaves_nothing() {
    let (db, hints) = database(1, 1).await;
    let clock = Clock::System;
    let acting = db.act(author(), &clock, async |act: &mut Act| {
        act.record(&EVENT).await?;
        std::future::pending::<shared::Result<()>>().await
    });
    assert!(tokio::time::timeout(std::time::Duration::from_millis(250), acting).await.is_err());
    // The only connection is usable again, and outside any transaction.
    assert_eq!((told(&db).await, hints.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn an_act_that_fails_after_it_has_recorded_leaves_nothing() {
    let (db, hints) = database(1, 1).await;
    let failed = db
        .act(author(), &Clock::System, async |act: &mut Act| {
            act.record(&EVENT).await?;
            let rows: i64 = sqlx::query_scalar("select count(*) from audit_logs").fetch_one(act.db()).await?;
            assert_eq!(rows, 1, "it is there while the act lasts");
            Err::<(), _>(Error::conflict("conflict", "Not after all."))
        })
        .await;
    assert!(matches!(failed, Err(Error::Conflict { .. })), "{failed:?}");
    assert_eq!((told(&db).await, hints.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn an_act_whose_row_cannot_be_written_does_nothing() {
    let (db, hints) = database(1, 1).await;
    sqlx::raw_sql(
        "create function no_room() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$;
         create trigger no_room before insert on audit_logs for each row execute function no_room()",
    )
    .execute(db.pool())
    .await
    .unwrap();
    let failed = db
        .act(author(), &Clock::System, async |act: &mut Act| {
            sqlx::query("insert into settings (organisation) values ('Acme')").execute(act.db()).await?;
            act.record(&EVENT).await
        })
        .await;
    assert!(failed.is_err());
    let changed: i64 = sqlx::query_scalar("select count(*) from settings").fetch_one(db.pool()).await.unwrap();
    assert_eq!((changed, told(&db).await, hints.load(Ordering::SeqCst)), (0, 0, 0));
}
