//! Coming in with address and password.

use chrono::TimeDelta;
use serde_json::json;

use crate::world::{Answer, PASSWORD, World};

#[tokio::test]
async fn unknown_elsewhere_wrong_and_removed_get_one_answer() {
    let (world, acme, globex) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.delete(&format!("/api/v1/members/{}", ana.id)).by(&acme).await.expect(204);
    let mut bodies = vec![];
    for (email, password) in [
        ("admin@acme.example", "wrong-long-secret-77"),
        ("nobody@acme.example", PASSWORD),
        (globex.email.as_str(), PASSWORD),
        (ana.email.as_str(), PASSWORD),
    ] {
        let mut answer = world.try_log_in("acme", email, password).await.expect(401);
        answer.body["request_id"].take();
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    assert_eq!(world.count("select count(*) from sessions where tenant_id = (select id from tenants where slug = 'acme')").await, 2);
}

#[tokio::test]
async fn registering_and_signing_in_do_not_tell_who_is_known() {
    let (world, acme, globex) = World::start().await;
    let removed = world.member(&acme, "ana", "agent").await;
    world.delete(&format!("/api/v1/members/{}", removed.id)).by(&acme).await.expect(204);
    let chloe = world.customer("acme", "chloe").await;
    let strangers = "stranger-secret-22-xx";
    let mut seen = vec![];
    for email in ["nobody@acme.example", &acme.email, &globex.email, &chloe.email, &removed.email] {
        let (mut answers, mut costs) = (vec![], vec![]);
        for step in ["login", "register", "login", "login with another", "register again", "login"] {
            let before = world.app.passwords.done();
            let password = if step.contains("another") { "wrong-long-secret-77" } else { strangers };
            let mut answer = match step.starts_with("login") {
                true => world.try_log_in("acme", email, password).await,
                false => world.post("/api/v1/auth/register").at("acme").json(crate::world::register_form(email, password)).await,
            };
            if answer.body["request_id"].is_string() {
                answer.body["request_id"].take();
            }
            answers.push((answer.status, answer.body));
            costs.push(world.app.passwords.done() - before);
        }
        seen.push((email, answers, costs));
    }
    let statuses: Vec<u16> = seen[0].1.iter().map(|a| a.0).collect();
    assert_eq!(statuses, [401, 202, 403, 401, 202, 403]);
    assert_eq!(seen[0].2, [2, 2, 2, 2, 2, 2], "hashes per step");
    for (email, answers, costs) in &seen {
        assert_eq!((answers, costs), (&seen[0].1, &seen[0].2), "{email}");
    }
    // A month later, too.
    world.travel(TimeDelta::days(32));
    control_api::worker::sweep(&world.app, world.app.clock.now()).await.expect("swept");
    for (email, ..) in &seen {
        world.try_log_in("acme", email, strangers).await.refused(401, "unauthenticated");
    }
    world.log_in("acme", &chloe.email).await;
}

#[tokio::test]
async fn a_change_that_comes_while_a_password_is_checked_wins() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    for (change, undo) in [
        (
            "update users set password_hash = 'another' where email = 'ana@acme.example'",
            "update users set password_hash = $1 where email = 'ana@acme.example'",
        ),
        (
            "update memberships set status = 'removed' where user_id = (select id from users where email = 'ana@acme.example')",
            "update memberships set status = 'active', role = coalesce('agent', $1) where user_id = (select id from users where email = 'ana@acme.example')",
        ),
    ] {
        let hash: String = sqlx::query_scalar("select password_hash from users where email = 'ana@acme.example'")
            .fetch_one(world.app.db.pool())
            .await
            .expect("a hash");
        let mut changing = world.app.db.pool().begin().await.expect("begun");
        sqlx::query(change).execute(&mut *changing).await.expect("changed");
        let answer =
            meanwhile(&world, world.try_log_in("acme", &ana.email, PASSWORD), async { changing.commit().await.expect("committed") }).await;
        answer.refused(401, "unauthenticated");
        sqlx::query(undo).bind(hash).execute(world.app.db.pool()).await.expect("undone");
        world.log_in("acme", &ana.email).await;
    }
}

#[tokio::test]
async fn a_customer_proves_the_address_first_and_only_the_right_password_learns_that() {
    let (world, ..) = World::start().await;
    world.register("acme", "chloe@acme.example").await.expect(202);
    world.try_log_in("acme", "chloe@acme.example", PASSWORD).await.refused(403, "email_not_verified");
    world.try_log_in("acme", "chloe@acme.example", "wrong-long-secret-77").await.expect(401);
    world.verify("chloe@acme.example").await;
    world.log_in("acme", " Chloe@ACME.example ").await;
}

