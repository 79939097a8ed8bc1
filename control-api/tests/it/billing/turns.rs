//! What happens to credits and invoices when something else happens to the tenant at the same time.

use std::{pin::pin, time::Duration};

use chrono::TimeDelta;
use control_api::{
    billing::{self, Payments},
    deletion::purge,
    jobs::{self, Kind, Next, claim, settle, work_all},
    plans,
};
use serde_json::{Value, json};
use shared::{act::Author, month::Month};
use sqlx::AssertSqlSafe;
use tokio::{sync::Notify, time::timeout};
use uuid::Uuid;

use super::{bill, enter, id_of, invoices, month_over, next_month, row, trouble};
use crate::{
    operators::{signed_in, text},
    plans::assign,
    world::{Person, World},
};

/// Asked for by its admin, and more than thirty days on, in another month.
async fn is_due(world: &World, admin: &Person) {
    let admin = world.log_in(&admin.slug, &admin.email).await;
    world.post("/api/v1/tenant/deletion").by(&admin).json(json!({ "slug": admin.slug })).await.expect(201);
    world.travel(TimeDelta::days(30));
    next_month(world);
}

async fn states(world: &World, slug: &str, month: Month) -> Vec<String> {
    let sql = "select i.state from invoices i join tenants t on t.id = i.tenant_id where t.slug = $1 and i.period = $2 order by i.id";
    sqlx::query_scalar(sql).bind(slug).bind(month.first()).fetch_all(world.app.db.pool()).await.expect("states")
}

