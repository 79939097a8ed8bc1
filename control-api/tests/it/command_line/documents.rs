//! What a command prints with `--json`: documents, one a line, and not a word besides.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::{Done, one, path_of, program, typed, with_option, world};
use crate::world::World;

/// They need what this world has not: a server with its log archived, a second one, a file store, Vault, a payment that nobody
/// expected, or a deleted tenant.
const ELSEWHERE: [&str; 9] = [
    "backup restore-control",
    "base-backups take",
    "billing returned",
    "clusters add",
    "config check",
    "keys to-vault",
    "tenants move",
    "tenants record",
    "tenants restore",
];

/// Lines, how many documents each prints, and a field of each.
async fn lines(world: &World) -> Vec<(String, usize, &'static str)> {
    let backup = one(world, "select id::text from backups order by dump_bytes limit 1").await;
    // Nobody reads this one.
    let other = one(world, "select id::text from backups order by dump_bytes desc limit 1").await;
    let invoice = one(world, "select i.id::text from invoices i join tenants t on t.id = i.tenant_id where t.slug = 'acme'").await;
    let voided = one(world, "select i.id::text from invoices i join tenants t on t.id = i.tenant_id where t.slug = 'globex'").await;
    let person = one(world, "select email from users order by id limit 1").await;
    vec![
        ("clusters list".into(), 2, "name"),
        ("clusters show nowhere".into(), 1, "name"),
        ("clusters set nowhere --max-tenants 9".into(), 1, "max_tenants"),
        ("clusters check".into(), 2, "what"),
        ("plans list".into(), 6, "code"),
        ("plans set tiny --name Tiny --yes".into(), 1, "code"),
        ("tenants plan acme tiny --yes".into(), 1, "code"),
        ("tenants canary acme".into(), 1, "is_canary"),
        ("tenants suspend acme --yes".into(), 1, "status"),
        ("tenants resume acme".into(), 1, "status"),
        ("billing credit acme 900 --currency EUR --reference transfer-1".into(), 1, "balance"),
        ("billing ledger acme".into(), 1, "amount"),
        ("billing ledger globex".into(), 0, ""),
        ("billing invoices".into(), 2, "state"),
        (format!("billing pay {invoice} --payment transfer-2"), 1, "state"),
        (format!("billing void {voided} --yes"), 1, "state"),
        ("billing run".into(), 1, "begun"),
        ("billing check".into(), 0, ""),
        ("backup list".into(), 2, "taken_at"),
        // Globex has none.
        ("backup list --late".into(), 2, "tenant"),
        (format!("backup show {backup}"), 1, "row_count"),
        ("backup create acme --no-wait".into(), 1, "kind"),
        ("backup drill acme --no-wait".into(), 1, "kind"),
        (format!("backup restore acme --backup {backup} --yes --no-wait"), 1, "kind"),
        (format!("backup delete {other} --yes"), 1, "taken_at"),
        ("base-backups list".into(), 3, "start_lsn"),
        ("base-backups prune --pitr-days 7 --yes".into(), 1, "bases"),
        ("clusters remove empty --yes".into(), 1, "name"),
        ("operators add max@platform.example --name Max".into(), 1, "password"),
        ("operators list".into(), 2, "is_enrolled"),
        ("operators remove max@platform.example --yes".into(), 1, "email"),
        (format!("identities reset-2fa {person} --yes"), 1, "taken"),
        ("audit reanchor acme --yes".into(), 1, "tenant"),
        ("keys list".into(), 1, "master"),
        ("keys rotate-master --yes --no-wait".into(), 1, "kind"),
        ("keys rotate-data --platform --yes --no-wait".into(), 1, "kind"),
        ("jobs list --kind restore".into(), 1, "status"),
        ("tenants migrate --status".into(), 1, ""),
        ("tenants migrate --no-wait".into(), 1, "state"),
        ("tenants migrate --pause".into(), 1, "state"),
        ("tenants retry third".into(), 1, "status"),
        ("tenants delete globex --yes".into(), 1, "delete_after"),
        (format!("migrations lint {}/../migrations", env!("CARGO_MANIFEST_DIR")), 0, ""),
    ]
}

