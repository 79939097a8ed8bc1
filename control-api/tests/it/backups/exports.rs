//! What admins take out themselves.

use std::{collections::BTreeMap, process::Command};

use chrono::TimeDelta;
use control_api::{backups, jobs};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::Stored;
use crate::world::Person;

impl Stored {
    async fn asks(&self, who: &Person) -> Value {
        self.world.post("/api/v1/tenant/exports").by(who).json(json!({})).await.expect(202).body
    }

    /// An object of acme's, and a file that has it for each of these: what was found in it, or that it was taken away.
    async fn has_file(&self, key: &str, files: &[&str]) {
        self.put(key, b"a file").await;
        let ticket = self.number("acme", "select min(id) from support_tickets").await;
        for found in files {
            let (status, deleted) = if *found == "deleted" { ("clean", "now()") } else { (*found, "null") };
            let sql = format!(
                "insert into ticket_attachments (ticket_id, original_name, filename, file_path, mime_type, file_size, sha256, media_category,
                    scan_status, preview, preview_path, uploaded_by, by_staff, deleted_at, created_at, updated_at)
                 values ({ticket}, 'a.pdf', 'a.pdf', '{key}', 'application/pdf', 6, 'x', 'pdf', '{status}', 'ready', '{key}.webp', 1, false,
                    {deleted}, now(), now())"
            );
            self.sql("acme", &sql).await;
        }
    }
}

fn path(export: &Value, more: &str) -> String {
    format!("/api/v1/tenant/exports/{}{more}", export["id"].as_str().expect("an id"))
}

/// The entries of a tar archive, by name.
fn entries(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let (mut entries, mut rest) = (BTreeMap::new(), archive);
    while rest[0] != 0 {
        let text = |from: usize, to: usize| String::from_utf8_lossy(&rest[from..to]).trim_end_matches('\0').to_owned();
        let (name, prefix) = (text(0, 100), text(345, 500));
        let size = usize::from_str_radix(&text(124, 136), 8).expect("a length");
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        entries.insert(name, rest[512..512 + size].to_vec());
        rest = &rest[512 + size.div_ceil(512) * 512..];
    }
    assert_eq!(rest.len(), 1024, "two empty blocks end it");
    entries
}

/// The database of an archive, as whoever has it makes one of it; its name.
async fn loaded(stored: &Stored, entries: &BTreeMap<String, Vec<u8>>) -> String {
    let sql: Vec<u8> = entries.iter().filter(|(name, _)| name.starts_with("database/")).flat_map(|(_, sql)| sql.clone()).collect();
    let (name, url) = stored.empty_database().await;
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname"]).arg(url.expose_secret());
    let mut psql = psql.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().expect("psql");
    std::io::Write::write_all(&mut psql.stdin.take().expect("its input"), &sql).expect("written");
    assert!(psql.wait().expect("it ends").success());
    name
}

#[tokio::test]
async fn an_admin_takes_everything_out_and_it_can_be_had_again_anywhere() {
    let stored = Stored::start().await;
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    let acme = stored.id("acme").await;
    stored.has_file(&format!("{}tickets/1/{}.pdf", shared::storage::prefix_of(acme), "f".repeat(64)), &["clean"]).await;
    let asked = stored.asks(&ada).await;
    assert_eq!(asked["status"], "making");
    stored.world.post("/api/v1/tenant/exports").by(&ada).json(json!({})).await.refused(409, "export_under_way");
    stored.world.get(&path(&asked, "/download")).by(&ada).await.refused(404, "export_not_found");
    stored.work().await;
    let ready = stored.world.get(&path(&asked, "")).by(&ada).await.expect(200).body;
    assert_eq!(ready["status"], "ready");
    let mails = stored.world.mails("ada@acme.example").await;
    assert!(mails.iter().any(|mail| mail.subject.contains("export")), "a mail says so");
    let archive = stored.world.get(&path(&asked, "/download")).by(&ada).await.expect(200).text.into_bytes();
    assert_eq!(archive.len() as i64, ready["size"].as_i64().expect("a length"));
    let entries = entries(&archive);
    assert_eq!(entries[&format!("files/tickets/1/{}.pdf", "f".repeat(64))], b"a file");
    assert!(entries["README.txt"].starts_with(b"Everything"));
    let into = loaded(&stored, &entries).await;
    let options = shared::testing::admin_options().database(&into);
    let mut inside = sqlx::ConnectOptions::connect(&options).await.expect("the copy");
    let subjects: Vec<String> = sqlx::query_scalar("select subject from support_tickets").fetch_all(&mut inside).await.expect("tickets");
    assert_eq!(subjects, ["before"]);
    stored.drop_database(&into).await;
    stored.clean().await;
}

