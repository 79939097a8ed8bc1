//! Commands as somebody types them: the real program, told by its environment alone. What cannot be undone is not done
//! unasked, exit codes say what became of it, and programs read one document of JSON.

mod documents;

use std::{
    collections::BTreeSet,
    process::{Command as Process, Stdio},
    time::{Duration, Instant},
};

use clap::{Command, CommandFactory};
use control_api::{billing::Payments, cli::Cli};
use secrecy::ExposeSecret;
use serde_json::json;
use shared::testing::secrets;
use sqlx::AssertSqlSafe;

use crate::{
    billing::{bill, month_over},
    operators,
    world::{SEALING, World, url_of},
};

/// What came of a line.
#[derive(Debug)]
struct Done {
    code: i32,
    out: String,
    err: String,
}

async fn program(world: &World, words: &[&str]) -> Process {
    let database: String = sqlx::query_scalar("select current_database()").fetch_one(world.app.db.pool()).await.expect("a name");
    let mut process = Process::new(env!("CARGO_BIN_EXE_control-api"));
    process.args(words).env_clear().envs(secrets::environment()).envs([
        ("APP_ENV", "local"),
        ("BASE_DOMAIN", "localhost"),
        ("CONTROL_DATABASE_URL", url_of(&database).expose_secret()),
        ("DB_ENCRYPTION_KEY_ID", "k1"),
        ("DB_ENCRYPTION_KEY", SEALING),
    ]);
    // The stack's own file store.
    let store = ["S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"];
    process.envs(store.map(|name| (name, std::env::var(name).unwrap_or_else(|_| panic!("{name}: run the tests with scripts/test")))));
    // Nobody is there to be asked.
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    process
}

/// Does what a line says.
async fn typed(world: &World, line: &str) -> Done {
    let words: Vec<&str> = line.split(' ').collect();
    let mut process = program(world, &words).await;
    let done = tokio::task::spawn_blocking(move || process.output()).await.expect("not ended").expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Done { code: done.status.code().expect("it ended by itself"), out: text(done.stdout), err: text(done.stderr) }
}

/// A digest of each table of the control database.
async fn tables(world: &World) -> Vec<(String, String)> {
    let names = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname !~ '^pg_' and schemaname <> 'information_schema' order by 1";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(world.app.db.pool()).await.expect("tables");
    let mut digests = Vec::new();
    for name in names {
        let sql = format!("select count(*) || ' ' || md5(coalesce(string_agg(r::text, '|' order by r::text), '')) from {name} r");
        let digest = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(world.app.db.pool()).await.expect("a digest");
        digests.push((name, digest));
    }
    digests
}

async fn one(world: &World, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(world.app.db.pool()).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Acme and Globex with what there is to lose: a trail, a backup, an invoice, an empty server with three base backups, an
/// operator, and a plan that allows less.
async fn world() -> World {
    let (world, _) = month_over(Payments::None).await;
    bill(&world).await;
    world.own("acme").await;
    operators::added(&world).await;
    world
        .sql(
            "insert into backups (id, tenant_id, folder, taken_at, made_at, schema_version, tables, row_count, dump_bytes, files, file_bytes,
                manifest_hash, sealed_key, key_id, is_kept)
             select gen_random_uuid(), id, 'backups/' || id || '/x', now(), now(), 3, 1, 1, 1, 0, 0, '', '', 'k1', true from tenants where slug = 'acme';
             insert into clusters (name, sealed_admin_url, key_id, host, port, accepting, created_at, updated_at)
             values ('empty', 'x', 'k1', '127.0.0.1', 2, false, now(), now());
             insert into archives (id, cluster_id, system_id, sealed_key, key_id, created_at)
             select gen_random_uuid(), id, 'x', '', 'k1', now() from clusters where name = 'empty';
             insert into base_backups (id, archive_id, folder, started_at, finished_at, timeline, start_lsn, stop_lsn, start_file, bytes,
                size, sealed_key, key_id)
             select gen_random_uuid(), id, 'base/' || id || '/' || days, now() - make_interval(days => days),
                now() - make_interval(days => days), 1, '0/1', '0/2', repeat('0', 24), 1, 1, '', 'k1'
             from archives, unnest(array[60, 40, 1]) days",
        )
        .await;
    crate::plans::assign(&world, "globex", "small", json!({ "name": "Small", "agents": 1, "currency": "EUR" })).await;
    world
}