#[tokio::test]
async fn with_json_a_command_prints_documents_and_nothing_else() {
    let world = world().await;
    let given_up = "insert into tenants (id, slug, lookalike, organisation, locale, status, created_at, updated_at)
         values (gen_random_uuid(), 'third', 'third', 'Third', 'en', 'failed', now(), now());
         insert into provisionings (tenant_id, step, next_at, started_at, finished_at)
         select id, 'undone', now(), now(), now() from tenants where slug = 'third';
         insert into backups (id, tenant_id, folder, taken_at, made_at, schema_version, tables, row_count, dump_bytes, files, file_bytes,
            manifest_hash, sealed_key, key_id, is_kept)
         select gen_random_uuid(), tenant_id, folder, taken_at - interval '1 day', made_at, 3, 1, 1, 2, 0, 0, '', '', 'k1', true from backups";
    world.sql(given_up).await;
    let lines = lines(&world).await;
    let mut told: std::collections::BTreeSet<String> = lines.iter().map(|(line, ..)| path_of(line)).collect();
    told.extend(["jobs show".to_owned()].into_iter().chain(ELSEWHERE.map(str::to_owned)));
    assert_eq!(with_option("json"), told, "each command with --json has a line here");
    let mut wrong = Vec::new();
    for (line, count, field) in lines {
        wrong.extend(is_json(&typed(&world, &format!("{line} --json")).await, (&line, count, field)).err());
    }
    let job = one(&world, "select id::text from jobs where kind = 'restore'").await;
    let line = format!("jobs show {job} --no-wait");
    wrong.extend(is_json(&typed(&world, &format!("{line} --json")).await, (&line, 1, "status")).err());
    assert_eq!(wrong, [""; 0]);
}

/// Whether a command has printed so many documents, each with that field; otherwise what it has printed.
fn is_json(done: &Done, (line, count, field): (&str, usize, &str)) -> Result<(), String> {
    let documents: Result<Vec<Value>, _> = done.out.lines().map(serde_json::from_str).collect();
    let is_whole =
        |documents: Vec<Value>| documents.len() == count && documents.iter().all(|document| field.is_empty() || !document[field].is_null());
    let has_ended = done.err.is_empty() && (done.code == 0 || line == "clusters check");
    if has_ended && documents.is_ok_and(is_whole) { Ok(()) } else { Err(format!("{line}: {done:?}")) }
}

#[tokio::test]
async fn whoever_waits_for_a_drill_gets_the_job_and_what_it_has_found() {
    let world = world().await;
    for (trouble, code) in [("null", 0), ("'public.users has other rows'", 1)] {
        let waiting = program(&world, &["backup", "drill", "acme", "--json"]).await.spawn().expect("it starts");
        let open = "select count(*) from jobs where kind = 'drill' and finished_at is null";
        while world.count(open).await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let ended = format!(
            "insert into backup_drills (id, backup_id, tenant_id, taken_at, started_at, ended_at, is_equal, row_count, trouble)
             select j.id, b.id, j.tenant_id, now(), now(), now(), {trouble} is null, 7, {trouble} from jobs j, backups b
             where j.kind = 'drill' and j.finished_at is null;
             update jobs set finished_at = now(), outcome = 'done' where kind = 'drill' and finished_at is null"
        );
        sqlx::raw_sql(AssertSqlSafe(ended)).execute(world.app.db.pool()).await.expect("ended");
        let done = tokio::task::spawn_blocking(move || waiting.wait_with_output()).await.expect("not ended").expect("it ends");
        let said = String::from_utf8(done.stdout).expect("text");
        let documents: Result<Vec<Value>, _> = said.lines().map(serde_json::from_str).collect();
        let documents = documents.unwrap_or_else(|error| panic!("{error}: {said}"));
        assert_eq!((done.status.code(), documents.len()), (Some(code), 2), "{said}");
        assert_eq!((&documents[0]["status"], &documents[1]["is_equal"]), (&json!("done"), &json!(code == 0)), "{said}");
    }
}
