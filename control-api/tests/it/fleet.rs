//! How tenants' databases come to a newer schema, on a real server.

mod before;
mod bounds;
mod held;
mod schemas;
mod waves;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use control_api::{
    clusters::MIGRATIONS,
    fleet::{self, ATTEMPTS, Fleet, Migrations, Run, RunState, Wanted, claim, work_all},
    provisioning::walk_all,
};
use shared::{act::Author, testing};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};
use uuid::Uuid;

use crate::{
    provisioning::{clean, inside, place, server, world},
    world::World,
};

/// Something new for everybody.
const TABLE: &str = "create table notes (id bigint generated always as identity primary key, text text not null)";

/// A platform whose tenants have this release's schema.
pub async fn grown(slugs: &[&str]) -> World {
    let world = world().await;
    for slug in slugs {
        world.sign_up(slug, &format!("ada@{slug}.example")).await.expect(202);
    }
    walk_all(&world.app, Uuid::now_v7()).await.expect("walked");
    world
}

/// This release's migrations and these.
fn with(more: &[&str]) -> Migrations {
    let file = |(n, sql): (usize, &&str)| {
        let version = 100 + i64::try_from(n).expect("few");
        let sql = AssertSqlSafe((*sql).to_owned()).into_sql_str();
        Migration::new(
            version,
            format!("file {version}").into(),
            MigrationType::Simple,
            sql.clone(),
            sql.as_str().starts_with("-- no-transaction"),
        )
    };
    let all = MIGRATIONS.iter().cloned().chain(more.iter().enumerate().map(file)).collect();
    Migrations::of(&Migrator::with_migrations(all))
}

fn fleet(world: &World, more: &[&str]) -> Fleet {
    Fleet::from(&world.app).with(with(more))
}

async fn act<T>(world: &World, work: impl AsyncFnOnce(&mut shared::act::Act) -> shared::Result<T> + Clone) -> shared::Result<T> {
    world.app.db.act(Author::system("test"), &world.app.clock, work).await
}

async fn start(world: &World, fleet: &Fleet, wanted: Wanted) -> Run {
    act(world, async |act| fleet::start(act, &fleet.migrations, &wanted).await).await.expect("begun")
}

async fn seen(world: &World, run: &Run) -> Run {
    fleet::by_id(&mut world.app.db.read().await.expect("a connection"), run.id).await.expect("a run")
}

/// Works until the run stands still, letting pauses pass.
async fn worked(world: &World, fleet: &Fleet, run: &Run) -> Run {
    for _ in 0..=ATTEMPTS {
        work_all(fleet).await.expect("worked");
        if seen(world, run).await.state != RunState::Running {
            break;
        }
        world.travel(TimeDelta::seconds(60));
    }
    seen(world, run).await
}

/// Who stands how.
async fn states(world: &World) -> BTreeMap<String, String> {
    let sql = "select t.slug, m.state from migration_targets m join tenants t on t.id = m.tenant_id
        where run_id = (select id from migration_runs order by id desc limit 1)";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(world.app.db.pool()).await.expect("rows");
    rows.into_iter().collect()
}

async fn error_of(world: &World, slug: &str) -> String {
    let sql = "select coalesce(last_error, '') from migration_targets m join tenants t on t.id = m.tenant_id where t.slug = $1 order by run_id desc limit 1";
    sqlx::query_scalar(sql).bind(slug).fetch_one(world.app.db.pool()).await.expect("a row")
}

/// The tenant's database, as the test server's superuser.
pub async fn owner(world: &World, slug: &str) -> PgConnection {
    let database = place(world, slug).await.database;
    PgConnection::connect_with(&testing::admin_options().database(&database)).await.expect("the database")
}

/// The version that this release's files come to.
fn latest() -> i64 {
    MIGRATIONS.iter().map(|file| file.version).max().expect("files")
}

