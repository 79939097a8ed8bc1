//! Imports for which the database has no time, or lacks something else for a while.

use std::time::Duration;

use serde_json::json;
use shared::session::Role;

use super::{
    broken_off::{many, runs, state},
    counts, errors, goes_on, run, sent,
};
use crate::world::TestApp;

/// One ticket for which the database has no lock, though it would have time.
const NO_LOCK: &str = "create function has_no_lock() returns trigger language plpgsql as $$
    begin
        if new.subject = 'Ticket 250' then raise 'no lock' using errcode = 'lock_not_available'; end if;
        return new;
    end $$;
    create trigger has_no_lock before insert on support_tickets for each row execute function has_no_lock();";

#[tokio::test]
async fn whatever_the_database_lacks_for_a_while_costs_no_record_however_often_it_is_tried() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    sqlx::raw_sql(NO_LOCK).execute(&app.acme.db).await.expect("a trigger");
    let import = sent(&adam, "csv", &many(300)).await;
    runs(&adam, &import).await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    for n in 1..8 {
        assert!(app_api::worker::go_on_importing(&app.app, &tenant).await.is_err(), "the {n}. time it waits");
    }
    assert_eq!(app.acme.count("select attempts::bigint from imports").await, 0);
    sqlx::raw_sql("drop trigger has_no_lock on support_tickets").execute(&app.acme.db).await.expect("dropped");
    goes_on(&app, &app.acme).await;
    let done = state(&adam, &import).await;
    assert_eq!((&done["state"], counts(&done)), (&json!("finished"), [300, 0, 0, 0, 50]), "{done}");
    app.drain().await;
}

/// One ticket for which the database never has time enough.
const TOO_LONG: &str = "create function takes_too_long() returns trigger language plpgsql as $$
    begin
        if new.subject = 'Ticket 250' then raise 'too long' using errcode = 'query_canceled'; end if;
        return new;
    end $$;
    create trigger takes_too_long before insert on support_tickets for each row execute function takes_too_long();";

#[tokio::test]
async fn a_record_for_which_there_is_never_time_is_tried_five_times_and_keeps_no_other_from_coming() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    sqlx::raw_sql(TOO_LONG).execute(&app.acme.db).await.expect("a trigger");
    let import = sent(&adam, "csv", &many(300)).await;
    runs(&adam, &import).await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    for n in 1..5 {
        assert!(app_api::worker::go_on_importing(&app.app, &tenant).await.is_err(), "the {n}. time it waits");
    }
    goes_on(&app, &app.acme).await;
    let done = state(&adam, &import).await;
    assert_eq!((&done["state"], counts(&done)), (&json!("finished"), [299, 0, 1, 0, 50]), "{done}");
    assert_eq!(errors(&adam, &done).await, ["252  internal"]);
    app.drain().await;
}

/// Some seconds for more than twenty messages in one statement.
const SLOW: &str = "create function is_slow() returns trigger language plpgsql as $$
    begin
        if (select count(*) from added) > 20 then perform pg_sleep(3.5); end if;
        return null;
    end $$;
    create trigger is_slow after insert on ticket_messages referencing new table as added
        for each statement execute function is_slow();";

#[tokio::test]
async fn what_takes_too_long_in_several_statements_goes_on_with_fewer_records_in_the_same_visit() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    sqlx::raw_sql(SLOW).execute(&app.acme.db).await.expect("a trigger");
    let import = sent(&adam, "csv", &many(200)).await;
    runs(&adam, &import).await;
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    assert_eq!(app_api::worker::go_on_importing(&app.app, &tenant).await.expect("it goes on"), Some(Duration::ZERO));
    let after = state(&adam, &import).await;
    assert_eq!((&after["state"], counts(&after)), (&json!("running"), [20, 0, 0, 0, 20]), "{after}");
    sqlx::raw_sql("drop trigger is_slow on ticket_messages").execute(&app.acme.db).await.expect("dropped");
    goes_on(&app, &app.acme).await;
    assert_eq!(counts(&state(&adam, &import).await), [200, 0, 0, 0, 50]);
    app.drain().await;
}

/// No time for more than a hundred messages in one statement.
const TOO_MANY: &str = "create function takes_too_many() returns trigger language plpgsql as $$
    begin
        if (select count(*) from added) > 100 then raise 'too many' using errcode = 'query_canceled'; end if;
        return null;
    end $$;
    create trigger takes_too_many after insert on ticket_messages referencing new table as added
        for each statement execute function takes_too_many();";

#[tokio::test]
async fn a_long_thread_comes_in_portions_and_in_its_order() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    sqlx::raw_sql(TOO_MANY).execute(&app.acme.db).await.expect("a trigger");
    let said: Vec<String> = (1..=250).map(|n| format!("{{\"\"message\"\":\"\"Hello {n}\"\"}}")).collect();
    let file = format!("subject,email,comments\nOne,a@x.test,\"[{}]\"\n", said.join(","));
    assert_eq!(counts(&run(&app, &app.acme, &adam, "csv", file.as_bytes()).await), [1, 0, 0, 0, 1]);
    let in_order = "select count(*) from (select message, row_number() over (order by id) as n from ticket_messages) m
        where message = 'Hello ' || n";
    assert_eq!(app.acme.count(in_order).await, 250);
    app.drain().await;
}
