//! Who comes with something good at another door: at no operation of the document does it open anything.

use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    api_keys::{all, key},
    isolation::{May, Row, table},
    operators,
    support::{grant, look},
    world::{PASSWORD, Person, World},
};

const DONE: &str = "select count(*) from audit_logs where outcome = 'success'";
/// What a token shows at a tenant's own operations.
type Answer = (u16, &'static str);
const NOBODY: Answer = (401, "unauthenticated");
const ELSEWHERE: Answer = (403, "tenant_mismatch");

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The operations that a login ticket of this tenant opens too: no other token is one.
fn enrols(operation: &str) -> bool {
    operation.ends_with("2fa/setup") || operation.ends_with("2fa/enable") || operation.contains("/passkeys/register/")
}

/// Somebody of each role.
async fn everybody(world: &World, admin: &Person) -> Vec<Person> {
    vec![
        world.customer(&admin.slug, "chloe").await,
        world.member(admin, "ana", "agent").await,
        world.member(admin, "max", "manager").await,
        admin.clone(),
    ]
}

/// The pass of an operator whom this organisation lets look.
async fn pass(world: &World, operator: &str, admin: &Person) -> String {
    grant(world, admin, 72).await.expect(201);
    let path = format!("/api/v1/operator/support-access/{}", admin.slug);
    text(&world.post(&path).bearing(operator).await.expect(200).body["access_token"])
}

/// All that opens something somewhere, and what it is at Acme.
async fn strangers(world: &World, acme: &Person, globex: &Person) -> Vec<(&'static str, String, Answer)> {
    let expired = world.log_in("acme", &acme.email).await.access;
    world.travel(TimeDelta::minutes(16));
    let (acme, globex) = (world.log_in("acme", &acme.email).await, world.log_in("globex", &globex.email).await);
    let challenge = text(&world.try_log_in("acme", &acme.email, PASSWORD).await.expect(200).body["challenge_token"]);
    world.sign_up("third", "ada@third.example").await.expect(202);
    let enrolment = text(&world.try_log_in("third", "ada@third.example", PASSWORD).await.expect(200).body["enrolment_token"]);
    let operator = operators::signed_in(world).await;
    let mut strangers = vec![
        ("an expired token", expired, (401, "token_expired")),
        ("a challenge", challenge, NOBODY),
        ("an enrolment elsewhere", enrolment, NOBODY),
        ("a refresh token", acme.refresh.clone(), NOBODY),
        ("an operator's pass", pass(world, &operator, &acme).await, NOBODY),
        ("an operator's pass of another tenant", pass(world, &operator, &globex).await, ELSEWHERE),
        ("an operator", operator, NOBODY),
        ("an API key of another tenant", key(world, &globex, &all()).await.access, ELSEWHERE),
    ];
    let roles = ["another's customer", "another's agent", "another's manager", "another's admin"];
    strangers.extend(roles.into_iter().zip(everybody(world, &globex).await).map(|(who, person)| (who, person.access, ELSEWHERE)));
    strangers
}

#[tokio::test]
async fn nothing_of_another_kind_or_tenant_opens_any_operation() {
    let (world, acme, globex) = World::start().await;
    let strangers = strangers(&world, &acme, &globex).await;
    let done = world.count(DONE).await;
    // Two ways in of operators ask for no token at all.
    let open = |operation: &str| operation.ends_with("operator/auth/login") || operation.ends_with("operator/auth/2fa/verify");
    for (operation, may, body, _) in table().into_iter().filter(|row| row.1 > May::Visitors && !open(row.0)) {
        let row = Row::of(&world, operation, "acme", body);
        for (who, token, (status, code)) in &strangers {
            let key_at_enrolment = token.starts_with("hdk_") && enrols(operation);
            let (status, code) = if key_at_enrolment { NOBODY } else { (*status, *code) };
            if may != May::Operator {
                let answer = row.ask(Some("acme"), Some(token)).await;
                assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{operation} by {who}");
            } else if *who != "an operator" {
                row.ask(None, Some(token)).await.refused(401, "unauthenticated");
                row.ask(Some("admin"), Some(token)).await.refused(401, "unauthenticated");
                row.ask(Some("acme"), Some(token)).await.refused(404, "not_found");
            }
        }
    }
    assert_eq!(world.count(DONE).await, done, "nothing was done");
    assert_eq!(world.count("select count(*) from api_keys where last_used_at is not null").await, 0);
}

#[tokio::test]
async fn a_closed_tenant_lets_nobody_in_whatever_they_have() {
    let (world, acme, globex) = World::start().await;
    let mut people: Vec<String> = everybody(&world, &acme).await.into_iter().map(|person| person.access).collect();
    people.push(key(&world, &acme, &all()).await.access);
    let operator = operators::signed_in(&world).await;
    people.push(pass(&world, &operator, &acme).await);
    people.push(globex.access.clone());
    let done = world.count(DONE).await;
    for (status, answer, code) in
        [("suspended", 403, "tenant_suspended"), ("deleted", 404, "tenant_not_found"), ("failed", 404, "tenant_not_found")]
    {
        let sql = "update tenants set status = $1 where slug = 'acme'";
        sqlx::query(sql).bind(status).execute(world.app.db.pool()).await.expect("changed");
        for (operation, may, body, _) in table().into_iter().filter(|row| row.1 != May::Operator && row.1 > May::Anybody) {
            let row = Row::of(&world, operation, "acme", body);
            let anybody = (may == May::Visitors).then_some(None);
            for token in people.iter().map(|token| Some(token.as_str())).chain(anybody) {
                row.ask(Some("acme"), token).await.refused(answer, code);
            }
        }
        look(&world, &operator).await.refused(409, "conflict");
    }
    assert_eq!(world.count(DONE).await, done, "nothing was done");
    assert_eq!(world.get("/api/v1/tenants/acme/status").await.expect(200).body["status"], "failed");
    world.get("/api/v1/auth/me").by(&globex).await.expect(200);
}
