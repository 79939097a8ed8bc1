//! What nobody was told of, since the announcement was lost or the process was not there, is found by the sweep (E-4).

use std::time::Duration;

use app_api::worker;
use tokio_util::sync::CancellationToken;

use crate::world::TestApp;

const WAITING: &str =
    "select (select count(*) from mails where status = 'pending') + (select count(*) from events where published_at is null)";

#[tokio::test]
async fn what_nobody_was_told_of_is_found_in_every_tenant_whatever_fails_beside_it() {
    let app = TestApp::start().await;
    for (tenant, name) in [(&app.acme, "chloe"), (&app.globex, "gus")] {
        tenant.customer(name).await.opens("Printer on fire").await;
    }
    app.drain().await;
    for tenant in [&app.acme, &app.globex] {
        for forgotten in ["update events set published_at = null", "update mails set status = 'pending', leased_until = null"] {
            let done = sqlx::query(forgotten).execute(&tenant.db).await.expect(forgotten);
            assert!(done.rows_affected() > 0, "{forgotten}");
        }
    }
    let broken = "alter table bulk_jobs rename to broken_jobs";
    sqlx::query(broken).execute(&app.acme.db).await.expect(broken);
    let stop = CancellationToken::new();
    let looking = tokio::spawn(worker::look_after(app.app.clone(), &["jobs", "relay", "mails"], stop.clone()));
    let found = async {
        while app.acme.count(WAITING).await + app.globex.count(WAITING).await > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("all of it is found");
    stop.cancel();
    looking.await.expect("it ends");
    let mended = "alter table broken_jobs rename to bulk_jobs";
    sqlx::query(mended).execute(&app.acme.db).await.expect(mended);
    app.drain().await;
}
