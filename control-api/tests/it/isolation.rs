//! Every operation of the OpenAPI document stands in this table, with who may use it: without a
//! token, with another tenant's, in each role, and while the tenant is suspended.

use std::collections::BTreeSet;

use axum::http::Method;
use control_api::router::document;
use serde_json::{Value, json};

use crate::{
    operators,
    world::{Answer, Person, World},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum May {
    /// Anybody; no tenant is asked for.
    Anybody,
    /// Anybody who names a tenant.
    Visitors,
    /// Anybody signed in.
    Customer,
    /// Admins.
    Admin,
    /// Those who run the platform, at no tenant's address.
    Operator,
}

/// Operation, who may, a good body, and the status for those who may.
#[expect(clippy::too_many_lines, reason = "a table: one line for each operation")]
pub fn table() -> Vec<(&'static str, May, Option<Value>, u16)> {
    let login = json!({ "email": "nobody@acme.example", "password": "x" });
    let register = json!({ "email": "new@acme.example", "password": "plover-kite-anvil-42", "firstname": "N", "lastname": "N" });
    let accept = json!({ "token": "x", "password": "x", "firstname": "N", "lastname": "N" });
    let change = json!({ "current_password": "x", "new_password": "plover-kite-anvil-43" });
    let answered = json!({ "ceremony": "x", "credential": {} });
    let provider = json!({
        "issuer": "http://10.0.0.1", "client_id": "x", "client_secret": "x", "name": "X", "domains": ["acme.example"],
        "default_role": "agent", "enabled": true
    });
    vec![
        ("get /health", May::Anybody, None, 200),
        ("get /health/live", May::Anybody, None, 200),
        ("get /health/ready", May::Anybody, None, 200),
        ("post /api/v1/tenants", May::Anybody, Some(crate::world::sign_up_form("acme", "x@y.example")), 409),
        ("get /api/v1/tenants/{slug}/status", May::Anybody, None, 200),
        ("post /api/v1/auth/login", May::Visitors, Some(login), 401),
        ("post /api/v1/auth/refresh", May::Visitors, Some(json!({ "refresh_token": "x" })), 401),
        ("post /api/v1/auth/register", May::Visitors, Some(register), 202),
        ("post /api/v1/auth/email/verify", May::Visitors, Some(json!({ "token": "x" })), 404),
        ("post /api/v1/auth/invitations/accept", May::Visitors, Some(accept), 404),
        ("post /api/v1/auth/password/forgot", May::Visitors, Some(json!({ "email": "nobody@acme.example" })), 202),
        ("post /api/v1/auth/password/reset", May::Visitors, Some(json!({ "token": "x", "password": "x" })), 404),
        ("post /api/v1/auth/magic-link", May::Visitors, Some(json!({ "email": "nobody@acme.example" })), 202),
        ("post /api/v1/auth/magic-link/login", May::Visitors, Some(json!({ "token": "x" })), 404),
        ("post /api/v1/auth/email/change/confirm", May::Visitors, Some(json!({ "token": "x" })), 404),
        ("post /api/v1/auth/password/change", May::Customer, Some(change), 422),
        ("post /api/v1/auth/email/change", May::Customer, Some(json!({ "email": "else@acme.example", "password": "x" })), 422),
        ("get /api/v1/auth/me", May::Customer, None, 200),
        ("patch /api/v1/auth/me", May::Customer, Some(json!({})), 200),
        ("post /api/v1/auth/email/resend", May::Customer, None, 202),
        ("get /api/v1/auth/sessions", May::Customer, None, 200),
        ("delete /api/v1/auth/sessions/{id}", May::Customer, None, 404),
        ("post /api/v1/auth/2fa/verify", May::Visitors, Some(json!({ "challenge_token": "x", "code": "123456" })), 401),
        ("get /api/v1/auth/2fa", May::Customer, None, 200),
        ("post /api/v1/auth/2fa/setup", May::Customer, None, 200),
        ("post /api/v1/auth/2fa/enable", May::Customer, Some(json!({ "code": "wrong" })), 401),
        // Admins have a second factor, and must keep it; the others have none.
        ("post /api/v1/auth/2fa/disable", May::Customer, Some(json!({ "password": "x", "code": "wrong" })), 409),
        ("post /api/v1/auth/2fa/recovery-codes", May::Customer, None, 409),
        ("post /api/v1/auth/step-up", May::Customer, Some(json!({ "code": "wrong" })), 401),
        ("post /api/v1/auth/passkeys/login/start", May::Visitors, Some(json!({})), 200),
        ("post /api/v1/auth/passkeys/login/finish", May::Visitors, Some(answered.clone()), 422),
        ("post /api/v1/auth/2fa/passkey/start", May::Visitors, Some(json!({ "challenge_token": "x" })), 401),
        ("post /api/v1/auth/2fa/passkey/finish", May::Visitors, Some(answered.clone()), 422),
        ("get /api/v1/auth/methods", May::Visitors, None, 200),
        ("get /api/v1/auth/sso/start", May::Visitors, None, 404),
        ("get /api/v1/auth/sso/callback", May::Visitors, None, 401),
        ("get /api/v1/auth/passkeys", May::Customer, None, 200),
        ("post /api/v1/auth/passkeys/register/start", May::Customer, Some(json!({ "name": "Phone" })), 200),
        ("post /api/v1/auth/passkeys/register/finish", May::Customer, Some(answered.clone()), 404),
        ("patch /api/v1/auth/passkeys/{id}", May::Customer, Some(json!({ "name": "Phone" })), 404),
        ("delete /api/v1/auth/passkeys/{id}", May::Customer, None, 404),
        ("post /api/v1/auth/step-up/passkey/start", May::Customer, None, 409),
        ("post /api/v1/auth/step-up/passkey/finish", May::Customer, Some(answered), 422),
        ("get /api/v1/tenant/identity-provider", May::Admin, None, 404),
        ("put /api/v1/tenant/identity-provider", May::Admin, Some(provider), 422),
        ("delete /api/v1/tenant/identity-provider", May::Admin, None, 404),
        ("get /api/v1/tenant", May::Admin, None, 200),
        ("patch /api/v1/tenant", May::Admin, Some(json!({})), 200),
        ("get /api/v1/tenant/usage", May::Admin, None, 200),
        ("get /api/v1/tenant/invoices", May::Admin, None, 200),
        ("get /api/v1/tenant/invoices/{id}", May::Admin, None, 404),
        ("get /api/v1/members", May::Admin, None, 200),
        ("patch /api/v1/members/{user_id}", May::Admin, Some(json!({ "role": "agent" })), 404),
        ("delete /api/v1/members/{user_id}", May::Admin, None, 404),
        ("get /api/v1/invitations", May::Admin, None, 200),
        ("post /api/v1/invitations", May::Admin, Some(json!({ "email": "i@acme.example", "role": "agent" })), 201),
        ("delete /api/v1/invitations/{id}", May::Admin, None, 404),
        ("get /api/v1/audit-logs", May::Admin, None, 200),
        ("get /api/v1/audit-logs/export", May::Admin, None, 200),
        ("post /api/v1/tenant/support-access", May::Admin, Some(json!({ "hours": 1, "reason": "look" })), 201),
        ("get /api/v1/tenant/support-access", May::Admin, None, 200),
        ("delete /api/v1/tenant/support-access", May::Admin, None, 204),
        ("get /api/v1/tenant/deletion", May::Admin, None, 404),
        ("post /api/v1/tenant/deletion", May::Admin, Some(json!({ "slug": "nobody" })), 422),
        ("delete /api/v1/tenant/deletion", May::Admin, None, 404),
        ("post /api/v1/operator/auth/login", May::Operator, Some(json!({ "email": "nobody@platform.example", "password": "x" })), 401),
        ("post /api/v1/operator/auth/2fa/setup", May::Operator, None, 401),
        ("post /api/v1/operator/auth/2fa/enable", May::Operator, Some(json!({ "code": "123456" })), 401),
        ("post /api/v1/operator/auth/2fa/verify", May::Operator, Some(json!({ "challenge_token": "x", "code": "123456" })), 401),
        ("get /api/v1/operator/me", May::Operator, None, 200),
        ("get /api/v1/operator/tenants", May::Operator, None, 200),
        ("get /api/v1/operator/tenants/{slug}", May::Operator, None, 200),
        ("post /api/v1/operator/tenants/{slug}/resume", May::Operator, None, 409),
        ("post /api/v1/operator/tenants/{slug}/retry", May::Operator, None, 409),
        ("post /api/v1/operator/tenants/{slug}/move", May::Operator, Some(json!({ "cluster": "nowhere" })), 409),
        ("post /api/v1/operator/tenants/{slug}/restore", May::Operator, Some(json!({ "at": "2020-01-01T00:00:00Z" })), 422),
        ("post /api/v1/operator/tenants/{slug}/suspend", May::Operator, None, 200),
        ("get /api/v1/operator/plans", May::Operator, None, 200),
        ("put /api/v1/operator/plans/{code}", May::Operator, Some(json!({ "name": "Shop", "currency": "EUR" })), 200),
        ("get /api/v1/operator/tenants/{slug}/usage", May::Operator, None, 200),
        ("put /api/v1/operator/tenants/{slug}/plan", May::Operator, Some(json!({ "plan": "team" })), 200),
        ("get /api/v1/operator/tenants/{slug}/credits", May::Operator, None, 200),
        (
            "post /api/v1/operator/tenants/{slug}/credits",
            May::Operator,
            Some(json!({ "kind": "gift", "amount": 5, "currency": "EUR", "reference": "r" })),
            201,
        ),
        ("get /api/v1/operator/invoices", May::Operator, None, 200),
        ("get /api/v1/operator/invoices/{id}", May::Operator, None, 404),
        ("post /api/v1/operator/invoices/{id}/pay", May::Operator, Some(json!({ "payment": "x" })), 404),
        ("post /api/v1/operator/invoices/{id}/void", May::Operator, None, 404),
        ("get /api/v1/operator/clusters", May::Operator, None, 200),
        ("get /api/v1/operator/clusters/{name}", May::Operator, None, 404),
        ("patch /api/v1/operator/clusters/{name}", May::Operator, Some(json!({})), 404),
        ("post /api/v1/operator/support-access/{slug}", May::Operator, None, 409),
        ("get /api/v1/operator/audit-logs", May::Operator, None, 200),
        ("post /api/v1/operator/migrations", May::Operator, Some(json!({})), 202),
        ("get /api/v1/operator/migrations", May::Operator, None, 200),
        ("get /api/v1/operator/migrations/{id}", May::Operator, None, 404),
        ("get /api/v1/operator/migrations/{id}/tenants", May::Operator, None, 404),
        ("post /api/v1/operator/migrations/{id}/pause", May::Operator, None, 404),
        ("post /api/v1/operator/migrations/{id}/resume", May::Operator, None, 404),
        ("post /api/v1/operator/migrations/{id}/retry", May::Operator, None, 404),
        ("get /api/v1/operator/jobs", May::Operator, None, 200),
        ("get /api/v1/operator/jobs/{id}", May::Operator, None, 404),
        ("get /api/v1/operator/backups", May::Operator, None, 200),
        ("post /api/v1/operator/backups", May::Operator, Some(json!({ "tenant": "globex" })), 202),
        ("get /api/v1/operator/backups/{id}", May::Operator, None, 404),
        ("delete /api/v1/operator/backups/{id}", May::Operator, None, 404),
        ("post /api/v1/operator/backups/{id}/restore", May::Operator, Some(json!({ "tenant": "globex" })), 404),
        ("get /api/v1/operator/drills", May::Operator, None, 200),
        ("post /api/v1/operator/drills", May::Operator, Some(json!({})), 404),
        ("post /api/v1/operator/tenants/{slug}/delete", May::Operator, None, 200),
        ("get /api/v1/operator/tenants/{slug}/record", May::Operator, None, 404),
        ("post /api/v1/operator/auth/logout", May::Operator, None, 204),
        ("get /api/v1/tenant/exports", May::Admin, None, 200),
        ("post /api/v1/tenant/exports", May::Admin, Some(json!({})), 202),
        ("get /api/v1/tenant/exports/{id}", May::Admin, None, 404),
        ("get /api/v1/tenant/exports/{id}/download", May::Admin, None, 404),
        ("get /api/v1/api-keys", May::Admin, None, 200),
        ("post /api/v1/api-keys", May::Admin, Some(json!({ "name": "Shop", "scopes": ["tickets:read"] })), 201),
        ("delete /api/v1/api-keys/{id}", May::Admin, None, 404),
        // These end the sessions that the rows above use.
        ("post /api/v1/auth/logout", May::Customer, None, 204),
        ("post /api/v1/auth/logout-all", May::Customer, None, 204),
    ]
}

#[test]
fn no_operation_is_missing_here() {
    let document: Value = serde_json::from_str(&document().expect("a document")).expect("JSON");
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            documented.insert(format!("{method} {path}"));
        }
    }
    let listed: BTreeSet<String> = table().iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(documented, listed);
}

