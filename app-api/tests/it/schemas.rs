//! A release serves tenants by the schema before its own, by its own and by the one after, and a fleet migration
//! between two requests is noticed by nobody (handbook 12.3.1).

use crate::{
    isolation::{OPEN, ask, operations, table},
    world::{Caller, TestApp},
};

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
    app.acme.goes_back_to(2).await;
    app.app.tenants.forget("acme").await;
    let (chloe, bea, boss) = (app.acme.customer("chloe").await, app.acme.agent("bea").await, app.acme.manager("boss").await);
    let people = (&chloe, &bea, &boss);
    everything("before", people).await;
    assert_eq!(app.app.tenants.behind(), 1);
    // The connections of before stay, with all that they know of the tables.
    app.acme.catches_up().await;
    everything("just after", people).await;
    let trail = "select count(*) - count(distinct id) from audit_logs";
    assert_eq!(app.acme.count(trail).await, 0, "no number is given twice");
    let (gus, gil, greta) = (app.globex.customer("gus").await, app.globex.agent("gil").await, app.globex.manager("greta").await);
    everything("by its own", (&gus, &gil, &greta)).await;
    sqlx::raw_sql(NEXT).execute(&app.acme.db).await.expect("the next release's");
    everything("by the next one", people).await;
    app.drain().await;
}
