//! Sharing one file, and who had to do with it: who may, what opens, and what ends it.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use shared::session::Role;

use crate::{
    files::{Sent, attached, eicar, fetched},
    pictures::photo,
    world::{Answer, Caller, TestApp},
};

const OPEN: &str = "/api/v1/shares/open";

/// A file of a customer's ticket that one agent works on and another does not see: the file's id, and both.
async fn scene(app: &TestApp) -> (i64, Caller, Caller) {
    let (chloe, max) = (app.acme.customer("chloe").await, app.acme.manager("max").await);
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let ticket = chloe.opens("Printer on fire").await;
    max.assigns(ticket, Some(ana.id)).await.expect(200);
    let file = attached(&chloe, ticket, "a.txt").await["id"].as_i64().expect("an id");
    app.drain().await;
    (file, ana, ben)
}

fn path(file: i64) -> String {
    format!("/api/v1/attachments/{file}")
}

async fn linked(ana: &Caller, file: i64, hours: i64) -> Value {
    ana.post(&format!("{}/shares", path(file)), json!({ "expires_in_hours": hours })).await.expect(201)
}

fn token_of(share: &Value) -> String {
    let url = share["url"].as_str().expect("an address");
    url.split_once("/shared#").expect("a token behind a hash").1.to_owned()
}

async fn opened(who: &Caller, token: &str) -> Answer {
    who.post(OPEN, json!({ "token": token })).await
}

#[tokio::test]
async fn a_link_opens_one_file_without_a_token_and_what_is_no_link_opens_nothing() {
    let app = TestApp::start_storing().await;
    let (file, ana, _) = scene(&app).await;
    let stranger = app.globex.customer("chloe").await;
    let share = linked(&ana, file, 1).await;
    assert_eq!((&share["kind"], &share["member"], &share["created_by"]["id"]), (&json!("link"), &json!(null), &json!(ana.id)));
    let token = token_of(&share);
    assert_eq!(token.len(), 43);
    for wrong in ["", "x", &token[1..], &token.to_uppercase(), &"a".repeat(5000)] {
        opened(&ana, wrong).await.is(404, "not_found");
    }
    opened(&stranger, &token).await.is(404, "not_found");
    // Nobody is signed in.
    let request = Request::builder().method(Method::POST).uri(OPEN).header(header::HOST, "acme.localhost:8080");
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(json!({ "token": token }).to_string()));
    let shown = ana.send(request.expect("a request")).await.expect(200);
    assert_eq!((&shown["filename"], &shown["file_size"], &shown["mime_type"]), (&json!("a.txt"), &json!(20), &json!("text/plain")));
    let url = shown["url"].as_str().expect("an address");
    assert_eq!((fetched(&ana, url, None).await.0, fetched(&stranger, url, None).await.0), (200, 403));
    // It is told once, and its token is kept by nobody.
    let listed = ana.get(&format!("{}/shares", path(file))).await.expect(200);
    assert_eq!((&listed["data"][0]["url"], &listed["data"][0]["opened"]), (&json!(null), &json!(1)));
    let kept = "select count(*) from media_shares where encode(token_hash, 'escape') like '%' || $1 || '%'";
    let kept: i64 = sqlx::query_scalar(kept).bind(&token).fetch_one(&app.acme.db).await.expect(kept);
    assert_eq!(kept, 0);
    let logged = "select count(*) from media_access_logs where share_id is not null and user_id is null";
    assert_eq!(app.acme.count(logged).await, 2);
    app.drain().await;
}

