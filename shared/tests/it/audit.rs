//! The audit trail on a real database: a row always finds its month, and whatever somebody does to
//! rows or seals afterwards shows.

use chrono::{DateTime, Datelike, Months, TimeDelta, Utc};
use shared::{
    act::Act,
    audit::{Finding, Newest, Report, contains, keep, newest, seal, verify},
    clock::Clock,
    db::Db,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::world::{Happened, author, database};

async fn sql(db: &Db, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(db.pool()).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

async fn number(db: &Db, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(db.pool()).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
}

async fn rows(db: &Db) -> i64 {
    number(db, "select count(*) from audit_logs").await
}

/// The time of the database, which is what makes months.
fn now() -> DateTime<Utc> {
    Clock::System.now()
}

/// As many acts, each with its row.
async fn acts(db: &Db, count: u32) {
    for step in 0..count {
        let event = Happened { exchange: "nowhere", ticket: step, step };
        db.act(author(), &Clock::System, async |act: &mut Act| act.record(&event).await).await.expect("recorded");
    }
}

/// A row of that time, written now.
async fn row_at(db: &Db, at: DateTime<Utc>) {
    let insert = "insert into audit_logs (at, actor, action, resource, changes) values ($1, '{}', 'Old', 'x', '{}')";
    sqlx::query(insert).bind(at).execute(db.pool()).await.expect("a row always finds its place");
}

/// What somebody does who may do everything in this database.
async fn forge(db: &Db, what: &str) {
    sql(db, &format!("set session_replication_role = replica; {what}; set session_replication_role = origin")).await;
}

async fn checked(db: &Db, kept: Option<&Newest>) -> Report {
    verify(db, kept, Months::new(60), now()).await.expect("read")
}

async fn sealed(db: &Db) -> Newest {
    seal(db, now()).await.expect("sealed");
    newest(&mut db.read().await.expect("a connection")).await.expect("read").expect("a seal")
}

/// Seals until nothing can appear up to that id any more: until all transactions on this server have
/// ended that might bring it.
async fn settle(db: &Db, id: i64) {
    let settled = format!("select count(*) from audit_seals where settled >= {id}");
    while number(db, &settled).await == 0 {
        acts(db, 1).await;
        sealed(db).await;
    }
}

fn month(at: DateTime<Utc>, ago: u32) -> DateTime<Utc> {
    let first = at.date_naive().with_day(1).expect("a first day") - Months::new(ago);
    first.and_hms_opt(0, 0, 0).expect("midnight").and_utc()
}

/// Makes the partitions as they were so many months ago: nobody has made any since.
async fn abandon(db: &Db, ago: u32) {
    let from = month(now(), ago).to_rfc3339();
    sql(
        db,
        &format!(
            "do $$ declare name text; begin
                for name in select p.name from audit.partitions p loop
                    execute format('alter table audit_logs detach partition audit.%I', name);
                    execute format('drop table audit.%I', name);
                end loop;
                delete from audit.partitions;
                perform audit.add('logs_past', '-infinity', '{from}');
                perform audit.add('logs_ahead', '{from}', 'infinity');
             end $$"
        ),
    )
    .await;
}

const GAPS: &str = "select count(*) from (select starts, lag(ends) over (order by starts) as before from audit.partitions) p
    where before is distinct from starts and starts <> '-infinity'";

#[tokio::test]
async fn rows_find_their_place_however_long_nobody_has_made_months() {
    let (db, _) = database(5, 5).await;
    abandon(&db, 7).await;
    for ago in 0..20 {
        row_at(&db, month(now(), ago)).await;
    }
    row_at(&db, now() + TimeDelta::days(63)).await;
    row_at(&db, now() + TimeDelta::days(4000)).await;
    let kept = keep(&db, now()).await.expect("kept").expect("it has months");
    assert_eq!(kept.months_until, (month(now(), 0).date_naive() + Months::new(4)).and_hms_opt(0, 0, 0).expect("midnight").and_utc());
    assert_eq!(rows(&db).await, 22);
    assert_eq!(number(&db, GAPS).await, 0, "no time without a partition");
    assert_eq!(number(&db, "select count(*) from audit.logs_ahead").await, 1, "only what lies further ahead than months are made");
    let name = format!("select count(*) from audit.logs_{}", month(now(), 7).format("%Y_%m"));
    assert_eq!(number(&db, &name).await, 8, "one partition has what came meanwhile");
    assert!(checked(&db, None).await.is_sound());
    // Next month's is a partition of its own already, and a second time there is nothing to do.
    let partitions = number(&db, "select count(*) from audit.partitions").await;
    keep(&db, now()).await.expect("kept");
    assert_eq!(number(&db, "select count(*) from audit.partitions").await, partitions);
}

#[tokio::test]
async fn nobody_who_writes_is_refused_while_months_are_made() {
    let (db, _) = database(8, 8).await;
    abandon(&db, 3).await;
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { acts(&db, 40).await })
        })
        .collect();
    // It gives way to writers, and comes again.
    while number(&db, "select count(*) from audit.partitions").await < 6 {
        let _ = keep(&db, now()).await;
    }
    for writer in writers {
        writer.await.expect("all were written");
    }
    keep(&db, now()).await.expect("kept");
    assert_eq!((rows(&db).await, number(&db, GAPS).await), (160, 0));
    assert!(checked(&db, None).await.is_sound());
}

