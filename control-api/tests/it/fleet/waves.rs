//! Waves: who waits for whom, and when a run stops between them.

use chrono::TimeDelta;
use control_api::fleet::{self, Fleet, RunState, Wanted, claim, work_all};

use super::{TABLE, act, fleet as with_files, grown, owner, seen, start, states, worked};
use crate::{provisioning::clean, world::World};

/// Something else is done with a tenant's data.
async fn is_moved(world: &World, slug: &str) {
    let job = "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at)
        select gen_random_uuid(), 'later', id, 'x', true, now(), '{}', now() from tenants where slug = $1";
    sqlx::query(job).bind(slug).execute(world.app.db.pool()).await.expect("a job");
}

#[tokio::test]
async fn while_a_canary_is_moved_nobody_elses_turn_comes() {
    let world = grown(&["acme", "globex", "third"]).await;
    let fleet = with_files(&world, &[TABLE]);
    let run = start(&world, &fleet, Wanted { canaries: vec!["acme".into()], ..Wanted::default() }).await;
    is_moved(&world, "acme").await;
    assert!(claim(&fleet).await.expect("asked").is_none(), "it has told nobody yet how it goes");
    let waits = async || seen(&world, &run).await.reason;
    assert_eq!(waits().await.as_deref(), Some("waits for acme (later)"), "whoever looks knows why nothing goes on");
    world.sql("delete from jobs").await;
    is_moved(&world, "globex").await;
    assert_eq!(waits().await, None, "nobody waits for globex");
    claim(&fleet).await.expect("asked").expect("the canary's");
    assert!(claim(&fleet).await.expect("asked").is_none());
    assert_eq!(states(&world).await["acme"], "running");
    world.travel(TimeDelta::seconds(16));
    // Of the other waves, who is moved keeps nobody waiting.
    work_all(&fleet).await.expect("worked");
    assert_eq!(
        [&*states(&world).await["acme"], &*states(&world).await["third"], &*states(&world).await["globex"]],
        ["done", "done", "pending"]
    );
    world.sql("delete from jobs").await;
    assert!(worked(&world, &fleet, &run).await.has_succeeded());
    clean(&world).await;
}

#[tokio::test]
async fn a_wave_that_fails_as_a_whole_stops_the_run_though_more_may_fail() {
    let slugs = ["acme", "globex", "third", "fourth"];
    let world = grown(&slugs).await;
    let fleet = with_files(&world, &["alter table users add column nickname text"]);
    for slug in ["acme", "globex"] {
        sqlx::raw_sql("alter table users add column nickname int").execute(&mut owner(&world, slug).await).await.expect("poisoned");
    }
    let run = start(&world, &fleet, Wanted { max_failures: 75.0, parallel: 1, ..Wanted::default() }).await;
    world
        .sql(
            "update migration_targets set wave = case when tenant_id in (select id from tenants where slug in ('acme', 'globex')) then 1 else 2 end",
        )
        .await;
    let run = worked(&world, &fleet, &run).await;
    assert_eq!((run.state, run.done, run.failed), (RunState::Stopped, 0, 2));
    assert_eq!(run.reason.as_deref(), Some("a whole wave failed"));
    // Who has looked lets it go on.
    act(&world, async |act| fleet::resume(act, &fleet.migrations, run.id).await).await.expect("goes on");
    let run = worked(&world, &fleet, &run).await;
    assert_eq!((run.state, run.done, run.failed), (RunState::Done, 2, 2));
    clean(&world).await;
}

#[tokio::test]
async fn a_schema_is_looked_at_when_its_tenant_has_come_to_rest() {
    let world = grown(&["acme", "globex"]).await;
    is_moved(&world, "acme").await;
    let fleet = Fleet::from(&world.app);
    fleet::look_around(&fleet).await.expect("looked");
    assert_eq!(world.count("select count(*) from tenant_schemas s join tenants t on t.id = s.tenant_id where t.slug = 'globex'").await, 1);
    assert_eq!(world.count("select count(*) from tenant_schemas").await, 1);
    world.sql("delete from jobs").await;
    fleet::look_around(&fleet).await.expect("looked");
    assert_eq!(world.count("select count(*) from tenant_schemas").await, 2);
    clean(&world).await;
}
