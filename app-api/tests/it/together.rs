//! All of a change is written, or nothing (T-7): the row, its history, its audit row, its event, and the answer that a retry
//! gets.

use axum::http::Method;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::world::{Answer, Caller, TestApp, TestTenant};

/// What changes leave, each counted. Refusals have audit rows of their own.
const LEFT: &str = "select array[
    (select coalesce(sum(version), 0)::bigint from support_tickets), (select coalesce(sum(staff_unread), 0) from support_tickets),
    (select count(*) from ticket_messages), (select count(*) from ticket_history), (select count(*) from search_entries),
    (select count(*) from events), (select count(*) from audit_logs where outcome = 'success'), (select count(*) from idempotency_keys)]";

async fn left(tenant: &TestTenant) -> Vec<i64> {
    sqlx::query_scalar(LEFT).fetch_one(&tenant.db).await.expect(LEFT)
}

async fn run(tenant: &TestTenant, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&tenant.db).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// From now on nothing is written there.
async fn breaks(tenant: &TestTenant, table: &str) {
    let sql = "create or replace function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;";
    run(tenant, format!("{sql} create trigger broken before insert on {table} for each row execute function broken();")).await;
}

async fn mends(tenant: &TestTenant, table: &str) {
    run(tenant, format!("drop trigger broken on {table};")).await;
}

/// A customer and an agent with a ticket in each state that something is done to.
struct Desk {
    ana: Caller,
    chloe: Caller,
    open: i64,
    taken: i64,
    waiting: i64,
}

impl Desk {
    async fn of(app: &TestApp) -> Self {
        let (ana, chloe) = (app.acme.agent("ana").await, app.acme.customer("chloe").await);
        let (open, taken, waiting) = (chloe.opens("Open").await, chloe.opens("Taken").await, chloe.opens("Waiting").await);
        for ticket in [taken, waiting] {
            ana.assigns(ticket, Some(ana.id)).await.expect(200);
        }
        ana.sets(waiting, "waiting_customer").await.expect(200);
        Self { ana, chloe, open, taken, waiting }
    }

    /// Everything that is done here, once.
    async fn works(&self, key: &str) -> Vec<(&'static str, Answer)> {
        let body = json!({ "subject": "One more", "description": "It smokes." });
        let keyed = [("idempotency-key", key)];
        vec![
            ("an opening", self.chloe.with(&Method::POST, "/api/v1/tickets", body, &keyed).await),
            ("an answer that moves its ticket", self.chloe.says(self.waiting, "Here it is").await),
            ("an assignment", self.ana.assigns(self.open, Some(self.ana.id)).await),
            ("a step", self.ana.sets(self.taken, "resolved").await),
            (
                "an edit",
                self.ana.patch(&format!("/api/v1/tickets/{}", self.waiting), json!({ "subject": "Anew", "priority": "high" })).await,
            ),
        ]
    }
}

#[tokio::test]
async fn of_a_change_that_cannot_be_written_whole_nothing_is() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app).await;
    let before = left(&app.acme).await;
    for table in ["ticket_history", "events", "audit_logs"] {
        breaks(&app.acme, table).await;
        for (what, answer) in desk.works(table).await {
            assert_eq!(answer.status, 500, "{what} without {table}: {:#}", answer.body);
        }
        mends(&app.acme, table).await;
        assert_eq!(left(&app.acme).await, before, "without {table}");
    }
    for (what, answer) in desk.works("whole").await {
        assert!(answer.status.is_success(), "{what}: {:#}", answer.body);
    }
    let after = left(&app.acme).await;
    assert!(before.iter().zip(&after).all(|(before, after)| before < after), "everything is counted: {before:?} {after:?}");
    app.drain().await;
}

#[tokio::test]
async fn a_ticket_whose_answer_cannot_be_kept_for_retries_is_not_opened() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app).await;
    let before = left(&app.acme).await;
    breaks(&app.acme, "idempotency_keys").await;
    let body = json!({ "subject": "One more", "description": "It smokes." });
    let open = async || desk.chloe.with(&Method::POST, "/api/v1/tickets", body.clone(), &[("idempotency-key", "once")]).await;
    assert_eq!(open().await.status, 500);
    assert_eq!(left(&app.acme).await, before);
    mends(&app.acme, "idempotency_keys").await;
    let first = open().await.expect(201);
    assert_eq!(open().await.expect(201)["id"], first["id"]);
    app.drain().await;
}
