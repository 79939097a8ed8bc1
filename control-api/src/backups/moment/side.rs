//! A server beside all others, which lives for one step of a job: a folder of its own, a socket in it that only this
//! process's user and the server's can enter, no address, no archive, no workers. Whoever works in the folder holds its
//! lock; a folder whose lock is free was left by somebody who died, and is swept with the server in it.

use std::{
    fs::{File, TryLockError},
    io::ErrorKind,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use shared::{Error, Result, crash, storage::Place};
use tokio::{fs, process::Command};
use uuid::Uuid;

use crate::{
    app::App,
    backups::{
        archive::Lines,
        base::{self, BaseBackup},
        objects::{self, Tally},
        progress,
        reach::Reach,
        tools::{self, Beside, Tools},
    },
    jobs::Job,
};

const NAME: &str = "pitr-";
const LOCK: &str = "lock";
/// How long whoever has a folder may take to leave it.
const TURN: Duration = Duration::from_secs(120);
/// How often it is tried to take a folder away.
const TRIES: u32 = 200;
/// How long the log may take to be read up to the moment.
const RECOVERY: Duration = Duration::from_secs(4 * 3600);
/// How long a program of PostgreSQL's may take that reads all that is there.
const PROGRAM: Duration = Duration::from_secs(3600);
const LOOK: Duration = Duration::from_millis(50);
/// As much of the server's log is told when it ends.
const TOLD: usize = 1500;
/// Room that is left besides what the databases take, for the log.
const SLACK: u64 = 512 << 20;
/// The system refuses longer names of sockets.
const SOCKET: usize = 107;

/// See the module.
pub struct Side<'a> {
    folder: PathBuf,
    tools: &'a Tools,
    beside: &'a Beside,
    owner: Option<(u32, u32)>,
    lock: PathBuf,
    _locked: File,
}

impl<'a> Side<'a> {
    /// An empty folder for a job, in place of what a former try has left there.
    pub async fn make(app: &'a App, job: Uuid) -> Result<Self> {
        let name = folder_of(job);
        let made = async {
            loop {
                // A sweep may just be taking away what a former try has left.
                match Self::at(&app.outside.tools, &name).await? {
                    Some(side) => return Ok(side),
                    None => tokio::time::sleep(LOOK).await,
                }
            }
        };
        let busy = || Err(anyhow::anyhow!("somebody else still works on the side server of job {job}").into());
        tokio::time::timeout(TURN, made).await.unwrap_or_else(|_| busy())
    }

    /// Takes a folder over; none while somebody else has it.
    async fn at(tools: &'a Tools, name: &str) -> Result<Option<Self>> {
        let beside = tools.beside.as_ref().ok_or_else(|| Error::conflict("no_restore_dir", "RESTORE_DIR is not set."))?;
        let owner = owner_of(&beside.folder)?;
        let folder = beside.folder.join(name);
        // Beside the folder, which goes as a whole.
        let lock = folder.with_extension(LOCK);
        let Some(locked) = locked(&lock)? else { return Ok(None) };
        let side = Self { folder, tools, beside, owner, lock, _locked: locked };
        side.end().await?;
        gone(&side.folder).await?;
        fs::create_dir(&side.folder).await.map_err(Error::internal)?;
        chown(&side.folder, owner)?;
        Ok(Some(side))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where its socket is.
    pub fn sockets(&self) -> PathBuf {
        self.folder.join("s")
    }

    /// Where the archive lies.
    pub fn store(&self) -> Place {
        self.beside.store.clone()
    }

    /// Lays a base backup down, and has each of its files checked against what the server said of it.
    pub async fn unpack(&self, app: &App, job: &Job, base: &BaseBackup) -> Result<()> {
        self.must_fit(base.size).await?;
        for folder in [self.data(), self.sockets()] {
            fs::create_dir(&folder).await.map_err(Error::internal)?;
            chown(&folder, self.owner)?;
            fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).await.map_err(Error::internal)?;
        }
        let key = base::key(app, base).await?;
        let stored = objects::get(&app.outside.storage, (&base.folder, base.id), base::PART, &key).await?;
        let mut unpacking = self.command(Path::new("/bin/tar"));
        unpacking.args(["--extract", "--gzip", "--no-same-owner", "--file=-", "--directory"]).arg(self.data());
        let (mut running, tally) = (tools::spawn("tar", unpacking)?, Tally::default());
        let fed = running.feed(Box::pin(tally.over(stored)));
        progress::told(app, job, (|| tally.bytes(), base.bytes), fed).await?;
        running.end().await?;
        self.run("pg_verifybackup", &["--no-parse-wal", "--quiet"]).await
    }

