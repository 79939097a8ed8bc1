//! Archives, and the documents that are archives inside. Sizes are believed of nobody: what is unpacked is counted while it comes, and
//! thrown away.

use std::io::{self, Read, Seek, SeekFrom};

use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::{CUT, Kind, Learned, Refusal, UNKNOWN, document::find, is_program, part};
use crate::media::{
    kind::{has_blocked_ending, is_blocked},
    name::Name,
};

const MOST_ENTRIES: usize = 2000;
/// Bytes of an archive's directory.
const MOST_DIRECTORY: u32 = 1 << 20;
/// Bytes of all that is in it.
const MOST_UNPACKED: u64 = 200 << 20;
/// How many times its packed size an entry may have, once it is large.
const MOST_RATIO: u64 = 200;
const LARGE: u64 = 1 << 20;
/// So far the first element of a part must have begun.
const PROLOGUE: usize = 64 << 10;
/// So much is read of what says what the parts of a document are.
const INDEX: usize = 1 << 20;
/// An archive's last words, its comment apart.
const END: usize = 22;
/// What stands before those of an archive with numbers of 64 bits.
const LOCATOR: usize = 20;
/// So much of an entry says whether it is an archive.
const HEAD: u64 = 265;
const PACKED: [&str; 18] =
    ["zip", "rar", "7z", "gz", "tgz", "bz2", "tbz", "xz", "txz", "tar", "zst", "lz", "lzma", "cab", "arj", "ace", "lzh", "z"];
/// What stands before an entry, its name apart, and the sign there that it is encrypted.
const LOCAL: usize = 30;
const ENCRYPTED: u16 = 1;
const SYMLINK: u32 = 0o120_000;
const KIND_OF_FILE: u32 = 0o170_000;
const BOMB: Refusal = Refusal::TooMuch;

/// Judges an archive.
pub(super) fn judge(kind: Kind, file: &mut (impl Read + Seek)) -> Result<Learned, Refusal> {
    must_be_small(file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(file).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Refusal::TooMuch);
    }
    match kind {
        Kind::Docx => must_be_office(&mut archive, "word/document.xml")?,
        Kind::Xlsx => must_be_office(&mut archive, "xl/workbook.xml")?,
        _ => {}
    }
    let (mut total, mut heads) = (0, Vec::with_capacity(archive.len()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(damaged)?;
        if kind == Kind::Zip {
            must_be_plain(&entry)?;
        }
        heads.push((entry.header_start(), entry.name_raw().to_vec()));
        total += count(&mut entry, kind, MOST_UNPACKED - total)?;
    }
    must_agree(archive.into_inner(), &heads)?;
    Ok(Learned::default())
}

/// Before each entry stands once more what the directory says of it, and some unpack by that alone.
fn must_agree(file: &mut (impl Read + Seek), heads: &[(u64, Vec<u8>)]) -> Result<(), Refusal> {
    for (at, name) in heads {
        let head = part(file, *at, LOCAL + name.len())?;
        if head.len() < LOCAL + name.len() || !head.starts_with(b"PK\x03\x04") {
            return Err(CUT);
        }
        if short(&head, 6) & ENCRYPTED != 0 {
            return Err(Refusal::Blocked("The archive has encrypted entries."));
        }
        if usize::from(short(&head, 26)) != name.len() || !head.ends_with(name) {
            return Err(Refusal::Blocked("The archive calls an entry by two names."));
        }
    }
    Ok(())
}

/// Looks at an archive's last words before its directory is read: that takes memory for each entry. They must be the only ones that
/// count, for whoever reads it would look for others where these say too little.
fn must_be_small(file: &mut (impl Read + Seek)) -> Result<(), Refusal> {
    let length = file.seek(SeekFrom::End(0))?;
    if part(file, 0, 2)? != b"PK" {
        return Err(Refusal::Mismatch("The file's content is of another type than its name says."));
    }
    let tail = part(file, length.saturating_sub(66_000), 66_000)?;
    let Some(at) = tail.windows(4).rposition(|four| four == b"PK\x05\x06") else { return Err(CUT) };
    let (before, end) = tail.split_at(at);
    if end.len() < END || end.len() != END + usize::from(short(end, 20)) {
        return Err(CUT);
    }
    let (entries, directory, start) = (short(end, 10), long(end, 12), long(end, 16));
    if usize::from(entries) > MOST_ENTRIES || directory > MOST_DIRECTORY {
        return Err(Refusal::TooMuch);
    }
    // Numbers of 64 bits are for what is too much anyway.
    let is_wide = before.len() >= LOCATOR && before[before.len() - LOCATOR..].starts_with(b"PK\x06\x07");
    if is_wide || start == u32::MAX {
        return Err(Refusal::TooMuch);
    }
    if entries == 0 {
        return Err(Refusal::Mismatch("The archive is empty."));
    }
    let is_whole = long(end, 4) == 0 && short(end, 8) == entries;
    let ends_here = u64::from(start) + u64::from(directory) == length - end.len() as u64;
    if is_whole && ends_here && part(file, start.into(), 4)? == b"PK\x01\x02" { Ok(()) } else { Err(CUT) }
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) | u32::from(short(bytes, at + 2)) << 16
}

