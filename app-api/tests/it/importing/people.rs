//! Who is known by an address alone, and what becomes of them.

use serde_json::{Value, json};
use shared::{broker::Outcome, session::Role};

use super::{IMPORTS, counts, goes_on, is_waited_for, keeps, run, sent};
use crate::world::{TestApp, minutes};

const FILE: &[u8] = b"id,subject,email,comments\n\
    1,One,new@acme.test,\"[{\"\"message\"\":\"\"Please\"\"}]\"\n\
    2,Two,new@acme.test,\n\
    3,Three,other@acme.test,\n";

#[tokio::test]
async fn whoever_proves_the_address_has_the_tickets_and_nobody_else_has() {
    let app = TestApp::start().await;
    let (adam, dan) = (app.acme.person("adam", Role::Admin).await, app.acme.customer("dan").await);
    assert_eq!(counts(&run(&app, &app.acme, &adam, "csv", FILE).await), [3, 0, 0, 0, 2]);
    assert_eq!(dan.get("/api/v1/tickets").await.expect(200)["data"], json!([]));
    let before = adam.get("/api/v1/tickets?q=One").await.expect(200)["data"][0].clone();
    assert!(before["user_id"].as_i64().expect("an id") >= 1_000_000_000_000_000);
    // The platform brings them once their address is proved, in whatever way it comes here.
    let new = app.acme.customer("new").await;
    app.drain().await;
    let theirs = new.get("/api/v1/tickets?sort=created_at").await.expect(200);
    let told: Vec<&Value> = theirs["data"].as_array().unwrap().iter().map(|ticket| &ticket["subject"]).collect();
    assert_eq!(told, ["One", "Two"]);
    let thread = new.get(&format!("/api/v1/tickets/{}/messages", before["id"])).await.expect(200);
    assert_eq!((&thread["data"][0]["sender_id"], &thread["data"][0]["message"]), (&json!(new.id), &json!("Please")));
    let after = adam.get(&format!("/api/v1/tickets/{}", before["id"])).await.expect(200);
    assert_eq!((&after["version"], &after["updated_at"], &after["requester"]["id"]), (&json!(3), &before["updated_at"], &json!(new.id)));
    assert_eq!(app.acme.count("select count(*) from contacts where claimed_by is not null and handed_at is not null").await, 1);
    assert_eq!(app.acme.count("select count(*) from audit_logs where action = 'ContactJoined'").await, 1);
    // What comes for that address from now on is theirs.
    run(&app, &app.acme, &adam, "csv", b"id,subject,email\n9,Late,new@acme.test\n").await;
    app.drain().await;
    assert_eq!(new.get("/api/v1/tickets").await.expect(200)["data"].as_array().unwrap().len(), 3);
    assert_eq!(dan.get("/api/v1/tickets").await.expect(200)["data"], json!([]));
    app.drain().await;
}

/// What the platform tells of a customer.
fn state(id: i64, email: &str, active: bool, version: i64) -> Value {
    json!({ "user_id": id, "email": email, "firstname": "x", "lastname": "x", "locale": "en", "role": "customer", "active": active,
        "version": version })
}

#[tokio::test]
async fn somebody_who_has_left_or_has_another_address_takes_nothing() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    run(&app, &app.acme, &adam, "csv", FILE).await;
    app.tell(&app.acme, state(777, "new@acme.test", false, 1)).await;
    app.tell(&app.acme, state(778, "somebody@acme.test", true, 1)).await;
    app.drain().await;
    assert_eq!(app.acme.count("select count(*) from contacts where claimed_by is not null").await, 0);
    app.tell(&app.acme, state(778, "new@acme.test", true, 2)).await;
    app.drain().await;
    assert_eq!(app.acme.count("select count(*) from support_tickets where user_id = 778").await, 2);
    // An old message changes nothing.
    app.tell(&app.acme, state(779, "other@acme.test", true, 5)).await;
    app.tell(&app.acme, state(778, "other@acme.test", true, 1)).await;
    app.drain().await;
    assert_eq!(app.acme.count("select count(*) from support_tickets where user_id = 779").await, 1);
    app.drain().await;
}

#[tokio::test]
async fn an_agent_opens_a_ticket_for_a_contact_and_answers_by_mail() {
    let app = TestApp::start().await;
    let (adam, ana) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await);
    run(&app, &app.acme, &adam, "csv", FILE).await;
    let contact = adam.get("/api/v1/tickets?q=Three").await.expect(200)["data"][0].clone();
    ana.says(contact["id"].as_i64().unwrap(), "On my way").await.expect(201);
    let body = json!({ "subject": "Again", "description": "As before", "user_id": contact["user_id"] });
    ana.post("/api/v1/tickets", body).await.expect(201);
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    let told: Vec<(&str, &str)> = mails.iter().map(|mail| (mail.to_address.as_str(), mail.subject.as_str())).collect();
    assert_eq!(told, [("other@acme.test", "News from acme")], "that there is something");
    app.drain().await;
}