    async fn must_fit(&self, size: i64) -> Result<()> {
        let mut asking = self.command(Path::new("/bin/df"));
        asking.args(["--output=avail", "--block-size=1"]).arg(&self.folder);
        let said = asking.output().await.map_err(Error::internal)?;
        let room = String::from_utf8_lossy(&said.stdout).lines().nth(1).and_then(|line| line.trim().parse::<u64>().ok());
        let (room, need) = (room.ok_or_else(|| anyhow::anyhow!("df does not say how much room there is"))?, size.cast_unsigned() + SLACK);
        if room < need {
            Err(anyhow::anyhow!("{} has room for {room} bytes; {need} are needed", self.folder.display()).into())
        } else {
            Ok(())
        }
    }

    /// Starts the server, and waits until it stands at the moment, open to `reach` alone.
    pub async fn recover(
        &self,
        (at, admin): (DateTime<Utc>, &str),
        told: &Lines,
        reach: &Reach,
        crash_at: impl Fn() -> String,
    ) -> Result<()> {
        self.configure(at, admin).await?;
        let log = File::create(self.folder.join("log")).map_err(Error::internal)?;
        let mut server = self.command(&self.tools.program("postgres")?);
        server.arg("-D").arg(self.data());
        for (name, value) in told {
            server.env(name, value.expose_secret());
        }
        server.stdin(Stdio::null()).stdout(log.try_clone().map_err(Error::internal)?).stderr(log);
        let mut server = server.spawn().map_err(Error::internal)?;
        let opened = async {
            loop {
                if let Some(status) = server.try_wait().map_err(Error::internal)? {
                    return Err(anyhow::anyhow!("the side server ended with {status}: {}", self.last_words().await).into());
                }
                match reach.knock().await {
                    Ok(()) => return Ok(()),
                    Err(error) if is_early(&error) => {
                        if matches!(error, sqlx::Error::Database(_)) {
                            crash::point(&crash_at);
                        }
                        tokio::time::sleep(LOOK).await;
                    }
                    Err(error) => return Err(anyhow::anyhow!("at that moment the server says: {error}").into()),
                }
            }
        };
        tokio::time::timeout(RECOVERY, opened).await.unwrap_or_else(|_| Err(anyhow::anyhow!("the moment was not reached in time").into()))
    }

    /// Settings of its own, whatever those of the copied server were.
    async fn configure(&self, at: DateTime<Utc>, admin: &str) -> Result<()> {
        let (sockets, program) = (self.sockets(), self.beside.program.display());
        if sockets.join(".s.PGSQL.5432").as_os_str().len() > SOCKET {
            return Err(anyhow::anyhow!("{} is too long for a socket: RESTORE_DIR must be shorter", sockets.display()).into());
        }
        let settings = format!(
            "listen_addresses = ''
unix_socket_directories = '{}'
unix_socket_permissions = 0700
port = 5432
max_connections = 20
timezone = 'UTC'
# Nothing works here by itself.
autovacuum = off
max_worker_processes = 0
max_logical_replication_workers = 0
max_wal_senders = 0
max_replication_slots = 0
archive_mode = off
# It lives for minutes, and is made anew if it dies.
fsync = off
full_page_writes = off
recovery_init_sync_method = syncfs
# Open when it stands at the moment, not before.
hot_standby = off
restore_command = '\"{program}\" wal fetch \"%f\" \"%p\"'
recovery_target_time = '{}'
recovery_target_action = promote
recovery_target_timeline = latest
",
            sockets.display(),
            at.format("%Y-%m-%d %H:%M:%S%.6f+00"),
        );
        let hba = format!("local all \"{}\" trust\n", admin.replace('"', ""));
        for (name, text) in [
            ("postgresql.conf", settings.as_str()),
            ("postgresql.auto.conf", ""),
            ("pg_hba.conf", &hba),
            ("pg_ident.conf", ""),
            ("recovery.signal", ""),
        ] {
            let file = self.data().join(name);
            fs::write(&file, text).await.map_err(Error::internal)?;
            chown(&file, self.owner)?;
        }
        Ok(())
    }