/// What an archive may not hold: what nobody opens, what leads out of it, another archive, and what nobody may send.
fn must_be_plain<R: Read + ?Sized>(entry: &ZipFile<'_, R>) -> Result<(), Refusal> {
    if entry.encrypted() {
        return Err(Refusal::Blocked("The archive has encrypted entries."));
    }
    let (is_link, path) = (entry.unix_mode().is_some_and(|mode| mode & KIND_OF_FILE == SYMLINK), path(entry)?);
    if is_link || entry.enclosed_name().is_none() || path.starts_with('/') || path.contains(['\\', ':']) {
        return Err(Refusal::Blocked("The archive has entries that lead out of it."));
    }
    let name = Name::of(&path);
    if PACKED.contains(&name.ending().as_str()) {
        return Err(Refusal::Blocked("The archive holds another archive."));
    }
    let is_bad = !entry.is_dir() && (is_blocked(&name.ending()) || has_blocked_ending(&name));
    if is_bad { Err(Refusal::Blocked("The archive holds a file that nobody may send.")) } else { Ok(()) }
}

/// Where an entry says that it belongs.
fn path<R: Read + ?Sized>(entry: &ZipFile<'_, R>) -> Result<String, Refusal> {
    entry.name().map(Into::into).map_err(damaged)
}

/// Unpacks an entry to nowhere, and says how long it is.
fn count<R: Read + ?Sized>(entry: &mut ZipFile<'_, R>, kind: Kind, most: u64) -> Result<u64, Refusal> {
    let (is_document, packed, mut head) = (is_document(&path(entry)?), entry.compressed_size(), Vec::new());
    // One reading may give less than it takes to know.
    entry.by_ref().take(HEAD).read_to_end(&mut head)?;
    if is_program(&head) {
        return Err(Refusal::Blocked("The archive holds a program."));
    }
    // Documents are archives, too.
    if kind == Kind::Zip && is_archive(&head) && !(is_document && head.starts_with(b"PK\x03\x04")) {
        return Err(Refusal::Blocked("The archive holds another archive."));
    }
    let (mut total, mut chunk) = (head.len() as u64, vec![0; 32 << 10]);
    loop {
        if total > most || total > LARGE && total > packed.saturating_mul(MOST_RATIO) {
            return Err(BOMB);
        }
        let read = entry.read(&mut chunk)?;
        if read == 0 {
            return Ok(total);
        }
        total += read as u64;
    }
}

/// Whether it begins as an archive, or as something packed, whatever it is called.
fn is_archive(head: &[u8]) -> bool {
    let begins: [&[u8]; 14] = [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"PK\x07\x08",
        b"Rar!\x1a\x07",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b",
        b"\x1f\x9d",
        b"\x1f\xa0",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
        b"LZIP\x01",
        b"]\0\0",
        b"MSCF",
        b"\x60\xea",
    ];
    let holds = |at: usize, sign: &[u8]| head.get(at..at + sign.len()) == Some(sign);
    begins.iter().any(|sign| head.starts_with(sign))
        || head.starts_with(b"BZh") && (holds(4, b"1AY&SY") || holds(4, b"\x17\x72\x45\x38\x50\x90"))
        || holds(2, b"-lh")
        || holds(7, b"**ACE**")
        || holds(257, b"ustar")
}

fn is_document(name: &str) -> bool {
    ["docx", "xlsx", "pptx", "odt", "ods", "odp"].contains(&Name::of(name).ending().as_str())
}

/// A document of an office has its parts, no macros, and no entities of its own, which might be a billion.
fn must_be_office<R: Read + Seek>(archive: &mut ZipArchive<R>, main: &str) -> Result<(), Refusal> {
    const OTHER: Refusal = Refusal::Mismatch("The file's content is of another type than its name says.");
    if archive.index_for_name("[Content_Types].xml").is_none() || archive.index_for_name(main).is_none() {
        return Err(OTHER);
    }
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(damaged)?;
        let name = path(&entry)?.to_lowercase();
        if name.ends_with("vbaproject.bin") {
            return Err(Refusal::Blocked("The document has macros."));
        }
        if name == "[content_types].xml" || name.ends_with(".rels") {
            must_lead_nowhere(&xml(&mut entry, INDEX)?)?;
        } else if name.ends_with(".xml") {
            xml(&mut entry, PROLOGUE)?;
        }
    }
    Ok(())
}

/// What a document says of its parts names no macros, and no template that is fetched when it is opened.
fn must_lead_nowhere(index: &[u8]) -> Result<(), Refusal> {
    let index = String::from_utf8_lossy(index).to_lowercase();
    if index.contains("macroenabled") || index.contains("vbaproject") {
        return Err(Refusal::Blocked("The document has macros."));
    }
    let fetches = |link: &str| {
        link.contains("attachedtemplate")
            && ["target=\"http", "target='http", "target=\"\\\\", "target='\\\\"].iter().any(|to| link.contains(to))
    };
    if index.split('<').any(fetches) { Err(Refusal::Blocked("The document fetches a template from elsewhere.")) } else { Ok(()) }
}

/// The beginning of a part: its first element begins early, and nothing is declared before it.
fn xml(entry: &mut impl Read, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    entry.take(most as u64).read_to_end(&mut bytes)?;
    bytes.retain(|byte| *byte != 0);
    let begun = bytes.windows(2).position(|two| two[0] == b'<' && (two[1].is_ascii_alphabetic() || two[1] == b'_'));
    let Some(end) = begun else { return Err(CUT) };
    match find(&bytes[..end], b"<!DOCTYPE").or(find(&bytes[..end], b"<!ENTITY")) {
        Some(_) => Err(Refusal::Blocked("The document declares entities.")),
        None => Ok(bytes),
    }
}

fn damaged(error: ZipError) -> Refusal {
    match error {
        ZipError::Io(error) if error.kind() == io::ErrorKind::Unsupported => UNKNOWN,
        ZipError::Io(error) if !matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) => Refusal::Unread(error),
        ZipError::UnsupportedArchive(text) if text == ZipError::PASSWORD_REQUIRED => Refusal::Blocked("The archive has encrypted entries."),
        ZipError::UnsupportedArchive(_) => UNKNOWN,
        _ => CUT,
    }
}