/// Parameters without which an operation says nothing.
pub fn wants(operation: &str) -> &'static str {
    if operation.ends_with("/audit-logs/export") { "?format=jsonl" } else { "" }
}

/// What was done, as the trail says.
const DONE: &str = "select count(*) from audit_logs where outcome = 'success'";
/// What leaves no row when it is done, each with the reason; the walks read this too.
pub const QUIET: [(&str, &str); 8] = [
    ("post /api/v1/auth/refresh", "goes on with a session that is told of; once a quarter of an hour each it would drown the rest"),
    ("post /api/v1/auth/password/forgot", "the same row for somebody unknown would tell who is; the link is told of when it is made"),
    ("post /api/v1/auth/magic-link", "the same row for somebody unknown would tell who is; the link is told of when it is made"),
    ("post /api/v1/auth/passkeys/login/start", "a question to a browser, by nobody yet"),
    ("post /api/v1/auth/passkeys/register/start", "a question to a browser; the passkey is told of when it is kept"),
    ("post /api/v1/auth/2fa/passkey/start", "a question to a browser; what follows is told of"),
    ("post /api/v1/auth/step-up/passkey/start", "a question to a browser; what follows is told of"),
    ("post /api/v1/operator/auth/login", "leads to a second factor, and nowhere without it; coming in is told of"),
];
/// Nothing is to be done for whoever has proved the address, as everybody in the grid has.
const PROVED: &str = "post /api/v1/auth/email/resend";

