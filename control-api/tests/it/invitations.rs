//! Asking people in.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    sign_up::futures_join,
    sso,
    world::{Answer, PASSWORD, Person, World},
};

async fn invite(world: &World, admin: &Person, email: &str, role: &str) -> Answer {
    world.post("/api/v1/invitations").by(admin).json(json!({ "email": email, "role": role })).await
}

async fn accept(world: &World, slug: &str, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "password": password, "firstname": "Ana", "lastname": "Lopez" });
    world.post("/api/v1/auth/invitations/accept").at(slug).json(body).await
}

#[tokio::test]
async fn a_link_is_good_once_for_seven_days_and_at_its_own_tenant() {
    let (world, acme, _) = World::start().await;
    invite(&world, &acme, "ana@acme.example", "agent").await.expect(201);
    let token = world.token_for("ana@acme.example").await;
    for wrong in ["x", "null", "0", " ", &token[..42]] {
        accept(&world, "acme", wrong, PASSWORD).await.refused(404, "not_found");
    }
    // What is no token matches none either, whatever is kept.
    for nothing in [json!(""), json!([]), json!(null), json!(0), json!({}), json!([""]), json!(true), json!("\u{0}")] {
        let body = json!({ "token": nothing, "password": PASSWORD, "firstname": "Ana", "lastname": "Lopez" });
        let answer = world.post("/api/v1/auth/invitations/accept").at("acme").json(body).await;
        assert!([404, 422].contains(&answer.status), "{nothing}: {}", answer.body);
    }
    assert_eq!(world.count("select count(*) from users where email = 'ana@acme.example'").await, 0);
    accept(&world, "globex", &token, PASSWORD).await.refused(404, "not_found");
    let weak = accept(&world, "acme", &token, "ana.lopez").await.refused(422, "validation_failed");
    assert_eq!(weak.wrong_field(), ("password".into(), "too_short".into()));
    let answers = futures_join((0..6).map(|_| accept(&world, "acme", &token, PASSWORD))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "exactly one");
    assert_eq!(world.count("select count(*) from users where email = 'ana@acme.example'").await, 1);
    accept(&world, "acme", &token, PASSWORD).await.refused(404, "not_found");
    invite(&world, &acme, "ben@acme.example", "agent").await.expect(201);
    let token = world.token_for("ben@acme.example").await;
    world.travel(TimeDelta::days(7));
    accept(&world, "acme", &token, PASSWORD).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_invited_person_is_a_member_from_then_on() {
    let (world, acme, _) = World::start().await;
    let created = invite(&world, &acme, "Ana@acme.example", "manager").await.expect(201);
    assert_eq!(created.header("location"), format!("/api/v1/invitations/{}", created.body["id"]));
    assert_eq!((&created.body["email"], &created.body["status"]), (&json!("ana@acme.example"), &json!("pending")));
    assert!(created.body.get("token").is_none());
    let mail = world.mails("ana@acme.example").await.pop().expect("a mail");
    assert!(mail.text.contains("http://acme.localhost:8080/invitation?token="), "{}", mail.text);
    let answer = accept(&world, "acme", &world.token_for("ana@acme.example").await, PASSWORD).await.expect(200);
    let ana = Person::of(&answer);
    let me = world.get("/api/v1/auth/me").by(&ana).await.expect(200).body;
    assert_eq!((&me["role"], &me["email_verified"], &me["firstname"]), (&json!("manager"), &json!(true), &json!("Ana")));
    let data = world.last_event("UserCreated").await["data"].take();
    let keys: Vec<&String> = data.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["active", "email", "firstname", "lastname", "locale", "role", "tenant_id", "user_id", "version", "vip"]);
    assert_eq!((&data["role"], &data["active"], &data["version"]), (&json!("manager"), &json!(true), &json!(1)));
    invite(&world, &acme, "ana@acme.example", "agent").await.refused(409, "conflict");
}