#[tokio::test]
async fn an_archive_has_no_file_that_nobody_is_given() {
    let stored = Stored::start().await;
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    let prefix = shared::storage::prefix_of(stored.id("acme").await);
    for (name, files) in [
        ("clean", &["clean"][..]),
        ("skipped", &["skipped"]),
        ("one-of-two", &["deleted", "clean"]),
        ("pending", &["pending"]),
        ("infected", &["infected"]),
        ("deleted", &["deleted"]),
        ("none-of-three", &["pending", "infected", "deleted"]),
        // It was just written, or its last file has just gone.
        ("nobodys", &[]),
    ] {
        let key = format!("{prefix}tickets/1/{name}");
        stored.has_file(&key, files).await;
        stored.put(&format!("{key}.webp"), b"a preview").await;
    }
    stored.put(&format!("{prefix}temp/an-upload/0-a"), b"a piece").await;
    stored.put(&format!("{prefix}logo"), b"what is no file of a ticket").await;
    let asked = stored.asks(&ada).await;
    stored.work().await;
    let archive = stored.world.get(&path(&asked, "/download")).by(&ada).await.expect(200).text.into_bytes();
    let names: Vec<String> = entries(&archive).into_keys().filter_map(|name| name.strip_prefix("files/").map(str::to_owned)).collect();
    let given = ["clean", "clean.webp", "one-of-two", "one-of-two.webp", "skipped", "skipped.webp"].map(|name| format!("tickets/1/{name}"));
    assert_eq!(names, [["logo".to_owned()].as_slice(), given.as_slice()].concat());
    stored.clean().await;
}

#[tokio::test]
async fn in_the_days_of_grace_an_admin_still_takes_everything_out() {
    let stored = Stored::start().await;
    let world = &stored.world;
    let ada = world.log_in("acme", "ada@acme.example").await;
    world.post("/api/v1/tenant/deletion").by(&ada).json(json!({ "slug": "acme" })).await.expect(201);
    let ada = world.log_in("acme", "ada@acme.example").await;
    let asked = stored.asks(&ada).await;
    stored.work().await;
    let archive = world.get(&path(&asked, "/download")).by(&ada).await.expect(200).text.into_bytes();
    assert!(entries(&archive).keys().any(|name| name.starts_with("database/")));
    stored.clean().await;
}

#[tokio::test]
async fn whoever_asked_hears_that_an_export_could_not_be_made() {
    let stored = Stored::start().await;
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    let asked = stored.asks(&ada).await;
    stored.world.sql("update jobs set step = 'give_up' where kind = 'export'").await;
    stored.work().await;
    assert_eq!(stored.world.get(&path(&asked, "")).by(&ada).await.expect(200).body["status"], "failed");
    let mails = stored.world.mails("ada@acme.example").await;
    assert!(mails.iter().any(|mail| mail.subject.contains("could not be made")), "{mails:?}");
    assert_eq!(stored.world.count("select count(*) from audit_logs where action = 'ExportFailed'").await, 1);
    assert_eq!(stored.asks(&ada).await["status"], "making", "asked again");
    stored.clean().await;
}

