//! Images: how large they are is read from their head, before anything is unpacked.

use std::io::{BufReader, Read, Seek, SeekFrom};

use image::{ImageDecoder, codecs, error::ImageError};

use super::{CUT, Kind, Learned, Refusal, document::has_archive_end, hides_page, part};

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
    file.seek(SeekFrom::Start(0))?;
    let (width, height) = size(kind, BufReader::new(file))?;
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

/// Width and height as the head says.
fn size<R: Read + Seek + std::io::BufRead>(kind: Kind, file: R) -> Result<(u32, u32), Refusal> {
    let size = match kind {
        Kind::Jpeg => codecs::jpeg::JpegDecoder::new(file).map(|image| image.dimensions()),
        Kind::Png => codecs::png::PngDecoder::new(file).map(|image| image.dimensions()),
        Kind::Gif => codecs::gif::GifDecoder::new(file).map(|image| image.dimensions()),
        _ => codecs::webp::WebPDecoder::new(file).map(|image| image.dimensions()),
    };
    match size {
        Ok((0, _) | (_, 0)) => Err(CUT),
        Ok(size) => Ok(size),
        Err(ImageError::Limits(_)) => Err(Refusal::TooMuch),
        Err(ImageError::IoError(error)) => Err(error.into()),
        Err(_) => Err(CUT),
    }
}
