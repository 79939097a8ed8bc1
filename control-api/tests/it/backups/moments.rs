//! One tenant goes back to a second, by a real server, its log in the real file store, and a server beside it.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use control_api::{backups, jobs};
use serde_json::json;
use shared::{Error, storage::prefix_of};

use super::{server::Server, world::Stored};

/// These moments cannot be reached, and it is said which can.
async fn outside(server: &Server, moments: [DateTime<Utc>; 2]) {
    for wrong in moments {
        let refused = server.plan("acme", wrong).await.expect_err("outside");
        assert!(matches!(&refused, Error::Invalid(wrong) if wrong[0].message.contains("Possible are moments from 20")), "{refused:?}");
    }
}

#[tokio::test]
async fn one_tenant_is_what_it_was_at_a_second_and_the_other_one_has_lost_nothing() {
    let server = Box::pin(Server::start()).await;
    let stored = &server.stored;
    let early = server.plan("acme", server.now().await).await.expect_err("no base backup");
    assert!(matches!(&early, Error::Invalid(wrong) if wrong[0].code == "no_archive"), "{early}");
    let [kept, gone, anew, later] = {
        let acme = stored.id("acme").await;
        ["a.pdf", "b.pdf", "c.pdf", "d.pdf"].map(|name| format!("{}{name}", prefix_of(acme)))
    };
    for key in [&kept, &gone, &anew] {
        stored.put(key, key.as_bytes()).await;
    }
    let base = Box::pin(server.base()).await;
    assert!(base.bytes > 0 && base.start_lsn < base.stop_lsn && base.timeline == 1, "{base:?}");
    stored.world.travel(server.now().await - stored.app().clock.now());
    let lost = format!("{}e.pdf", prefix_of(stored.id("acme").await));
    stored.put(&lost, b"lost").await;
    let night = Box::pin(stored.take("acme")).await;
    stored.opens("acme", "within").await;
    stored.sql("acme", "update support_tickets set subject = 'changed' where subject = 'before'").await;
    let before = stored.rows("acme").await;
    // Files are dated by the second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let at = server.now().await;
    stored.opens("acme", "after").await;
    stored.sql("acme", "delete from support_tickets where subject = 'within'").await;
    stored.opens("globex", "meanwhile").await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    for key in [&gone, &lost, &format!("{}/files/{lost}", night.folder)] {
        stored.remove(key).await;
    }
    stored.put(&anew, b"anew").await;
    stored.put(&later, b"later").await;
    let (globex, place) = (stored.rows("globex").await, stored.place("acme").await.database);
    outside(&server, [base.finished_at - TimeDelta::seconds(1), server.now().await + TimeDelta::minutes(1)]).await;
    stored.world.travel(server.now().await - stored.app().clock.now());
    let (job, began) = (server.plan("acme", at).await.expect("planned"), Instant::now());
    Box::pin(stored.work()).await;
    assert_eq!(stored.status(job).await, "done");
    println!("a tenant was brought back to a second in {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(stored.rows("acme").await, before);
    assert_eq!(stored.rows("globex").await, globex, "the other one has all that was written meanwhile");
    assert_ne!(stored.place("acme").await.database, place);
    assert!(server.sides().is_empty(), "the side server's folder is gone");
    for (key, bytes) in [(&kept, kept.as_bytes()), (&gone, gone.as_bytes()), (&anew, anew.as_bytes()), (&later, b"later")] {
        assert_eq!(stored.read(key).await.as_deref(), Some(bytes), "{key}");
    }
    let event = stored.world.last_event("TenantRestored").await;
    assert_eq!((&event["data"]["as_of"], &event["data"]["files_restored"]), (&json!(at), &json!(2)));
    assert_eq!(event["data"]["files_missing"], json!([lost]), "what is nowhere is named");
    // It was in another database at that moment than it is now; a drill of any second finds the right one.
    let drilled = Box::pin(stored.drill("acme")).await;
    assert_eq!((drilled.is_equal, drilled.trouble), (true, None));
    assert!(drilled.taken_at >= base.finished_at && server.sides().is_empty());
    let all = backups::newest_of(&mut stored.app().db.read().await.expect("a connection"), Some("acme")).await.expect("listed");
    assert!(all.iter().all(|backup| backup.id != drilled.backup_id), "what was made for the drill goes with it");
    // The next one is of what the nights have left: that a dump is equal to what it was made from says nothing of them.
    let drilled = Box::pin(stored.drill("acme")).await;
    assert!(drilled.is_equal && all.iter().any(|backup| backup.id == drilled.backup_id), "{drilled:?}");
    Box::pin(is_found_behind(&server, at, &lost)).await;
    assert_eq!(stored.rows("acme").await, before);
    Box::pin(stored.clean()).await;
}

/// A file that was nowhere when acme went back to a second is brought back, a night copies it, and it is lost once more: going
/// back to that second again finds it there.
async fn is_found_behind(server: &Server, at: DateTime<Utc>, lost: &str) {
    let stored = &server.stored;
    stored.put(lost, b"lost").await;
    Box::pin(stored.take("acme")).await;
    stored.remove(lost).await;
    let back = server.plan("acme", at).await.expect("a moment in the database before the last one");
    Box::pin(stored.work()).await;
    assert_eq!(stored.status(back).await, "done");
    assert_eq!(stored.read(lost).await.as_deref(), Some(&b"lost"[..]), "the backup behind it has it, though the moment's own has not");
}

#[tokio::test]
async fn whoever_dies_while_the_side_server_works_is_followed_by_somebody_who_ends_it() {
    let server = Box::pin(Server::start()).await;
    let stored = &server.stored;
    Box::pin(server.base()).await;
    let (before, at) = (stored.rows("acme").await, server.now().await);
    stored.opens("acme", "after").await;
    stored.world.travel(server.now().await - stored.app().clock.now());
    let id = server.plan("acme", at).await.expect("planned");
    let mut job = stored.claim(id).await;
    while job.step != "recover" {
        let performed = jobs::perform(stored.app(), &job).await.expect("done");
        job = jobs::settle(stored.app(), &job, &performed).await.expect("noted").expect("ours");
    }
    let (app, dying) = (stored.app().clone(), job.clone());
    let dying = tokio::spawn(async move { jobs::perform(&app, &dying).await.map(drop) });
    let pid = side_server(&server).await;
    dying.abort();
    assert!(dying.await.expect_err("it died").is_cancelled());
    assert!(std::fs::exists(format!("/proc/{pid}")).expect("asked"), "the side server has outlived it");
    stored.world.travel(TimeDelta::seconds(16));
    Box::pin(stored.work()).await;
    assert_eq!(stored.status(id).await, "done");
    assert_eq!(stored.rows("acme").await, before);
    assert!(!works(pid), "the orphan was ended");
    assert!(server.sides().is_empty());
    // What nobody takes up again is swept; what works in another folder is left alone.
    let left = server.folder.join("pitr-0123456789ab");
    std::fs::create_dir_all(left.join("data")).expect("made");
    let own = std::process::id();
    std::fs::write(left.join("data/postmaster.pid"), format!("{own}\n{}\n", left.join("data").display())).expect("written");
    backups::sweep_side_servers(stored.app()).await.expect("swept");
    assert!(!left.exists());
    Box::pin(stored.clean()).await;
}

/// The process of the side server, once it is there.
async fn side_server(server: &Server) -> u32 {
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < Duration::from_secs(60), "no side server");
        let file = server.sides().into_iter().find(|side| side.is_dir()).map(|side| side.join("data/postmaster.pid"));
        let text = file.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        if let Some(pid) = text.lines().next().and_then(|line| line.parse().ok()) {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Whether a process is alive.
fn works(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[tokio::test]
async fn base_backups_go_with_the_log_that_only_they_needed() {
    let server = Box::pin(Server::start()).await;
    let (stored, first) = (&server.stored, Box::pin(server.base()).await);
    stored.opens("acme", "between").await;
    let second = Box::pin(server.base()).await;
    let log = format!("wal/{}/", first.archive_id);
    let parts = (&stored.app().db, &stored.app().outside.storage, &stored.app().clock);
    let prune = async || backups::prune_base_backups(parts, None, TimeDelta::days(7)).await.expect("pruned");
    assert_eq!(prune().await.bases, 0, "both are needed");
    assert!(stored.keys(&log).await.contains(&format!("{log}{}", first.start_file)));
    // A worker whose clock has gone wrong takes nothing that is needed.
    stored.world.travel(TimeDelta::days(1000));
    assert_eq!(prune().await.bases, 0, "by the control database's clock both are needed");
    stored.world.travel(TimeDelta::days(-1000));
    age(stored).await;
    assert_eq!(prune().await.bases, 0, "whatever any clock says, the nights before the newest one are needed");
    let third = Box::pin(server.base()).await;
    assert_eq!(server.bases().await.iter().map(|base| base.id).collect::<Vec<_>>(), [third.id, second.id]);
    assert_eq!(prune().await, backups::Pruned::default(), "what is left is needed");
    let left = stored.keys(&log).await;
    assert!(left.contains(&format!("{log}{}", second.start_file)), "{left:?}");
    assert!(!left.contains(&format!("{log}{}", first.start_file)), "{left:?}");
    assert!(stored.keys(&format!("base/{}/{}/", first.archive_id, first.id)).await.is_empty());
    // In the night there is a fourth, without anybody asking; no moment of the window needs the second any more.
    age(stored).await;
    backups::keep(stored.app()).await.expect("kept");
    Box::pin(stored.work()).await;
    let left: Vec<_> = server.bases().await.iter().map(|base| base.id).collect();
    assert!(left.len() == 2 && left[1] == third.id, "{left:?}");
    Box::pin(stored.clean()).await;
}

/// Nine days go by for what there is.
async fn age(stored: &Stored) {
    let sql = "update base_backups set started_at = started_at - interval '9 days', finished_at = finished_at - interval '9 days'";
    stored.world.sql(sql).await;
}
