//! What happens between a proof and what it opens: whoever is promoted or taken out in between is treated
//! as what they are then.

use std::future::Future;

use serde_json::json;

use crate::{
    passkeys::device,
    world::{Answer, PASSWORD, World},
};

/// Asks while `change` is being made and not done yet; it is done as soon as the asker waits for it.
async fn during(world: &World, change: &'static str, asked: impl Future<Output = Answer>) -> Answer {
    let mut other = world.app.db.pool().begin().await.expect("begun");
    sqlx::raw_sql(change).execute(&mut *other).await.expect("changed");
    tokio::pin!(asked);
    tokio::select! {
        answer = &mut asked => answer,
        () = somebody_waits(world) => {
            other.commit().await.expect("done");
            asked.await
        }
    }
}

/// Comes back when somebody waits for a lock in this database.
async fn somebody_waits(world: &World) {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while world.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn whoever_is_taken_out_while_a_code_is_looked_at_stays_out() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    world.enrol("acme", &ana.access).await;
    let owed = world.try_log_in("acme", &ana.email, PASSWORD).await.expect(200).body;
    let ticket = owed["challenge_token"].as_str().expect("a token");
    let code = world.fresh_code(ticket).await;
    let removal = "update memberships m set status = 'removed' from users u where u.id = m.user_id and u.email = 'ana@acme.example'";
    during(&world, removal, world.verify_code("acme", ticket, &code)).await.refused(401, "token_expired");
    world.get("/api/v1/members").by(&acme).await.expect(200);
}

#[tokio::test]
async fn a_customer_who_becomes_staff_while_a_link_is_followed_does_not_come_in_by_it() {
    let (world, _, globex) = World::start().await;
    let chloe = world.customer("acme", "chloe").await;
    world.post("/api/v1/auth/magic-link").at("acme").json(json!({ "email": chloe.email })).await.expect(202);
    let body = json!({ "token": world.token_for(&chloe.email).await });
    let promotion = "update memberships m set role = 'agent' from users u where u.id = m.user_id and u.email = 'chloe@acme.example'";
    let come = async { world.post("/api/v1/auth/magic-link/login").json(body).await };
    during(&world, promotion, come).await.refused(404, "not_found");
    world.get("/api/v1/auth/me").by(&globex).await.expect(200);
}

#[tokio::test]
async fn whoever_becomes_an_admin_while_they_remove_their_last_passkey_keeps_it() {
    let (world, acme, _) = World::start().await;
    let ana = world.member(&acme, "ana", "agent").await;
    device(&world, &ana, "Phone").await;
    let id = world.get("/api/v1/auth/passkeys").by(&ana).await.expect(200).body["data"][0]["id"].clone();
    let path = format!("/api/v1/auth/passkeys/{id}");
    let promotion = "update memberships m set role = 'admin' from users u where u.id = m.user_id and u.email = 'ana@acme.example'";
    let remove = async { world.delete(&path).by(&ana).await };
    during(&world, promotion, remove).await.refused(409, "conflict");
}