/// An operation with a good body, and ids of nothing.
pub struct Row<'a> {
    world: &'a World,
    method: Method,
    path: String,
    body: Option<Value>,
}

impl<'a> Row<'a> {
    pub fn of(world: &'a World, operation: &str, slug: &str, body: Option<Value>) -> Self {
        let (method, path) = operation.split_once(' ').expect("method and path");
        let path = path
            .replace("{slug}", slug)
            .replace("{user_id}", "999999")
            .replace("{name}", "nowhere-at-all")
            .replace("sessions/{id}", "sessions/00000000-0000-0000-0000-000000000009")
            .replace("migrations/{id}", "migrations/00000000-0000-0000-0000-000000000009")
            .replace("jobs/{id}", "jobs/00000000-0000-0000-0000-000000000009")
            .replace("invoices/{id}", "invoices/00000000-0000-0000-0000-000000000009")
            .replace("{code}", "shop")
            .replace("exports/{id}", "exports/00000000-0000-0000-0000-000000000009")
            .replace("backups/{id}", "backups/00000000-0000-0000-0000-000000000009")
            .replace("{id}", "999999")
            + wants(operation);
        Self { world, method: method.to_uppercase().parse().expect("a method"), path, body }
    }

    pub async fn ask(&self, slug: Option<&str>, token: Option<&str>) -> Answer {
        let mut ask = self.world.ask(self.method.clone(), &self.path);
        if let Some(slug) = slug {
            ask = ask.at(slug);
        }
        if let Some(token) = token {
            ask = ask.bearing(token);
        }
        match &self.body {
            Some(body) => ask.json(body.clone()).await,
            None => ask.await,
        }
    }
}