async fn version(world: &World, slug: &str) -> i64 {
    let sql = "select max(version) from _sqlx_migrations where success";
    sqlx::query_scalar(sql).fetch_one(&mut owner(world, slug).await).await.expect("a version")
}

#[tokio::test]
async fn one_broken_tenant_keeps_its_schema_and_blocks_nobody_and_is_tried_again() {
    let slugs = ["acme", "globex", "third", "fourth"];
    let world = grown(&slugs).await;
    let fleet = fleet(&world, &[TABLE, "alter table users add column nickname text"]);
    sqlx::raw_sql("alter table users add column nickname int").execute(&mut owner(&world, "globex").await).await.expect("poisoned");
    world
        .sql("update tenants set status = 'suspended' where slug = 'third'; update tenants set status = 'deleting' where slug = 'fourth'")
        .await;
    let run = start(&world, &fleet, Wanted::default()).await;
    assert_eq!((run.total, run.target_version), (4, 101));
    let run = worked(&world, &fleet, &run).await;
    assert_eq!((run.state, run.done, run.failed), (RunState::Done, 3, 1));
    assert!(error_of(&world, "globex").await.contains("nickname"));
    assert_eq!(world.last_event("TenantMigrationFailed").await["data"]["slug"], "globex");
    // What its first file has made stays; the second one was taken back.
    assert_eq!(version(&world, "globex").await, 100);
    for slug in ["acme"] {
        assert_eq!(version(&world, slug).await, 101);
        let mut role = inside(&world, slug).await;
        sqlx::raw_sql("insert into notes (text) values ('x'); update notes set text = 'y'; delete from notes")
            .execute(&mut role)
            .await
            .expect("its role may");
        assert!(sqlx::raw_sql("drop table notes").execute(&mut role).await.is_err(), "its role may no more than that");
        assert!(sqlx::raw_sql("delete from audit_logs").execute(&mut role).await.is_err());
        role.close().await.expect("left");
    }
    sqlx::raw_sql("alter table users drop column nickname").execute(&mut owner(&world, "globex").await).await.expect("healed");
    act(&world, async |act| fleet::retry(act, &fleet.migrations, run.id).await).await.expect("again");
    let run = worked(&world, &fleet, &run).await;
    assert!(run.has_succeeded(), "{run:?}");
    let none = act(&world, async |act| fleet::retry(act, &fleet.migrations, run.id).await).await;
    assert!(none.is_err_and(|e| e.to_string().contains("No database has failed")));
    assert_eq!(world.count("select count(*) from tenant_schemas where version = 101 and not is_drifted").await, 4);
    clean(&world).await;
}

#[tokio::test]
async fn a_broken_canary_or_too_many_failures_stop_the_run_and_others_are_not_touched() {
    let slugs = ["acme", "globex", "third", "fourth"];
    let world = grown(&slugs).await;
    let broken = fleet(&world, &["alter table nowhere add column x int"]);
    act(&world, async |act| fleet::mark(act, "third", true).await).await.expect("marked");
    let canary = start(&world, &broken, Wanted::default()).await;
    let run = worked(&world, &broken, &canary).await;
    assert_eq!((run.state, run.reason.as_deref(), run.failed, run.pending), (RunState::Stopped, Some("a canary failed"), 1, 3));
    assert_eq!(states(&world).await["third"], "failed");
    assert_eq!(world.count("select count(*) from audit_logs where action = 'MigrationStopped' and tenant_id is null").await, 1);
    assert!(claim(&broken).await.expect("asked").is_none(), "nobody goes on with it");
    // An operator lets it go on all the same: the next waves fail too, and two are too many.
    act(&world, async |act| fleet::resume(act, &broken.migrations, run.id).await).await.expect("gone on");
    let run = worked(&world, &broken, &run).await;
    assert_eq!((run.state, run.failed, run.pending), (RunState::Stopped, 3, 1));
    assert!(run.reason.is_some_and(|why| why.starts_with("2 of 4")));
    // The release after has a file that works; it takes the place of the old run, which goes on no more.
    let mended = fleet(&world, &[TABLE]);
    let next = start(&world, &mended, Wanted { canaries: vec!["acme".into()], ..Wanted::default() }).await;
    let outdated = act(&world, async |act| fleet::resume(act, &broken.migrations, canary.id).await).await;
    assert!(outdated.is_err_and(|e| e.to_string().contains("migration_outdated")));
    assert!(worked(&world, &mended, &next).await.has_succeeded());
    let waves = "select count(*) from migration_targets m join migration_runs r on r.id = m.run_id where r.state = 'done' and wave = 0";
    assert_eq!(world.count(waves).await, 2);
    clean(&world).await;
}