#[tokio::test]
async fn what_is_taken_back_shows_no_preview_any_more() {
    let app = TestApp::start_storing().await;
    let (chloe, max) = (app.acme.customer("chloe").await, app.acme.manager("max").await);
    let (ana, ben) = (app.acme.agent("ana").await, app.acme.agent("ben").await);
    let ticket = chloe.opens("Printer on fire").await;
    max.assigns(ticket, Some(ana.id)).await.expect(200);
    let file = Sent::file("a.jpg", &photo(1)).by(&chloe, ticket).await.expect(201)["id"].as_i64().expect("an id");
    app.drain().await;
    let share = ana.post(&format!("{}/shares", path(file)), json!({ "member_id": ben.id })).await.expect(201);
    let shown = ben.get(&path(file)).await.expect(200);
    let previews =
        [&shown, &ana.get(&path(file)).await.expect(200)].map(|file| file["preview_url"].as_str().expect("an address").to_owned());
    assert_eq!(fetched(&ben, &previews[0], None).await.0, 200);
    let by_share = "select count(*) from media_access_logs where what = 'previewed' and share_id is not null";
    assert_eq!(app.acme.count(by_share).await, 1);
    ana.delete(&format!("{}/shares/{}", path(file), share["id"])).await.expect(204);
    let after = [fetched(&ben, &previews[0], None).await.0, fetched(&ana, &previews[1], None).await.0];
    assert_eq!(after, [403, 200]);
    app.drain().await;
}

#[tokio::test]
async fn a_link_ends_by_itself_and_no_address_outlives_it() {
    let app = TestApp::start_storing().await;
    let (file, ana, _) = scene(&app).await;
    let token = token_of(&linked(&ana, file, 1).await);
    app.travel(TimeDelta::minutes(55));
    let shown = opened(&ana, &token).await.expect(200);
    assert_eq!(shown["url_expires_at"].as_str().map(|at| &at[..19]), shown["expires_at"].as_str().map(|at| &at[..19]));
    app.travel(TimeDelta::minutes(5));
    opened(&ana, &token).await.is(404, "not_found");
    assert_eq!(fetched(&ana, shown["url"].as_str().expect("an address"), None).await.0, 403);
    app.drain().await;
}

#[tokio::test]
async fn what_is_taken_back_is_taken_back_at_once_by_its_maker_and_by_managers() {
    let app = TestApp::start_storing().await;
    let (file, ana, ben) = scene(&app).await;
    let max = app.acme.manager("moe").await;
    for who in [&ana, &max] {
        let share = linked(&ana, file, 720).await;
        let token = token_of(&share);
        let url = opened(&ana, &token).await.expect(200)["url"].as_str().expect("an address").to_owned();
        let place = format!("{}/shares/{}", path(file), share["id"]);
        ben.delete(&place).await.is(404, "not_found");
        who.delete(&place).await.expect(204);
        who.delete(&place).await.expect(204);
        opened(&ana, &token).await.is(404, "not_found");
        assert_eq!(fetched(&ana, &url, None).await.0, 403);
    }
    // Another who sees the file hears that it is not theirs.
    let share = max.post(&format!("{}/shares", path(file)), json!({ "expires_in_hours": 1 })).await.expect(201);
    ana.delete(&format!("{}/shares/{}", path(file), share["id"])).await.is(403, "forbidden");
    ana.delete(&format!("{}/shares/424242", path(file))).await.is(404, "not_found");
    assert_eq!(app.acme.count("select count(*) from events where kind = 'FileShareRevoked'").await, 2);
    app.drain().await;
}

#[tokio::test]
async fn of_a_link_that_is_opened_while_it_is_taken_back_no_address_lives_on() {
    let app = TestApp::start_storing().await;
    let (file, ana, _) = scene(&app).await;
    for _ in 0..5 {
        let share = linked(&ana, file, 1).await;
        let (token, place) = (token_of(&share), format!("{}/shares/{}", path(file), share["id"]));
        let opening = join_all((0..6).map(|_| opened(&ana, &token)));
        let (answers, taken) = tokio::join!(opening, ana.delete(&place));
        taken.expect(204);
        for answer in answers {
            match answer.status.as_u16() {
                200 => assert_eq!(fetched(&ana, answer.body["url"].as_str().expect("an address"), None).await.0, 403),
                status => assert_eq!(status, 404),
            }
        }
    }
    app.drain().await;
}

