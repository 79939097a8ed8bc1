//! Plans: who has which, what they allow, and that nobody takes one seat too many.

use serde_json::{Value, json};
use shared::{act::Author, session::Role};

use crate::{
    operators::signed_in,
    provisioning::{clean, inside, world as real_world},
    sign_up::futures_join,
    world::{Answer, PASSWORD, Person, World},
};

/// Gives a tenant a plan with so many seats.
pub async fn seats(world: &World, slug: &str, agents: Option<i32>) {
    let code = agents.map_or_else(|| "open".to_owned(), |n| format!("seats-{n}"));
    assign(world, slug, &code, json!({ "name": "Seats", "agents": agents, "currency": "EUR" })).await;
}

/// Makes a plan and gives it.
pub async fn assign(world: &World, slug: &str, code: &str, plan: Value) {
    let plan = serde_json::from_value(plan).expect("a plan");
    let given = world.app.db.act(Author::system("command line"), &world.app.clock, async |act| {
        control_api::plans::put(act, code, &plan).await?;
        control_api::plans::assign(act, slug, code).await
    });
    given.await.expect("given");
}

async fn invite(world: &World, admin: &Person, name: &str, role: Role) -> Answer {
    let body = json!({ "email": format!("{name}@{}.example", admin.slug), "role": role.as_str() });
    world.post("/api/v1/invitations").by(admin).json(body).await
}

async fn accept(world: &World, slug: &str, name: &str) -> Answer {
    let token = world.token_for(&format!("{name}@{slug}.example")).await;
    let body = json!({ "token": token, "password": PASSWORD, "firstname": name, "lastname": "Lopez" });
    world.post("/api/v1/auth/invitations/accept").at(slug).json(body).await
}

const STAFF: &str = "select count(*) from memberships m join tenants t on t.id = m.tenant_id
    where t.slug = 'acme' and m.status = 'active' and m.role <> 'customer'";

#[tokio::test]
async fn whoever_is_asked_in_has_a_seat_and_the_next_one_hears_which_limit_that_is() {
    let (world, acme, globex) = World::start().await;
    seats(&world, "acme", Some(3)).await;
    invite(&world, &acme, "ana", Role::Agent).await.expect(201);
    invite(&world, &acme, "max", Role::Manager).await.expect(201);
    let refused = invite(&world, &acme, "tom", Role::Agent).await.refused(413, "quota_exceeded");
    assert_eq!(refused.body["quota"], json!({ "limit": "agents", "allowed": 3, "used": 3 }));
    // Asked again they keep their seat; customers have none; another tenant has its own.
    invite(&world, &acme, "ana", Role::Manager).await.expect(201);
    invite(&world, &acme, "carl", Role::Customer).await.expect(201);
    invite(&world, &globex, "tom", Role::Agent).await.expect(201);
    // A seat that is given back is somebody else's.
    let listed = world.get("/api/v1/invitations").by(&acme).await.expect(200).body;
    let max = listed["data"].as_array().expect("rows").iter().find(|i| i["email"] == "max@acme.example").expect("max")["id"].clone();
    world.delete(&format!("/api/v1/invitations/{max}")).by(&acme).await.expect(204);
    invite(&world, &acme, "tom", Role::Agent).await.expect(201);
}

#[tokio::test]
async fn of_many_who_come_at_once_as_many_take_a_seat_as_there_are() {
    let (world, acme, _) = World::start().await;
    let names = ["a1", "a2", "a3", "a4", "a5", "a6"];
    for name in names {
        invite(&world, &acme, name, Role::Agent).await.expect(201);
    }
    let mut tokens = Vec::new();
    for name in names {
        tokens.push((name, world.token_for(&format!("{name}@acme.example")).await));
    }
    // The admin has one of three.
    seats(&world, "acme", Some(3)).await;
    let answers = futures_join(tokens.iter().map(|(name, token)| {
        let body = json!({ "token": token, "password": PASSWORD, "firstname": name, "lastname": "Lopez" });
        let world = &world;
        async move { world.post("/api/v1/auth/invitations/accept").at("acme").json(body).await.status }
    }))
    .await;
    assert!(answers.iter().all(|status| [200, 413, 503].contains(status)), "{answers:?}");
    assert!(world.count(STAFF).await <= 3, "{answers:?}");
    for (name, token) in &tokens {
        let body = json!({ "token": token, "password": PASSWORD, "firstname": name, "lastname": "Lopez" });
        world.post("/api/v1/auth/invitations/accept").at("acme").json(body).await;
    }
    assert_eq!(world.count(STAFF).await, 3);
    // Who was refused has not used their link up.
    seats(&world, "acme", None).await;
    let mut come = 0;
    for name in names {
        come += usize::from(accept(&world, "acme", name).await.status == 200);
    }
    assert_eq!((come, world.count(STAFF).await), (4, 7));
}