#[tokio::test]
async fn an_account_that_is_proved_keeps_its_password_and_asks_for_it() {
    let (world, acme, globex) = World::start().await;
    invite(&world, &acme, &globex.email, "agent").await.expect(201);
    let token = world.token_for(&globex.email).await;
    accept(&world, "acme", &token, "another-long-secret-77").await.expect(401);
    let there = world.settle("acme", accept(&world, "acme", &token, PASSWORD).await.expect(200)).await;
    assert_eq!(there.id, globex.id);
    let role = |person: &Person| world.get("/api/v1/auth/me").by(person).into_future();
    assert_eq!(role(&there).await.body["role"], "agent");
    assert_eq!(role(&globex).await.body["role"], "admin");
    world.get("/api/v1/auth/me").at("globex").bearing(&there.access).await.refused(403, "tenant_mismatch");
}

#[tokio::test]
async fn an_invitation_ends_what_a_stranger_began_with_the_address() {
    let (world, acme, _) = World::start().await;
    let squatter = crate::world::register_form("ana@acme.example", "squatter-long-secret-77");
    world.post("/api/v1/auth/register").at("globex").json(squatter).await.expect(202);
    world.member(&acme, "ana", "agent").await;
    world.try_log_in("acme", "ana@acme.example", "squatter-long-secret-77").await.expect(401);
    world.log_in("acme", "ana@acme.example").await;
}

/// Somebody signed a third organisation up with Ana's address; then Acme asks Ana in, with this token.
async fn invited_from_third(world: &World, acme: &Person) -> (Person, String) {
    world.sign_up("third", "ana@acme.example").await.expect(202);
    world.open_doors("third").await;
    let there = world.log_in("third", "ana@acme.example").await;
    invite(world, acme, "ana@acme.example", "agent").await.expect(201);
    (there, world.token_for("ana@acme.example").await)
}

#[tokio::test]
async fn an_account_that_works_somewhere_is_not_taken_by_whoever_holds_the_link() {
    let (world, acme, _) = World::start().await;
    let (there, token) = invited_from_third(&world, &acme).await;
    accept(&world, "acme", &token, "another-long-secret-77").await.refused(401, "unauthenticated");
    world.get("/api/v1/auth/me").by(&there).await.expect(200);
    let here = world.settle("acme", accept(&world, "acme", &token, PASSWORD).await.expect(200)).await;
    assert_eq!(here.id, there.id, "one person");
    world.get("/api/v1/auth/me").by(&there).await.expect(200);
    world.log_in("third", "ana@acme.example").await;
    let me = world.get("/api/v1/auth/me").by(&there).await.expect(200).body;
    assert_eq!((&me["role"], &me["email_verified"], &me["firstname"]), (&json!("admin"), &json!(true), &json!("Ada")));
}