#[tokio::test]
async fn the_tenant_is_named_once_and_must_be_there() {
    let (world, acme, _) = World::start().await;
    let login = json!({ "email": acme.email, "password": PASSWORD });
    let ask = || world.post("/api/v1/auth/login").json(login.clone());
    ask().await.refused(404, "tenant_not_found");
    ask().at("nobody").await.refused(404, "tenant_not_found");
    ask().at("acme").with("x-tenant", "globex").await.refused(400, "bad_request");
    ask().with("x-tenant", "acme").with("x-tenant", "globex").await.refused(400, "bad_request");
    ask().at("acme").with("x-tenant", "acme").await.expect(200);
    ask().with("x-tenant", "ACME").await.expect(200);
    ask().with("host", "Acme.LOCALHOST.:8080").await.expect(200);
    for (status, code, answer) in
        [("suspended", "tenant_suspended", 403), ("deleted", "tenant_not_found", 404), ("failed", "tenant_not_found", 404)]
    {
        sqlx::query("update tenants set status = $1 where slug = 'acme'").bind(status).execute(world.app.db.pool()).await.expect("changed");
        ask().at("acme").await.refused(answer, code);
    }
}

#[tokio::test]
async fn what_a_login_answers() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    let answer = world.try_log_in("acme", &ana.email, PASSWORD).await.expect(200);
    assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("Bearer"), &json!(900)));
    let user = &answer.body["user"];
    assert_eq!((&user["role"], &user["tenant"]["slug"], &user["firstname"]), (&json!("agent"), &json!("acme"), &json!("ana")));
    assert_eq!(user["email_verified"], true);
    world.sign_up("third", "new@third.example").await.expect(202);
    let due = world.try_log_in("third", "new@third.example", PASSWORD).await.expect(200);
    let (_, unproved) = world.enrol("third", due.body["enrolment_token"].as_str().expect("a token")).await;
    assert_eq!(unproved.body["user"]["email_verified"], false);
    let body = json!({ "refresh_token": unproved.body["refresh_token"] });
    let refreshed = world.post("/api/v1/auth/refresh").at("third").json(body).await.expect(200);
    assert_eq!(refreshed.body["user"]["email_verified"], false);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.headers.get("set-cookie").is_none());
    world.last_event("SignedIn").await;
    let browser = json!({ "email": ana.email, "password": PASSWORD, "client": "browser" });
    let answer = world.post("/api/v1/auth/login").at("acme").json(browser).await.expect(200);
    assert!(answer.body.get("refresh_token").is_none());
    let cookie = answer.header("set-cookie");
    for part in ["hd_refresh=", "HttpOnly", "SameSite=Strict", "Path=/api/v1/auth", "Max-Age=604800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn an_access_token_ends_after_a_quarter_of_an_hour() {
    let (world, acme, _) = World::start().await;
    world.travel(TimeDelta::minutes(14));
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
    world.travel(TimeDelta::minutes(2));
    world.get("/api/v1/auth/me").by(&acme).await.refused(401, "token_expired");
}

#[tokio::test]
async fn a_logout_ends_the_session_at_once_and_everywhere_ends_them_all() {
    let (world, acme, _) = World::start().await;
    let other = world.log_in("acme", &acme.email).await;
    let third = world.log_in("acme", &acme.email).await;
    let answer = world.post("/api/v1/auth/logout").by(&other).await.expect(204);
    assert!(answer.header("set-cookie").contains("hd_refresh=; ") && answer.header("set-cookie").contains("Max-Age=0"));
    world.get("/api/v1/auth/me").by(&other).await.refused(401, "unauthenticated");
    world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": other.refresh })).await.refused(401, "unauthenticated");
    world.get("/api/v1/auth/me").by(&acme).await.expect(200);
    world.post("/api/v1/auth/logout").at("acme").json(json!({ "refresh_token": third.refresh })).await.expect(204);
    world.get("/api/v1/auth/me").by(&third).await.refused(401, "unauthenticated");
    let fourth = world.log_in("acme", &acme.email).await;
    world.post("/api/v1/auth/logout-all").by(&acme).await.expect(204);
    for person in [&acme, &fourth] {
        world.get("/api/v1/auth/me").by(person).await.refused(401, "unauthenticated");
    }
    world.post("/api/v1/auth/logout").at("acme").await.refused(401, "unauthenticated");
}

/// Asks while somebody else holds a lock: `then` runs as soon as the request waits for it. A request
/// that does not wait is answered before.
pub async fn meanwhile(world: &World, ask: impl Future<Output = Answer>, then: impl Future<Output = ()>) -> Answer {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let waits = async {
        while world.count(waiting).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        then.await;
    };
    tokio::pin!(ask);
    tokio::select! { answer = &mut ask => return answer, () = waits => {} }
    ask.await
}
