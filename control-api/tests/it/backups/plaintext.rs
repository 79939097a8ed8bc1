//! Whoever can read the file store reads nobody's tickets: backups, exports, base backups and the log are noise there.

use std::{
    io::{Read, Write},
    path::Path,
    time::{Duration, Instant},
};

use flate2::{Compression, read, write::DeflateEncoder};
use serde_json::json;
use shared::act::Author;
use uuid::Uuid;

use super::server::Server;
use control_api::backups;

#[tokio::test]
async fn no_object_of_the_store_says_what_the_databases_say() {
    let server = Box::pin(Server::start()).await;
    let stored = &server.stored;
    let chance = Uuid::new_v4().simple().to_string();
    let (subject, address) = (format!("canary-subject-{chance}"), format!("canary-{chance}@acme.example"));
    let canaries = [subject.as_bytes(), address.as_bytes()];
    // So often that no compression hides it in what it has said before.
    for _ in 0..20 {
        stored.opens("acme", &subject).await;
    }
    stored
        .sql(
            "acme",
            &format!(
                "insert into users (id, email, firstname, lastname, role, version) values (77, '{address}', 'Ca', 'Nary', 'customer', 1)"
            ),
        )
        .await;
    stored.world.register("acme", &address).await.expect(202);
    let log = server.folder.join("server/pg_wal");
    assert!(has_any(&log, canaries[0]) && has_any(&log, canaries[1]), "the server's own log says both");

    let base = Box::pin(server.base()).await;
    let (app, acme) = (stored.app(), stored.id("acme").await);
    let backup = Box::pin(stored.take("acme")).await;
    let control = app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_backup(act, None).await).await.expect("asked");
    let ada = stored.world.log_in("acme", "ada@acme.example").await;
    let export = stored.world.post("/api/v1/tenant/exports").by(&ada).json(json!({})).await.expect(202).body;
    Box::pin(stored.work()).await;
    let control = backups::by_id(&mut app.db.read().await.expect("a connection"), control).await.expect("a backup");
    archived(&server).await;

    let folders = [
        (format!("{}/", backup.folder), 2),
        (format!("{}/", control.folder), 2),
        (format!("exports/{acme}/"), 1),
        (format!("wal/{}/", base.archive_id), 2),
        (format!("base/{}/{}/", base.archive_id, base.id), 1),
    ];
    for (folder, least) in folders {
        let keys = stored.keys(&folder).await;
        assert!(keys.len() >= least, "{folder}: {keys:?}");
        for key in keys {
            is_noise(&key, &stored.read(&key).await.expect("an object"), &canaries);
        }
    }
    // With the keys all of it is there: the customer's own archive says both.
    let id = export["id"].as_str().expect("an id");
    let archive = stored.world.get(&format!("/api/v1/tenant/exports/{id}/download")).by(&ada).await.expect(200).text.into_bytes();
    assert!(canaries.iter().all(|canary| finds(&archive, canary)));
    Box::pin(stored.clean()).await;
}

/// An object says nothing, neither as it is nor to whoever unpacks it, and has nothing that could be packed.
fn is_noise(key: &str, bytes: &[u8], canaries: &[&[u8]]) {
    let says = |text: &[u8], how: &str| {
        for canary in canaries {
            assert!(!finds(text, canary), "{key} says {} {how}", String::from_utf8_lossy(canary));
        }
    };
    says(bytes, "as it is");
    // Wherever a packed part may begin: a head, and then the stream.
    for at in 0..bytes.len().min(64) {
        let rest = &bytes[at..];
        let mut unpacked = Vec::new();
        for one in
            [&mut read::GzDecoder::new(rest) as &mut dyn Read, &mut read::ZlibDecoder::new(rest), &mut read::DeflateDecoder::new(rest)]
        {
            // What breaks off has said something before.
            let _ = one.take(1 << 20).read_to_end(&mut unpacked);
        }
        says(&unpacked, "unpacked");
    }
    // The note beside a backup is short, and says in words which key opens it.
    if bytes.len() > 16 << 10 {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&bytes[..bytes.len().min(1 << 20)]).expect("packed");
        let packed = packed.finish().expect("packed").len();
        assert!(packed * 100 > bytes.len().min(1 << 20) * 99, "{key}: {packed} of {} bytes are left", bytes.len());
    }
}

fn finds(text: &[u8], canary: &[u8]) -> bool {
    text.windows(canary.len()).any(|part| part == canary)
}

fn has_any(folder: &Path, canary: &[u8]) -> bool {
    let files = std::fs::read_dir(folder).expect("a folder").flatten().filter(|entry| entry.path().is_file());
    files.map(|entry| std::fs::read(entry.path()).expect("a file")).any(|text| finds(&text, canary))
}

/// Waits until what was written so far lies in the store.
async fn archived(server: &Server) {
    let mut admin = server.admin().await;
    let last: String = sqlx::query_scalar("select pg_walfile_name(pg_switch_wal())").fetch_one(&mut admin).await.expect("the segment");
    let began = Instant::now();
    let sql = "select coalesce(max(last_archived_wal), '') >= $1 from pg_stat_archiver";
    while !sqlx::query_scalar::<_, bool>(sql).bind(&last).fetch_one(&mut admin).await.expect("asked") {
        assert!(began.elapsed() < Duration::from_secs(60), "{last} is not archived");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