#[tokio::test]
async fn a_member_has_the_one_file_and_nothing_of_its_ticket_until_that_is_taken_back() {
    let app = TestApp::start_storing().await;
    let (file, ana, ben) = scene(&app).await;
    let eve = app.globex.agent("eve").await;
    ben.get(&path(file)).await.is(404, "not_found");
    let share = ana.post(&format!("{}/shares", path(file)), json!({ "member_id": ben.id })).await.expect(201);
    assert_eq!((&share["kind"], &share["url"], &share["member"]["id"]), (&json!("member"), &json!(null), &json!(ben.id)));
    ana.post(&format!("{}/shares", path(file)), json!({ "member_id": ben.id })).await.is(409, "conflict");
    let shown = ben.get(&path(file)).await.expect(200);
    let url = shown["url"].as_str().expect("an address").to_owned();
    assert_eq!(fetched(&ben, &url, None).await.0, 200);
    let listed = ben.get("/api/v1/attachments/shared").await.expect(200);
    assert_eq!((&listed["data"][0]["attachment"]["id"], &listed["data"][0]["created_by"]["id"]), (&json!(file), &json!(ana.id)));
    ben.get(&format!("/api/v1/tickets/{}", shown["ticket_id"])).await.is(404, "not_found");
    ben.get(&format!("{}/shares", path(file))).await.is(404, "not_found");
    ben.post(&format!("{}/shares", path(file)), json!({ "expires_in_hours": 1 })).await.is(404, "not_found");
    ben.delete(&path(file)).await.is(404, "not_found");
    for other in [&eve, &app.acme.agent("cid").await] {
        other.get(&path(file)).await.is(404, "not_found");
        assert_eq!(other.get("/api/v1/attachments/shared").await.expect(200)["data"], json!([]));
    }
    app.drain().await;
    let told = ben.get("/api/v1/notifications").await.expect(200);
    assert_eq!((&told["data"][0]["kind"], &told["data"][0]["data"]["attachment_id"]), (&json!("file_shared"), &json!(file)));
    assert_eq!(told["data"][0]["ticket_id"], json!(null));
    ana.delete(&format!("{}/shares/{}", path(file), share["id"])).await.expect(204);
    ben.get(&path(file)).await.is(404, "not_found");
    assert_eq!(fetched(&ben, &url, None).await.0, 403);
    assert_eq!(ben.get("/api/v1/attachments/shared").await.expect(200)["data"], json!([]));
    app.drain().await;
}

#[tokio::test]
async fn a_member_who_is_one_no_more_has_nothing_that_was_shared() {
    let app = TestApp::start_storing().await;
    let (file, ana, ben) = scene(&app).await;
    ana.post(&format!("{}/shares", path(file)), json!({ "member_id": ben.id })).await.expect(201);
    let url = ben.get(&path(file)).await.expect(200)["url"].as_str().expect("an address").to_owned();
    let becomes = async |role: &str, active: bool| {
        let sql = "update users set role = $2, active = $3 where id = $1";
        sqlx::query(sql).bind(ben.id).bind(role).bind(active).execute(&app.acme.db).await.expect(sql);
        app.app.people.forget(app.acme.id, ben.id).await;
    };
    becomes("customer", true).await;
    ben.get(&path(file)).await.is(404, "not_found");
    ben.get("/api/v1/attachments/shared").await.is(403, "forbidden");
    assert_eq!(fetched(&ben, &url, None).await.0, 403);
    becomes("agent", false).await;
    ben.get(&path(file)).await.is(401, "unauthenticated");
    assert_eq!(fetched(&ben, &url, None).await.0, 403);
    becomes("agent", true).await;
    ben.get(&path(file)).await.expect(200);
    app.drain().await;
}

#[tokio::test]
async fn a_link_ends_when_its_maker_is_no_member_any_more() {
    let app = TestApp::start_storing().await;
    let (file, ana, ben) = scene(&app).await;
    let token = token_of(&linked(&ana, file, 1).await);
    let url = opened(&ben, &token).await.expect(200)["url"].as_str().expect("an address").to_owned();
    for (role, active, shown, got) in [("agent", false, 404, 403), ("customer", true, 404, 403), ("agent", true, 200, 200)] {
        let change = sqlx::query("update users set role = $2, active = $3 where id = $1").bind(ana.id).bind(role).bind(active);
        change.execute(&app.acme.db).await.expect(role);
        assert_eq!((opened(&ben, &token).await.status.as_u16(), fetched(&ben, &url, None).await.0), (shown, got), "{role} {active}");
    }
    app.drain().await;
}