#[tokio::test]
async fn what_takes_rows_away_is_taken_back_and_stops_everything_unless_it_is_signed() {
    let world = grown(&["acme", "globex"]).await;
    for (file, lost) in [
        ("delete from users", "public.users loses"),
        ("truncate settings", "public.settings is written anew or emptied"),
        ("drop table reactions", "public.reactions is dropped"),
        ("alter table users alter column vip type int using 0", "cannot be cast"),
        ("alter table settings alter column waiting_close_days type bigint", "public.settings is written anew or emptied"),
    ] {
        let fleet = fleet(&world, &[file]);
        let run = start(&world, &fleet, Wanted::default()).await;
        let run = worked(&world, &fleet, &run).await;
        let failed = states(&world).await.into_iter().find(|(_, state)| state == "failed").expect("one failed").0;
        assert!(error_of(&world, &failed).await.contains(lost), "{file}: {}", error_of(&world, &failed).await);
        if !lost.contains("cast") {
            assert_eq!((run.state, run.failed, run.pending), (RunState::Stopped, 1, 1), "{file}");
        }
    }
    for slug in ["acme", "globex"] {
        let people: i64 =
            sqlx::query_scalar("select count(*) from users").fetch_one(&mut owner(&world, slug).await).await.expect("counted");
        assert_eq!((people, version(&world, slug).await), (1, latest()), "{slug}");
    }
    let signed = fleet(&world, &["-- signed drop reactions by Ada Byron: nobody reads it since 1.4\ndrop table reactions"]);
    let run = start(&world, &signed, Wanted::default()).await;
    assert!(worked(&world, &signed, &run).await.has_succeeded());
    clean(&world).await;
}

#[tokio::test]
async fn whoever_dies_in_the_middle_is_followed_by_the_next_who_looks() {
    let world = grown(&["acme", "globex", "third"]).await;
    let fleet = fleet(&world, &[TABLE, "create table more (a int)"]);
    let run = start(&world, &fleet, Wanted { parallel: 1, ..Wanted::default() }).await;
    let dead = claim(&fleet).await.expect("asked").expect("a database");
    assert!(claim(&fleet).await.expect("asked").is_none(), "a living lease is respected, and one at a time is begun");
    // It has died behind its first file.
    let slug: String = sqlx::query_scalar("select slug from tenants where id = $1")
        .bind(dead.tenant)
        .fetch_one(world.app.db.pool())
        .await
        .expect("a slug");
    let first = Migrator::with_migrations(with(&[TABLE]).iter().cloned().collect());
    let administrator = server().options().expect("a URL").database(&place(&world, &slug).await.database);
    first
        .run_direct(None, &mut PgConnection::connect_with(&administrator).await.expect("the database"), false)
        .await
        .expect("the first file");
    world.travel(TimeDelta::seconds(16));
    let run = worked(&world, &fleet, &run).await;
    assert!(run.has_succeeded(), "{run:?} {:?}", states(&world).await);
    let tries: i32 = sqlx::query_scalar("select max(attempts) from migration_targets").fetch_one(world.app.db.pool()).await.expect("tries");
    assert_eq!((version(&world, &slug).await, tries), (101, 2));
    clean(&world).await;
}

