//! Jobs by where they stand: those that have failed and those that are open are few among half a year of others.

use std::sync::{Arc, Mutex};

use control_api::jobs::{self, Wanted};
use serde_json::json;
use shared::{
    page::{Order, Paging},
    testing,
};
use sqlx::{ConnectOptions, PgConnection};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::world::World;

/// The plans that PostgreSQL tells, with what was really done.
#[derive(Clone, Default)]
struct Plans(Arc<Mutex<Vec<String>>>);

impl Subscriber for Plans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::postgres::notice"
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Visit for Plans {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0.lock().expect("the plans").push(format!("{value:?}").replace("\\n", "\n"));
        }
    }
}

impl Plans {
    /// The plan that was told last reads no table from end to end, and leaves few rows behind that it has read.
    fn are_brief(&self, what: &str) {
        let told = std::mem::take(&mut *self.0.lock().expect("the plans"));
        let plan = told.last().unwrap_or_else(|| panic!("{what}: no plan was told"));
        assert!(!plan.contains("Seq Scan on jobs"), "{what}:\n{plan}");
        let removed = plan.lines().filter_map(|line| line.split("Rows Removed by Filter: ").nth(1)?.trim().parse::<i64>().ok()).max();
        assert!(removed.unwrap_or(0) < 1_000, "{what}:\n{plan}");
    }
}

/// A connection to the world's database that tells the plan of each statement: a superuser's alone may.
async fn telling(world: &World) -> PgConnection {
    let name = world.app.db.pool().connect_options().get_database().expect("a name").to_owned();
    let mut db = testing::admin_options().database(&name).connect().await.expect("the server");
    for sql in [
        "load 'auto_explain'",
        "set auto_explain.log_analyze = on",
        "set auto_explain.log_level = notice",
        "vacuum analyze jobs",
        "set auto_explain.log_min_duration = 0",
    ] {
        sqlx::raw_sql(sql).execute(&mut db).await.expect(sql);
    }
    db
}

#[tokio::test]
async fn few_jobs_are_found_among_many_without_reading_all_of_them() {
    let (world, ..) = World::start().await;
    world
        .sql(
            "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at, leased_until, outcome, finished_at)
             select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'backup', t.id, 'files', false, now(), '{}', now(),
                case when n in (7, 29999) then now() + interval '1 hour' end,
                case when n % 1000 = 1 then 'failed' when n % 3000 > 7 then 'done' end,
                case when n % 1000 = 1 or n % 3000 > 7 then now() end
             from generate_series(1, 30000) n, tenants t
             where t.slug = 'acme'",
        )
        .await;
    let mut db = telling(&world).await;
    let plans = Plans::default();
    let _told = tracing::subscriber::set_default(plans.clone());
    for (status, most) in [("failed", 30), ("running", 1), ("waiting", 100), ("done", 100)] {
        for wanted in [json!({ "status": status }), json!({ "status": status, "kind": "backup", "tenant": "acme" })] {
            let wanted: Wanted = serde_json::from_value(wanted).expect("jobs");
            let what = format!("{wanted:?}");
            let newest = jobs::newest(&mut db, &wanted).await.expect("listed");
            assert!((1..=most).contains(&newest.len()) && newest.iter().all(|job| job.status == status), "{what}: {}", newest.len());
            plans.are_brief(&what);
            for order in [Order::Oldest, Order::Newest] {
                let part = Paging::default().part(&world.app.keys.cursors, "jobs", order).expect("a part");
                assert!(!jobs::list(&mut db, &wanted, &part).await.expect("listed").is_empty());
                plans.are_brief(&what);
            }
        }
    }
}
