//! Whether a file's content is what its name says. It looks at the content itself, believes no length that a file
//! says, and unpacks archives alone, counting. No more than a few MiB of a file are kept.

mod archive;
mod boxes;
mod document;
mod image;
pub mod jpeg;
mod text;
pub mod webp;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Seek, SeekFrom};

use super::kind::Kind;

/// So much of a file's beginning says what it is.
const HEAD: usize = 4096;

/// Why a file is not taken.
#[derive(Debug)]
pub enum Refusal {
    /// It is something that nobody may send.
    Blocked(&'static str),
    /// It is not what it is called.
    Mismatch(&'static str),
    /// Unpacked or shown it would be too much.
    TooMuch,
    /// It could not be read, which is no fault of its own.
    Unread(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => CUT,
            io::ErrorKind::Unsupported => UNKNOWN,
            _ => Self::Unread(error),
        }
    }
}

/// It is packed in a way that is not known here, so nobody can say what is in it.
const UNKNOWN: Refusal = Refusal::Blocked("The archive is packed in a way that cannot be checked. Pack it as an ordinary zip.");
/// It ends before its end.
const CUT: Refusal = Refusal::Mismatch("The file is damaged or incomplete.");

/// What was learned of a file that may be taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Learned {
    /// An image's width and height, as it is stored.
    pub size: Option<(u32, u32)>,
}

/// Judges the content of a file that is called `kind`.
pub fn judge(kind: Kind, file: &mut (impl Read + Seek)) -> Result<Learned, Refusal> {
    let length = file.seek(SeekFrom::End(0))?;
    if length == 0 {
        return Err(Refusal::Mismatch("The file is empty."));
    }
    let head = part(file, 0, HEAD)?;
    let tail = part(file, length.saturating_sub(HEAD as u64), HEAD)?;
    must_not_run(file, &head, &tail)?;
    match kind {
        Kind::Jpeg | Kind::Png | Kind::Gif | Kind::Webp => image::judge(kind, file, length),
        Kind::Pdf => document::pdf(file, &head, &tail, length),
        Kind::Doc => document::doc(file, &head),
        Kind::Docx | Kind::Xlsx | Kind::Zip => archive::judge(kind, file),
        Kind::Csv | Kind::Text => text::judge(file),
        Kind::Heic | Kind::Mp4 | Kind::Mov | Kind::Mp3 | Kind::Wav | Kind::Aac | Kind::Ogg => boxes::judge(kind, &head),
        Kind::Other => other(&head),
    }
}

/// Some bytes from there on, fewer at the end.
fn part(file: &mut (impl Read + Seek), at: u64, most: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(most);
    file.by_ref().take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Refuses what a machine runs or mounts, whatever it is called.
fn must_not_run(file: &mut (impl Read + Seek), head: &[u8], tail: &[u8]) -> Result<(), Refusal> {
    if is_program(head) {
        return Err(Refusal::Blocked("The file is a program."));
    }
    if is_page(head) {
        return Err(Refusal::Blocked("The file is a page or a script."));
    }
    let is_disk = tail.len() >= 512 && tail[tail.len() - 512..].starts_with(b"koly") || part(file, 0x8001, 5)? == b"CD001";
    if is_disk { Err(Refusal::Blocked("The file is the image of a disk.")) } else { Ok(()) }
}

/// Whether it begins as what a machine runs.
fn is_program(head: &[u8]) -> bool {
    let programs: [&[u8]; 14] = [
        b"MZ",
        b"\x7fELF",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"dex\n",
        b"\0asm",
        b"#!",
        b"!<arch>\n",
        b"\xed\xab\xee\xdb",
        b"L\0\0\0\x01\x14\x02\0",
        b"MSCF",
    ];
    programs.iter().any(|magic| head.starts_with(magic))
}

/// Whether it begins as what a browser or a server runs: a page, a drawing with scripts in it, a script.
fn is_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_lowercase();
    // UTF-16 has a zero beside each of these letters.
    let text: String = text.chars().filter(|c| !matches!(c, '\0' | '\u{feff}' | '\u{fffd}')).collect();
    let begins = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<script",
        "<iframe",
        "<svg",
        "<?php",
        "<?=",
        "<%",
        "<meta",
        "<xsl:",
        "mime-version:",
    ];
    let mut rest = text.trim_start();
    // Comments and declarations may stand before.
    while let Some(end) =
        ["<!--", "<?xml", "<!doctype svg"].iter().find_map(|sign| rest.strip_prefix(sign)).and_then(|r| r.find('>').map(|at| &r[at + 1..]))
    {
        rest = end.trim_start();
    }
    begins.iter().any(|sign| rest.starts_with(sign)) || text.contains("<?php")
}

/// What stands in the middle of another kind of file only if a browser is to find it there.
fn hides_page(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    ["<script", "<html", "<svg", "<?php", "<iframe", "<!doctype html"].iter().any(|sign| text.contains(sign))
}

/// Of what we do not know we know what it must not be: one of those that we know, by another name.
fn other(head: &[u8]) -> Result<Learned, Refusal> {
    let known: [&[u8]; 12] = [
        b"\xff\xd8\xff",
        b"\x89PNG",
        b"GIF8",
        b"%PDF",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"Rar!",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b",
        b"BZh",
        b"\xfd7zXZ",
        b"\xd0\xcf\x11\xe0",
    ];
    match known.iter().any(|magic| head.starts_with(magic)) {
        true => Err(Refusal::Mismatch("The file's content is of another type than its name says.")),
        false => Ok(Learned::default()),
    }
}