#[tokio::test]
async fn a_run_is_held_and_goes_on_and_only_one_is_worked_on_at_a_time() {
    let world = grown(&["acme", "globex"]).await;
    let (ours, others) = (fleet(&world, &[TABLE]), fleet(&world, &[TABLE, "create table others (a int)"]));
    let run = start(&world, &ours, Wanted::default()).await;
    let again = act(&world, async |act| fleet::start(act, &ours.migrations, &Wanted::default()).await).await;
    assert!(again.is_err_and(|e| e.to_string().contains("migration_under_way")));
    assert!(claim(&others).await.expect("asked").is_none(), "another release's files are not brought anywhere");
    act(&world, async |act| fleet::pause(act, run.id).await).await.expect("held");
    assert_eq!(worked(&world, &ours, &run).await.pending, 2);
    assert!(act(&world, async |act| fleet::pause(act, run.id).await).await.is_err());
    act(&world, async |act| fleet::resume(act, &ours.migrations, run.id).await).await.expect("gone on");
    assert!(worked(&world, &ours, &run).await.has_succeeded());
    for wanted in [
        Wanted { parallel: 0, ..Wanted::default() },
        Wanted { max_failures: f64::NAN, ..Wanted::default() },
        Wanted { tenant: Some("nobody".into()), ..Wanted::default() },
        Wanted { canaries: vec!["nobody".into()], ..Wanted::default() },
    ] {
        assert!(act(&world, async |act| fleet::start(act, &ours.migrations, &wanted).await).await.is_err(), "{wanted:?}");
    }
    let one = start(&world, &others, Wanted { tenant: Some("acme".into()), ..Wanted::default() }).await;
    assert_eq!(worked(&world, &others, &one).await.done, 1);
    clean(&world).await;
}

#[tokio::test]
async fn an_index_is_built_besides_the_others_and_an_unfinished_one_is_built_anew() {
    let world = grown(&["acme"]).await;
    let file = "-- no-transaction\ncreate unique index concurrently if not exists users_names on users (lastname)";
    let fleet = fleet(&world, &[file]);
    let mut acme = owner(&world, "acme").await;
    let twice = "insert into users (id, email, firstname, lastname, role, version) select n, n || '@acme.example', 'x', 'Same', 'customer', 1 from generate_series(900, 901) n";
    sqlx::raw_sql(twice).execute(&mut acme).await.expect("two of one name");
    let run = start(&world, &fleet, Wanted::default()).await;
    let run = worked(&world, &fleet, &run).await;
    assert_eq!((run.failed, version(&world, "acme").await), (1, latest()));
    let valid = async || -> Option<bool> {
        let sql = "select indisvalid from pg_index where indexrelid = to_regclass('users_names')";
        sqlx::query_scalar(sql).fetch_optional(&mut owner(&world, "acme").await).await.expect("asked")
    };
    assert_eq!(valid().await, Some(false), "PostgreSQL leaves it behind");
    sqlx::raw_sql("delete from users where id = 901").execute(&mut acme).await.expect("healed");
    act(&world, async |act| fleet::retry(act, &fleet.migrations, run.id).await).await.expect("again");
    assert!(worked(&world, &fleet, &run).await.has_succeeded());
    assert_eq!((valid().await, version(&world, "acme").await), (Some(true), 100));
    // Nothing else runs without a transaction.
    let other = self::fleet(&world, &[file, "-- no-transaction\ncreate table x (a int); create table y (a int)"]);
    let run = start(&world, &other, Wanted::default()).await;
    worked(&world, &other, &run).await;
    assert!(error_of(&world, "acme").await.contains("only build one index"));
    acme.close().await.expect("left");
    clean(&world).await;
}

