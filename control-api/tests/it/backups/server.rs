//! A PostgreSQL server of the test's own, which archives its log by the program under test.

use std::{
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use control_api::{
    backups::{self, BaseBackup, archive},
    clusters::NewCluster,
};
use secrecy::ExposeSecret;
use shared::act::Author;
use sqlx::{ConnectOptions, PgConnection};
use uuid::Uuid;

use super::world::Stored;
use crate::{provisioning::server, world::World};

/// PostgreSQL does not work as root: then it works as the user that Debian makes for it.
pub fn owner() -> Option<(u32, u32)> {
    let own = std::fs::metadata("/proc/self").expect("a process").uid();
    let id = |option: &str| {
        let said = Command::new("id").args([option, "postgres"]).output().expect("id");
        String::from_utf8(said.stdout).expect("text").trim().parse().expect("a number")
    };
    (own == 0).then(|| (id("-u"), id("-g")))
}

pub fn give(path: &Path) {
    if let Some((user, group)) = owner() {
        chown(path, Some(user), Some(group)).expect("given");
    }
}

/// The program under test, where PostgreSQL's user can start it.
pub fn program(folder: &Path) -> PathBuf {
    let (from, to) = (env!("CARGO_BIN_EXE_control-api"), folder.join("control-api"));
    std::fs::copy(from, &to).expect("copied");
    std::fs::set_permissions(&to, PermissionsExt::from_mode(0o755)).expect("set");
    to
}

/// Acme and Globex on a server of their own, whose log is archived.
pub struct Server {
    pub stored: Stored,
    pub folder: PathBuf,
    pub cluster: i64,
    port: u16,
    child: Child,
}

impl Server {
    pub async fn start() -> Self {
        let server = Self::quiet().await;
        server.archives().await;
        server
    }

    /// The same before its log is archived.
    pub async fn quiet() -> Self {
        let world = World::real().await;
        // Servers have the machine's time, and so has this world.
        let now: DateTime<Utc> = sqlx::query_scalar("select clock_timestamp()").fetch_one(world.app.db.pool()).await.expect("the time");
        world.travel(now - world.app.clock.now());
        let folder = world.app.outside.tools.beside.as_ref().expect("a folder").folder.clone();
        std::fs::create_dir(&folder).expect("made");
        give(&folder);
        program(&folder);
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
        let child = begin(&world, &folder, port).await;
        let url = format!("postgres://postgres:x@127.0.0.1:{port}/postgres");
        let stored = Stored::on(world, &NewCluster { admin_url: url.into(), ..server() }).await;
        let cluster = sqlx::query_scalar("select id from clusters").fetch_one(stored.app().db.pool()).await.expect("an id");
        Self { stored: stored.inhabited().await, folder, cluster, port, child }
    }

    pub async fn admin(&self) -> PgConnection {
        let options = sqlx::postgres::PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port).username("postgres");
        options.database("postgres").connect().await.expect("the server")
    }

    /// What `wal settings` does.
    pub async fn archives(&self) {
        let app = self.stored.app();
        let system = archive::system_of(&mut self.admin().await).await.expect("an identifier");
        let begun = app.db.act(Author::system("command line"), &app.clock, async |act| {
            archive::begin(act, &app.keys.ring, (self.cluster, &system)).await
        });
        let place = app.outside.tools.beside.as_ref().expect("a folder").store.clone();
        let begun = begun.await.expect("begun");
        let settings = archive::settings(&app.db, &app.keys.ring, &begun, place).await.expect("settings");
        let lines: String = settings.lines().iter().map(|(name, value)| format!("{name}={}\n", value.expose_secret())).collect();
        let file = self.folder.join("wal.env");
        std::fs::write(&file, lines).expect("written");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("set");
        give(&file);
    }

    /// Takes a base backup.
    pub async fn base(&self) -> BaseBackup {
        let app = self.stored.app();
        let plan = app.db.act(Author::system("test"), &app.clock, async |act| backups::plan_base_backup(act, self.cluster).await);
        let id = plan.await.expect("planned");
        self.stored.work().await;
        assert_eq!(self.stored.status(id).await, "done");
        self.bases().await.into_iter().find(|base| base.id == id).expect("a base backup")
    }

    pub async fn bases(&self) -> Vec<BaseBackup> {
        backups::base_backups(&mut self.stored.app().db.read().await.expect("a connection"), None).await.expect("listed")
    }

    /// Ends the server as `kill -9` does.
    pub fn dies(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).expect("it has ended");
    }

    /// The time of this server.
    pub async fn now(&self) -> DateTime<Utc> {
        sqlx::query_scalar("select clock_timestamp()").fetch_one(&mut self.admin().await).await.expect("the time")
    }

    pub async fn plan(&self, slug: &str, at: DateTime<Utc>) -> shared::Result<Uuid> {
        let (app, tenant) = (self.stored.app(), self.stored.id(slug).await);
        app.db.act(Author::system("test"), &app.clock, async |act| backups::restore::plan_at(act, tenant, at, false).await).await
    }

    /// Folders of side servers that are there.
    pub fn sides(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.folder).expect("a folder").flatten().map(|entry| entry.path());
        entries.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pitr-"))).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its children end when they miss it.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn as_owner(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command.current_dir("/tmp").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

async fn begin(world: &World, folder: &Path, port: u16) -> Child {
    let (tools, data) = (&world.app.outside.tools, folder.join("server"));
    let mut making = as_owner(tools.program("initdb").expect("PostgreSQL"));
    making
        .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "-D"])
        .arg(&data);
    assert!(making.status().expect("initdb").success());
    let folder = folder.display();
    let settings = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nfsync = off\ntimezone = 'UTC'\nwal_level = logical
archive_mode = on\narchive_timeout = '60s'\narchive_command = '\"{folder}/control-api\" wal push --settings \"{folder}/wal.env\" \"%p\"'\n"
    );
    std::fs::write(data.join("postgresql.conf"), settings).expect("written");
    let mut starting = as_owner(tools.program("postgres").expect("PostgreSQL"));
    let child = starting.arg("-D").arg(&data).spawn().expect("started");
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("postgres");
    let began = Instant::now();
    while options.clone().database("postgres").connect().await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "the server does not answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    child
}