#[tokio::test]
async fn rows_are_sealed_though_no_months_can_be_made() {
    let (db, _) = database(5, 5).await;
    abandon(&db, 2).await;
    acts(&db, 3).await;
    sql(&db, "alter function audit_make_months rename to audit_make_months_later").await;
    keep(&db, now()).await.expect_err("and it says that something is wrong");
    let report = checked(&db, None).await;
    assert_eq!((report.is_sound(), report.rows, report.unsealed), (true, 3, 0), "{report:?}");
}

#[tokio::test]
async fn a_trail_is_only_appended_to_even_by_its_owner() {
    let (db, _) = database(5, 5).await;
    acts(&db, 1).await;
    seal(&db, now()).await.expect("sealed");
    for statement in [
        "update audit_logs set action = 'x'",
        "delete from audit_logs",
        "truncate audit_logs",
        "update audit_seals set hash = ''",
        "delete from audit_seals",
        "truncate audit_seals",
    ] {
        let refused = sqlx::raw_sql(statement).execute(db.pool()).await.expect_err(statement).to_string();
        assert!(refused.contains("only appended to"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn whatever_is_done_to_sealed_rows_or_seals_shows() {
    let ids = |ids: &[i64]| ids.to_vec();
    let cases: Vec<(&str, Finding)> = vec![
        (
            "update audit_logs set actor = '{\"kind\": \"anonymous\", \"x\": 1}' where id = 3",
            Finding::RowsChanged { seal: 2, ids: "{[3,5)}".into() },
        ),
        ("update audit_logs set at = at + interval '1 microsecond' where id = 1", Finding::RowsChanged { seal: 1, ids: "{[1,3)}".into() }),
        ("update audit_logs set duration_us = 1 where id = 1", Finding::RowsChanged { seal: 1, ids: "{[1,3)}".into() }),
        ("delete from audit_logs where id = 4", Finding::RowsDeleted { seal: 2, ids: ids(&[4]) }),
        ("delete from audit_logs", Finding::RowsDeleted { seal: 1, ids: ids(&[1, 2]) }),
        (
            "update audit_logs set id = case id when 3 then 4 else 3 end where id in (3, 4)",
            Finding::RowsChanged { seal: 2, ids: "{[3,5)}".into() },
        ),
        (
            "insert into audit_logs (id, at, actor, action, resource, changes) values (0, now(), '{}', 'x', 'x', '{}')",
            Finding::RowsInserted { ids: ids(&[0]) },
        ),
        (
            "insert into audit_logs (id, at, actor, action, resource, changes) values (4, now(), '{}', 'x', 'x', '{}')",
            Finding::RowsChanged { seal: 2, ids: "{[3,5)}".into() },
        ),
        ("update audit_seals set ids = '{[3,4)}' where seq = 2", Finding::SealChanged { seal: 2 }),
        ("update audit_seals set sealed_at = now() where seq = 1", Finding::SealChanged { seal: 1 }),
        ("delete from audit_seals where seq = 2", Finding::SealsMissing { seal: 3 }),
        ("delete from audit_seals where seq = 1", Finding::SealsMissing { seal: 2 }),
        ("update audit_seals set seq = case seq when 1 then 2 else 1 end where seq < 3", Finding::SealsMissing { seal: 1 }),
        ("delete from audit_seals where seq = 3", Finding::CutOff { kept: 3, newest: 2 }),
        ("delete from audit_seals", Finding::CutOff { kept: 3, newest: 0 }),
        ("delete from audit_logs where id > 2; delete from audit_seals where seq > 1", Finding::CutOff { kept: 3, newest: 1 }),
    ];
    for (done, expected) in cases {
        let (db, _) = database(5, 5).await;
        let mut kept = None;
        for _ in 0..3 {
            acts(&db, 2).await;
            kept = Some(sealed(&db).await);
        }
        let kept = kept.expect("a seal");
        let before = checked(&db, Some(&kept)).await;
        assert!(before.is_sound() && (before.seals, before.rows) == (3, 6), "{before:?}");
        // Seals change places behind the key's back.
        sql(&db, "alter table audit_seals drop constraint audit_seals_pkey").await;
        forge(&db, done).await;
        let report = checked(&db, Some(&kept)).await;
        assert!(report.findings.contains(&expected), "{done}: {report:?}");
    }
}

#[tokio::test]
async fn a_chain_that_was_made_anew_is_not_the_one_that_was_kept() {
    let (db, _) = database(5, 5).await;
    acts(&db, 3).await;
    let kept = sealed(&db).await;
    assert!(contains(&mut db.read().await.unwrap(), &kept).await.expect("asked"));
    forge(&db, "update audit_logs set resource = 'ticket:99' where id = 2; delete from audit_seals").await;
    sealed(&db).await;
    assert!(checked(&db, None).await.is_sound(), "in itself it is without fault");
    assert_eq!(checked(&db, Some(&kept)).await.findings, [Finding::Remade { seal: 1 }]);
    assert!(!contains(&mut db.read().await.unwrap(), &kept).await.expect("asked"));
}

#[tokio::test]
async fn a_row_that_says_it_happened_long_ago_shows() {
    let (db, _) = database(5, 5).await;
    acts(&db, 1).await;
    seal(&db, now()).await.expect("sealed");
    row_at(&db, now() - TimeDelta::days(40)).await;
    acts(&db, 1).await;
    sealed(&db).await;
    assert_eq!(checked(&db, None).await.findings, [Finding::RowsBackdated { seal: 2, ids: vec![2] }]);
}

#[tokio::test]
async fn a_row_that_is_committed_late_is_sealed_all_the_same() {
    let (db, _) = database(5, 5).await;
    acts(&db, 1).await;
    let mut slow = PgConnection::connect_with(&db.pool().connect_options()).await.expect("a connection");
    sqlx::raw_sql("begin; insert into audit_logs (at, actor, action, resource, changes) values (now(), '{}', 'Late', 'x', '{}')")
        .execute(&mut slow)
        .await
        .expect("written");
    acts(&db, 2).await;
    let kept = sealed(&db).await;
    // Several times over, while it runs: ids that it may still bring are not given up.
    for _ in 0..3 {
        acts(&db, 1).await;
        sealed(&db).await;
    }
    assert!(checked(&db, Some(&kept)).await.is_sound());
    sqlx::raw_sql("commit").execute(&mut slow).await.expect("committed");
    assert_eq!(checked(&db, Some(&kept)).await.unsealed, 1);
    sealed(&db).await;
    let report = checked(&db, Some(&kept)).await;
    assert!(report.is_sound() && (report.unsealed, report.rows) == (0, 7), "{report:?}");
    // A row that was taken back leaves an id that nobody may use any more, once it is settled.
    sqlx::raw_sql(
        "begin; insert into audit_logs (at, actor, action, resource, changes) values (now(), '{}', 'Never', 'x', '{}'); rollback",
    )
    .execute(&mut slow)
    .await
    .expect("taken back");
    let gap = number(&db, "select last_value from audit_logs_ids").await;
    settle(&db, gap).await;
    forge(
        &db,
        &format!("insert into audit_logs (id, at, actor, action, resource, changes) values ({gap}, now(), '{{}}', 'x', 'x', '{{}}')"),
    )
    .await;
    sealed(&db).await;
    assert_eq!(checked(&db, Some(&kept)).await.findings, [Finding::RowsInserted { ids: vec![gap] }]);
}

#[tokio::test]
async fn many_sealers_and_writers_leave_one_chain_over_every_row() {
    let (db, _) = database(8, 8).await;
    let writers = (0..3).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { acts(&db, 40).await })
    });
    let sealers = (0..3).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..15 {
                seal(&db, now()).await.expect("sealed");
            }
        })
    });
    for task in writers.chain(sealers).collect::<Vec<_>>() {
        task.await.expect("done");
    }
    let kept = sealed(&db).await;
    let report = checked(&db, Some(&kept)).await;
    assert!(report.is_sound() && (report.rows, report.unsealed) == (120, 0), "{report:?}");
}