#[tokio::test]
async fn each_operation_lets_in_whom_the_table_says() {
    let (world, acme, globex) = World::start().await;
    world.own("acme").await;
    world.own("globex").await;
    let people = [
        (May::Customer, world.customer("acme", "chloe").await),
        (May::Customer, world.member(&acme, "ana", "agent").await),
        (May::Customer, world.member(&acme, "max", "manager").await),
        (May::Admin, acme.clone()),
    ];
    let operator = operators::signed_in(&world).await;
    for (operation, may, body, status) in table() {
        let row = Row::of(&world, operation, if may == May::Operator { "globex" } else { "acme" }, body);
        if may == May::Operator {
            check_operators(&row, operation, status, (&people, &operator)).await;
        } else {
            check(&row, operation, may, status, (&people, &globex)).await;
            // An operator's token is nobody's here.
            let answer = row.ask(Some("acme"), Some(&operator)).await;
            assert!(may <= May::Visitors || answer.status == 401, "{operation}: {}", answer.body);
        }
    }
}

/// Not there at a tenant's address; elsewhere, for operators alone. Their ways in ask for no session.
async fn check_operators(row: &Row<'_>, operation: &str, status: u16, (people, operator): (&[(May, Person)], &str)) {
    for token in [None, Some(operator)].into_iter().chain(people.iter().map(|(_, person)| Some(person.access.as_str()))) {
        row.ask(Some("acme"), token).await.refused(404, "not_found");
        if token != Some(operator) && status != 401 {
            row.ask(None, token).await.refused(401, "unauthenticated");
            row.ask(Some("admin"), token).await.refused(401, "unauthenticated");
        }
    }
    let answer = row.ask(Some("admin"), Some(operator)).await;
    assert_eq!(answer.status, status, "{operation}: {}", answer.body);
}