#[tokio::test]
async fn whoever_has_not_proved_an_address_hears_once_a_day_that_there_is_news_and_nothing_of_what_it_is() {
    let app = TestApp::start().await;
    let (adam, ana) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await);
    let file = b"id,subject,email,name\n1,CANARY one,victim@x.test,https://CANARY.example\n2,CANARY two,victim@x.test,\n";
    run(&app, &app.acme, &adam, "csv", file).await;
    let list = adam.get("/api/v1/tickets").await.expect(200);
    let tickets: Vec<i64> = list["data"].as_array().unwrap().iter().map(|ticket| ticket["id"].as_i64().unwrap()).collect();
    for ticket in &tickets {
        for _ in 0..3 {
            ana.says(*ticket, "CANARY https://evil.example").await.expect(201);
        }
    }
    ana.assigns(tickets[0], Some(ana.id)).await.expect(200);
    ana.sets(tickets[0], "resolved").await.expect(200);
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = &mails[0];
    assert_eq!((mail.to_address.as_str(), mail.to_name.as_str(), mail.subject.as_str()), ("victim@x.test", "", "News from acme"));
    assert!(mail.text.contains("http://acme.localhost:8080/login") && mail.text.contains("create an account"), "{}", mail.text);
    for part in [&mail.text, &mail.html] {
        assert!(["CANARY", "evil", "TKT-", "/rate?", "victim"].iter().all(|word| !part.contains(word)), "{part}");
    }
    app.travel(minutes(24 * 60));
    ana.says(tickets[1], "CANARY again").await.expect(201);
    app.drain().await;
    assert_eq!(app.mails.lock().unwrap().len(), 2);
    // Once the address is proved, they read what they were told.
    app.acme.customer("proved").await;
    sqlx::query("update users set email = 'victim@x.test', updated_at = now() where email = 'proved@acme.test'")
        .execute(&app.control)
        .await
        .expect("moved");
    sqlx::query("update memberships set version = version + 1").execute(&app.control).await.expect("moved");
    keeps(&app, &app.acme).await;
    app.drain().await;
    ana.says(tickets[1], "It is you").await.expect(201);
    app.drain().await;
    let last = app.mails.lock().unwrap().last().cloned().expect("a mail");
    assert!(last.to_address == "victim@x.test" && last.text.contains("It is you"), "{}", last.text);
    app.drain().await;
}

#[tokio::test]
async fn an_organisation_tells_two_hundred_addresses_a_day_that_nobody_has_proved() {
    let app = TestApp::start().await;
    let (adam, ana) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await);
    run(&app, &app.acme, &adam, "csv", FILE).await;
    let told =
        "insert into mails (id, message_id, template, to_address, to_name, subject, body_text, body_html, status, next_at, created_at)
        select gen_random_uuid(), 'm', 'ticket_news', n || '@x.test', '', 'S', '', '', 'sent', $1, $1 from generate_series(1, 200) n";
    sqlx::query(told).bind(app.clock.now()).execute(&app.acme.db).await.expect("told");
    let ticket = adam.get("/api/v1/tickets?q=Three").await.expect(200)["data"][0]["id"].as_i64().unwrap();
    ana.says(ticket, "On my way").await.expect(201);
    app.drain().await;
    assert!(app.mails.lock().unwrap().is_empty());
    // It waits for its turn, and is that day's: none more is written until a day after it has gone.
    app.travel(minutes(8));
    ana.says(ticket, "Nearly there").await.expect(201);
    app.drain().await;
    assert_eq!(app.mails.lock().unwrap().len(), 1);
    app.travel(minutes(24 * 60 - 1));
    ana.says(ticket, "There").await.expect(201);
    app.drain().await;
    assert_eq!(app.mails.lock().unwrap().len(), 1);
    app.travel(minutes(1));
    ana.says(ticket, "Still there").await.expect(201);
    app.drain().await;
    assert_eq!(app.mails.lock().unwrap().len(), 2);
    app.drain().await;
}

