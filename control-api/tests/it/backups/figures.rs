//! Whether the figures by which somebody is woken change when they should.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use control_api::backups;

use super::{server::Server, world::Stored};
use shared::act::Author;

const HOUR: i64 = 3600;

#[tokio::test]
async fn the_oldest_of_all_newest_backups_counts_and_the_control_databases_own() {
    let stored = Stored::start().await;
    let counted = async || {
        backups::keep(stored.app()).await.expect("kept");
        ["backup_oldest_seconds", "backup_control_age_seconds", "backup_last_success_timestamp_seconds"].map(|name| stored.figure(name))
    };
    let control = async || {
        let app = stored.app();
        // The night's own stand in the books already; what is asked for comes besides.
        app.db.act(Author::system("test"), &app.clock, async |act| backups::ask_backup(act, None).await).await.expect("asked");
        stored.work().await;
    };
    let [_, age, success] = counted().await;
    assert_eq!((age, success), (-1, 0), "there is none yet");
    stored.work().await;
    let at = stored.app().clock.now().timestamp();
    assert_eq!(counted().await, [0, 0, at], "the first ones are taken at once");
    stored.world.travel(TimeDelta::hours(3));
    assert_eq!(counted().await, [3 * HOUR, 3 * HOUR, at], "they grow old");
    stored.take("acme").await;
    let later = stored.app().clock.now().timestamp();
    assert_eq!(counted().await, [3 * HOUR, 3 * HOUR, later], "the other one's is as old as it was");
    stored.take("globex").await;
    assert_eq!(counted().await, [0, 3 * HOUR, later]);
    control().await;
    assert_eq!(counted().await, [0, 0, later]);
    stored.world.travel(TimeDelta::minutes(1));
    assert_eq!(counted().await, [60, 60, later]);
    stored.clean().await;
}

#[tokio::test]
async fn a_log_that_is_not_archived_and_a_server_that_is_away_are_told() {
    let mut server = Box::pin(Server::start()).await;
    let names = ["archive_failing", "archive_failed_total", "archive_age_seconds", "base_backup_age_seconds"];
    let [failing, failed, age, base] = counted(&server, names, |[failing, ..]| failing == 0).await;
    assert_eq!((failing, base), (0, -1), "there is no base backup yet");
    assert!((0..60).contains(&age) && failed >= 0, "{age} {failed}");
    // Without its settings nothing is archived.
    let (settings, away) = (server.folder.join("wal.env"), server.folder.join("away.env"));
    std::fs::rename(&settings, &away).expect("taken away");
    let [failing, more, ..] = counted(&server, names, |[failing, ..]| failing == 1).await;
    assert!(failing == 1 && more > failed, "{failing} {more} {failed}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let [.., older, _] = counted(&server, names, |_| true).await;
    assert!(older > age && older >= 2, "since when: {older} {age}");
    std::fs::rename(&away, &settings).expect("brought back");
    let [failing, still, anew, _] = counted(&server, names, |[failing, ..]| failing == 0).await;
    assert!(failing == 0 && still >= more, "what has failed stays counted: {still} {more}");
    assert!(anew < 60, "{anew}");
    Box::pin(server.base()).await;
    // The world's clock stands still while the server's goes on.
    server.stored.world.travel(server.now().await - server.stored.app().clock.now());
    let [.., base] = counted(&server, names, |_| true).await;
    assert!((0..60).contains(&base), "{base}");
    server.stored.world.travel(TimeDelta::hours(31));
    let [.., base] = counted(&server, names, |_| true).await;
    assert!((31 * HOUR..31 * HOUR + 60).contains(&base), "{base}");
    server.dies();
    backups::keep(server.stored.app()).await.expect("one that is away holds nobody up");
    let [failing, failed, age, base] = names.map(|name| server.stored.figure(name));
    assert_eq!((failing, failed, age), (0, 0, -1));
    assert!(base >= 31 * HOUR, "{base}");
}

/// The figures once they are so, after something was written that is to be archived.
async fn counted(server: &Server, names: [&str; 4], is_so: impl Fn([i64; 4]) -> bool) -> [i64; 4] {
    let began = Instant::now();
    loop {
        let mut admin = server.admin().await;
        for sql in ["select pg_logical_emit_message(true, 'test', 'something')", "select pg_switch_wal()"] {
            sqlx::raw_sql(sql).execute(&mut admin).await.expect("written");
        }
        backups::keep(server.stored.app()).await.expect("kept");
        let figures = names.map(|name| server.stored.figure(name));
        if is_so(figures) {
            return figures;
        }
        assert!(began.elapsed() < Duration::from_secs(90), "{figures:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