/// Lines that ask whether one is sure, and whether they can be done in this world.
async fn destructive(world: &World) -> Vec<(String, bool)> {
    let backup = one(world, "select id::text from backups").await;
    let invoice = one(world, "select i.id::text from invoices i join tenants t on t.id = i.tenant_id where t.slug = 'acme'").await;
    let person = one(world, "select email from users order by id limit 1").await;
    [
        ("base-backups prune --cluster empty --pitr-days 7".to_owned(), true),
        (format!("operators remove {}", operators::EMAIL), true),
        (format!("identities reset-2fa {person}"), true),
        ("audit reanchor acme".to_owned(), true),
        ("plans set small --agents 2".to_owned(), true),
        ("tenants plan acme small".to_owned(), true),
        (format!("billing void {invoice}"), true),
        ("clusters remove empty".to_owned(), true),
        ("keys rotate-master --no-wait".to_owned(), true),
        ("keys rotate-data --all --no-wait".to_owned(), true),
        (format!("backup restore acme --backup {backup} --no-wait"), true),
        // No server's log is archived, and the tenants' server is none.
        ("tenants restore globex --at 2026-11-22T10:15:00Z --no-wait".to_owned(), false),
        ("clusters check --fix".to_owned(), false),
        // The restore reads it.
        (format!("backup delete {backup}"), false),
        ("tenants suspend acme".to_owned(), true),
        ("tenants delete globex".to_owned(), true),
    ]
    .into()
}

#[tokio::test]
async fn what_cannot_be_undone_is_not_done_where_nobody_can_be_asked() {
    let world = world().await;
    let lines = destructive(&world).await;
    // Without Vault it does not come so far as to ask.
    let told = lines.iter().map(|(line, _)| path_of(line)).chain(["keys to-vault".to_owned()]);
    assert_eq!(asking(), told.collect(), "each command with --yes has a line here");
    for (line, can_be_done) in lines {
        let before = tables(&world).await;
        let refused = typed(&world, &line).await;
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{line}: {refused:?}");
        assert!(refused.err.contains("Say --yes to do it."), "{line}: {refused:?}");
        assert_eq!(tables(&world).await, before, "{line}");
        // With the word it is done, so it was the word that was missing.
        let done = typed(&world, &format!("{line} --yes")).await;
        assert!(!done.err.contains("--yes"), "{line}: {done:?}");
        assert_eq!((done.code == 0, tables(&world).await != before), (can_be_done, can_be_done), "{line}: {done:?}");
    }
}

#[tokio::test]
async fn a_backup_goes_by_a_line_when_nobody_reads_it_and_not_before() {
    let world = world().await;
    let backup = one(&world, "select id::text from backups").await;
    let (restore, delete) = (format!("backup restore acme --backup {backup} --yes --no-wait"), format!("backup delete {backup} --yes"));
    assert_eq!(typed(&world, &restore).await.code, 0);
    let refused = typed(&world, &delete).await;
    assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{refused:?}");
    assert!(refused.err.contains("A restore or a drill reads it just now."), "{refused:?}");
    assert_eq!(world.count("select count(*) from backups where deleting_at is null").await, 1);
    world.sql("update jobs set outcome = 'done', finished_at = now() where kind = 'restore'").await;
    for (code, left) in [(0, 0), (1, 0)] {
        assert_eq!(typed(&world, &delete).await.code, code);
        assert_eq!(world.count("select count(*) from backups where deleting_at is null").await, left);
    }
}

