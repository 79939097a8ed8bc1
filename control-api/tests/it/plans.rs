//! Plans: who has which, what they allow, and that nobody takes one seat too many.

use serde_json::{Value, json};
use shared::{act::Author, http::IfMatch, session::Role};

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
        control_api::plans::put(act, code, &plan, &IfMatch::ANY).await?;
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

/// Waits until somebody of this database waits for a lock.
pub async fn somebody_waits(world: &World) {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while world.count(waiting).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn whoever_waits_while_the_plan_changes_finds_the_limit_of_the_new_one() {
    let (world, acme, _) = World::start().await;
    seats(&world, "acme", Some(1)).await;
    seats(&world, "acme", Some(5)).await;
    let mut other = world.app.db.pool().begin().await.expect("a transaction");
    sqlx::raw_sql("update tenant_plans set plan = 'seats-1'").execute(&mut *other).await.expect("changed");
    let change = async {
        somebody_waits(&world).await;
        other.commit().await.expect("committed");
    };
    let (asked, ()) = tokio::join!(invite(&world, &acme, "ana", Role::Agent), change);
    assert_eq!(asked.refused(413, "quota_exceeded").body["quota"], json!({ "limit": "agents", "allowed": 1, "used": 1 }));
}

#[tokio::test]
async fn a_seat_that_is_held_for_whoever_was_asked_in_is_nobody_elses() {
    let (world, acme, globex) = World::start().await;
    seats(&world, "acme", Some(3)).await;
    world.member(&acme, "ana", "agent").await;
    invite(&world, &acme, "max", Role::Agent).await.expect(201);
    let carl = world.customer("acme", "carl").await;
    let promote = async || world.patch(&format!("/api/v1/members/{}", carl.id)).by(&acme).json(json!({ "role": "agent" })).await;
    let refused = promote().await.refused(413, "quota_exceeded");
    assert_eq!(refused.body["quota"], json!({ "limit": "agents", "allowed": 3, "used": 3 }));
    accept(&world, "acme", "max").await.expect(200);
    promote().await.refused(413, "quota_exceeded");
    // With more people asked in than there are seats, whoever comes first has one.
    for name in ["eve", "tom"] {
        invite(&world, &globex, name, Role::Agent).await.expect(201);
    }
    seats(&world, "globex", Some(2)).await;
    accept(&world, "globex", "eve").await.expect(200);
    accept(&world, "globex", "tom").await.refused(413, "quota_exceeded");
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
    let until = world.app.clock.now() + chrono::TimeDelta::days(30);
    let until: chrono::DateTime<chrono::Utc> = until.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string().parse().expect("a time");
    let trail = json!({ "limit": "audit_months", "allowed": 12, "used": 60, "until": until });
    assert_eq!(given["over"], json!([{ "limit": "agents", "allowed": 3, "used": 4 }, trail]));
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
    drop(own);
    clean(&world).await;
}

/// For how many months the tenant's own database keeps its trail, once what was changed has reached it.
async fn kept(world: &World, slug: &str) -> i32 {
    control_api::provisioning::carry_settings(&world.app).await.expect("carried");
    assert_eq!(world.count("select count(*) from tenants where settings_applied < version").await, 0);
    let mut root = owner(world, slug).await;
    sqlx::query_scalar("select months from audit.retention").fetch_one(&mut root).await.expect("months")
}

#[tokio::test]
async fn a_trail_that_is_to_be_kept_for_less_is_kept_for_thirty_days_more_in_which_that_is_taken_back() {
    let world = real_world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    control_api::provisioning::walk_all(&world.app, uuid::Uuid::now_v7()).await.expect("walked");
    let plan = |months: i32| json!({ "name": "P", "currency": "EUR", "audit_months": months });
    let days = |n| world.travel(chrono::TimeDelta::days(n));
    // More counts at once, less after thirty days.
    assign(&world, "acme", "long", plan(72)).await;
    assert_eq!(kept(&world, "acme").await, 72);
    assign(&world, "acme", "short", plan(12)).await;
    assert_eq!(kept(&world, "acme").await, 72);
    days(29);
    assert_eq!(kept(&world, "acme").await, 72);
    // Taken back, and asked for once more: the days begin anew.
    assign(&world, "acme", "long", plan(72)).await;
    days(2);
    assert_eq!(kept(&world, "acme").await, 72);
    assign(&world, "acme", "short", plan(12)).await;
    days(29);
    assert_eq!(kept(&world, "acme").await, 72);
    days(1);
    assert_eq!(kept(&world, "acme").await, 12);
    assert_eq!(world.count("select count(*) from tenant_plans where longer_until is not null").await, 0);
    // The same when the plan itself changes.
    assign(&world, "acme", "short", plan(24)).await;
    assert_eq!(kept(&world, "acme").await, 24);
    assign(&world, "acme", "short", plan(13)).await;
    days(29);
    assert_eq!(kept(&world, "acme").await, 24);
    days(1);
    assert_eq!(kept(&world, "acme").await, 13);
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
    // How many tickets cost nothing is part of what the others cost; where none is sold, it is a limit like others.
    let metered =
        |limit: i64, extra: Option<i64>| json!({ "name": "Shop", "tickets_a_month": limit, "extra_ticket": extra, "currency": "EUR" });
    assign(&world, "acme", "metered", metered(100, Some(5))).await;
    put("metered", metered(10, Some(5))).await.refused(409, "plan_in_use");
    assign(&world, "acme", "strict", metered(100, None)).await;
    put("strict", metered(10, None)).await.expect(200);
    put("unlimited", plan(0, 5)).await.refused(409, "plan_in_use");
    assert_eq!(put("Shop!", plan(0, 5)).await.refused(422, "validation_failed").wrong_field().0, "code");
    put("shop", plan(200, 0)).await.refused(422, "validation_failed");
    let codes = |body: &Value| body["data"].as_array().expect("plans").iter().map(|p| p["code"].clone()).collect::<Vec<_>>();
    let listed = world.get("/api/v1/operator/plans").bearing(&operator).await.expect(200).body;
    assert_eq!(codes(&listed), ["business", "free", "metered", "shop", "strict", "team", "unlimited"]);
    assert_eq!(listed["page"], json!({ "next_cursor": null, "limit": 100 }));
    // Whoever builds on another version is told so.
    let version = listed["data"][3]["version"].as_i64().expect("a version");
    let put_on = async |code: &'static str, tag: String| {
        let path = format!("/api/v1/operator/plans/{code}");
        world.put(&path).bearing(&operator).with("if-match", tag).json(plan(200, 8)).await
    };
    put_on("shop", format!("\"{}\"", version - 1)).await.refused(412, "version_mismatch");
    put_on("new", format!("\"{version}\"")).await.refused(412, "version_mismatch");
    assert_eq!(put_on("shop", format!("\"{version}\"")).await.expect(200).header("etag"), format!("\"{}\"", version + 1));
    let unknown = json!({ "plan": "nothing" });
    let given = world.put("/api/v1/operator/tenants/acme/plan").bearing(&operator).json(unknown).await;
    assert_eq!(given.refused(422, "validation_failed").wrong_field().0, "plan");
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
    // A plan ceases to be that of newcomers when another one is, and not before.
    world.put("/api/v1/operator/plans/start").bearing(&operator).json(plan(false)).await.refused(409, "plan_in_use");
    let untold = json!({ "name": "Start", "agents": 3, "currency": "EUR" });
    let kept = world.put("/api/v1/operator/plans/start").bearing(&operator).json(untold).await.expect(200).body;
    assert_eq!((&kept["is_default"], &kept["version"]), (&json!(true), &json!(2)));
    let unlimited = json!({ "name": "Unlimited", "currency": "EUR", "is_default": true });
    world.put("/api/v1/operator/plans/unlimited").bearing(&operator).json(unlimited).await.expect(200);
    let set = "select count(*) from audit_logs where action = 'PlanSet' and resource = 'plan:start'";
    assert_eq!(world.count(set).await, 3);
    assert_eq!(world.count("select version from plans where code = 'start' and not is_default").await, 3);
    world.organisation("umbrella").await;
    assert_eq!(world.count("select count(*) from tenant_plans").await, 1);
    // What was said of a tenant's plans is never changed.
    for sql in ["update plan_changes set plan = 'free'", "delete from plan_changes", "truncate plan_changes"] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(world.app.db.pool()).await.expect_err(sql);
    }
}
