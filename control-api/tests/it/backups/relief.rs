//! What a restore keeps closed, for how long, and what becomes of one whose tenant goes meanwhile.

use chrono::TimeDelta;
use control_api::jobs::{Job, perform, settle, settle_failure};
use shared::Error;
use sqlx::ConnectOptions;
use uuid::Uuid;

use super::{faults::walk_to, world::Stored};

/// Whether the app plane gets into acme's database.
async fn is_closed(stored: &Stored) -> bool {
    stored.place("acme").await.options.connect().await.is_err()
}

async fn at_swap(stored: &Stored, backup: Uuid) -> Job {
    let job = stored.plan("acme", backup).await;
    walk_to(stored, job, "swap").await
}

#[tokio::test]
async fn a_swap_that_fails_keeps_nobody_out_until_the_next_try() {
    let stored = Stored::start().await;
    let (taken, before) = (stored.take("acme").await, stored.rows("acme").await);
    let job = at_swap(&stored, taken.id).await;
    perform(stored.app(), &job).await.expect("done");
    assert!(is_closed(&stored).await);
    // What the control database was to say of it could not be said.
    settle_failure(stored.app(), &job, &Error::Unavailable("database")).await.expect("noted");
    stored.opens("acme", "served").await;
    stored.world.travel(TimeDelta::seconds(2));
    stored.work().await;
    assert_eq!((stored.status(job.id).await, stored.rows("acme").await), ("done".into(), before));
    stored.clean().await;
}

#[tokio::test]
async fn who_comes_while_a_restore_ends_is_in_the_copy() {
    let stored = Stored::start().await;
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    let taken = stored.take("acme").await;
    let job = at_swap(&stored, taken.id).await;
    // The copy is fit to be served, and the live one is served still.
    let ben = stored.world.member(&ada, "ben", "agent").await;
    stored.finish(job).await;
    assert_eq!(stored.number("acme", &format!("select count(*) from users where id = {} and role = 'agent'", ben.id)).await, 1);
    stored.clean().await;
}

#[tokio::test]
async fn a_copy_that_is_gone_is_noticed_before_anybody_is_kept_out() {
    let stored = Stored::start().await;
    let taken = stored.take("acme").await;
    let job = at_swap(&stored, taken.id).await;
    let copy = job.state["placed"][0].as_str().expect("a name").to_owned();
    stored.drop_database(&copy).await;
    perform(stored.app(), &job).await.expect_err("there is no copy");
    assert!(!is_closed(&stored).await);
    stored.clean().await;
}

#[tokio::test]
async fn whoever_has_lost_the_restore_opens_nothing() {
    let stored = Stored::start().await;
    let taken = stored.take("acme").await;
    let dead = at_swap(&stored, taken.id).await;
    stored.world.travel(TimeDelta::seconds(16));
    let living = stored.claim(dead.id).await;
    let performed = perform(stored.app(), &living).await.expect("done");
    settle_failure(stored.app(), &dead, &Error::Unavailable("cluster")).await.expect("noted");
    assert!(is_closed(&stored).await, "the one who has it is about to name the copy");
    assert!(settle(stored.app(), &living, &performed).await.expect("noted").is_none());
    assert_eq!(stored.status(living.id).await, "done");
    stored.clean().await;
}

#[tokio::test]
async fn a_restore_whose_tenant_is_being_deleted_is_taken_back_and_locks_nothing() {
    let stored = Stored::start().await;
    let taken = stored.take("acme").await;
    for step in ["load", "swap"] {
        let (before, place) = (stored.rows("acme").await, stored.place("acme").await.database);
        let job = stored.plan("acme", taken.id).await;
        let job = walk_to(&stored, job, step).await;
        if step == "swap" {
            // Closed already by somebody who has died.
            perform(stored.app(), &job).await.expect("done");
        }
        stored.world.sql("update tenants set status = 'deleting' where slug = 'acme'").await;
        stored.world.travel(TimeDelta::seconds(16));
        stored.work().await;
        assert_eq!(stored.status(job.id).await, "failed", "{step}");
        assert_eq!(stored.strays().await, Vec::<String>::new(), "{step}");
        // Who takes the deletion back has everything.
        stored.world.sql("update tenants set status = 'active' where slug = 'acme'").await;
        assert_eq!((stored.rows("acme").await, stored.place("acme").await.database), (before, place), "{step}");
        stored.opens("acme", "served").await;
    }
    stored.clean().await;
}