#[tokio::test]
async fn an_account_that_only_a_provider_vouched_for_goes_to_whoever_reads_its_mails() {
    let (world, acme, globex, provider) = sso::start().await;
    // Acme runs a provider of its own, which says whatever Acme likes.
    let (squatter, _) = sso::inside(&world, sso::sign_in(&world, &provider, ("u1", "ben@acme.example")).await).await;
    world.sql("update memberships set role = 'admin' where user_id = (select id from users where email = 'ben@acme.example')").await;
    let key = "insert into api_keys (tenant_id, user_id, name, prefix, hash, scopes, created_at)
        select tenant_id, user_id, 'k', 'hd_x', 'x', '{members:read}', '2020-01-01'
        from memberships where user_id = (select id from users where email = 'ben@acme.example')";
    world.sql(key).await;
    invite(&world, &globex, "ben@acme.example", "agent").await.expect(201);
    let token = world.token_for("ben@acme.example").await;
    let ben = Person::of(&accept(&world, "globex", &token, "another-long-secret-77").await.expect(200));
    assert_eq!(json!(ben.id), squatter["id"], "one account");
    let me = world.get("/api/v1/auth/me").by(&ben).await.expect(200).body;
    assert_eq!((&me["role"], &me["email_verified"]), (&json!("agent"), &json!(true)));
    for left in [
        "select count(*) from identity_links",
        "select count(*) from api_keys where revoked_at is null",
        "select count(*) from sessions s join tenants t on t.id = s.tenant_id
            where t.slug = 'acme' and s.revoked_at is null and s.user_id = (select id from users where email = 'ben@acme.example')",
    ] {
        assert_eq!(world.count(left).await, 0, "{left}");
    }
    world.try_log_in("globex", "ben@acme.example", PASSWORD).await.expect(401);
    // From now on it is somebody's: the next invitation asks for the password.
    invite(&world, &acme, "ben@acme.example", "agent").await.refused(409, "conflict");
    let removed = "update memberships set status = 'removed'
        where role = 'admin' and user_id = (select id from users where email = 'ben@acme.example')";
    world.sql(removed).await;
    invite(&world, &acme, "ben@acme.example", "agent").await.expect(201);
    let token = world.token_for("ben@acme.example").await;
    accept(&world, "acme", &token, PASSWORD).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn what_one_tenant_sent_does_not_count_against_anothers_invitations() {
    let (world, acme, globex) = World::start().await;
    for _ in 0..5 {
        invite(&world, &acme, "ana@acme.example", "agent").await.expect(201);
    }
    invite(&world, &acme, "ana@acme.example", "agent").await.refused(429, "rate_limited");
    invite(&world, &globex, "ana@acme.example", "agent").await.expect(201);
    assert_eq!(world.mails("ana@acme.example").await.len(), 6);
}

#[tokio::test]
async fn asking_again_replaces_and_taking_back_ends() {
    let (world, acme, globex) = World::start().await;
    invite(&world, &acme, "ana@acme.example", "agent").await.expect(201);
    let first = world.token_for("ana@acme.example").await;
    let second = invite(&world, &acme, "ana@acme.example", "manager").await.expect(201);
    accept(&world, "acme", &first, PASSWORD).await.refused(404, "not_found");
    let path = format!("/api/v1/invitations/{}", second.body["id"]);
    world.delete(&path).by(&globex).await.refused(404, "not_found");
    world.delete(&path).by(&acme).await.expect(204);
    world.delete(&path).by(&acme).await.refused(404, "not_found");
    accept(&world, "acme", &world.token_for("ana@acme.example").await, PASSWORD).await.refused(404, "not_found");
    world.delete("/api/v1/invitations/9223372036854775808").by(&acme).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_list_is_paged_and_ones_own() {
    let (world, acme, globex) = World::start().await;
    for n in 0..5 {
        invite(&world, &acme, &format!("p{n}@acme.example"), "agent").await.expect(201);
    }
    let mut seen = vec![];
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("/api/v1/invitations?limit=2{cursor}")).by(&acme).await.expect(200).body;
        seen.extend(page["data"].as_array().expect("rows").iter().map(|row| row["email"].clone()));
        let Value::String(next) = &page["page"]["next_cursor"] else { break };
        world.get(&format!("/api/v1/invitations?cursor={next}")).by(&globex).await.refused(422, "validation_failed");
        world.get(&format!("/api/v1/members?cursor={next}")).by(&acme).await.refused(422, "validation_failed");
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, (0..5).rev().map(|n| json!(format!("p{n}@acme.example"))).collect::<Vec<_>>());
    assert_eq!(world.get("/api/v1/invitations").by(&globex).await.expect(200).body["data"], json!([]));
}

#[tokio::test]
async fn an_invitation_ends_with_the_admin_who_sent_it_and_with_the_person_it_went_to() {
    let (world, acme, globex) = World::start().await;
    let (ana, ben) = (world.member(&acme, "ana", "admin").await, world.member(&acme, "ben", "admin").await);
    invite(&world, &ana, "friend@acme.example", "admin").await.expect(201);
    invite(&world, &ben, "pal@acme.example", "admin").await.expect(201);
    invite(&world, &acme, "carl@acme.example", "agent").await.expect(201);
    invite(&world, &globex, "carl@acme.example", "agent").await.expect(201);
    let carl = world.customer("acme", "carl").await;
    world.patch(&format!("/api/v1/members/{}", ana.id)).by(&acme).json(json!({ "role": "agent" })).await.expect(200);
    world.delete(&format!("/api/v1/members/{}", ben.id)).by(&acme).await.expect(204);
    world.delete(&format!("/api/v1/members/{}", carl.id)).by(&acme).await.expect(204);
    let listed = world.get("/api/v1/invitations").by(&acme).await.expect(200).body;
    let open: Vec<_> = listed["data"].as_array().expect("rows").iter().filter(|i| i["status"] == "pending").collect();
    assert!(open.is_empty(), "{open:?}");
    for email in ["friend@acme.example", "pal@acme.example"] {
        accept(&world, "acme", &world.token_for(email).await, PASSWORD).await.refused(404, "not_found");
    }
    assert_eq!(world.events().await.iter().filter(|e| e["event"] == "InvitationRevoked").count(), 3);
    assert_eq!(world.get("/api/v1/invitations").by(&globex).await.expect(200).body["data"][0]["status"], "pending");
}

