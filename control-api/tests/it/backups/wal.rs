//! What PostgreSQL calls, as it calls it: by command, with exit codes.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use control_api::backups::archive::Settings;
use secrecy::ExposeSecret;
use shared::{sealed_stream::StreamKey, storage::Place};
use uuid::Uuid;

use crate::world::World;

const NAME: &str = "000000010000000000000007";

struct Archive {
    folder: PathBuf,
    place: Place,
    id: Uuid,
    key: StreamKey,
}

impl Archive {
    async fn new() -> Self {
        let world = World::real().await;
        let beside = world.app.outside.tools.beside.as_ref().expect("a folder").clone();
        std::fs::create_dir(&beside.folder).expect("made");
        let archive = Self { folder: beside.folder, place: beside.store, id: Uuid::now_v7(), key: StreamKey::generate() };
        archive.told("wal.env", (&archive.place, &archive.key), 0o600);
        archive
    }

    fn told(&self, name: &str, (place, key): (&Place, &StreamKey), mode: u32) {
        let lines = Settings::of(self.id, "4711", key, place.clone()).lines();
        let text: String = lines.iter().map(|(name, value)| format!("{name}={}\n", value.expose_secret())).collect();
        std::fs::write(self.folder.join(name), text).expect("written");
        std::fs::set_permissions(self.folder.join(name), PermissionsExt::from_mode(mode)).expect("set");
    }

    /// The exit code, and what was said.
    fn run(&self, settings: &str, words: &[&str]) -> (i32, String) {
        let (word, rest) = words.split_first().expect("a word");
        let mut command = Command::new(env!("CARGO_BIN_EXE_control-api"));
        command.args(["wal", word, "--settings", settings]).args(rest).env_clear().current_dir(&self.folder);
        let done = command.output().expect("run");
        (done.status.code().expect("a code"), String::from_utf8_lossy(&done.stderr).into_owned())
    }

    /// A segment of 16 MiB that some server has written.
    fn segment(&self, name: &str, system: u64, fill: u8) {
        let mut segment = vec![0; 16 << 20];
        segment[2] = 2;
        segment[24..32].copy_from_slice(&system.to_le_bytes());
        segment[5000..9000].fill(fill);
        std::fs::write(self.folder.join(name), segment).expect("written");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).expect("a file")
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(Path::new(&self.folder));
    }
}

#[tokio::test]
async fn a_segment_is_archived_once_and_comes_back_as_it_was() {
    let archive = Archive::new().await;
    archive.segment(NAME, 4711, 7);
    let began = Instant::now();
    assert_eq!(archive.run("wal.env", &["push", NAME]), (0, String::new()));
    println!("a segment was archived in {:?}", began.elapsed());
    let (code, said) = archive.run("wal.env", &["push", NAME]);
    assert_eq!((code, said.contains("already")), (0, true), "the same again is fine: {said}");
    assert_eq!(archive.run("wal.env", &["fetch", NAME, "back"]), (0, String::new()));
    assert!(archive.read("back") == archive.read(NAME));
    archive.segment(NAME, 4711, 8);
    let (code, said) = archive.run("wal.env", &["push", NAME]);
    assert!(code == 1 && said.contains("other contents"), "{code} {said}");
    std::fs::write(archive.folder.join("00000002.history"), "1\t0/7000000\tno recovery target specified\n").expect("written");
    assert_eq!(archive.run("wal.env", &["push", "00000002.history"]).0, 0);
    assert_eq!(archive.run("wal.env", &["fetch", "00000002.history", "history"]).0, 0);
    assert!(archive.read("history").starts_with(b"1\t0/7000000"));
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_what_is_not_there_is_told_from_what_cannot_be_known() {
    let archive = Archive::new().await;
    archive.segment(NAME, 4712, 7);
    let (code, said) = archive.run("wal.env", &["push", NAME]);
    assert!(code == 1 && said.contains("was written by server"), "another server's: {code} {said}");
    archive.segment(NAME, 4711, 7);
    std::fs::copy(archive.folder.join(NAME), archive.folder.join("other")).expect("copied");
    let away = Place { endpoint: "http://127.0.0.1:1".into(), ..archive.place.clone() };
    archive.told("away.env", (&away, &archive.key), 0o600);
    archive.told("open.env", (&archive.place, &archive.key), 0o644);
    for (settings, words, expected, word) in [
        ("wal.env", &["push", "other"][..], 1, "no file of PostgreSQL's log"),
        ("wal.env", &["push", "000000010000000000000009"], 1, "No such file"),
        ("open.env", &["push", NAME], 1, "chmod 600"),
        ("away.env", &["push", NAME], 1, "unavailable"),
        ("wal.env", &["fetch", NAME, "back"], 1, ""),
        ("wal.env", &["fetch", "../../etc/passwd", "back"], 1, ""),
        ("away.env", &["fetch", NAME, "back"], 200, "unavailable"),
        ("none.env", &["fetch", NAME, "back"], 200, "none.env"),
    ] {
        let (code, said) = archive.run(settings, words);
        assert!(code == expected && said.contains(word), "{settings} {words:?}: {code} {said}");
    }
    assert!(!archive.folder.join("back").exists());
    // Another archive's key opens nothing.
    assert_eq!(archive.run("wal.env", &["push", NAME]).0, 0);
    archive.told("other.env", (&archive.place, &StreamKey::generate()), 0o600);
    assert_eq!(archive.run("other.env", &["fetch", NAME, "back"]).0, 200);
    assert_eq!(archive.run("wal.env", &["fetch", NAME, "back"]).0, 0);
}