async fn check(row: &Row<'_>, operation: &str, may: May, status: u16, (people, globex): (&[(May, Person)], &Person)) {
    if may <= May::Visitors {
        let slug = (may == May::Visitors).then_some("acme");
        let answer = row.ask(slug, None).await;
        assert_eq!(answer.status, status, "{operation}: {}", answer.body);
        return;
    }
    for token in [None, Some("garbage"), Some(globex.refresh.as_str()), Some("")] {
        row.ask(Some("acme"), token).await.refused(401, "unauthenticated");
    }
    row.ask(Some("acme"), Some(&globex.access)).await.refused(403, "tenant_mismatch");
    row.ask(None, Some(&globex.access)).await.refused(404, "tenant_not_found");
    for (is, person) in people {
        let before = row.world.count(DONE).await;
        let answer = row.ask(Some("acme"), Some(&person.access)).await;
        if answer.status < 300 && row.method != Method::GET && operation != PROVED && !QUIET.iter().any(|(quiet, _)| *quiet == operation) {
            assert!(row.world.count(DONE).await > before, "{operation} left no trace in the trail (AU-1)");
        }
        if *is < may {
            answer.refused(403, "forbidden");
        } else {
            // Whoever left by the row before has no session any more.
            let left = operation.ends_with("logout-all") && answer.status == 401;
            let enrolled = *is == May::Admin
                && matches!((operation.rsplit('/').next(), answer.status), (Some("disable"), 403) | (Some("recovery-codes"), 200));
            assert!(left || enrolled || answer.status == status, "{operation} by {}: {} {}", person.email, answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn who_owes_a_second_factor_may_prove_it_or_set_it_up_and_nothing_else() {
    let (world, acme, _) = World::start().await;
    let challenge = world.try_log_in("acme", &acme.email, crate::world::PASSWORD).await.expect(200);
    let challenge = challenge.body["challenge_token"].as_str().expect("a challenge").to_owned();
    world.sign_up("third", "ada@third.example").await.expect(202);
    let enrolment = world.try_log_in("third", "ada@third.example", crate::world::PASSWORD).await.expect(200);
    let enrolment = enrolment.body["enrolment_token"].as_str().expect("an enrolment").to_owned();
    let before = world.count(DONE).await;
    for (operation, may, body, _) in table() {
        let row = Row::of(&world, operation, "acme", body);
        if may <= May::Visitors || may == May::Operator {
            continue;
        }
        for (slug, token) in [("acme", &challenge), ("third", &challenge), ("acme", &enrolment), ("third", &enrolment)] {
            let own = slug == "third"
                && token == &enrolment
                && (operation.ends_with("2fa/setup") || operation.ends_with("2fa/enable") || operation.contains("/passkeys/register/"));
            if !own {
                row.ask(Some(slug), Some(token)).await.refused(401, "unauthenticated");
            }
        }
    }
    assert_eq!(world.count(DONE).await, before, "nothing was done");
    world.settle("third", world.try_log_in("third", "ada@third.example", crate::world::PASSWORD).await).await;
}
