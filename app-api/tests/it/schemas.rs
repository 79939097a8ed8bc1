//! A release serves tenants by its own schema, by what is left of it before the last files are applied, and by the one
//! after, and a fleet migration between two requests is noticed by nobody (handbook 12.3.1). A tenant that lacks what it
//! cannot do without is refused alone, until it is migrated (ADR 0028).

use std::time::Duration;

use crate::{
    isolation::ask,
    operations::{OPEN, operations, table},
    world::{Caller, TestApp},
};

/// The last file that this release cannot do without is before this one; the others make it faster.
const BEFORE: i64 = 39;
/// What the next release may add: nothing that this one has to know.
const NEXT: &str = "alter table users add column nickname text;
    alter table support_tickets add column mood text not null default 'calm';
    create table notes (id bigint generated always as identity primary key, text text not null);
    insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9000, 'next', true, '', 0)";

/// A manager uses every operation there is, each on a ticket of its own.
async fn everything(when: &str, (chloe, bea, boss): (&Caller, &Caller, &Caller)) {
    let table = table(bea.id);
    for operation in operations().iter().filter(|operation| !OPEN.contains(&operation.as_str())) {
        let (body, expected) = table.get(operation.as_str()).unwrap_or_else(|| panic!("{operation} has no row in the table"));
        let ticket = chloe.opens("Printer on fire").await;
        bea.assigns(ticket, Some(bea.id)).await.expect(200);
        let token = boss.token();
        assert_eq!(ask(boss, Some(&token), operation, ticket, body.as_ref()).await.0, expected[2], "{operation} {when}");
    }
}

#[tokio::test]
async fn every_operation_is_served_by_the_schema_before_by_the_present_and_by_the_next_one() {
    let mut app = TestApp::start().await;
    app.acme.goes_back_to(BEFORE).await;
    app.app.tenants.forget("acme").await;
    let (chloe, bea, boss) = (app.acme.customer("chloe").await, app.acme.agent("bea").await, app.acme.manager("boss").await);
    let people = (&chloe, &bea, &boss);
    everything("before", people).await;
    assert_eq!(app.app.tenants.behind(), 1);
    // The connections of before stay, with all that they know of the tables.
    app.acme.catches_up().await;
    everything("just after", people).await;
    let (gus, gil, greta) = (app.globex.customer("gus").await, app.globex.agent("gil").await, app.globex.manager("greta").await);
    everything("by its own", (&gus, &gil, &greta)).await;
    sqlx::raw_sql(NEXT).execute(&app.acme.db).await.expect("the next release's");
    everything("by the next one", people).await;
    app.drain().await;
}

/// Answers once the tenant's connections are let in.
async fn is_served(caller: &Caller) {
    let served = async {
        while caller.get("/api/v1/tickets").await.status != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), served).await.expect("served once it is migrated");
}

#[tokio::test]
async fn a_tenant_that_was_not_migrated_is_refused_alone_until_it_is() {
    let mut app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    app.acme.goes_back_to(app_api::app::SCHEMA - 1).await;
    app.app.tenants.forget("acme").await;
    let refused = chloe.get("/api/v1/tickets").await;
    assert!(refused.headers.contains_key("retry-after"), "{:?}", refused.headers);
    refused.is(503, "unavailable");
    assert_eq!(app.app.tenants.behind(), 1);
    gus.opens("Elsewhere").await;
    app.acme.catches_up().await;
    is_served(&chloe).await;
    assert_eq!(app.app.tenants.behind(), 0);
    app.drain().await;
}

/// Numbers of other kinds of files go on far from these: the greatest one says nothing of what is missing before it.
#[tokio::test]
async fn a_tenant_that_lacks_a_file_in_the_middle_is_refused_alone_until_it_has_it() {
    let mut app = TestApp::start().await;
    let (chloe, gus) = (app.acme.customer("chloe").await, app.globex.customer("gus").await);
    app.acme.has_only(|version| ![35, 39].contains(&version)).await;
    app.app.tenants.forget("acme").await;
    chloe.get("/api/v1/tickets").await.is(503, "unavailable");
    assert_eq!(app.app.tenants.behind(), 1);
    gus.opens("Elsewhere").await;
    app.acme.catches_up().await;
    is_served(&chloe).await;
    assert_eq!(app.app.tenants.behind(), 0);
    app.drain().await;
}
