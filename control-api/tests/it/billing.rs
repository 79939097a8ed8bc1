//! Credits add up, and each month has one invoice, whoever dies meanwhile.

mod payments;
mod served;
mod turns;

use chrono::{DateTime, TimeDelta, Utc};
use control_api::{
    billing::{self, EnterCredit, Payments},
    jobs::{self, Kind, Next, Planned, claim, settle, work_all},
};
use serde_json::{Value, json};
use shared::{Error, act::Author, month::Month};
use uuid::Uuid;

use crate::{
    cashier::Cashier,
    operators::{signed_in, text},
    plans::assign,
    provisioning::{clean, inside, world as real_world},
    sign_up::futures_join,
    world::{Person, World},
};

async fn id_of(world: &World, slug: &str) -> Uuid {
    sqlx::query_scalar("select id from tenants where slug = $1").bind(slug).fetch_one(world.app.db.pool()).await.expect("a tenant")
}

async fn enter(world: &World, slug: &str, kind: &str, amount: i64, reference: &str) -> shared::Result<i64> {
    enter_of(world, id_of(world, slug).await, kind, amount, reference).await
}

async fn enter_of(world: &World, tenant: Uuid, kind: &str, amount: i64, reference: &str) -> shared::Result<i64> {
    let new = json!({ "kind": kind, "amount": amount, "currency": "EUR", "reference": reference });
    let new: EnterCredit = serde_json::from_value(new).expect("an entry");
    loop {
        let author = Author::system("test");
        let entered = world.app.db.act(author, &world.app.clock, async |act| Ok(billing::enter(act, tenant, &new).await?.balance)).await;
        // Whoever waits for a connection for too long comes again: the same reference is entered once.
        if !matches!(entered, Err(Error::Unavailable(_))) {
            return entered;
        }
    }
}

async fn trouble(world: &World) -> Vec<String> {
    let found = billing::check(&mut world.app.db.read().await.expect("a connection")).await.expect("checked");
    found.into_iter().map(|trouble| format!("{}: {}", trouble.of, trouble.what)).collect()
}

/// Moves the clock to the first of the next month.
fn next_month(world: &World) {
    let now = world.app.clock.now();
    world.travel(Month::of(now).ends() - now + TimeDelta::hours(1));
}

pub async fn bill(world: &World) -> usize {
    let begun = billing::begin_due(&world.app.db, &world.app.clock).await.expect("begun");
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    begun
}

fn team() -> Value {
    json!({ "name": "Team", "agents": 10, "price": 4900, "currency": "EUR" })
}

/// Acme and Globex, who have paid plans since the beginning of a month that is over.
pub async fn month_over(payments: Payments) -> (World, Person) {
    let world = World::paying(payments).await;
    let acme = world.organisation("acme").await;
    world.organisation("globex").await;
    next_month(&world);
    world.travel(-TimeDelta::hours(1));
    for slug in ["acme", "globex"] {
        assign(&world, slug, "paid-team", team()).await;
    }
    next_month(&world);
    (world, acme)
}

async fn invoices(world: &World) -> Vec<(String, String, i64, i64, i64)> {
    let sql =
        "select t.slug, i.state, i.total, i.credits, i.due from invoices i join tenants t on t.id = i.tenant_id order by t.slug, i.period";
    sqlx::query_as(sql).fetch_all(world.app.db.pool()).await.expect("invoices")
}

fn row(slug: &str, state: &str, (total, credits, due): (i64, i64, i64)) -> (String, String, i64, i64, i64) {
    (slug.to_owned(), state.to_owned(), total, credits, due)
}

#[tokio::test]
async fn of_many_who_spend_at_once_none_takes_more_than_there_is_and_every_sum_is_right() {
    let (world, ..) = World::start().await;
    enter(&world, "acme", "purchase", 1000, "transfer-1").await.expect("entered");
    enter(&world, "globex", "gift", 50, "hello").await.expect("entered");
    let names: Vec<String> = (0..30).map(|n| format!("take-{n}")).collect();
    let acme = id_of(&world, "acme").await;
    let taken = futures_join(names.iter().map(|name| enter_of(&world, acme, "correction", -100, name))).await;
    assert_eq!(taken.iter().filter(|one| one.is_ok()).count(), 10);
    assert!(taken.iter().filter_map(|one| one.as_ref().err()).all(|error| error.to_string().contains("credits_too_low")), "{taken:?}");
    assert_eq!(world.count("select balance from credit_accounts a join tenants t on t.id = a.tenant_id where slug = 'acme'").await, 0);
    assert_eq!(world.count("select balance from credit_accounts a join tenants t on t.id = a.tenant_id where slug = 'globex'").await, 50);
    assert_eq!(trouble(&world).await, [""; 0]);
}