/// From now on nothing of that tenant is written into a table.
async fn fails_for(world: &World, table: &str, slug: &str) {
    let tenant = id_of(world, slug).await;
    let sql = format!(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'out of order'; end $$;
         create trigger refuse before insert or update on {table} for each row when (new.tenant_id = '{tenant}') execute function refuse()"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(world.app.db.pool()).await.expect("made");
}

#[tokio::test]
async fn a_purge_that_comes_before_the_invoices_leaves_no_month_out_and_makes_no_voided_one_anew() {
    let (world, acme) = month_over(Payments::None).await;
    let first = Month::of(world.app.clock.now()).previous();
    bill(&world).await;
    let voided: Uuid = sqlx::query_scalar("select id from invoices where tenant_id = $1")
        .bind(id_of(&world, "acme").await)
        .fetch_one(world.app.db.pool())
        .await
        .expect("an invoice");
    world.app.db.act(Author::system("test"), &world.app.clock, async |act| billing::void(act, voided).await).await.expect("voided");
    is_due(&world, &acme).await;
    // Nobody has looked for what is owed since.
    purge::begin_due(&world.app).await.expect("begun");
    let last = Month::of(world.app.clock.now()).previous();
    assert_eq!(states(&world, "acme", first).await, ["void"]);
    for month in [first.next(), last] {
        assert_eq!((states(&world, "acme", month).await, states(&world, "globex", month).await), (vec!["draft".to_owned()], vec![]));
    }
    assert_eq!(states(&world, "acme", last.next()).await, [""; 0], "it is not over");
    // The data stays until they are made.
    jobs::work_all_but(&world.app, Uuid::now_v7(), &[Kind::Invoice]).await.expect("worked");
    assert_eq!(world.count("select count(*) from jobs where kind = 'purge' and step = 'look' and last_error is null").await, 1);
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(states(&world, "acme", last).await, ["issued"]);
    assert_eq!(trouble(&world).await, [""; 0]);
}

#[tokio::test]
async fn in_the_days_of_grace_an_admin_reads_the_invoices() {
    let (world, acme) = month_over(Payments::None).await;
    bill(&world).await;
    let admin = world.log_in("acme", &acme.email).await;
    world.post("/api/v1/tenant/deletion").by(&admin).json(json!({ "slug": "acme" })).await.expect(201);
    let admin = world.log_in("acme", &acme.email).await;
    let own = world.get("/api/v1/tenant/invoices").by(&admin).await.expect(200).body;
    let invoice = world.get(&format!("/api/v1/tenant/invoices/{}", text(&own["data"][0]["id"]))).by(&admin).await.expect(200).body;
    assert_eq!(invoice["lines"][0]["amount"], 4900);
    let globex = invoices_of_globex(&world).await;
    world.get(&format!("/api/v1/tenant/invoices/{globex}")).by(&admin).await.refused(404, "invoice_not_found");
}

async fn invoices_of_globex(world: &World) -> Uuid {
    let sql = "select i.id from invoices i join tenants t on t.id = i.tenant_id where t.slug = 'globex'";
    sqlx::query_scalar(sql).fetch_one(world.app.db.pool()).await.expect("an invoice")
}

#[tokio::test]
async fn one_tenants_trouble_keeps_nobody_else_from_an_invoice_or_an_end() {
    let (world, acme) = month_over(Payments::None).await;
    let globex = world.log_in("globex", "admin@globex.example").await;
    fails_for(&world, "invoices", "acme").await;
    billing::begin_due(&world.app.db, &world.app.clock).await.expect_err("acme's");
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(invoices(&world).await, [row("globex", "issued", (5880, 0, 5880))]);
    for admin in [&acme, &globex] {
        let admin = world.log_in(&admin.slug, &admin.email).await;
        world.post("/api/v1/tenant/deletion").by(&admin).json(json!({ "slug": admin.slug })).await.expect(201);
        // Acme's comes first.
        world.travel(TimeDelta::minutes(1));
    }
    world.travel(TimeDelta::days(30));
    purge::begin_due(&world.app).await.expect_err("acme's");
    let begun: Vec<String> =
        sqlx::query_scalar("select t.slug from deletions d join tenants t on t.id = d.tenant_id where d.begun_at is not null")
            .fetch_all(world.app.db.pool())
            .await
            .expect("rows");
    assert_eq!(begun, ["globex"]);
}

#[tokio::test]
async fn credits_and_a_plan_that_come_at_once_are_in_one_currency() {
    let (world, ..) = World::start().await;
    assign(&world, "globex", "us", json!({ "name": "US", "price": 1, "currency": "USD" })).await;
    let (given, go_on) = (Notify::new(), Notify::new());
    let (given, go_on) = (&given, &go_on);
    let assigning = world.app.db.act(Author::system("test"), &world.app.clock, async |act| {
        plans::assign(act, "acme", "us").await?;
        given.notify_one();
        go_on.notified().await;
        Ok(())
    });
    let entering = async {
        given.notified().await;
        let mut entering = pin!(enter(&world, "acme", "gift", 5, "welcome"));
        assert!(timeout(Duration::from_millis(300), &mut entering).await.is_err(), "it waits");
        go_on.notify_one();
        entering.await
    };
    let (assigned, entered) = tokio::join!(assigning, entering);
    assigned.expect("given");
    assert!(entered.expect_err("the plan's").to_string().contains("other_currency"));
    assert_eq!(world.count("select count(*) from credit_entries").await, 0);
}

#[tokio::test]
async fn references_of_the_platforms_own_are_nobodys_to_type() {
    let (world, _) = month_over(Payments::None).await;
    let operator = signed_in(&world).await;
    billing::begin_due(&world.app.db, &world.app.clock).await.expect("begun");
    let drafts: Vec<Uuid> = sqlx::query_scalar("select id from invoices").fetch_all(world.app.db.pool()).await.expect("drafts");
    for (own, draft) in [("invoice", drafts[0]), ("void", drafts[1])] {
        let gift = json!({ "kind": "gift", "amount": 5, "currency": "EUR", "reference": format!("{own}:{draft}") });
        let refused = world.post("/api/v1/operator/tenants/acme/credits").bearing(&operator).json(gift).await;
        assert_eq!(refused.refused(422, "validation_failed").body["errors"][0]["field"], "reference");
    }
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(world.count("select count(*) from invoices where state = 'issued'").await, 2);
}

#[tokio::test]
async fn days_that_have_become_others_since_they_were_counted_are_counted_anew() {
    let (world, _) = month_over(Payments::None).await;
    let month = Month::of(world.app.clock.now()).previous();
    billing::begin_due(&world.app.db, &world.app.clock).await.expect("begun");
    let mut counted = claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
    let performed = jobs::perform(&world.app, &counted).await.expect("done");
    counted = settle(&world.app, &counted, &performed).await.expect("noted").expect("ours");
    assert_eq!(jobs::perform(&world.app, &counted).await.expect("done").next, Next::Step("charge"));
    // As many, but others.
    let mut others = counted.clone();
    others.state["days"][0]["ends"] = json!("2020-01-02");
    assert_eq!(jobs::perform(&world.app, &others).await.expect("done").next, Next::Step("measure"));
    // One more: whoever had given the plan in the month's last moment was slow to say so.
    let given = "insert into plan_changes (tenant_id, plan, since, asked_by)
        select $1, 'free', $2::timestamptz, '{}'";
    let since = month.starts() + TimeDelta::days(10);
    sqlx::query(given).bind(counted.tenant).bind(since).execute(world.app.db.pool()).await.expect("given");
    let late = jobs::perform(&world.app, &counted).await.expect("done");
    assert_eq!(late.next, Next::Step("measure"));
    settle(&world.app, &counted, &late).await.expect("noted");
    world.travel(TimeDelta::minutes(5));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    let lines: Value = sqlx::query_scalar(
        "select jsonb_agg(l.quantity) from invoice_lines l join invoices i on i.id = l.invoice_id where i.tenant_id = $1",
    )
    .bind(counted.tenant)
    .fetch_one(world.app.db.pool())
    .await
    .expect("lines");
    assert_eq!(lines, json!([10]));
}
