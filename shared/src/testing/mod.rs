//! What the integration tests of both planes share.

pub mod page;
pub mod secrets;

use std::{path::Path, str::FromStr};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

/// The test server's superuser, from `TEST_DATABASE_ADMIN_URL`; `scripts/test` sets it.
pub fn admin_options() -> PgConnectOptions {
    let url = std::env::var("TEST_DATABASE_ADMIN_URL").expect("TEST_DATABASE_ADMIN_URL: run the tests with scripts/test");
    PgConnectOptions::from_str(&url).expect("TEST_DATABASE_ADMIN_URL is a PostgreSQL URL").disable_statement_logging()
}

/// A new database with all of `migrations`, cloned from a template that is made once.
pub async fn database(kind: &str, migrations: &Migrator) -> PgConnectOptions {
    let admin = admin_options();
    let mut server = PgConnection::connect_with(&admin).await.expect("the test server answers");
    drop_left(&mut server).await;
    let template = template(&mut server, &admin, kind, migrations).await;
    let name = format!("t_{kind}_{}_{}", std::process::id(), Uuid::now_v7().simple());
    run(&mut server, format!("create database {name} template {template} strategy file_copy")).await;
    admin.database(&name)
}

/// Drops some of what tests that have ended left behind: the databases of all tests at once would fill a disk.
async fn drop_left(server: &mut PgConnection) {
    const AT_ONCE: usize = 6;
    let is_alone: bool =
        sqlx::query_scalar("select pg_try_advisory_lock(7392)").fetch_one(&mut *server).await.expect("the test server answers");
    if !is_alone {
        return;
    }
    let sql = "select datname::text from pg_database as d where datname like 't\\_%'
            and not exists (select from pg_replication_slots where database = datname)
            and not exists (select from pg_subscription where subdbid = d.oid)
        order by oid";
    let databases: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *server).await.expect("the catalogue answers");
    for name in databases.iter().filter(|name| has_ended(name)).take(AT_ONCE) {
        // One that somebody else holds is for the next test.
        let _ = sqlx::raw_sql(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).execute(&mut *server).await;
    }
    run(server, "select pg_advisory_unlock(7392)".into()).await;
}

/// Whether the process that made a test's database has ended; its number stands before the last part of the name.
fn has_ended(database: &str) -> bool {
    let process = database.rsplit('_').nth(1).and_then(|process| process.parse::<u32>().ok());
    process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists())
}

/// A small pool on one database.
pub async fn pool(options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(5).connect_with(options.clone()).await.expect("the test database answers")
}

/// Tests run in processes of their own: the lock lets one of them make the template.
async fn template(server: &mut PgConnection, admin: &PgConnectOptions, kind: &str, migrations: &Migrator) -> String {
    let version: Vec<u8> = migrations.iter().flat_map(|m| m.checksum.to_vec()).collect();
    let digest = crate::auth::token::hash(&format!("{version:?}"));
    let name = format!("hd_test_{kind}_{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3]);
    run(server, "select pg_advisory_lock(7391)".into()).await;
    let known: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)")
        .bind(&name)
        .fetch_one(&mut *server)
        .await
        .expect("the catalogue answers");
    if !known {
        run(server, format!("drop database if exists {name}")).await;
        run(server, format!("create database {name}")).await;
        let mut inside = PgConnection::connect_with(&admin.clone().database(&name)).await.expect("the template answers");
        migrations.run(&mut inside).await.expect("the migrations run");
        inside.close().await.expect("the template is left");
        run(server, format!("alter database {name} is_template true")).await;
    }
    run(server, "select pg_advisory_unlock(7391)".into()).await;
    name
}

async fn run(server: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(server).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// What a list says to a query that it does not take: the query, the field, the code.
pub const REFUSED_LISTS: [(&str, &str, &str); 6] = [
    ("sort=id", "sort", "unknown_value"),
    ("sort=-updated_at", "sort", "unknown_value"),
    ("count=maybe", "count", "invalid"),
    ("limit=0", "limit", "out_of_range"),
    ("cursor=x", "cursor", "invalid"),
    ("offset=1", "offset", "unknown_field"),
];

/// Fails unless what is routed below `src` without its OpenAPI document knowing it begins with these, in this order.
pub fn nothing_else_is_routed(src: &Path, others: &[&str]) {
    let found = routed(src);
    for (line, named) in found.iter().zip(others) {
        assert!(line.starts_with(named), "{line}");
    }
    assert_eq!(found.len(), others.len(), "{found:#?}");
}

/// The lines below `src` that give a router routes of which no OpenAPI document knows, each from the call
/// on, after its file. A feature's own `routes()` are no such lines: `routes!` writes the document as well.
fn routed(src: &Path) -> Vec<String> {
    const CALLS: [&str; 9] = [
        ".route(",
        ".merge(",
        ".nest(",
        ".route_service(",
        ".nest_service(",
        ".fallback(",
        ".fallback_service(",
        ".layer_route(",
        " Router::new(",
    ];
    let mut found = Vec::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let (text, name) =
                    (std::fs::read_to_string(&path).expect("a source file"), path.strip_prefix(src).expect("below").display().to_string());
                let lines = text.lines().filter(|line| !line.trim_start().starts_with("//") && !line.trim_end().ends_with("::routes())"));
                found.extend(lines.filter_map(|line| {
                    CALLS.iter().find_map(|call| line.find(call)).map(|at| format!("{name}: {}", line.get(at..).unwrap_or_default().trim()))
                }));
            }
        }
    }
    found.sort();
    found
}
