//! Until nothing is left to tell: relay, timers and reactions, and the check that a test ran them.

use std::time::Duration;

use app_api::{notifications, reports, worker};
use chrono::{DateTime, Utc};
use shared::broker::{Message, Outcome};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{TestApp, TestTenant};

/// Events that are not published, and mails that have their time.
const WAITING: &str = "select (select count(*) from mails where status = 'pending' and next_at <= $1)
    + (select count(*) from events where published_at is null)";

impl TestApp {
    /// Fires timers, publishes, reacts and sends until nothing is left. Each message is delivered
    /// twice: what happens twice must not show.
    pub async fn drain(&self) {
        for _ in 0..10 {
            let mut waiting = 0;
            for tenant in [&self.acme, &self.globex] {
                let Ok(Some(active)) = self.app.tenants.by_id(tenant.id).await else { continue };
                while worker::fire_timers(&self.app, &active).await.expect("timers fire") == Some(Duration::ZERO) {}
                while worker::go_on_with_jobs(&self.app, &active).await.expect("jobs go on") == Some(Duration::ZERO) {}
                while worker::look_after_files(&self.app, &active).await.expect("files are looked at") == Some(Duration::ZERO) {}
                worker::publish(&self.app, &active).await.expect("events go out");
                worker::send_mails(&self.app, &active).await.expect("mails go out");
                self.react(tenant).await;
                self.count(tenant).await;
                let asked = sqlx::query_scalar::<_, i64>(WAITING).bind(self.clock.now());
                waiting += asked.fetch_one(&tenant.db).await.expect("counted");
            }
            if waiting == 0 {
                return;
            }
        }
        panic!("it does not come to rest");
    }

    /// Counts for reports whatever is noted or was found.
    pub async fn count(&self, tenant: &TestTenant) {
        let Ok(Some(active)) = self.app.tenants.by_id(tenant.id).await else { return };
        while worker::count_reports(&self.app, &active).await.expect("it is counted") == Some(Duration::ZERO) {}
    }

    async fn react(&self, tenant: &TestTenant) {
        let messages: Vec<Message> = self.published.lock().unwrap().clone();
        let theirs = messages.iter().filter(|m| m.tenant == tenant.id);
        for message in theirs.filter(|m| notifications::QUEUE.topics.contains(&m.routing_key.as_str())) {
            for _ in 0..2 {
                assert_eq!(notifications::react(&self.app, message.clone()).await, Outcome::Done);
            }
        }
        let theirs = messages.iter().filter(|m| m.tenant == tenant.id);
        for message in theirs.filter(|m| notifications::INBOX.topics.contains(&m.routing_key.as_str())) {
            for _ in 0..2 {
                assert_eq!(notifications::inform(&self.app, message.clone()).await, Outcome::Done);
            }
        }
        let theirs = messages.iter().filter(|m| m.tenant == tenant.id);
        for message in theirs.filter(|m| reports::QUEUE.topics.contains(&m.routing_key.as_str())) {
            for _ in 0..2 {
                assert_eq!(reports::note(&self.app, message.clone()).await, Outcome::Done);
            }
        }
    }
}

/// A test that leaves events undelivered has not seen whether they can be.
impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let now = self.clock.now();
        let databases = [&self.acme, &self.globex].map(|tenant| (*tenant.db.connect_options()).clone());
        // The test's own runtime does not turn while this waits.
        let counting = std::thread::spawn(move || databases.into_iter().map(|database| waiting(database, now)).sum::<i64>());
        assert_eq!(counting.join().expect("counted"), 0, "events or mails are undelivered: drain the app");
    }
}

fn waiting(database: PgConnectOptions, now: DateTime<Utc>) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut db = PgConnection::connect_with(&database).await.expect("the test database answers");
        sqlx::query_scalar(WAITING).bind(now).fetch_one(&mut db).await.expect("counted")
    })
}