#[tokio::test]
async fn a_lock_that_somebody_holds_is_waited_for_in_moments_and_keeps_nobody_else_from_the_table() {
    let world = grown(&["acme"]).await;
    let fleet = fleet(&world, &["alter table users add column nickname text"]);
    let mut holder = owner(&world, "acme").await;
    sqlx::raw_sql("begin; lock table users in access share mode").execute(&mut holder).await.expect("held");
    let run = start(&world, &fleet, Wanted::default()).await;
    let working = tokio::spawn({
        let fleet = fleet.clone();
        async move { work_all(&fleet).await }
    });
    let mut reader = inside(&world, "acme").await;
    let begun = std::time::Instant::now();
    let mut longest = std::time::Duration::ZERO;
    while begun.elapsed() < std::time::Duration::from_secs(3) {
        let asked = std::time::Instant::now();
        sqlx::raw_sql("select count(*) from users").execute(&mut reader).await.expect("served");
        longest = longest.max(asked.elapsed());
    }
    assert!(longest < std::time::Duration::from_millis(2500), "{longest:?}");
    assert_eq!(version(&world, "acme").await, latest());
    sqlx::raw_sql("commit").execute(&mut holder).await.expect("let go");
    working.await.expect("worked").expect("worked");
    assert!(seen(&world, &run).await.has_succeeded());
    reader.close().await.expect("left");
    clean(&world).await;
}

#[tokio::test]
async fn rights_are_given_though_whoever_applied_the_last_file_has_died_before() {
    let world = grown(&["acme", "globex"]).await;
    let (fleet, options) = (fleet(&world, &[]), place(&world, "acme").await.options);
    let role = options.get_username();
    let sql = format!("revoke insert on support_tickets from {role}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner(&world, "acme").await).await.expect("not given");
    let run = start(&world, &fleet, Wanted::default()).await;
    assert!(worked(&world, &fleet, &run).await.has_succeeded());
    let asked = sqlx::query_scalar::<_, bool>("select has_table_privilege($1, 'support_tickets', 'insert')").bind(role);
    assert!(asked.fetch_one(&mut owner(&world, "acme").await).await.expect("asked"), "given again");
    clean(&world).await;
}

#[tokio::test]
async fn another_file_under_a_known_number_or_another_tenants_database_is_not_touched() {
    let world = grown(&["acme", "globex"]).await;
    let acme = place(&world, "acme").await.database;
    sqlx::raw_sql("update _sqlx_migrations set checksum = '\\x00' where version = 2")
        .execute(&mut owner(&world, "acme").await)
        .await
        .expect("changed");
    sqlx::raw_sql("update tenant_marker set id = gen_random_uuid()").execute(&mut owner(&world, "globex").await).await.expect("changed");
    let fleet = fleet(&world, &[TABLE]);
    let run = start(&world, &fleet, Wanted { max_failures: 100.0, ..Wanted::default() }).await;
    assert_eq!(worked(&world, &fleet, &run).await.failed, 2);
    assert!(error_of(&world, "acme").await.contains("not the file that was applied"), "{acme}");
    assert!(error_of(&world, "globex").await.contains("another tenant's"));
    assert_eq!((version(&world, "acme").await, version(&world, "globex").await), (latest(), latest()));
    clean(&world).await;
}

#[tokio::test]
async fn a_database_that_is_moved_or_copied_just_now_waits_for_the_end_of_that() {
    let world = grown(&["acme"]).await;
    let fleet = fleet(&world, &[TABLE]);
    let run = start(&world, &fleet, Wanted::default()).await;
    world
        .sql(
            "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at)
        select gen_random_uuid(), 'later', id, 'x', true, now(), '{}', now() from tenants",
        )
        .await;
    assert!(claim(&fleet).await.expect("asked").is_none());
    let leased = world.app.clock.now() + TimeDelta::seconds(15);
    let copied = sqlx::query("update jobs set is_exclusive = false, kind = 'backup', leased_until = $1").bind(leased);
    copied.execute(world.app.db.pool()).await.expect("a copy is made");
    assert!(claim(&fleet).await.expect("asked").is_none());
    world.sql("update jobs set leased_until = null").await;
    assert!(worked(&world, &fleet, &run).await.has_succeeded());
    clean(&world).await;
}
