//! What is done about plans, credits and invoices, by operators and by the worker.

use chrono::TimeDelta;
use control_api::{billing, jobs::work_all};
use serde_json::json;
use shared::{
    act::{Act, Author},
    month::Month,
};
use uuid::Uuid;

use super::{Acts, Trail};
use crate::{
    cashier::{Cashier, Mood},
    operators::{signed_in, text},
    plans::assign,
    world::World,
};

pub const ACTS: Acts = &[
    ("put /api/v1/operator/plans/{code}", &["operator PlanSet -"]),
    ("put /api/v1/operator/tenants/{slug}/plan", &["operator TenantPlanChanged acme"]),
    ("post /api/v1/operator/tenants/{slug}/credits", &["operator CreditEntered acme"]),
    (
        "worker, an invoice that is paid",
        &["system InvoiceBegun acme", "system CreditEntered acme", "system InvoiceIssued acme", "system InvoicePaid acme"],
    ),
    (
        "worker, an invoice whose payment is refused",
        &["system InvoiceBegun acme", "system InvoiceIssued acme", "system InvoiceRefused acme"],
    ),
    ("post /api/v1/operator/invoices/{id}/pay", &["operator InvoicePaid acme"]),
    ("worker, one more, whose payment hangs", &["system InvoiceBegun acme", "system InvoiceIssued acme"]),
    ("post /api/v1/operator/invoices/{id}/void", &["operator InvoiceVoided acme"]),
    ("worker, what was paid for a void invoice", &["system PaymentUnexpected acme"]),
    ("command line, what is given back", &["system PaymentReturned acme"]),
];

async fn bill(world: &World) {
    let now = world.app.clock.now();
    world.travel(Month::of(now).ends() - now + TimeDelta::hours(1));
    billing::begin_due(&world.app.db, &world.app.clock).await.expect("begun");
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
}

/// The path of the newest invoice.
async fn newest(world: &World, operator: &str) -> String {
    let listed = world.get("/api/v1/operator/invoices").bearing(operator).await.expect(200).body;
    format!("/api/v1/operator/invoices/{}", text(&listed["data"][0]["id"]))
}

#[tokio::test]
async fn plans_credits_and_invoices_are_told_of() {
    let cashier = Cashier::open().await;
    let world = World::paying(cashier.payments()).await;
    world.organisation("acme").await;
    world.own("acme").await;
    let operator = signed_in(&world).await;
    let mut trail = Trail::of(&world, ACTS).await;
    let shop = json!({ "name": "Shop", "price": 1000, "currency": "EUR" });
    world.put("/api/v1/operator/plans/shop").bearing(&operator).json(shop).await.expect(200);
    trail.tells("put /api/v1/operator/plans/{code}").await;
    world.put("/api/v1/operator/tenants/acme/plan").bearing(&operator).json(json!({ "plan": "shop" })).await.expect(200);
    trail.tells("put /api/v1/operator/tenants/{slug}/plan").await;
    let gift = json!({ "kind": "gift", "amount": 1, "currency": "EUR", "reference": "welcome" });
    world.post("/api/v1/operator/tenants/acme/credits").bearing(&operator).json(gift).await.expect(201);
    trail.tells("post /api/v1/operator/tenants/{slug}/credits").await;
    bill(&world).await;
    trail.tells("worker, an invoice that is paid").await;
    cashier.is(Mood::Refuses);
    bill(&world).await;
    trail.tells("worker, an invoice whose payment is refused").await;
    let operator = back(&world, &mut trail).await;
    let path = newest(&world, &operator).await;
    world.post(&format!("{path}/pay")).bearing(&operator).json(json!({ "payment": "T1" })).await.expect(200);
    trail.tells("post /api/v1/operator/invoices/{id}/pay").await;
    cashier.is(Mood::PaysAndHangs);
    bill(&world).await;
    trail.tells("worker, one more, whose payment hangs").await;
    let operator = back(&world, &mut trail).await;
    let path = newest(&world, &operator).await;
    world.post(&format!("{path}/void")).bearing(&operator).await.expect(200);
    trail.tells("post /api/v1/operator/invoices/{id}/void").await;
    world.travel(TimeDelta::minutes(2));
    work_all(&world.app, Uuid::now_v7()).await.expect("worked");
    trail.tells("worker, what was paid for a void invoice").await;
    let came = world.last_event("PaymentUnexpected").await["data"].clone();
    let (id, payment) = (text(&came["invoice_id"]).parse().expect("an id"), text(&came["payment"]));
    let returned = async |act: &mut Act| billing::returned(act, (id, &payment), "by transfer").await.map(drop);
    world.app.db.act(Author::system("command line"), &world.app.clock, returned).await.expect("noted");
    trail.tells("command line, what is given back").await;
    trail.ends();
    assign(&world, "acme", "other", json!({ "name": "Other", "currency": "EUR" })).await;
    cashier.close();
}

/// A month later the operator's session has ended; another one begins.
async fn back(world: &World, trail: &mut Trail<'_>) -> String {
    control_api::operators::cli::remove(&world.app.db, &world.app.clock, crate::operators::EMAIL).await.expect("removed");
    let token = signed_in(world).await;
    trail.prepared().await;
    token
}