#[tokio::test]
async fn of_many_customers_who_become_staff_at_once_as_many_do_as_there_are_seats() {
    let (world, acme, _) = World::start().await;
    seats(&world, "acme", Some(2)).await;
    let mut customers = Vec::new();
    for name in ["c1", "c2", "c3", "c4"] {
        customers.push(world.customer("acme", name).await);
    }
    let promote = async |person: &Person, role: &str| {
        let path = format!("/api/v1/members/{}", person.id);
        world.patch(&path).by(&acme).json(json!({ "role": role })).await
    };
    let answers = futures_join(customers.iter().map(|customer| promote(customer, "agent"))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!((statuses.iter().filter(|s| **s == 200).count(), world.count(STAFF).await), (1, 2), "{statuses:?}");
    let agent = &customers[statuses.iter().position(|s| *s == 200).expect("one")];
    let customer = &customers[statuses.iter().position(|s| *s != 200).expect("another")];
    // Another role of the same person is no other seat; one that is left is free.
    promote(agent, "manager").await.expect(200);
    promote(customer, "agent").await.refused(413, "quota_exceeded");
    promote(agent, "customer").await.expect(200);
    promote(customer, "agent").await.expect(200);
}

#[tokio::test]
async fn a_plan_that_allows_less_than_there_is_puts_nobody_out_and_says_so() {
    let world = real_world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    control_api::provisioning::walk_all(&world.app, uuid::Uuid::now_v7()).await.expect("walked");
    world.verify("ada@acme.example").await;
    let acme = world.log_in("acme", "ada@acme.example").await;
    for name in ["ana", "max", "tom"] {
        world.member(&acme, name, "agent").await;
    }
    let operator = signed_in(&world).await;
    let usage = world.get("/api/v1/tenant/usage").by(&acme).await.expect(200).body;
    assert_eq!((&usage["plan"]["code"], &usage["used"]["agents"], &usage["over"]), (&json!("unlimited"), &json!(4), &json!([])));
    let given = world.put("/api/v1/operator/tenants/acme/plan").bearing(&operator).json(json!({ "plan": "free" })).await.expect(200).body;
    assert_eq!(given["over"], json!([{ "limit": "agents", "allowed": 3, "used": 4 }]));
    let told = world.last_event("TenantPlanChanged").await;
    assert_eq!((&told["data"]["plan"], &told["data"]["limits"]["agents"]), (&json!("free"), &json!(3)));
    assert_eq!(world.count(STAFF).await, 4);
    invite(&world, &acme, "eve", Role::Agent).await.refused(413, "quota_exceeded");
    // Tickets are counted where they are, in the month that is asked for.
    let mut own = inside(&world, "acme").await;
    let now = world.app.clock.now();
    let open = "with who as (
            insert into users (id, email, firstname, lastname, role, version) values (99, 'c@x.example', 'C', 'C', 'customer', 1) returning id
        )
        insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
        select 'TKT-' || n, who.id, 'x', 'x', 'x', $1::timestamptz - make_interval(months => n / 3), $1 from who, generate_series(0, 4) n";
    sqlx::query(open).bind(now).execute(&mut own).await.expect("tickets");
    let usage = async |query: &str| world.get(&format!("/api/v1/tenant/usage{query}")).by(&acme).await.expect(200).body;
    assert_eq!(usage("").await["used"]["tickets"], 3);
    let before = shared::month::Month::of(now).previous();
    assert_eq!(usage(&format!("?month={before}")).await["used"]["tickets"], 2);
    world.get("/api/v1/tenant/usage?month=2026-13").by(&acme).await.refused(422, "validation_failed");
    let seen = world.get("/api/v1/operator/tenants/acme/usage").bearing(&operator).await.expect(200).body;
    assert_eq!((&seen["plan"]["code"], &seen["used"]["tickets"]), (&json!("free"), &json!(3)));
    // The trail is kept for as long as the plan says, once the settings were carried.
    let months = "select months from audit.retention";
    drop(own);
    control_api::provisioning::carry_settings(&world.app).await.expect("carried");
    let mut root = owner(&world, "acme").await;
    assert_eq!(sqlx::query_scalar::<_, i32>(months).fetch_one(&mut root).await.expect("months"), 12);
    world.put("/api/v1/operator/tenants/acme/plan").bearing(&operator).json(json!({ "plan": "business" })).await.expect(200);
    control_api::provisioning::carry_settings(&world.app).await.expect("carried");
    assert_eq!(sqlx::query_scalar::<_, i32>(months).fetch_one(&mut root).await.expect("months"), 60);
    drop(root);
    clean(&world).await;
}

