//! Sound and moving pictures, known by how they begin.

use super::{Kind, Learned, Refusal};

/// Judges them.
pub(super) fn judge(kind: Kind, head: &[u8]) -> Result<Learned, Refusal> {
    let brand = head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"));
    let sync = |mask: u8, is: u8| head.first() == Some(&0xff) && head.get(1).is_some_and(|byte| byte & mask == is);
    let fits = match kind {
        Kind::Heic => brand.is_some_and(|brand| [b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"].iter().any(|b| brand == *b)),
        Kind::Mov => brand == Some(b"qt  ") || matches!(head.get(4..8), Some(b"moov" | b"mdat" | b"wide")),
        Kind::Mp4 => brand.is_some_and(|brand| brand != b"qt  " && !brand.starts_with(b"hei") && !brand.starts_with(b"avi")),
        // A tag, or a frame of layer III.
        Kind::Mp3 => head.starts_with(b"ID3") || sync(0xe6, 0xe2),
        Kind::Wav => head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WAVE"),
        // A frame with a header of its own (ADTS).
        Kind::Aac => sync(0xf6, 0xf0),
        Kind::Ogg => head.starts_with(b"OggS"),
        _ => false,
    };
    if fits { Ok(Learned::default()) } else { Err(Refusal::Mismatch("The file's content is of another type than its name says.")) }
}