#[tokio::test]
async fn customers_share_nothing_and_nobody_shares_with_them_or_what_is_not_sound() {
    let app = TestApp::start_storing().await;
    let (file, ana, _) = scene(&app).await;
    let chloe = app.acme.customer("cleo").await;
    let ticket = chloe.opens("Another").await;
    let hers = attached(&chloe, ticket, "b.txt").await["id"].as_i64().expect("an id");
    let shares = format!("{}/shares", path(hers));
    chloe.post(&shares, json!({ "expires_in_hours": 1 })).await.is(403, "forbidden");
    chloe.get(&shares).await.is(403, "forbidden");
    chloe.delete(&format!("{shares}/1")).await.is(403, "forbidden");
    chloe.get("/api/v1/attachments/shared").await.is(403, "forbidden");
    ana.post(&shares, json!({ "expires_in_hours": 1 })).await.is(409, "scan_pending");
    let shares = format!("{}/shares", path(file));
    for member in [chloe.id, ana.id, 424_242, app.globex.agent("eve").await.id] {
        let refused = ana.post(&shares, json!({ "member_id": member })).await;
        // Ids are of the whole platform: another organisation's may be somebody's here.
        if refused.status != 201 {
            assert_eq!(refused.is(422, "validation_failed")["errors"][0]["field"], "member_id");
        }
    }
    for wrong in
        [json!({}), json!({ "expires_in_hours": 0 }), json!({ "expires_in_hours": 721 }), json!({ "member_id": 1, "expires_in_hours": 1 })]
    {
        ana.post(&shares, wrong).await.is(422, "validation_failed");
    }
    let infected = Sent::file("c.txt", &eicar()).by(&chloe, ticket).await.expect(201)["id"].as_i64().expect("an id");
    app.drain().await;
    ana.post(&format!("{}/shares", path(infected)), json!({ "expires_in_hours": 1 })).await.is(409, "infected");
}

#[tokio::test]
async fn a_link_to_a_file_that_is_gone_or_found_infected_is_as_one_that_never_was() {
    let app = TestApp::start_storing().await;
    let (file, ana, _) = scene(&app).await;
    let token = token_of(&linked(&ana, file, 1).await);
    let url = opened(&ana, &token).await.expect(200)["url"].as_str().expect("an address").to_owned();
    sqlx::query("update ticket_attachments set scan_status = 'infected'").execute(&app.acme.db).await.expect("set");
    let infected = opened(&ana, &token).await.is(404, "not_found");
    sqlx::query("update ticket_attachments set scan_status = 'clean'").execute(&app.acme.db).await.expect("set");
    let (ben, shares) = (app.acme.agent("dan").await, format!("{}/shares", path(file)));
    ana.post(&shares, json!({ "member_id": ben.id })).await.expect(201);
    // Whoever takes a file away need not see its shares.
    let chloe = app.acme.count("select uploaded_by from ticket_attachments").await;
    app.acme.caller(chloe, Role::Customer).delete(&path(file)).await.expect(204);
    assert_eq!(ben.get("/api/v1/attachments/shared?count=true").await.expect(200)["page"]["total"], 0);
    ben.get(&path(file)).await.is(404, "not_found");
    ana.get(&shares).await.is(404, "not_found");
    assert_eq!(app.acme.count("select count(*) from media_shares where revoked_at is null").await, 0);
    let mut gone = opened(&ana, &token).await.is(404, "not_found");
    let mut never = opened(&ana, "never").await.is(404, "not_found");
    for answer in [&mut gone, &mut never] {
        answer["request_id"] = infected["request_id"].clone();
    }
    assert_eq!((&gone, &never), (&infected, &infected));
    assert_eq!(fetched(&ana, &url, None).await.0, 404);
    app.drain().await;
}

