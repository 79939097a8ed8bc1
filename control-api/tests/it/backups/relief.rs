//! What a restore keeps closed, for how long, and what becomes of one whose tenant goes meanwhile.

use std::time::Duration;

use chrono::TimeDelta;
use control_api::jobs::{Job, perform, settle, settle_failure};
use serde_json::json;
use shared::{Error, testing};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
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

/// A connection to a database on acme's server, as somebody who may do everything.
async fn admin(stored: &Stored, database: &str) -> PgConnection {
    let port = stored.place("acme").await.options.get_port();
    testing::admin_options().port(port).database(database).connect().await.expect("the server")
}

/// Acme has thousands of customers.
async fn crowd(stored: &Stored) {
    let customers = "insert into users (email, firstname, lastname, locale, password_hash, email_verified_at, created_at, updated_at)
         select 'c' || n || '@crowd.example', 'C', n::text, 'en', 'x', now(), now(), now() from generate_series(1, 3500) n;
         insert into memberships (tenant_id, user_id, role, status, created_at, updated_at)
         select t.id, u.id, 'customer', 'active', now(), now()
         from users u, tenants t
         where t.slug = 'acme' and u.email like '%@crowd.example'";
    stored.world.sql(customers).await;
}

/// From now on it is noted of whoever is written down in the copy whether the live database was closed then.
async fn watch(copy: &mut PgConnection, live: &str) {
    let watch = format!(
        "create table watched (id bigint, was_closed boolean);
         create function watch() returns trigger language plpgsql security definer as $$ begin
             insert into watched select new.id, rolconnlimit = 0 from pg_roles where rolname = '{live}';
             return new;
         end $$;
         create trigger watch before insert on users for each row execute function watch()"
    );
    sqlx::raw_sql(AssertSqlSafe(watch)).execute(copy).await.expect("watched");
}

/// Returns once somebody who is about to close the live database waits for a lock.
async fn about_to_close(server: &mut PgConnection, live: &str) {
    let waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like 'alter role ' || $1 || '%')";
    for _ in 0..300 {
        if sqlx::query_scalar(waits).bind(live).fetch_one(&mut *server).await.expect("asked") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody closes the live database");
}

#[tokio::test]
async fn however_many_people_there_are_only_those_keep_it_closed_who_change_just_before() {
    let stored = Stored::start().await;
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    let ben = stored.world.member(&ada, "ben", "agent").await;
    crowd(&stored).await;
    let taken = stored.take("acme").await;
    let job = at_swap(&stored, taken.id).await;
    assert_eq!(
        stored.world.count("select count(*) from memberships where tenant_id = (select id from tenants where slug = 'acme')").await,
        3502
    );
    let (copy, live) =
        (job.state["placed"][0].as_str().expect("a name").to_owned(), job.state["role"].as_str().expect("a name").to_owned());
    let (mut inside, mut server) = (admin(&stored, &copy).await, admin(&stored, "postgres").await);
    watch(&mut inside, &live).await;
    // One comes before the live database is about to be closed, and two change when it is.
    let cleo = stored.world.member(&ada, "cleo", "agent").await;
    let mut gate = admin(&stored, "postgres").await;
    sqlx::raw_sql(AssertSqlSafe(format!("begin; alter role {live} connection limit -1"))).execute(&mut gate).await.expect("held");
    let (app, swapping) = (stored.app().clone(), job.clone());
    let swapping = tokio::spawn(async move { perform(&app, &swapping).await });
    about_to_close(&mut server, &live).await;
    let dora = stored.world.member(&ada, "dora", "manager").await;
    stored.world.patch(&format!("/api/v1/members/{}", ben.id)).by(&ada).json(json!({ "role": "manager" })).await.expect(200);
    sqlx::raw_sql("rollback").execute(&mut gate).await.expect("let go");
    let performed = swapping.await.expect("it ended").expect("done");
    let watched = async |was_closed: bool| {
        let ids = sqlx::query_scalar("select id from watched where was_closed = $1 order by id limit 10").bind(was_closed);
        let mut inside = admin(&stored, &copy).await;
        ids.fetch_all(&mut inside).await.expect("rows") as Vec<i64>
    };
    assert_eq!((watched(false).await, watched(true).await), (vec![cleo.id], vec![ben.id, dora.id]));
    assert!(settle(stored.app(), &job, &performed).await.expect("noted").is_none());
    let all = "select count(*) from users where role = 'customer' and email like '%@crowd.example'";
    assert_eq!(stored.number("acme", all).await, 3500);
    for (person, role) in [(&ben, "manager"), (&cleo, "agent"), (&dora, "manager")] {
        let known = format!("select count(*) from users where id = {} and role = '{role}' and active", person.id);
        assert_eq!(stored.number("acme", &known).await, 1, "{}", person.email);
    }
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