#[tokio::test]
async fn months_leave_whole_when_they_were_kept_long_enough_and_the_rest_still_verifies() {
    let (db, _) = database(5, 5).await;
    for ago in [80, 79, 62] {
        row_at(&db, month(now(), ago) + TimeDelta::days(3)).await;
    }
    abandon_past(&db, 61).await;
    // What is not sealed yet does not go.
    assert_eq!(number(&db, "select audit_drop_expired()::bigint").await, 0);
    settle(&db, 3).await;
    let kept = sealed(&db).await;
    let before = rows(&db).await;
    let dropped = keep(&db, now()).await.expect("kept").expect("it has months").dropped;
    assert_eq!((dropped, rows(&db).await, number(&db, GAPS).await), (1, before - 2, 0), "three are gone, and one tells of it");
    let said =
        number(&db, "select count(*) from audit_logs where action = 'AuditExpired' and changes -> 'after' ->> 'kept_months' = '60'").await;
    assert_eq!(said, 1);
    sealed(&db).await;
    let report = checked(&db, Some(&kept)).await;
    assert!(report.is_sound() && (report.expired, report.rows) == (3, before - 2), "{report:?}");
    row_at(&db, month(now(), 70)).await;
    assert_eq!(keep(&db, now()).await.expect("kept").expect("months").dropped, 0, "a forged row out of the past stays until it is settled");
    // Somebody who may do everything says that the years before last have expired, to be rid of them.
    let forged = format!(
        "insert into audit_logs (at, actor, action, resource, changes)
         values (now(), '{{\"kind\": \"system\", \"name\": \"audit\"}}', 'AuditExpired', 'audit:x', '{{\"after\": {{\"before\": \"{}\"}}}}');
         delete from audit_logs where action = 'Happened'",
        month(now(), 24).format("%Y-%m-01")
    );
    forge(&db, &forged).await;
    let report = checked(&db, Some(&kept)).await;
    assert!(report.findings.iter().any(|f| matches!(f, Finding::DroppedEarly { .. })), "{report:?}");
}

/// Gives the oldest rows a partition of their own that ends so many months ago.
async fn abandon_past(db: &Db, ago: u32) {
    let (until, old) = (month(now(), ago).to_rfc3339(), "logs_past");
    sql(
        db,
        &format!(
            "do $$ declare upto timestamptz := (select ends from audit.partitions where name = '{old}'); begin
                alter table audit_logs detach partition audit.{old};
                delete from audit.partitions where name = '{old}';
                perform audit.add('{old}', '-infinity', '{until}');
                perform audit.add('logs_since', '{until}', upto);
             end $$"
        ),
    )
    .await;
}