#[tokio::test]
async fn one_reference_is_entered_once_and_what_was_entered_is_never_changed() {
    let (world, ..) = World::start().await;
    let acme = id_of(&world, "acme").await;
    let twice = futures_join((0..8).map(|_| enter_of(&world, acme, "purchase", 700, "transfer-1"))).await;
    assert!(twice.iter().all(|balance| matches!(balance, Ok(700))), "{twice:?}");
    assert_eq!(world.count("select count(*) from credit_entries").await, 1);
    enter(&world, "acme", "purchase", 701, "transfer-1").await.expect_err("another amount");
    enter(&world, "globex", "purchase", 701, "transfer-1").await.expect("another tenant's own");
    for sql in ["update credit_entries set amount = 1", "delete from credit_entries", "truncate credit_entries"] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(world.app.db.pool()).await.expect_err(sql);
    }
}

#[tokio::test]
async fn the_books_say_where_they_do_not_add_up() {
    let (world, ..) = World::start().await;
    enter(&world, "acme", "purchase", 700, "transfer-1").await.expect("entered");
    enter(&world, "acme", "correction", -200, "wrong").await.expect("entered");
    assert_eq!(trouble(&world).await, [""; 0]);
    world.sql("update credit_accounts set balance = balance + 1").await;
    assert_eq!(trouble(&world).await, ["acme: the balance is 501, its 2 entries come to 500"]);
    world.sql("update credit_accounts set balance = balance - 1").await;
    world.sql("alter table credit_entries disable trigger append_only").await;
    // As whoever owns the server might: the running balance shows it.
    let root = shared::testing::admin_options().database(world.app.db.pool().connect_options().get_database().expect("a name"));
    let mut root = sqlx::ConnectOptions::connect(&root).await.expect("the server");
    sqlx::raw_sql("update credit_entries set balance = 600 where number = 1").execute(&mut root).await.expect("forged");
    assert_eq!(trouble(&world).await, ["acme: entry 1 leaves 600, it should be 700"]);
}

#[tokio::test]
async fn a_month_has_one_invoice_however_often_and_by_how_many_it_is_made() {
    let (world, acme) = month_over(Payments::None).await;
    enter(&world, "acme", "purchase", 880, "transfer-1").await.expect("entered");
    let rounds = futures_join((0..4).map(|_| billing::begin_due(&world.app.db, &world.app.clock))).await;
    assert_eq!(rounds.into_iter().map(|begun| begun.expect("begun")).sum::<usize>(), 2);
    let workers = futures_join((0..4).map(|_| work_all(&world.app, Uuid::now_v7()))).await;
    assert!(workers.iter().all(Result::is_ok));
    assert_eq!(bill(&world).await, 0);
    assert_eq!(invoices(&world).await, [row("acme", "issued", (5880, 880, 5000)), row("globex", "issued", (5880, 0, 5880))]);
    let numbers: Vec<String> =
        sqlx::query_scalar("select number from invoices order by number").fetch_all(world.app.db.pool()).await.expect("numbers");
    let year = world.app.clock.now().format("%Y");
    assert_eq!(numbers, [format!("{year}-000001"), format!("{year}-000002")]);
    assert_eq!(trouble(&world).await, [""; 0]);
    // Its admins see their own, with its lines.
    let acme = world.log_in("acme", &acme.email).await;
    let own = world.get("/api/v1/tenant/invoices").by(&acme).await.expect(200).body;
    assert_eq!(own["data"].as_array().expect("rows").len(), 1);
    let path = format!("/api/v1/tenant/invoices/{}", text(&own["data"][0]["id"]));
    let invoice = world.get(&path).by(&acme).await.expect(200).body;
    assert_eq!((&invoice["lines"][0]["plan"], &invoice["lines"][0]["amount"]), (&json!("paid-team"), &json!(4900)));
    let globex = world.log_in("globex", "admin@globex.example").await;
    world.get(&path).by(&globex).await.refused(404, "invoice_not_found");
}

