//! Leave to look in: given by the tenant's admin, used by an operator, and never for long.

use chrono::TimeDelta;
use control_api::support::note_ends;
use serde_json::{Value, json};
use shared::auth::jwt::Claims;

use crate::{
    operators::signed_in,
    world::{Answer, Person, World},
};

pub async fn grant(world: &World, admin: &Person, hours: i64) -> Answer {
    world.post("/api/v1/tenant/support-access").by(admin).json(json!({ "hours": hours, "reason": "  the printer " })).await
}

pub async fn look(world: &World, operator: &str) -> Answer {
    world.post("/api/v1/operator/support-access/acme").bearing(operator).await
}

fn claims(world: &World, answer: &Answer) -> Claims {
    world.app.keys.tokens.verify(answer.body["access_token"].as_str().expect("a token"), &world.app.clock).expect("ours")
}

#[tokio::test]
async fn an_operator_looks_in_only_while_the_admins_leave_lasts() {
    let (world, acme, globex) = World::start().await;
    let operator = signed_in(&world).await;
    look(&world, &operator).await.refused(403, "forbidden");
    grant(&world, &globex, 72).await.expect(201);
    look(&world, &operator).await.refused(403, "forbidden");
    let given = grant(&world, &acme, 1).await.expect(201).body;
    assert_eq!((&given["hours"], &given["reason"], &given["granted_by"]), (&json!(1), &json!("the printer"), &json!(acme.id)));
    grant(&world, &acme, 1).await.refused(409, "conflict");
    let begun = look(&world, &operator).await.expect(200);
    let token = claims(&world, &begun);
    assert_eq!((token.support, begun.body["expires_in"].as_i64()), (given["id"].as_i64(), Some(900)));
    assert_eq!(begun.body["url"], "http://acme.localhost:8080");
    // Not for the control plane: members and settings are none of their business.
    let pass = begun.body["access_token"].as_str().expect("a token");
    for path in ["/api/v1/auth/me", "/api/v1/members", "/api/v1/tenant", "/api/v1/tenant/support-access"] {
        world.get(path).at("acme").bearing(pass).await.refused(401, "unauthenticated");
    }
    world.get("/api/v1/operator/me").bearing(pass).await.refused(401, "unauthenticated");
    world.delete("/api/v1/tenant/support-access").by(&acme).await.expect(204);
    world.delete("/api/v1/tenant/support-access").by(&acme).await.refused(404, "not_found");
    look(&world, &operator).await.refused(403, "forbidden");
}

#[tokio::test]
async fn leave_ends_by_itself_and_all_of_it_stands_in_the_tenants_trail() {
    let (world, acme, _) = World::start().await;
    let operator = signed_in(&world).await;
    grant(&world, &acme, 1).await.expect(201);
    look(&world, &operator).await.expect(200);
    world.travel(TimeDelta::minutes(29));
    look(&world, &operator).await.expect(200);
    world.travel(TimeDelta::minutes(26));
    // Five minutes are left, of the leave and of the token.
    assert_eq!(look(&world, &operator).await.expect(200).body["expires_in"], 300);
    world.travel(TimeDelta::minutes(5));
    look(&world, &operator).await.refused(403, "forbidden");
    note_ends(&world.app).await.expect("noted");
    note_ends(&world.app).await.expect("nothing to note");
    let acme = world.log_in("acme", &acme.email).await;
    let list = world.get("/api/v1/tenant/support-access").by(&acme).await.expect(200).body;
    assert_eq!(list["data"][0]["ended_at"], list["data"][0]["ends_at"]);
    let sql = "select coalesce(jsonb_agg(jsonb_build_array(action, actor ->> 'kind') order by id), '[]') from audit_logs where resource like 'support:%' and changes::text like '%tenant_id%'";
    let trail: Value = sqlx::query_scalar(sql).fetch_one(world.app.db.pool()).await.expect("a trail");
    let used = json!(["SupportUsed", "operator"]);
    assert_eq!(trail, json!([["SupportGranted", "person"], used, used, used, ["SupportEnded", "system"]]));
}

#[tokio::test]
async fn leave_is_given_by_an_admin_who_has_just_proved_who_they_are_with_a_reason_and_a_bound() {
    let (world, acme, _) = World::start().await;
    for (body, field) in [
        (json!({ "hours": 0, "reason": "x" }), "hours"),
        (json!({ "hours": 73, "reason": "x" }), "hours"),
        (json!({ "hours": 1, "reason": "  " }), "reason"),
        (json!({ "hours": 1, "reason": "x".repeat(501) }), "reason"),
        (json!({ "hours": 1 }), "reason"),
        (json!({ "hours": 1, "reason": "x", "tenant_id": 1 }), "tenant_id"),
    ] {
        let answer = world.post("/api/v1/tenant/support-access").by(&acme).json(body).await.refused(422, "validation_failed");
        assert_eq!(answer.wrong_field().0, field);
    }
    let manager = world.member(&acme, "max", "manager").await;
    grant(&world, &manager, 1).await.refused(403, "forbidden");
    world.travel(TimeDelta::minutes(16));
    let refreshed = world.post("/api/v1/auth/refresh").json(json!({ "refresh_token": acme.refresh })).at("acme").await.expect(200);
    grant(&world, &Person::of(&refreshed), 1).await.refused(403, "step_up_required");
    grant(&world, &world.log_in("acme", &acme.email).await, 1).await.expect(201);
}

#[tokio::test]
async fn an_operator_who_signs_out_looks_at_nothing_any_more() {
    let (world, acme, _) = World::start().await;
    let operator = signed_in(&world).await;
    // One of the morning, which nobody has ended.
    let forgotten = "insert into operator_sessions (hash, operator_id, opened_at, last_used_at)
        select '\\x01', operator_id, opened_at - interval '1 hour', last_used_at - interval '1 hour'
        from operator_sessions";
    world.sql(forgotten).await;
    grant(&world, &acme, 1).await.expect(201);
    look(&world, &operator).await.expect(200);
    let seen = "select count(*) from app_support";
    assert_eq!(world.count(seen).await, 1, "as the app plane asks");
    world.post("/api/v1/operator/auth/logout").bearing(&operator).await.expect(204);
    assert_eq!(world.count(seen).await, 0);
}
