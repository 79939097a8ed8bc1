//! Quiet tenants: in whose databases nothing was written, nobody looks. One question tells of all of them.

use std::{collections::HashMap, time::Duration};

use shared::tenancy::Written;
use uuid::Uuid;

use crate::world::TestApp;

async fn written(app: &TestApp) -> HashMap<Uuid, Written> {
    app.app.tenants.written(&[app.acme.id, app.globex.id, Uuid::now_v7()]).await.expect("asked")
}

/// The server tells of what was written up to a second later.
async fn differs(app: &TestApp, id: Uuid, from: &Written) -> bool {
    for _ in 0..100 {
        if written(app).await[&id] != *from {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

/// What was written so far, once nothing more comes.
async fn rested(app: &TestApp) -> HashMap<Uuid, Written> {
    for _ in 0..20 {
        let before = written(app).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        if written(app).await == before {
            return before;
        }
    }
    panic!("it does not come to rest");
}

#[tokio::test]
async fn what_one_tenant_writes_makes_that_tenant_differ_and_reading_nobody() {
    let app = TestApp::start().await;
    let fresh = written(&app).await;
    assert_eq!(fresh.len(), 2, "nobody else's is told");
    let (acme, globex) = (app.acme.customer("chloe").await, app.globex.customer("bob").await);
    // That both came is told late on a busy machine, and must not be taken for what comes after.
    assert!(differs(&app, app.acme.id, &fresh[&app.acme.id]).await && differs(&app, app.globex.id, &fresh[&app.globex.id]).await);
    let before = rested(&app).await;
    globex.get("/api/v1/tickets").await.expect(200);
    acme.opens("Printer on fire").await;
    assert!(differs(&app, app.acme.id, &before[&app.acme.id]).await);
    assert_eq!(written(&app).await[&app.globex.id], before[&app.globex.id]);
    app.drain().await;
}