#[tokio::test]
async fn whoever_is_latest_is_named_first_with_a_backup_or_without() {
    let world = world().await;
    let slugs = async |created: &'static str| {
        world.sql(created).await;
        let done = typed(&world, "backup list --late").await;
        done.out.lines().map(|line| line.split('\t').nth(1).expect("a slug").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(slugs("update tenants set created_at = now() - interval '1 year' where slug = 'globex'").await, ["globex", "acme"]);
    assert_eq!(slugs("update tenants set created_at = now() + interval '1 minute' where slug = 'globex'").await, ["acme", "globex"]);
}

/// Commands that take nothing away that could not be had again by the next command, and so ask nothing.
const HARMLESS: [&str; 39] = [
    "audit verify",
    "backup create",
    "backup drill",
    "backup list",
    "backup restore-control",
    "backup show",
    "base-backups list",
    "base-backups take",
    "billing check",
    "billing credit",
    "billing invoices",
    "billing ledger",
    "billing pay",
    "billing returned",
    "billing run",
    "clusters add",
    "clusters list",
    "clusters set",
    "clusters show",
    "config check",
    "jobs list",
    "jobs show",
    "keys list",
    "migrate",
    "migrations lint",
    "openapi",
    "operators add",
    "operators list",
    "plans list",
    "serve",
    "tenants canary",
    "tenants migrate",
    "tenants move",
    "tenants record",
    "tenants resume",
    "tenants retry",
    "wal fetch",
    "wal push",
    "wal settings",
];

#[test]
fn a_command_asks_unless_it_is_known_to_take_nothing_away() {
    let known: BTreeSet<String> = asking().into_iter().chain(HARMLESS.map(str::to_owned)).collect();
    assert_eq!(leaves(), known, "a new command asks, or stands among those that need not");
    assert!(asking().iter().all(|path| !HARMLESS.contains(&path.as_str())), "one or the other");
}

/// Commands that ask, by the words that lead to them.
fn asking() -> BTreeSet<String> {
    with_option("yes")
}

fn with_option(long: &str) -> BTreeSet<String> {
    those(&|command| command.get_arguments().any(|arg| arg.get_long() == Some(long)))
}

/// Commands that do something.
fn leaves() -> BTreeSet<String> {
    those(&|command| command.get_subcommands().next().is_none())
}

fn those(is_one: &dyn Fn(&Command) -> bool) -> BTreeSet<String> {
    fn below(path: &str, command: &Command, is_one: &dyn Fn(&Command) -> bool, found: &mut BTreeSet<String>) {
        if is_one(command) {
            found.insert(path.to_owned());
        }
        for sub in command.get_subcommands() {
            below(format!("{path} {}", sub.get_name()).trim(), sub, is_one, found);
        }
    }
    let mut found = BTreeSet::new();
    below("", &Cli::command(), is_one, &mut found);
    found
}

/// The first two words of a line.
fn path_of(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn whoever_waits_for_a_job_is_told_by_the_exit_code_what_became_of_it() {
    let (world, ..) = World::start().await;
    world
        .sql(
            "insert into jobs (id, kind, tenant_id, step, is_exclusive, next_at, asked_by, created_at)
             select gen_random_uuid(), 'backup', id, 'dump', false, now() + interval '1 hour', '{}', now() from tenants where slug = 'acme'",
        )
        .await;
    let id = one(&world, "select id::text from jobs").await;
    let under_way = typed(&world, &format!("jobs show {id} --no-wait")).await;
    assert_eq!(under_way.code, 0, "nothing is wrong yet: {under_way:?}");
    for (outcome, code) in [("failed", 1), ("done", 0)] {
        world.sql("update jobs set finished_at = null, outcome = null, last_error = null").await;
        let began = Instant::now();
        let mut waiting = program(&world, &["jobs", "show", &id]).await.spawn().expect("it starts");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(waiting.try_wait().expect("asked").is_none(), "it waits");
        sqlx::query("update jobs set finished_at = now(), outcome = $1, last_error = 'the disk is full'")
            .bind(outcome)
            .execute(world.app.db.pool())
            .await
            .expect("ended");
        let ended = tokio::task::spawn_blocking(move || waiting.wait_with_output()).await.expect("not ended").expect("it ends");
        assert_eq!(ended.status.code(), Some(code), "{outcome}");
        let said = String::from_utf8(ended.stdout).expect("text");
        assert!(said.contains(outcome) && said.contains("the disk is full") && said.contains("acme"), "{said}");
        assert!(ended.stderr.is_empty(), "no bar where nobody looks: {}", String::from_utf8_lossy(&ended.stderr));
        assert!(began.elapsed() < Duration::from_secs(30), "it has noticed within {:?}", began.elapsed());
        let shown = typed(&world, &format!("jobs show {id} --json")).await;
        assert_eq!(shown.code, code, "{shown:?}");
    }
}

#[tokio::test]
async fn books_that_do_not_add_up_end_the_check_with_1() {
    let (world, ..) = World::start().await;
    for slug in ["acme", "globex"] {
        let credited = typed(&world, &format!("billing credit {slug} 700 --currency EUR --reference transfer-1")).await;
        assert_eq!(credited.code, 0, "{credited:?}");
    }
    let sound = typed(&world, "billing check").await;
    assert_eq!((sound.code, sound.out.as_str()), (0, "everything adds up\n"), "{sound:?}");
    world.sql("update credit_accounts set balance = balance + 1 where tenant_id = (select id from tenants where slug = 'acme')").await;
    let wrong = typed(&world, "billing check").await;
    assert_eq!((wrong.code, wrong.out.as_str()), (1, "acme\tthe balance is 701, its 1 entries come to 700\n"), "{wrong:?}");
    let told = typed(&world, "billing check --json").await;
    let document: serde_json::Value = serde_json::from_str(&told.out).expect("one document");
    assert_eq!((told.code, &document["of"]), (1, &json!("acme")), "{told:?}");
}

#[tokio::test]
async fn words_that_make_no_sense_end_with_2_and_what_is_not_there_with_1() {
    let (world, ..) = World::start().await;
    let before = tables(&world).await;
    for (line, code) in [
        ("tenants migrate --parallel 0", 2),
        ("tenants migrate --pause --resume", 2),
        ("tenants vanish acme", 2),
        ("keys rotate-data --yes", 2),
        ("backup create", 2),
        ("jobs show nobody", 2),
        ("jobs show 01890a5d-ac96-774b-bcce-b302099a8057", 1),
        ("backup show 01890a5d-ac96-774b-bcce-b302099a8057", 1),
        ("tenants migrate --new --resume", 2),
        ("jobs list --status nonsense", 2),
        ("jobs list --kind bogus", 2),
        // Nobody's window is guessed where it is about what goes for good.
        ("base-backups prune --yes", 2),
        ("base-backups prune --yes --pitr-days 7 --cluster nowhere-else", 1),
        ("operators remove nobody@platform.example --yes", 1),
        ("identities reset-2fa nobody@acme.example --yes", 1),
        ("audit reanchor nobody --yes", 1),
        ("tenants suspend nobody --yes", 1),
        ("tenants retry acme", 1),
        ("tenants move acme --to nowhere-else", 1),
        ("tenants record acme", 1),
        ("clusters set nowhere", 1),
        ("billing credit acme 1 --kind spend --reference x", 1),
    ] {
        let done = typed(&world, line).await;
        assert_eq!((done.code, done.out.as_str(), done.err.is_empty()), (code, "", false), "{line}: {done:?}");
    }
    assert_eq!(tables(&world).await, before);
}

#[tokio::test]
async fn a_refusal_says_which_word_is_wrong_and_why() {
    let (world, ..) = World::start().await;
    for (line, told) in [
        ("plans set tiny --name Tiny --currency euro", "currency: "),
        ("plans set tiny --name Tiny --agents=-1", "agents: "),
        ("billing credit acme 0 --currency EUR --reference x", "amount: "),
        ("tenants restore acme --at 2020-01-01T00:00:00Z --yes", "at: "),
    ] {
        let done = typed(&world, line).await;
        assert_eq!((done.code, done.out.as_str()), (1, ""), "{line}: {done:?}");
        assert!(done.err.contains(told) && !done.err.contains("not valid"), "{line}: {done:?}");
    }
}

#[tokio::test]
async fn a_run_that_is_held_is_not_ended_by_whoever_knows_nothing_of_it() {
    let (world, ..) = World::start().await;
    for (line, state) in [("tenants migrate --no-wait", "running"), ("tenants migrate --pause", "paused")] {
        let done = typed(&world, line).await;
        assert!(done.code == 0 && done.out.contains(state), "{line}: {done:?}");
    }
    let before = tables(&world).await;
    for line in ["tenants migrate --no-wait", "tenants migrate --no-wait --tenant acme", "tenants migrate --json"] {
        let refused = typed(&world, line).await;
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{line}: {refused:?}");
        assert!(refused.err.contains("--resume") && refused.err.contains("--new"), "{line}: {refused:?}");
        assert_eq!(tables(&world).await, before, "{line}");
    }
    let resumed = typed(&world, "tenants migrate --resume --no-wait").await;
    assert!(resumed.code == 0 && resumed.out.contains("running"), "{resumed:?}");
    typed(&world, "tenants migrate --pause").await;
    let another = typed(&world, "tenants migrate --new --no-wait").await;
    assert!(another.code == 0 && another.out.contains("running"), "{another:?}");
    assert_eq!(one(&world, "select string_agg(state, ' ' order by id) from migration_runs").await, "stopped running");
}