    /// What it said last: the reason of its end.
    async fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder.join("log")).await.unwrap_or_default();
        log[log.ceil_char_boundary(log.len().saturating_sub(TOLD))..].replace('\n', "; ")
    }

    /// Ends the server that works in this folder. The number in its file may be another process's by now: only one that
    /// works in this very folder is ended.
    async fn end(&self) -> Result<()> {
        let Ok(lines) = fs::read_to_string(self.data().join("postmaster.pid")).await else { return Ok(()) };
        let pid: u32 = lines.lines().next().and_then(|line| line.trim().parse().ok()).unwrap_or_default();
        let works_in = fs::read_link(format!("/proc/{pid}/cwd")).await.ok();
        if works_in.is_none() || works_in != fs::canonicalize(self.data()).await.ok() {
            return Ok(());
        }
        self.run("pg_ctl", &["stop", "--mode=immediate", "--silent", "-D"]).await
    }

    /// Takes it all away.
    pub async fn remove(self) -> Result<()> {
        self.end().await?;
        gone(&self.folder).await?;
        fs::remove_file(&self.lock).await.map_err(Error::internal)
    }

    /// Runs one of PostgreSQL's programs over the data.
    async fn run(&self, name: &'static str, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(&self.tools.program(name)?);
        command.args(arguments).arg(self.data());
        // Not by its pipes: what it leaves running might hold them.
        let log = File::create(self.folder.join("said")).map_err(Error::internal)?;
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(Error::internal)?).stderr(log).kill_on_drop(true);
        let status = tokio::time::timeout(PROGRAM, command.status()).await;
        let status = status.map_err(|_| anyhow::anyhow!("{name} stands still"))?.map_err(Error::internal)?;
        if status.success() {
            return Ok(());
        }
        let said = fs::read_to_string(self.folder.join("said")).await.unwrap_or_default();
        Err(anyhow::anyhow!("{name} ended with {status}: {}", said.trim()).into())
    }

    /// A program as the server's user, which is the folder's owner: PostgreSQL refuses to work as root.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").current_dir(&self.folder);
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

fn folder_of(job: Uuid) -> String {
    // The end of an id is chance; its beginning is the time.
    format!("{NAME}{}", &job.simple().to_string()[20..])
}

/// As whom programs are run there; none: as ourselves.
fn owner_of(folder: &Path) -> Result<Option<(u32, u32)>> {
    let told = std::fs::metadata(folder).map_err(|error| anyhow::anyhow!("RESTORE_DIR {}: {error}", folder.display()))?;
    let own = std::fs::metadata("/proc/self").map_err(Error::internal)?.uid();
    match (own, told.uid()) {
        (0, 0) => Err(anyhow::anyhow!("PostgreSQL does not work as root: RESTORE_DIR must belong to somebody else").into()),
        (0, user) => Ok(Some((user, told.gid()))),
        _ => Ok(None),
    }
}

fn chown(path: &Path, owner: Option<(u32, u32)>) -> Result<()> {
    let Some((user, group)) = owner else { return Ok(()) };
    std::os::unix::fs::chown(path, Some(user), Some(group)).map_err(Error::internal)
}

/// Takes a lock; none while somebody else has it.
fn locked(path: &Path) -> Result<Option<File>> {
    let file = File::create(path).map_err(Error::internal)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(Error::internal(error)),
    }
    // Whoever had it may have taken the file away since it was opened: then it is the lock of nothing.
    let (own, there) = (file.metadata().map_err(Error::internal)?.ino(), std::fs::metadata(path).ok().map(|there| there.ino()));
    Ok((there == Some(own)).then_some(file))
}

/// Takes a folder away. A program that the ended server has called may still write there for a moment.
async fn gone(folder: &Path) -> Result<()> {
    for _ in 0..TRIES {
        match fs::remove_dir_all(folder).await {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => tokio::time::sleep(LOOK).await,
            Err(error) => return Err(Error::internal(error)),
        }
    }
    Err(anyhow::anyhow!("{} does not go: somebody writes there", folder.display()).into())
}

/// Whether a server says, or shows, that it is not open yet.
fn is_early(error: &sqlx::Error) -> bool {
    const STARTING: &str = "57P03";
    match error {
        sqlx::Error::Database(e) => e.code().as_deref() == Some(STARTING),
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        _ => false,
    }
}

/// Takes away what a job has left, unless somebody else works on it.
pub async fn clear(app: &App, job: Uuid) -> Result<()> {
    let (Some(beside), name) = (&app.outside.tools.beside, folder_of(job)) else { return Ok(()) };
    if !fs::try_exists(beside.folder.join(&name)).await.unwrap_or_default() {
        return Ok(());
    }
    clear_folder(app, &name).await
}

async fn clear_folder(app: &App, name: &str) -> Result<()> {
    match Side::at(&app.outside.tools, name).await? {
        Some(side) => side.remove().await,
        None => Ok(()),
    }
}

/// Takes away whatever those have left here who died. What does not go keeps nothing else from going.
pub async fn sweep(app: &App) -> Result<()> {
    let Some(beside) = &app.outside.tools.beside else { return Ok(()) };
    let Ok(mut entries) = fs::read_dir(&beside.folder).await else { return Ok(()) };
    let mut swept = Ok(());
    while let Some(entry) = entries.next_entry().await.map_err(Error::internal)? {
        if let Some(name) = entry.file_name().to_str().filter(|name| name.starts_with(NAME)) {
            let cleared = clear_folder(app, name.trim_end_matches(".lock")).await;
            swept = swept.and(cleared);
        }
    }
    swept
}