/// The tenant's database, as the server's own administrator sees it.
async fn owner(world: &World, slug: &str) -> sqlx::PgConnection {
    use sqlx::ConnectOptions;
    let place = crate::provisioning::place(world, slug).await;
    let options = shared::testing::admin_options().port(place.options.get_port()).database(&place.database);
    options.connect().await.expect("the server")
}

#[tokio::test]
async fn what_a_plan_costs_stays_and_the_one_without_limits_is_never_changed() {
    let (world, ..) = World::start().await;
    let operator = signed_in(&world).await;
    let put = async |code: &str, body: Value| world.put(&format!("/api/v1/operator/plans/{code}")).bearing(&operator).json(body).await;
    let plan = |price: i64, agents: i64| json!({ "name": "Shop", "price": price, "agents": agents, "currency": "EUR" });
    put("shop", plan(100, 5)).await.expect(200);
    put("shop", plan(200, 5)).await.expect(200);
    assign(&world, "acme", "shop", plan(200, 5)).await;
    put("shop", plan(300, 5)).await.refused(409, "plan_in_use");
    put("shop", json!({ "name": "Shop", "price": 200, "agents": 5, "currency": "USD" })).await.refused(409, "plan_in_use");
    assert_eq!(put("shop", plan(200, 6)).await.expect(200).body["agents"], 6);
    put("unlimited", plan(0, 5)).await.refused(409, "plan_in_use");
    put("Shop!", plan(0, 5)).await.refused(404, "plan_not_found");
    put("shop", plan(200, 0)).await.refused(422, "validation_failed");
    let codes = |body: &Value| body["data"].as_array().expect("plans").iter().map(|p| p["code"].clone()).collect::<Vec<_>>();
    let listed = world.get("/api/v1/operator/plans").bearing(&operator).await.expect(200).body;
    assert_eq!(codes(&listed), ["business", "free", "shop", "team", "unlimited"]);
    // A tenant pays in one currency.
    put("us", json!({ "name": "US", "price": 1, "currency": "USD" })).await.expect(200);
    let other =
        world.app.db.act(Author::system("x"), &world.app.clock, async |act| control_api::plans::assign(act, "acme", "us").await.map(drop));
    assert!(other.await.expect_err("another currency").to_string().contains("other_currency"));
    world.travel(chrono::TimeDelta::minutes(16));
    put("shop", plan(200, 7)).await.refused(403, "step_up_required");
}

#[tokio::test]
async fn newcomers_get_the_plan_for_newcomers_and_whoever_was_there_keeps_theirs() {
    let (world, ..) = World::start().await;
    let operator = signed_in(&world).await;
    let plan = |is_default: bool| json!({ "name": "Start", "agents": 2, "currency": "EUR", "is_default": is_default });
    world.put("/api/v1/operator/plans/start").bearing(&operator).json(plan(true)).await.expect(200);
    let initech = world.organisation("initech").await;
    invite(&world, &initech, "ana", Role::Agent).await.expect(201);
    invite(&world, &initech, "max", Role::Agent).await.refused(413, "quota_exceeded");
    assert_eq!(world.count("select count(*) from tenant_plans").await, 1);
    world.put("/api/v1/operator/plans/start").bearing(&operator).json(plan(false)).await.expect(200);
    world.organisation("umbrella").await;
    assert_eq!(world.count("select count(*) from tenant_plans").await, 1);
    // What was said of a tenant's plans is never changed.
    for sql in ["update plan_changes set plan = 'free'", "delete from plan_changes", "truncate plan_changes"] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(world.app.db.pool()).await.expect_err(sql);
    }
}
