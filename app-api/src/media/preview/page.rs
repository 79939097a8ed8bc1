//! First pages of documents: another program draws them (poppler's `pdftoppm`), since documents are made to break those who read
//! them. It works in a folder of its own, though it sees what this process sees, has nothing of our environment, and bounds of time,
//! memory and what it writes.

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use shared::{Error, Result};
use tempfile::TempDir;
use tokio::process::Command;

use super::picture::SIDE;

/// How long it may take, in all and on a processor.
const LIMIT: Duration = Duration::from_secs(10);
/// What it may use of memory, and write.
const MEMORY: u64 = 1 << 30;
const WRITTEN: u64 = 64 << 20;
/// What bounds a program, where there is such.
const BOUNDS: &str = "/usr/bin/prlimit";
/// It says that the document is none, or may not be shown.
const NO_DOCUMENT: [i32; 2] = [1, 3];

/// Who draws pages.
#[derive(Debug, Clone)]
pub enum Renderer {
    /// The program there.
    Program(PathBuf),
    /// Nobody: documents have no previews.
    Nobody,
}

/// What came of it.
#[derive(Debug)]
pub enum Page {
    /// The page is in this file of the folder, PNG; both are gone when they are dropped.
    Shown(BufReader<File>, TempDir),
    /// It is no document that can be shown.
    No,
    /// It was broken off, which may be the document's doing or the machine's.
    BrokenOff,
}

impl Renderer {
    /// The program that `path` names; nobody for an empty one.
    pub fn at(path: &str) -> Self {
        if path.is_empty() { Self::Nobody } else { Self::Program(path.into()) }
    }

    /// Whether pages are drawn here.
    pub fn draws(&self) -> bool {
        matches!(self, Self::Program(_))
    }

    /// Draws the first page of a document. A program that is not there, and a disk that is full, are parts that are away.
    pub async fn draw(&self, document: File) -> Result<Page> {
        let Self::Program(program) = self else { return Ok(Page::No) };
        // Whatever starts it would say of one that is not there what it says of a document.
        if !program.exists() {
            return Err(away(io::ErrorKind::NotFound.into()));
        }
        draw(program, document, LIMIT).await
    }
}

async fn draw(program: &Path, document: File, limit: Duration) -> Result<Page> {
    let folder = tokio::task::spawn_blocking(move || laid_out(document)).await.map_err(Error::internal)?.map_err(away)?;
    let mut command = bounded(program, limit);
    command.args(["-f", "1", "-l", "1", "-singlefile", "-scale-to", &SIDE.to_string(), "-png", "document.pdf", "page"]);
    command.env_clear().current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Whoever stops waiting for it stops it.
    let mut child = command.kill_on_drop(true).spawn().map_err(away)?;
    let Ok(ended) = tokio::time::timeout(limit, child.wait()).await else {
        child.kill().await.map_err(away)?;
        return Ok(Page::BrokenOff);
    };
    let ended = ended.map_err(away)?;
    match File::open(folder.path().join("page.png")) {
        Ok(page) if ended.success() => Ok(Page::Shown(BufReader::new(page), folder)),
        _ if ended.code().is_some_and(|code| NO_DOCUMENT.contains(&code)) => Ok(Page::No),
        _ => Ok(Page::BrokenOff),
    }
}

/// A folder that is ours alone, with the document in it.
fn laid_out(mut document: File) -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    io::copy(&mut document, &mut File::create_new(folder.path().join("document.pdf"))?)?;
    Ok(folder)
}

fn bounded(program: &Path, limit: Duration) -> Command {
    if !Path::new(BOUNDS).exists() {
        return Command::new(program);
    }
    let mut command = Command::new(BOUNDS);
    command.args([format!("--as={MEMORY}"), format!("--cpu={}", limit.as_secs().max(1)), format!("--fsize={WRITTEN}")]);
    command.args(["--core=0", "--"]).arg(program);
    command
}

fn away(error: io::Error) -> Error {
    tracing::warn!(%error, "a document could not be drawn");
    Error::Unavailable("renderer of documents")
}

#[cfg(test)]
mod tests {
    use std::{io::Seek, os::unix::fs::PermissionsExt};

    use super::*;

    /// A renderer that does what `script` says, and a document.
    async fn drawn_by(script: &str, limit: Duration) -> Result<Page> {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("renderer");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("it runs");
        let mut document = tempfile::tempfile().expect("a document");
        io::Write::write_all(&mut document, b"%PDF-1.4").expect("written");
        document.rewind().expect("rewound");
        draw(&program, document, limit).await
    }

    #[tokio::test]
    async fn what_a_renderer_says_of_a_document() {
        for (script, shown) in [
            ("echo png > page.png", "shown"),
            ("test \"$(cat document.pdf)\" = %PDF-1.4 && test -z \"$HOME$DATABASE_URL\" && echo png > page.png", "shown"),
            ("exit 0", "broken off"),
            ("exit 1", "no"),
            ("exit 3", "no"),
            ("echo png > page.png; exit 99", "broken off"),
            ("kill -9 $$", "broken off"),
        ] {
            let said = match drawn_by(script, LIMIT).await.expect(script) {
                Page::Shown(..) => "shown",
                Page::No => "no",
                Page::BrokenOff => "broken off",
            };
            assert_eq!(said, shown, "{script}");
        }
    }

    #[tokio::test]
    async fn a_renderer_that_takes_too_long_is_stopped() {
        let (begun, folder) = (std::time::Instant::now(), tempfile::tempdir().expect("a folder"));
        let number = folder.path().join("number");
        let script = format!("echo $$ > {}; exec sleep 60", number.display());
        // On a busy machine it may be stopped before it has begun.
        let mut limit = Duration::from_millis(300);
        while !number.exists() {
            assert!(matches!(drawn_by(&script, limit).await, Ok(Page::BrokenOff)));
            limit *= 2;
        }
        assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
        let number = std::fs::read_to_string(number).expect("its number");
        assert!(!Path::new("/proc").join(number.trim()).exists(), "it goes on");
    }

    #[tokio::test]
    async fn a_renderer_that_is_not_there_is_a_part_that_is_away() {
        let nowhere = Renderer::at("/nowhere/pdftoppm").draw(tempfile::tempfile().expect("a document")).await;
        assert!(matches!(nowhere, Err(Error::Unavailable(_))));
        assert!(matches!(Renderer::at("").draw(tempfile::tempfile().expect("a document")).await, Ok(Page::No)));
    }
}