#[tokio::test]
async fn an_invitation_is_worth_what_its_sender_is_when_it_is_accepted() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "admin").await;
    invite(&world, &ana, "friend@acme.example", "admin").await.expect(201);
    let token = world.token_for("friend@acme.example").await;
    for change in [
        "update memberships set role = 'manager' where role = 'admin' and user_id = $1",
        "update memberships set role = 'admin', status = 'removed' where user_id = $1",
    ] {
        sqlx::query(change).bind(ana.id).execute(world.app.db.pool()).await.expect("changed");
        accept(&world, "acme", &token, PASSWORD).await.refused(404, "not_found");
    }
    sqlx::query("update memberships set status = 'active' where user_id = $1")
        .bind(ana.id)
        .execute(world.app.db.pool())
        .await
        .expect("changed");
    accept(&world, "acme", &token, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_link_changes_nothing_for_whoever_belongs_already() {
    let (world, acme, globex) = World::start().await;
    invite(&world, &acme, "chloe@acme.example", "agent").await.expect(201);
    let token = world.token_for("chloe@acme.example").await;
    let chloe = world.customer("acme", "chloe").await;
    accept(&world, "acme", &token, "another-long-secret-77").await.refused(401, "unauthenticated");
    accept(&world, "acme", &token, PASSWORD).await.refused(409, "conflict");
    let me = world.get("/api/v1/auth/me").by(&chloe).await.expect(200).body;
    assert_eq!((&me["role"], &me["firstname"]), (&json!("customer"), &json!("Chloé")));
    assert_eq!(world.get("/api/v1/invitations").by(&acme).await.expect(200).body["data"][0]["status"], "pending");
    // A customer of elsewhere, and one who has not proved the address yet, come as what they were asked to be.
    invite(&world, &globex, &chloe.email, "manager").await.expect(201);
    let there = Person::of(&accept(&world, "globex", &world.token_for(&chloe.email).await, PASSWORD).await.expect(200));
    assert_eq!(world.get("/api/v1/auth/me").by(&there).await.expect(200).body["role"], "manager");
    assert_eq!(world.get("/api/v1/auth/me").by(&chloe).await.expect(200).body["role"], "customer");
    world.register("acme", "dora@acme.example").await.expect(202);
    let link = world.token_for("dora@acme.example").await;
    let dora = world.member(&acme, "dora", "agent").await;
    world.post("/api/v1/auth/email/verify").json(json!({ "token": link })).await.refused(404, "not_found");
    assert_eq!(world.get("/api/v1/auth/me").by(&dora).await.expect(200).body["role"], "agent");
}

#[tokio::test]
async fn a_tenant_asks_two_hundred_a_day_and_nobody_again_and_again() {
    let (world, acme, globex) = World::start().await;
    for _ in 0..5 {
        invite(&world, &acme, "ana@acme.example", "agent").await.expect(201);
    }
    let often = invite(&world, &acme, "ana@acme.example", "agent").await.refused(429, "rate_limited");
    assert_eq!(often.header("retry-after"), "3600");
    assert_eq!(world.mails("ana@acme.example").await.len(), 5);
    accept(&world, "acme", &world.token_for("ana@acme.example").await, PASSWORD).await.expect(200);
    world.travel(TimeDelta::hours(10));
    let (acme, globex) = (world.log_in("acme", &acme.email).await, world.log_in("globex", &globex.email).await);
    world.sql("insert into invitations (tenant_id, email, role, token_hash, invited_by, expires_at, created_at)
        select tenant_id, n || '@acme.example', role, int4send(n), invited_by, expires_at, created_at + interval '10 hours' from invitations, generate_series(1, 195) n
        where accepted_at is not null and email = 'ana@acme.example'").await;
    let many = invite(&world, &acme, "last@acme.example", "agent").await.refused(429, "rate_limited");
    assert_eq!(many.header("retry-after"), (14 * 3600).to_string(), "until the first of the day is a day old");
    assert_eq!(world.mails("last@acme.example").await.len(), 0);
    invite(&world, &globex, "last@acme.example", "agent").await.expect(201);
    world.travel(TimeDelta::hours(14));
    let acme = world.log_in("acme", &acme.email).await;
    invite(&world, &acme, "last@acme.example", "agent").await.expect(201);
}

#[tokio::test]
async fn a_retry_with_its_key_invites_once_and_a_key_is_its_tenants_own() {
    let (world, acme, globex) = World::start().await;
    let ask = |by: &Person, role: &str| {
        let body = json!({ "email": "ana@acme.example", "role": role });
        world.post("/api/v1/invitations").by(by).with("idempotency-key", "k1").json(body).into_future()
    };
    let answers = futures_join((0..4).map(|_| ask(&acme, "agent"))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (201, &answers[0].body));
        assert_eq!(answer.header("location"), format!("/api/v1/invitations/{}", answers[0].body["id"]));
    }
    assert_eq!(world.mails("ana@acme.example").await.len(), 1);
    ask(&acme, "manager").await.refused(422, "idempotency_key_reused");
    let there = ask(&globex, "agent").await.expect(201);
    assert_ne!(there.body["id"], answers[0].body["id"]);
    let accepted = accept(&world, "globex", &world.token_for("ana@acme.example").await, PASSWORD).await.expect(200);
    assert_eq!(accepted.body["user"]["tenant"]["slug"], "globex");
}

#[tokio::test]
async fn whoever_is_only_invited_gets_a_new_password_by_mail_where_a_stranger_chose_theirs() {
    let (world, acme, globex) = World::start().await;
    let (stranger, token) = invited_from_third(&world, &acme).await;
    accept(&world, "acme", &token, "walnut-zebra-canoe-77").await.refused(401, "unauthenticated");
    let forget = async |slug: &str| {
        let mails = world.mails("ana@acme.example").await.len();
        world.post("/api/v1/auth/password/forgot").at(slug).json(json!({ "email": "ana@acme.example" })).await.expect(202);
        world.mails("ana@acme.example").await.len() - mails
    };
    assert_eq!(forget("globex").await, 0, "{} waits for nobody", globex.slug);
    assert_eq!(forget("acme").await, 1);
    let reset = json!({ "token": world.token_for("ana@acme.example").await, "password": "walnut-zebra-canoe-77" });
    world.post("/api/v1/auth/password/reset").at("acme").json(reset).await.expect(204);
    world.get("/api/v1/auth/me").by(&stranger).await.refused(401, "unauthenticated");
    world.try_log_in("acme", "ana@acme.example", "walnut-zebra-canoe-77").await.refused(401, "unauthenticated");
    let ana = Person::of(&accept(&world, "acme", &token, "walnut-zebra-canoe-77").await.expect(200));
    let me = world.get("/api/v1/auth/me").by(&ana).await.expect(200).body;
    assert_eq!((&me["role"], &me["email_verified"]), (&json!("agent"), &json!(true)));
    world.try_log_in("third", "ana@acme.example", PASSWORD).await.expect(401);
    // Taken out and asked in again.
    world.delete(&format!("/api/v1/members/{}", ana.id)).by(&acme).await.expect(204);
    assert_eq!(forget("acme").await, 0);
    world.travel(TimeDelta::hours(1));
    let acme = world.log_in("acme", &acme.email).await;
    invite(&world, &acme, "ana@acme.example", "agent").await.expect(201);
    assert_eq!(forget("acme").await, 1);
}