#[tokio::test]
async fn killed_at_any_step_an_invoice_is_finished_by_whoever_looks_next() {
    for killed_before in ["issue", "charge", "done"] {
        let cashier = Cashier::open().await;
        let (world, _) = month_over(cashier.payments()).await;
        enter(&world, "acme", "purchase", 880, "transfer-1").await.expect("entered");
        billing::begin_due(&world.app.db, &world.app.clock).await.expect("begun");
        while let Some(job) = claim(&world.app, Uuid::now_v7()).await.expect("asked") {
            let mut next = Some(job);
            while let Some(job) = next {
                // The step is done, and whoever did it dies before that is noted.
                let performed = jobs::perform(&world.app, &job).await.expect("done");
                let dies = (job.step == "measure" && killed_before == "issue")
                    || (job.step == "issue" && killed_before == "charge")
                    || (job.step == "charge" && killed_before == "done");
                next = if dies { None } else { settle(&world.app, &job, &performed).await.expect("noted") };
            }
        }
        world.travel(TimeDelta::minutes(5));
        work_all(&world.app, Uuid::now_v7()).await.expect("worked");
        assert_eq!(
            invoices(&world).await,
            [row("acme", "paid", (5880, 880, 5000)), row("globex", "paid", (5880, 0, 5880))],
            "{killed_before}"
        );
        assert_eq!(cashier.counts(), (2, 2), "{killed_before}: nobody pays twice");
        assert_eq!(trouble(&world).await, [""; 0]);
        cashier.close();
    }
}

#[tokio::test]
async fn an_invoice_that_a_former_release_has_counted_for_is_counted_for_anew() {
    let (world, _) = month_over(Payments::None).await;
    billing::begin_due(&world.app.db, &world.app.clock).await.expect("begun");
    world
        .sql("update jobs set step = 'issue', state = jsonb_build_object('invoice', state -> 'invoice', 'tickets', 7, 'charged', null)")
        .await;
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(invoices(&world).await, [row("acme", "issued", (5880, 0, 5880)), row("globex", "issued", (5880, 0, 5880))]);
}

