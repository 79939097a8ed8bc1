//! PDF, and Word before 2007.

use std::io::{Read, Seek, SeekFrom};

use super::{CUT, Learned, Refusal, hides_page, part};

/// The last part of a file in which an archive's end may stand.
const ARCHIVE_END: u64 = 66_000;
/// What is read of an old document at once.
const CHUNK: usize = 64 << 10;

/// Judges a PDF: it begins and ends as one, and is nothing else besides.
pub(super) fn pdf(file: &mut (impl Read + Seek), head: &[u8], tail: &[u8], length: u64) -> Result<Learned, Refusal> {
    if !head.starts_with(b"%PDF-") {
        return Err(Refusal::Mismatch("The file is no PDF."));
    }
    if find(tail, b"%%EOF").is_none() {
        return Err(CUT);
    }
    let end = part(file, length.saturating_sub(ARCHIVE_END), ARCHIVE_END as usize)?;
    if hides_page(&head[..head.len().min(1024)]) || has_archive_end(&end) {
        return Err(Refusal::Mismatch("The file is a PDF and something else."));
    }
    Ok(Learned::default())
}

/// Whether an archive's directory ends just there.
pub(super) fn has_archive_end(end: &[u8]) -> bool {
    (0..end.len().saturating_sub(21)).any(|at| {
        let rest = &end[at..];
        rest.starts_with(b"PK\x05\x06") && usize::from(u16::from_le_bytes([rest[20], rest[21]])) == rest.len() - 22
    })
}

/// Judges a document of Word before 2007: the name of its main stream is written in it.
pub(super) fn doc(file: &mut (impl Read + Seek), head: &[u8]) -> Result<Learned, Refusal> {
    let main: Vec<u8> = "WordDocument".bytes().flat_map(|byte| [byte, 0]).collect();
    let is_doc = head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") && holds(file, &main)?;
    if is_doc { Ok(Learned::default()) } else { Err(Refusal::Mismatch("The file is no Word document.")) }
}

/// Whether some bytes stand somewhere in a file, of which a little is kept at a time.
fn holds(file: &mut (impl Read + Seek), wanted: &[u8]) -> Result<bool, Refusal> {
    file.seek(SeekFrom::Start(0))?;
    let (mut kept, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(false);
        }
        kept.extend_from_slice(&chunk[..read]);
        if find(&kept, wanted).is_some() {
            return Ok(true);
        }
        // They may stand across two readings.
        kept.drain(..kept.len().saturating_sub(wanted.len() - 1));
    }
}

/// Where some bytes stand.
pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
