//! Whoever takes payments answers late, never, or what nobody asked.

use chrono::TimeDelta;
use control_api::{
    billing,
    jobs::{self, Kind, Planned, work_all},
};
use serde_json::json;
use shared::{Error, act::Author};
use uuid::Uuid;

use super::{bill, enter, id_of, invoices, month_over, next_month, row, trouble};
use crate::{
    cashier::{Cashier, Mood},
    operators::text,
};

#[tokio::test]
async fn a_payment_whose_answer_never_came_is_found_and_not_asked_for_again() {
    let cashier = Cashier::open().await;
    let (world, _) = month_over(cashier.payments()).await;
    cashier.is(Mood::PaysAndHangs);
    bill(&world).await;
    assert_eq!(world.count("select count(*) from invoices where state = 'issued'").await, 2);
    // Nobody asks for a minute after that, and the other one hangs in turn.
    assert_eq!(cashier.counts(), (1, 1));
    for _ in 0..2 {
        world.travel(TimeDelta::minutes(2));
        work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    }
    cashier.is(Mood::Breaks);
    world.travel(TimeDelta::minutes(2));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!((cashier.counts(), world.count("select count(*) from invoices where state = 'paid'").await), ((2, 2), 2));
    let payment: Vec<String> = sqlx::query_scalar("select payment from invoices").fetch_all(world.app.db.pool()).await.expect("payments");
    assert!(payment.iter().all(|payment| payment.starts_with("pay-")), "{payment:?}");
    cashier.close();
}

#[tokio::test]
async fn a_payment_that_is_under_way_is_left_alone_for_hours_and_others_do_not_wait_for_it() {
    let cashier = Cashier::open().await;
    let (world, _) = month_over(cashier.payments()).await;
    cashier.is(Mood::Ponders);
    bill(&world).await;
    let waiting = "select count(*) from jobs where kind = 'invoice' and finished_at is null and attempts = 0 and last_error is null";
    assert_eq!((cashier.counts(), world.count(waiting).await), ((2, 0), 2));
    cashier.decides();
    world.travel(TimeDelta::hours(5));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!(world.count("select count(*) from invoices where state = 'paid'").await, 0);
    world.travel(TimeDelta::hours(1));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    assert_eq!((cashier.counts(), world.count("select count(*) from invoices where state = 'paid'").await), ((2, 0), 2));
    cashier.close();
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_asked_once_a_minute_and_some_workers_make_no_invoices() {
    let cashier = Cashier::open().await;
    let (world, _) = month_over(cashier.payments()).await;
    cashier.is(Mood::Breaks);
    billing::begin_due(&world.app.db, &world.app.clock).await.expect("begun");
    let acme = id_of(&world, "acme").await;
    let left = json!({ "cluster_id": 1, "database": "tenant_gone", "role": "tenant_gone" });
    let planned = Planned::of_tenant(Kind::Retire, acme, &left).expect("a job");
    world.app.db.act(Author::system("test"), &world.app.clock, async |act| jobs::plan(act, &planned).await).await.expect("planned");
    jobs::work_all_but(&world.app, Uuid::now_v7(), &[Kind::Invoice]).await.expect("worked");
    let untouched = "select count(*) from jobs where kind = 'invoice' and step = 'measure'";
    let tried = "select count(*) from jobs where kind = 'retire' and (finished_at is not null or attempts > 0)";
    assert_eq!((world.count(untouched).await, world.count(tried).await), (2, 1));
    for minute in 1..4 {
        work_all(&world.app, Uuid::now_v7()).await.expect("worked");
        work_all(&world.app, Uuid::now_v7()).await.expect("worked");
        assert_eq!(cashier.counts(), (minute, 0));
        world.travel(TimeDelta::seconds(61));
    }
    cashier.close();
}

#[tokio::test]
async fn what_is_paid_for_a_void_invoice_is_written_down_until_somebody_gives_it_back() {
    let cashier = Cashier::open().await;
    let (world, _) = month_over(cashier.payments()).await;
    cashier.is(Mood::PaysAndHangs);
    bill(&world).await;
    let issued: Vec<Uuid> =
        sqlx::query_scalar("select id from invoices where state = 'issued'").fetch_all(world.app.db.pool()).await.expect("ids");
    for id in &issued {
        world.app.db.act(Author::system("test"), &world.app.clock, async |act| billing::void(act, *id).await).await.expect("voided");
    }
    assert_eq!((issued.len(), trouble(&world).await.len()), (2, 0));
    cashier.is(Mood::Breaks);
    for _ in 0..2 {
        world.travel(TimeDelta::hours(2));
        work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    }
    // One was asked for before; the other never is.
    assert_eq!((cashier.counts(), world.count("select count(*) from jobs where finished_at is null").await), ((1, 1), 0));
    let found = trouble(&world).await;
    assert!(found.len() == 1 && found[0].contains("is void, and payment pay-"), "{found:?}");
    let told = world.last_event("PaymentUnexpected").await["data"].clone();
    assert_eq!(told["amount"], 5880);
    let (id, payment) = (text(&told["invoice_id"]).parse().expect("an id"), text(&told["payment"]));
    let returned = async |note: &str| {
        let (author, clock) = (Author::system("test"), &world.app.clock);
        world.app.db.act(author, clock, async |act| billing::returned(act, (id, &payment), note).await).await
    };
    assert_eq!(returned("").await.expect_err("how").to_string(), Error::field("note", "", "").to_string());
    returned("by transfer").await.expect("noted");
    assert!(returned("again").await.expect_err("once").to_string().contains("not_found"));
    assert_eq!(trouble(&world).await, [""; 0]);
    cashier.close();
}

#[tokio::test]
async fn what_is_refused_stays_owed_and_what_is_a_lie_or_broken_is_asked_for_again() {
    let cashier = Cashier::open().await;
    let (world, _) = month_over(cashier.payments()).await;
    cashier.is(Mood::Refuses);
    bill(&world).await;
    assert_eq!(world.count("select count(*) from invoices where state = 'issued' and refusal = 'no money'").await, 2);
    assert_eq!(world.count("select count(*) from jobs where kind = 'invoice' and outcome = 'done'").await, 2);
    next_month(&world);
    for mood in [Mood::Breaks, Mood::Lies] {
        cashier.is(mood);
        bill(&world).await;
        assert_eq!(world.count("select count(*) from invoices where state = 'paid'").await, 0, "{mood:?}");
        world.travel(TimeDelta::minutes(2));
    }
    assert_eq!(world.count("select count(*) from jobs where kind = 'invoice' and finished_at is null").await, 2);
    cashier.close();
}

#[tokio::test]
async fn an_invoice_with_nothing_left_to_pay_is_paid_and_nobody_is_asked() {
    let cashier = Cashier::open().await;
    let (world, _) = month_over(cashier.payments()).await;
    for slug in ["acme", "globex"] {
        enter(&world, slug, "purchase", 10_000, "transfer-1").await.expect("entered");
    }
    bill(&world).await;
    assert_eq!(invoices(&world).await, [row("acme", "paid", (5880, 5880, 0)), row("globex", "paid", (5880, 5880, 0))]);
    assert_eq!(cashier.counts(), (0, 0));
    assert_eq!(trouble(&world).await, [""; 0]);
    cashier.close();
}