#[tokio::test]
async fn an_empty_account_goes_on_in_another_currency_and_a_plan_with_a_price_says_which() {
    let (world, ..) = World::start().await;
    let enter = async |slug: &str, currency: &str, (amount, reference): (i64, &str)| {
        let new = json!({ "kind": "correction", "amount": amount, "currency": currency, "reference": reference });
        let (new, tenant): (EnterCredit, _) = (serde_json::from_value(new).expect("an entry"), id_of(&world, slug).await);
        let author = Author::system("test");
        world.app.db.act(author, &world.app.clock, async |act| billing::enter(act, tenant, &new).await.map(drop)).await
    };
    enter("acme", "EUR", (100, "in")).await.expect("entered");
    assert!(enter("acme", "USD", (5, "early")).await.expect_err("not empty").to_string().contains("other_currency"));
    enter("acme", "EUR", (-100, "out")).await.expect("entered");
    for slug in ["acme", "globex"] {
        assign(&world, slug, "us", json!({ "name": "US", "price": 1, "currency": "USD" })).await;
    }
    assert!(enter("globex", "EUR", (5, "first")).await.expect_err("the plan's").to_string().contains("other_currency"));
    enter("acme", "USD", (5, "late")).await.expect("entered");
    let operator = signed_in(&world).await;
    let listed = world.get("/api/v1/operator/tenants/acme/credits").bearing(&operator).await.expect(200).body;
    let told: Vec<_> = listed["data"].as_array().expect("rows").iter().map(|e| (text(&e["currency"]), e["balance"].as_i64())).collect();
    assert_eq!(told, [("USD".into(), Some(5)), ("EUR".into(), Some(0)), ("EUR".into(), Some(100))]);
    assert_eq!(trouble(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_tenants_data_stays_until_its_invoice_is_made_and_one_that_is_being_purged_gets_none() {
    let (world, _) = month_over(Payments::None).await;
    let purge = async |slug: &str| {
        let nothing = json!({ "databases": [], "objects": { "objects": 0, "bytes": 0 } });
        let planned = Planned::of_tenant(Kind::Purge, id_of(&world, slug).await, &nothing).expect("a job");
        world.app.db.act(Author::system("test"), &world.app.clock, async |act| jobs::plan(act, &planned).await).await.expect("planned");
    };
    purge("globex").await;
    assert_eq!(billing::begin_due(&world.app.db, &world.app.clock).await.expect("begun"), 1);
    sqlx::raw_sql("delete from jobs where kind = 'purge'").execute(world.app.db.pool()).await.expect("another test's");
    purge("acme").await;
    let mut purging = claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("a job");
    if purging.kind != Kind::Purge {
        purging = claim(&world.app, Uuid::now_v7()).await.expect("asked").expect("another job");
    }
    assert!(matches!(jobs::perform(&world.app, &purging).await.expect("done").next, Next::At("look", _)));
    world.travel(TimeDelta::minutes(5));
    jobs::work_all_but(&world.app, Uuid::now_v7(), &[Kind::Purge]).await.expect("worked");
    assert_eq!(invoices(&world).await, [row("acme", "issued", (5880, 0, 5880))]);
    // It goes on to where the database is, which is nowhere in this world.
    assert!(jobs::perform(&world.app, &purging).await.expect_err("no server").to_string().contains("cluster"));
}

#[tokio::test]
async fn months_that_were_missed_are_made_up_for_and_a_voided_invoice_is_made_anew_when_asked_for() {
    let (world, _) = month_over(Payments::None).await;
    let month = Month::of(world.app.clock.now()).previous();
    next_month(&world);
    // Nobody has looked for two months.
    assert_eq!(bill(&world).await, 4);
    assert_eq!(bill(&world).await, 0);
    assert_eq!(world.count("select count(distinct period) from invoices where state = 'issued'").await, 2);
    let acme = id_of(&world, "acme").await;
    let first: Uuid = sqlx::query_scalar("select id from invoices where tenant_id = $1 and period = $2")
        .bind(acme)
        .bind(month.first())
        .fetch_one(world.app.db.pool())
        .await
        .expect("an invoice");
    let author = Author::system("test");
    world.app.db.act(author, &world.app.clock, async |act| billing::void(act, first).await).await.expect("voided");
    // What is void is not to be paid, unless somebody asks for another one.
    assert_eq!(bill(&world).await, 0);
    let anew = async |month| billing::begin_month(&world.app.db, &world.app.clock, month, Some(acme)).await;
    assert_eq!((anew(month).await.expect("begun"), anew(month).await.expect("begun")), (1, 0));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(world.count("select count(*) from invoices where state = 'issued'").await, 4);
    assert_eq!(world.count("select count(*) from invoices where state = 'void'").await, 1);
    anew(Month::of(world.app.clock.now())).await.expect_err("it is not over");
    assert_eq!(trouble(&world).await, [""; 0]);
}

#[tokio::test]
async fn what_was_issued_is_never_changed_and_operators_say_what_came_in_or_is_not_to_come() {
    let (world, _) = month_over(Payments::None).await;
    enter(&world, "acme", "purchase", 880, "transfer-1").await.expect("entered");
    bill(&world).await;
    for sql in [
        "update invoices set total = total + 1, subtotal = subtotal + 1, due = due + 1",
        "update invoices set number = 'x'",
        "update invoices set state = 'draft', number = null",
        "delete from invoices",
        "update invoice_lines set amount = 1",
        "delete from invoice_lines",
        "insert into invoice_lines select invoice_id, 9, kind, plan, starts, ends, quantity, unit, amount from invoice_lines",
        "truncate invoice_lines",
        "truncate invoices cascade",
        "insert into invoices (id, tenant_id, period, state, number, currency, created_at)
         select gen_random_uuid(), id, '2020-01-01', 'issued', 'x', 'EUR', now() from tenants",
        "with drafted as (
            insert into invoices (id, tenant_id, period, currency, created_at)
            select '00000000-0000-0000-0000-000000000001', id, '2020-01-01', 'EUR', now() from tenants limit 1
        )
        insert into invoice_lines
        select '00000000-0000-0000-0000-000000000001', 1, kind, plan, starts, ends, quantity, unit, amount from invoice_lines limit 1;
        update invoice_lines set position = 9, invoice_id = (select id from invoices where state = 'issued' limit 1)
        where invoice_id = '00000000-0000-0000-0000-000000000001'",
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(world.app.db.pool()).await.expect_err(sql);
    }
    let operator = signed_in(&world).await;
    let listed = world.get("/api/v1/operator/invoices?tenant=acme").bearing(&operator).await.expect(200).body;
    let id = text(&listed["data"][0]["id"]);
    let voided = world.post(&format!("/api/v1/operator/invoices/{id}/void")).bearing(&operator).await.expect(200).body;
    assert_eq!(voided["state"], "void");
    // Its credits are there again, and it is not open any more.
    let credits = world.get("/api/v1/operator/tenants/acme/credits").bearing(&operator).await.expect(200).body;
    let told: Vec<_> = credits["data"].as_array().expect("rows").iter().map(|e| (text(&e["kind"]), e["balance"].as_i64())).collect();
    assert_eq!(told, [("refund".into(), Some(880)), ("spend".into(), Some(0)), ("purchase".into(), Some(880))]);
    let pay = async |id: &str| {
        world.post(&format!("/api/v1/operator/invoices/{id}/pay")).bearing(&operator).json(json!({ "payment": "T1" })).await
    };
    pay(&id).await.refused(409, "conflict");
    let globex = world.get("/api/v1/operator/invoices?tenant=globex").bearing(&operator).await.expect(200).body;
    let id = text(&globex["data"][0]["id"]);
    assert_eq!(pay(&id).await.expect(200).body["payment"], "T1");
    pay(&id).await.refused(409, "conflict");
    let standing = async |which: &str| -> Vec<String> {
        let listed = world.get(&format!("/api/v1/operator/invoices?{which}")).bearing(&operator).await.expect(200).body;
        listed["data"].as_array().expect("rows").iter().map(|invoice| text(&invoice["tenant"])).collect()
    };
    assert_eq!((standing("state=void").await, standing("state=paid").await), (vec!["acme".to_owned()], vec!["globex".to_owned()]));
    assert_eq!(standing("state=issued").await, [""; 0]);
    assert_eq!(standing("state=paid&tenant=acme").await, [""; 0]);
    let entry = json!({ "kind": "spend", "amount": -5, "currency": "EUR", "reference": "r" });
    world.post("/api/v1/operator/tenants/acme/credits").bearing(&operator).json(entry).await.refused(422, "validation_failed");
    let entry = json!({ "kind": "gift", "amount": 5, "currency": "USD", "reference": "r" });
    world.post("/api/v1/operator/tenants/acme/credits").bearing(&operator).json(entry).await.refused(409, "other_currency");
    world.travel(TimeDelta::minutes(16));
    pay(&id).await.refused(403, "step_up_required");
}

#[tokio::test]
async fn tickets_beyond_the_limit_are_counted_in_the_tenants_own_database() {
    let world = real_world().await;
    world.sign_up("acme", "ada@acme.example").await.expect(202);
    control_api::provisioning::walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    let metered = json!({ "name": "Metered", "tickets_a_month": 2, "extra_ticket": 30, "currency": "EUR" });
    next_month(&world);
    assign(&world, "acme", "metered", metered).await;
    let month = Month::of(world.app.clock.now());
    let mut own = inside(&world, "acme").await;
    let opened = async |own: &mut sqlx::PgConnection, n: i64, at: DateTime<Utc>| {
        let sql = "insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
            select 'TKT-' || $2 || n, u.id, 'x', 'x', 'x', $1, $1 from (select min(id) as id from users) u, generate_series(1, $3) n";
        sqlx::query(sql).bind(at).bind(at.timestamp()).bind(n).execute(own).await.expect("tickets");
    };
    opened(&mut own, 4, month.starts()).await;
    opened(&mut own, 1, month.ends() - TimeDelta::seconds(1)).await;
    opened(&mut own, 7, month.ends()).await;
    drop(own);
    next_month(&world);
    assert_eq!(bill(&world).await, 1);
    // Five in the month, two of them within the limit; and the tax.
    assert_eq!(invoices(&world).await, [row("acme", "issued", (108, 0, 108))]);
    // In the next one seven come on its first day. The plan is left for another on the second: a thirtieth of the limit,
    // rounded up, is free, and what it costs on the month's last day concerns none of them.
    world.travel(TimeDelta::days(1));
    assign(&world, "acme", "open", json!({ "name": "Open", "currency": "EUR" })).await;
    next_month(&world);
    assert_eq!(bill(&world).await, 1);
    assert_eq!(invoices(&world).await[1], row("acme", "issued", (216, 0, 216)));
    clean(&world).await;
}