#[tokio::test]
async fn nobody_else_has_it_and_after_a_week_nobody() {
    let stored = Stored::start().await;
    let (ada, globex) = (stored.world.log_in("acme", "ada@acme.example").await, stored.world.log_in("globex", "ada@globex.example").await);
    let agent = stored.world.member(&ada, "ben", "agent").await;
    let asked = stored.asks(&ada).await;
    stored.work().await;
    for end in ["", "/download"] {
        stored.world.get(&path(&asked, end)).by(&agent).await.refused(403, "forbidden");
        stored.world.get(&path(&asked, end)).by(&globex).await.refused(404, "export_not_found");
    }
    let tenant = stored.id("acme").await;
    assert_eq!(stored.keys(&format!("exports/{tenant}/")).await.len(), 1);
    stored.world.travel(TimeDelta::days(7));
    backups::keep(stored.app()).await.expect("kept");
    assert!(stored.keys(&format!("exports/{tenant}/")).await.is_empty());
    assert_eq!(stored.world.count("select count(*) from exports where status = 'expired'").await, 1);
    assert_eq!(stored.world.count("select count(*) from audit_logs where action = 'ExportExpired'").await, 1);
    stored.clean().await;
}

#[tokio::test]
async fn broken_off_in_the_middle_it_is_made_anew_and_every_table_is_in_it_with_every_row() {
    let stored = Stored::start().await;
    stored.seals("acme").await;
    stored.tells("acme", "'ae000000-0000-0000-0000-000000000001'", "null").await;
    stored.mails("acme", "'ae000000-0000-0000-0000-000000000003'").await;
    let many = "insert into users (id, email, firstname, lastname, role, version)
        select n, n || '@acme.example', md5(n::text), E'\\\\ \\t \\'' || n, 'customer', 1 from generate_series(1000, 9999) n";
    stored.sql("acme", many).await;
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    let asked = stored.asks(&ada).await;
    // The dump waits in its middle for a table that somebody holds; its maker dies there.
    let mut holder = stored.inside("acme").await;
    sqlx::raw_sql("begin; lock table support_tickets in access exclusive mode").execute(&mut holder).await.expect("held");
    let job = jobs::claim(stored.app(), Uuid::now_v7()).await.expect("asked").expect("a job");
    assert_eq!(json!(job.id), asked["id"]);
    let dying = tokio::spawn({
        let (app, job) = (stored.app().clone(), job.clone());
        async move { jobs::perform(&app, &job).await.map(drop) }
    });
    let waits = "select count(*) from pg_locks where not granted and relation = 'support_tickets'::regclass";
    while stored.number("acme", waits).await == 0 {
        assert!(!dying.is_finished(), "it has not waited");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    dying.abort();
    assert!(dying.await.expect_err("it died").is_cancelled());
    sqlx::raw_sql("rollback").execute(&mut holder).await.expect("let go");
    sqlx::Connection::close(holder).await.expect("left");
    assert_eq!(stored.world.get(&path(&asked, "")).by(&ada).await.expect(200).body["status"], "making");
    stored.world.travel(TimeDelta::seconds(16));
    stored.work().await;
    assert_eq!(stored.status(job.id).await, "done");
    let archive = stored.world.get(&path(&asked, "/download")).by(&ada).await.expect(200).text.into_bytes();
    let copy = loaded(&stored, &entries(&archive)).await;
    let options = shared::testing::admin_options().database(&copy);
    let (there, here) =
        (Stored::rows_in(sqlx::ConnectOptions::connect(&options).await.expect("the copy")).await, stored.rows("acme").await);
    assert!(here.len() > 20 && here["public.users"].starts_with("9001 "), "{here:?}");
    assert_eq!(there, here);
    let tenant = stored.id("acme").await;
    assert_eq!(stored.keys(&format!("exports/{tenant}/")).await.len(), 1, "of the first try nothing is left");
    stored.drop_database(&copy).await;
    stored.clean().await;
}
