//! PostgreSQL's own programs: they write to us and read from us, die with whoever waits for them, and hear of
//! passwords by environment alone.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use axum::body::Bytes;
use futures::{Stream, StreamExt, stream::try_unfold};
use secrecy::{ExposeSecret, SecretString};
use shared::{Error, Result, storage::Place};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdout, Command},
};
use tokio_util::task::AbortOnDropHandle;

use super::reach::Reach;

/// How long a program may neither say nor take anything.
const STALL: Duration = Duration::from_secs(600);
/// How long it may take to end when everything is said.
const LAST: Duration = Duration::from_secs(3600);
const PIECE: usize = 64 << 10;
/// As much of its complaints is kept.
const COMPLAINT: usize = 4000;

/// Where the programs are, and what they are told of the control database.
#[derive(Clone)]
pub struct Tools {
    bin: Option<PathBuf>,
    /// Where side servers are made, and what they call to read an archive.
    pub beside: Option<Beside>,
    /// How its owner reaches the control database.
    pub control: SecretString,
}

/// Where a server as of a moment is made, beside those that work.
#[derive(Debug, Clone)]
pub struct Beside {
    /// The folder.
    pub folder: PathBuf,
    /// This program, as a side server's user can start it.
    pub program: PathBuf,
    /// Where it reads the archive.
    pub store: Place,
}

impl Tools {
    /// Those in `bin`, or else the newest that are installed where Debian puts them.
    pub fn new(bin: Option<PathBuf>, control: SecretString) -> Self {
        Self { bin: bin.or_else(newest), beside: None, control }
    }

    /// The same, able to make side servers.
    #[must_use]
    pub fn beside(self, beside: Option<Beside>) -> Self {
        Self { beside, ..self }
    }

    /// One of the programs.
    pub fn program(&self, name: &str) -> Result<PathBuf> {
        let bin = self.bin.as_deref().ok_or_else(|| anyhow::anyhow!("no {name} in /usr/lib/postgresql; say PG_BIN"))?;
        Ok(bin.join(name))
    }

    /// Begins to write a whole server out, as a compressed archive. It ends when all of the log that belongs to it
    /// is archived.
    pub fn base_backup(&self, reach: &Reach) -> Result<Running> {
        let told =
            ["--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast", "--compress=client-gzip:1", "--label=helpdeskly"];
        self.run("pg_basebackup", reach, &told)
    }

    /// Begins to write a database out.
    pub fn dump(&self, reach: &Reach, arguments: &[&str]) -> Result<Running> {
        self.run("pg_dump", reach, arguments)
    }

    /// Begins to read a dump into a database.
    pub fn restore(&self, reach: &Reach, arguments: &[&str]) -> Result<Running> {
        self.run("pg_restore", reach, arguments)
    }

    fn run(&self, name: &'static str, reach: &Reach, arguments: &[&str]) -> Result<Running> {
        let mut command = Command::new(self.program(name)?);
        command.args(arguments).env_clear().env("LC_ALL", "C").env("PGCONNECT_TIMEOUT", "5").env("PGAPPNAME", "control-api backup");
        for (name, value) in reach.variables() {
            command.env(name, value.expose_secret());
        }
        spawn(name, command)
    }
}

/// Starts a program that we listen to and speak to.
pub fn spawn(name: &'static str, mut command: Command) -> Result<Running> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
    let mut complaints = child.stderr.take();
    let complaints = AbortOnDropHandle::new(tokio::spawn(async move {
        let (mut kept, mut piece) = (Vec::new(), vec![0; PIECE]);
        while let Some(Ok(read @ 1..)) = match &mut complaints {
            Some(complaints) => Some(complaints.read(&mut piece).await),
            None => None,
        } {
            kept.extend_from_slice(&piece[..read.min(COMPLAINT.saturating_sub(kept.len()))]);
        }
        String::from_utf8_lossy(&kept).trim().to_owned()
    }));
    Ok(Running { name, child, complaints })
}

/// The newest server's programs. Debian keeps them out of PATH.
fn newest() -> Option<PathBuf> {
    let versions = std::fs::read_dir(Path::new("/usr/lib/postgresql")).ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("pg_dump").is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

/// A program at work; dropping it ends it.
pub struct Running {
    name: &'static str,
    child: Child,
    complaints: AbortOnDropHandle<String>,
}

impl Running {
    /// What it writes. Only [`Self::end`] says whether that was all.
    pub fn written(&mut self) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        // Nothing is said to it: whoever waits for a word from us ends.
        self.child.stdin.take();
        let (name, out) = (self.name, self.child.stdout.take());
        try_unfold(out, move |out: Option<ChildStdout>| async move {
            let Some(mut out) = out else { return Ok(None) };
            let mut piece = vec![0; PIECE];
            let read = tokio::time::timeout(STALL, out.read(&mut piece)).await.map_err(|_| stalled(name))?.map_err(Error::internal)?;
            piece.truncate(read);
            Ok((read > 0).then(|| (Bytes::from(piece), Some(out))))
        })
    }

    /// Gives it all of a stream to read. One that wants no more says in the end why.
    pub async fn feed(&mut self, stream: impl Stream<Item = Result<Bytes>> + Unpin) -> Result<()> {
        let mut stream = stream;
        let Some(mut into) = self.child.stdin.take() else { return Ok(()) };
        while let Some(piece) = stream.next().await {
            let piece = piece?;
            let written = tokio::time::timeout(STALL, into.write_all(&piece)).await.map_err(|_| stalled(self.name))?;
            if written.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Waits for its end; an error unless it has done its work.
    pub async fn end(mut self) -> Result<()> {
        let status = tokio::time::timeout(LAST, self.child.wait()).await.map_err(|_| stalled(self.name))?.map_err(Error::internal)?;
        if status.success() {
            return Ok(());
        }
        let complaints = self.complaints.await.unwrap_or_default();
        Err(anyhow::anyhow!("{} ended with {status}: {complaints}", self.name).into())
    }
}

fn stalled(name: &'static str) -> Error {
    Error::internal(anyhow::anyhow!("{name} stands still"))
}