#[tokio::test]
async fn an_admin_who_has_not_proved_their_address_brings_nobody_and_reads_nothing_there() {
    let app = TestApp::start().await;
    let (adam, eva, ana) =
        (app.acme.person("adam", Role::Admin).await, app.acme.person("eva", Role::Admin).await, app.acme.agent("ana").await);
    let proves = async |at: &str| {
        let sql = "update users set email_verified_at = nullif($2, '')::timestamptz where id = $1";
        sqlx::query(sql).bind(adam.id).bind(at).execute(&app.control).await.expect("set");
    };
    proves("").await;
    let body = json!({ "kind": "csv", "file_name": "a.csv", "file_size": FILE.len() });
    adam.post(IMPORTS, body.clone()).await.is(403, "email_not_verified");
    let import = sent(&eva, "csv", FILE).await;
    adam.post(&format!("{IMPORTS}/{}/run", import["id"]), json!({})).await.is(403, "email_not_verified");
    assert_eq!(app.acme.count("select count(*) from imports where state = 'ready'").await, 1);
    // The address that they founded it with may be anybody's.
    let ticket = adam.opens("CANARY").await;
    ana.says(ticket, "CANARY").await.expect(201);
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    assert!(mails.len() == 1 && !mails[0].text.contains("CANARY") && !mails[0].subject.contains("CANARY"), "{mails:?}");
    assert!(mails[0].text.contains("Confirm the address there") && !mails[0].text.contains("create an account"), "they have one");
    proves("2026-03-02T09:00:00Z").await;
    adam.post(&format!("{IMPORTS}/{}/run", import["id"]), json!({})).await.expect(200);
    adam.post(IMPORTS, body).await.expect(201);
    ana.says(ticket, "READABLE").await.expect(201);
    app.drain().await;
    let last = app.mails.lock().unwrap().last().cloned().expect("a mail");
    assert!(last.to_address == "adam@acme.test" && last.text.contains("READABLE"), "{}", last.text);
    app.drain().await;
}

#[tokio::test]
async fn what_comes_for_an_address_is_whose_it_is_now() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    run(&app, &app.acme, &adam, "csv", FILE).await;
    for (version, email) in [(1, "new@acme.test"), (2, "moved@acme.test")] {
        app.tell(&app.acme, state(778, email, true, version)).await;
        app.drain().await;
    }
    let late = run(&app, &app.acme, &adam, "csv", b"id,subject,email\n9,Late,new@acme.test\n").await;
    assert_eq!(counts(&late), [1, 0, 0, 0, 1], "nobody has the address");
    app.drain().await;
    let theirs = async |id: i64| -> i64 {
        let sql = "select count(*) from support_tickets where user_id = $1";
        sqlx::query_scalar(sql).bind(id).fetch_one(&app.acme.db).await.expect(sql)
    };
    assert_eq!((theirs(778).await, app.acme.count("select count(*) from users where id > 1000000 and active").await), (2, 2));
    app.tell(&app.acme, state(900, "new@acme.test", true, 1)).await;
    app.drain().await;
    assert_eq!((theirs(778).await, theirs(900).await), (2, 1));
    app.tell(&app.acme, state(600, "twice@acme.test", false, 1)).await;
    app.tell(&app.acme, state(601, "twice@acme.test", true, 1)).await;
    run(&app, &app.acme, &adam, "csv", b"id,subject,email\n10,Both,twice@acme.test\n").await;
    assert_eq!((theirs(600).await, theirs(601).await), (0, 1));
    app.drain().await;
}

#[tokio::test]
async fn a_contact_is_one_anew_once_whoever_they_turned_out_to_be_has_all_that_was_theirs() {
    let app = TestApp::start().await;
    let (adam, gil) = (app.acme.person("adam", Role::Admin).await, app.globex.person("gil", Role::Admin).await);
    run(&app, &app.acme, &adam, "csv", FILE).await;
    for (version, email) in [(1, "new@acme.test"), (2, "moved@acme.test")] {
        app.tell(&app.acme, state(778, email, true, version)).await;
    }
    let late = b"id,subject,email,name\n9,Late,new@acme.test,Nora Novel\n";
    let import = sent(&adam, "csv", late).await;
    adam.post(&format!("{IMPORTS}/{}/run", import["id"]), json!({})).await.expect(200);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    for _ in 0..6 {
        let waits = app_api::worker::go_on_importing(&app.app, &tenant).await;
        assert!(matches!(waits, Err(shared::Error::Contended)), "{waits:?}");
    }
    assert_eq!(counts(&run(&app, &app.globex, &gil, "csv", late).await), [1, 0, 0, 0, 1], "nobody else waits");
    while app_api::worker::go_on_with_jobs(&app.app, &tenant).await.expect("handed") == Some(std::time::Duration::ZERO) {}
    goes_on(&app, &app.acme).await;
    let done = adam.get(&format!("{IMPORTS}/{}", import["id"])).await.expect(200);
    assert_eq!((&done["state"], counts(&done)), (&json!("finished"), [1, 0, 0, 0, 1]), "{done}");
    assert_eq!(app.acme.count("select count(*) from support_tickets where user_id = 778").await, 2);
    let ticket = adam.get("/api/v1/tickets?q=Late").await.expect(200)["data"][0].clone();
    assert_eq!((&ticket["requester"]["firstname"], &ticket["requester"]["lastname"]), (&json!("Nora"), &json!("Novel")));
    app.drain().await;
}

