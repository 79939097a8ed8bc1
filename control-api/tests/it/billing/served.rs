//! A tenant pays from when it is served, and one that never was pays nothing, whatever plan it was given.

use chrono::TimeDelta;
use control_api::{
    billing::Payments,
    deletion::purge,
    jobs::work_all,
    plans,
    provisioning::{self, walk_all},
};
use serde_json::{Value, json};
use shared::{act::Author, http::IfMatch, month::Month};
use uuid::Uuid;

use super::{bill, id_of, invoices, next_month, row, team, trouble};
use crate::{
    cashier::Cashier,
    operators::signed_in,
    plans::assign,
    provisioning::{clean, status, with_cluster, world as real_world},
    world::World,
};

/// Whoever signs up from now on gets this plan.
async fn newcomers_get(world: &World, code: &str, mut plan: Value) {
    plan["is_default"] = json!(true);
    let plan = serde_json::from_value(plan).expect("a plan");
    let author = Author::system("command line");
    let put = world.app.db.act(author, &world.app.clock, async |act| plans::put(act, code, &plan, &IfMatch::ANY).await.map(drop));
    put.await.expect("put");
}

async fn signs_up(world: &World, slug: &str) {
    world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
}

async fn is_given_up(world: &World, slug: &str) {
    world.sql("update provisionings set step = 'undo', leased_until = null where finished_at is null").await;
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    assert_eq!(status(world, slug).await, "failed");
}

async fn tried_again(world: &World, slug: &str) {
    let tenant = id_of(world, slug).await;
    let author = Author::system("command line");
    world.app.db.act(author, &world.app.clock, async |act| provisioning::retry(act, tenant).await).await.expect("begun again");
}

async fn is_served(world: &World, slug: &str) {
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    assert_eq!(status(world, slug).await, "active");
}

/// What the lines of a tenant's invoices count, the oldest first: days or tickets.
async fn counted(world: &World, slug: &str) -> Vec<i64> {
    let sql = "select l.quantity from invoice_lines l join invoices i on i.id = l.invoice_id where i.tenant_id = $1 order by i.period";
    sqlx::query_scalar(sql).bind(id_of(world, slug).await).fetch_all(world.app.db.pool()).await.expect("lines")
}

#[tokio::test]
async fn a_tenant_that_was_never_served_goes_and_owes_nothing_with_whatever_plan() {
    let cashier = Cashier::open().await;
    let world = with_cluster(World::really_paying(cashier.payments()).await).await;
    let metered = json!({ "name": "Metered", "tickets_a_month": 2, "extra_ticket": 30, "currency": "EUR" });
    for (slug, code, plan) in [("acme", "paid-team", team()), ("globex", "metered", metered)] {
        newcomers_get(&world, code, plan).await;
        signs_up(&world, slug).await;
        is_given_up(&world, slug).await;
    }
    next_month(&world);
    assert_eq!(bill(&world).await, 0);
    let operator = signed_in(&world).await;
    for slug in ["acme", "globex"] {
        world.post(&format!("/api/v1/operator/tenants/{slug}/delete")).bearing(&operator).await.expect(200);
    }
    assert_eq!(bill(&world).await, 0);
    world.travel(TimeDelta::days(30));
    next_month(&world);
    purge::begin_due(&world.app).await.expect("begun");
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(world.count("select count(*) from tenants where status = 'deleted'").await, 2);
    assert_eq!((invoices(&world).await, cashier.counts()), (vec![], (0, 0)));
    assert_eq!(trouble(&world).await, [""; 0]);
    cashier.close();
    clean(&world).await;
}

/// As a release made it that billed what was never served.
#[tokio::test]
async fn an_invoice_that_was_begun_of_what_was_never_served_asks_for_nothing_and_keeps_no_purge_waiting() {
    let world = with_cluster(World::really_paying(Payments::None).await).await;
    let both = json!({ "name": "Both", "price": 500, "tickets_a_month": 2, "extra_ticket": 30, "currency": "EUR" });
    newcomers_get(&world, "both", both).await;
    signs_up(&world, "acme").await;
    is_given_up(&world, "acme").await;
    world
        .sql(
            "with drafted as (
                insert into invoices (id, tenant_id, period, currency, created_at)
                select gen_random_uuid(), id, '2027-01-01', 'EUR', '2027-02-01' from tenants
                returning id, tenant_id
            )
            insert into jobs (id, kind, tenant_id, step, state, is_exclusive, next_at, asked_by, created_at)
            select gen_random_uuid(), 'invoice', tenant_id, 'measure', jsonb_build_object('invoice', id, 'charged', null), false,
                '2027-02-01', '{}', '2027-02-01'
            from drafted",
        )
        .await;
    let operator = signed_in(&world).await;
    world.post("/api/v1/operator/tenants/acme/delete").bearing(&operator).await.expect(200);
    world.travel(TimeDelta::days(30));
    purge::begin_due(&world.app).await.expect("begun");
    for _ in 0..2 {
        work_all(&world.app, Uuid::now_v7()).await.expect("worked");
        world.travel(TimeDelta::minutes(2));
    }
    assert_eq!(invoices(&world).await, [row("acme", "paid", (0, 0, 0))]);
    assert_eq!(world.count("select count(*) from tenants where status = 'deleted'").await, 1);
    clean(&world).await;
}

#[tokio::test]
async fn a_tenant_that_was_tried_again_pays_from_the_day_on_which_it_is_served() {
    let world = real_world().await;
    newcomers_get(&world, "paid-team", team()).await;
    next_month(&world);
    for slug in ["globex", "acme"] {
        signs_up(&world, slug).await;
        if slug == "globex" {
            is_served(&world, "globex").await;
        }
    }
    is_given_up(&world, "acme").await;
    next_month(&world);
    // Neither while nothing came of it nor while it is tried again.
    assert_eq!(bill(&world).await, 1);
    tried_again(&world, "acme").await;
    next_month(&world);
    assert_eq!(bill(&world).await, 1);
    world.travel(TimeDelta::days(10));
    is_served(&world, "acme").await;
    let month = Month::of(world.app.clock.now());
    next_month(&world);
    assert_eq!(bill(&world).await, 2);
    assert_eq!(counted(&world, "acme").await, [month.days() - 10]);
    let whole = [month.previous().previous(), month.previous(), month].map(Month::days);
    assert_eq!(counted(&world, "globex").await, whole);
    assert_eq!(trouble(&world).await, [""; 0]);
    clean(&world).await;
}

#[tokio::test]
async fn the_plan_that_counts_is_the_one_that_a_tenant_has_when_it_is_served() {
    let world = real_world().await;
    newcomers_get(&world, "paid-team", team()).await;
    signs_up(&world, "acme").await;
    world.travel(TimeDelta::days(2));
    assign(&world, "acme", "open", json!({ "name": "Open", "currency": "EUR" })).await;
    is_served(&world, "acme").await;
    next_month(&world);
    assert_eq!(bill(&world).await, 0);
    assert_eq!(invoices(&world).await, []);
    clean(&world).await;
}
