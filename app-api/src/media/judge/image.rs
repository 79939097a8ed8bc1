//! Images: how large they are is read from their head, and nothing is unpacked.

use std::io::{Read, Seek, SeekFrom};

use super::{CUT, Kind, Learned, Refusal, document::has_archive_end, hides_page, jpeg, part, webp};

/// Dots of one side, and of the whole. The largest telephones make 200 million.
const MOST_SIDE: u32 = 20_000;
const MOST_DOTS: u64 = 200_000_000;
/// So much of an image's beginning may hold no page: what hides there is meant for a browser.
const BEGINNING: usize = 1024;

/// Judges an image.
pub(super) fn judge(kind: Kind, file: &mut (impl Read + Seek), length: u64) -> Result<Learned, Refusal> {
    must_be(kind, &part(file, 0, 16)?)?;
    let (head, end) = (part(file, 0, BEGINNING)?, part(file, length.saturating_sub(66_000), 66_000)?);
    if hides_page(&head) || has_archive_end(&end) {
        return Err(Refusal::Mismatch("The file is an image and something else."));
    }
    must_end(kind, &end, length)?;
    let (width, height) = size(kind, file, length)?;
    match width > MOST_SIDE || height > MOST_SIDE || u64::from(width) * u64::from(height) > MOST_DOTS {
        true => Err(Refusal::TooMuch),
        false => Ok(Learned { size: Some((width, height)) }),
    }
}

fn must_be(kind: Kind, head: &[u8]) -> Result<(), Refusal> {
    let fits = match kind {
        Kind::Jpeg => head.starts_with(b"\xff\xd8\xff"),
        Kind::Png => head.starts_with(b"\x89PNG\r\n\x1a\n"),
        Kind::Gif => head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a"),
        _ => head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"),
    };
    if fits { Ok(()) } else { Err(Refusal::Mismatch("The file's content is of another type than its name says.")) }
}

/// An image that ends before its end was cut.
fn must_end(kind: Kind, end: &[u8], length: u64) -> Result<(), Refusal> {
    let ends = match kind {
        // Cameras write more behind a picture: another one, a film, how it was taken.
        Kind::Jpeg => end.windows(2).any(|two| two == b"\xff\xd9") || length > end.len() as u64,
        Kind::Png => end.windows(8).any(|eight| eight == b"IEND\xae\x42\x60\x82"),
        Kind::Gif => end.iter().rev().take(1024).any(|byte| *byte == 0x3b),
        _ => true,
    };
    if ends { Ok(()) } else { Err(CUT) }
}

/// Width and height as the head says. Nothing is unpacked for it: an image's colours alone may be some MB that become some GB.
fn size(kind: Kind, file: &mut (impl Read + Seek), length: u64) -> Result<(u32, u32), Refusal> {
    file.seek(SeekFrom::Start(0))?;
    let size = match kind {
        Kind::Jpeg => jpeg::frame(file)?.size,
        Kind::Png => png(&part(file, 0, 33)?)?,
        Kind::Gif => gif(&part(file, 0, 1024)?)?,
        _ => webp::size(file, length)?,
    };
    if size.0 == 0 || size.1 == 0 { Err(CUT) } else { Ok(size) }
}

/// The first part of a PNG, which has 13 bytes (RFC 2083, 4.1.1).
fn png(head: &[u8]) -> Result<(u32, u32), Refusal> {
    match head.get(8..24) {
        Some([0, 0, 0, 13, b'I', b'H', b'D', b'R', w1, w2, w3, w4, h1, h2, h3, h4]) => {
            Ok((u32::from_be_bytes([*w1, *w2, *w3, *w4]), u32::from_be_bytes([*h1, *h2, *h3, *h4])))
        }
        _ => Err(CUT),
    }
}

/// A GIF's screen; behind it and its colours a picture begins, or what is said of one (GIF89a, 18 to 20).
fn gif(head: &[u8]) -> Result<(u32, u32), Refusal> {
    let Some([w1, w2, h1, h2, packed]) = head.get(6..11) else { return Err(CUT) };
    let colours = if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) };
    match head.get(13 + colours) {
        Some(b'!' | b',') => Ok((u16::from_le_bytes([*w1, *w2]).into(), u16::from_le_bytes([*h1, *h2]).into())),
        _ => Err(CUT),
    }
}