#[tokio::test]
async fn an_answer_in_a_ticket_that_changes_hands_meanwhile_is_mailed_to_whose_it_is_now() {
    let app = TestApp::start().await;
    let (adam, ana) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await);
    let dan = app.acme.customer("dan").await;
    run(&app, &app.acme, &adam, "csv", FILE).await;
    let ticket = adam.get("/api/v1/tickets?q=Three").await.expect(200)["data"][0]["id"].as_i64().unwrap();
    ana.says(ticket, "On my way").await.expect(201);
    let tenant = app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active");
    app_api::worker::publish(&app.app, &tenant).await.expect("published");
    let said = app.published.lock().unwrap().iter().find(|m| m.routing_key == "sav.ticket.message_added").cloned().expect("it is told");
    let mut holder = app.acme.db.begin().await.expect("begun");
    sqlx::query("lock table reactions in share mode").execute(&mut *holder).await.expect("locked");
    let whole = app.app.clone();
    let reacting = tokio::spawn(async move { app_api::notifications::react(&whole, said).await });
    while !is_waited_for(&mut holder, false).await {}
    let handed = sqlx::query("update support_tickets set user_id = $2 where id = $1").bind(ticket).bind(dan.id);
    handed.execute(&mut *holder).await.expect("handed");
    holder.commit().await.expect("done");
    let outcome = reacting.await.expect("it ends");
    assert!(matches!(outcome, Outcome::Retry(_)), "{outcome:?}");
    app.drain().await;
    let mails = app.mails.lock().unwrap().clone();
    assert!(mails.len() == 1 && mails[0].to_address == "dan@acme.test" && mails[0].text.contains("On my way"), "{mails:?}");
    app.drain().await;
}

/// Somebody proves new@acme.test, and gets what is theirs, while somebody writes who waits for that lock.
async fn proved_while(app: &TestApp, lock: &'static str, writes: impl Future<Output = ()> + Send + 'static) {
    let mut holder = app.acme.db.begin().await.expect("begun");
    sqlx::query(lock).execute(&mut *holder).await.expect("locked");
    let writing = tokio::spawn(writes);
    while !is_waited_for(&mut holder, false).await {}
    app.tell(&app.acme, state(778, "new@acme.test", true, 1)).await;
    let (whole, tenant) = (app.app.clone(), app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active"));
    let handing = tokio::spawn(async move { app_api::worker::go_on_with_jobs(&whole, &tenant).await });
    while !handing.is_finished() && !is_waited_for(&mut holder, true).await {}
    holder.commit().await.expect("done");
    writing.await.expect("it ends");
    handing.await.expect("it ends").expect("handed");
    app.drain().await;
}

#[tokio::test]
async fn what_is_written_for_a_contact_while_somebody_proves_the_address_is_theirs_too() {
    let app = TestApp::start().await;
    let adam = app.acme.person("adam", Role::Admin).await;
    run(&app, &app.acme, &adam, "csv", FILE).await;
    let import = sent(&adam, "csv", b"id,subject,email\n9,Late,new@acme.test\n").await;
    adam.post(&format!("{IMPORTS}/{}/run", import["id"]), json!({})).await.expect(200);
    let (whole, tenant) = (app.app.clone(), app.app.tenants.by_id(app.acme.id).await.expect("known").expect("active"));
    proved_while(&app, "lock table ticket_origins in share row exclusive mode", async move {
        app_api::worker::go_on_importing(&whole, &tenant).await.expect("it goes on");
    })
    .await;
    assert_eq!(app.acme.count("select count(*) from support_tickets where user_id = 778").await, 3);
}

#[tokio::test]
async fn a_ticket_that_is_opened_for_a_contact_while_somebody_proves_the_address_is_theirs_too() {
    let app = TestApp::start().await;
    let (adam, ana) = (app.acme.person("adam", Role::Admin).await, app.acme.agent("ana").await);
    run(&app, &app.acme, &adam, "csv", FILE).await;
    let contact = adam.get("/api/v1/tickets?q=One").await.expect(200)["data"][0]["user_id"].clone();
    proved_while(&app, "lock table search_entries in share row exclusive mode", async move {
        ana.post("/api/v1/tickets", json!({ "subject": "Again", "description": "As before", "user_id": contact })).await.expect(201);
    })
    .await;
    assert_eq!(app.acme.count("select count(*) from support_tickets where user_id = 778").await, 3);
}