#[tokio::test]
async fn fifty_shares_of_a_file_stand_at_once_and_a_retry_makes_no_other() {
    let app = TestApp::start_storing().await;
    let (file, ana, _) = scene(&app).await;
    let sql = "insert into media_shares (attachment_id, token_hash, created_by, created_at, expires_at)
        select $1, sha256(n::text::bytea), 0, $2, $2 + interval '1 hour' from generate_series(1, 48) n";
    sqlx::query(sql).bind(file).bind(app.app.clock.now()).execute(&app.acme.db).await.expect(sql);
    let (shares, body) = (format!("{}/shares", path(file)), json!({ "expires_in_hours": 1 }));
    let key = [("idempotency-key", "once")];
    let first = ana.with(&Method::POST, &shares, body.clone(), &key).await.expect(201);
    let again = ana.with(&Method::POST, &shares, body.clone(), &key).await.expect(201);
    assert_eq!(first, again);
    let made = join_all((0..4).map(|_| ana.post(&shares, body.clone()))).await;
    assert_eq!(made.iter().filter(|answer| answer.status == 201).count(), 1);
    ana.post(&shares, body.clone()).await.is(409, "conflict");
    // What is over takes no place.
    app.travel(TimeDelta::hours(1));
    ana.post(&shares, body).await.expect(201);
    app.drain().await;
}

#[tokio::test]
async fn managers_read_who_had_to_do_with_a_file_the_newest_first() {
    let app = TestApp::start_storing().await;
    let (file, ana, _) = scene(&app).await;
    let max = app.acme.manager("moe").await;
    let share = linked(&ana, file, 1).await;
    let url = opened(&ana, &token_of(&share)).await.expect(200)["url"].as_str().expect("an address").to_owned();
    app.travel(TimeDelta::minutes(1));
    fetched(&ana, &url, None).await;
    app.travel(TimeDelta::minutes(1));
    ana.get(&path(file)).await.expect(200);
    let accesses = format!("{}/accesses", path(file));
    ana.get(&accesses).await.is(403, "forbidden");
    app.globex.manager("gus").await.get(&accesses).await.is(404, "not_found");
    let first = max.get(&format!("{accesses}?limit=2&count=true")).await.expect(200);
    let told = |page: &Value| -> Vec<(Value, Value, Value)> {
        let rows = page["data"].as_array().expect("a list");
        rows.iter().map(|row| (row["what"].clone(), row["user"]["id"].clone(), row["share_id"].clone())).collect()
    };
    let (none, by_link) = (json!(null), share["id"].clone());
    let expected = [(json!("issued"), json!(ana.id), none.clone()), (json!("downloaded"), none.clone(), by_link.clone())];
    assert_eq!((told(&first).as_slice(), &first["page"]["total"]), (&expected[..], &json!(3)));
    assert_eq!(first["data"][0]["user"]["firstname"], json!("ana"));
    let cursor = first["page"]["next_cursor"].as_str().expect("more");
    let second = max.get(&format!("{accesses}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((told(&second).as_slice(), &second["page"]["next_cursor"]), (&[(json!("issued"), none.clone(), by_link)][..], &none));
    // What was done before it was taken away is not forgotten with it.
    max.delete(&path(file)).await.expect(204);
    assert_eq!(max.get(&format!("{accesses}?count=true")).await.expect(200)["page"]["total"], json!(3));
    app.drain().await;
}

#[tokio::test]
async fn a_connection_that_says_whose_it_is_reaches_no_share() {
    let app = TestApp::start_storing().await;
    let (file, ana, _) = scene(&app).await;
    linked(&ana, file, 1).await;
    let role = format!("wall_{}", uuid::Uuid::now_v7().simple());
    let mut db = app.acme.db.begin().await.expect("a transaction");
    let make = format!("create role {role}; grant select, update on media_shares to {role}; set local role {role}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut *db).await.expect("a role");
    let count = "select count(*) from media_shares";
    let all: i64 = sqlx::query_scalar(count).fetch_one(&mut *db).await.expect(count);
    sqlx::query("select set_config('helpdeskly.owner', '1', true)").execute(&mut *db).await.expect("an owner");
    let reached: i64 = sqlx::query_scalar(count).fetch_one(&mut *db).await.expect(count);
    assert_eq!((all, reached), (1, 0));
    db.rollback().await.expect("nothing is left");
    app.drain().await;
}
