//! Text and tables: UTF-8, UTF-16 with its mark, or an older writing without control characters.

use std::io::{Read, Seek, SeekFrom};

use super::{Learned, Refusal};

const CHUNK: usize = 64 << 10;
const BINARY: Refusal = Refusal::Mismatch("The file is no text.");

/// Judges a text.
pub(super) fn judge(file: &mut (impl Read + Seek)) -> Result<Learned, Refusal> {
    file.seek(SeekFrom::Start(0))?;
    let (mut chunk, mut wide) = (vec![0; CHUNK], None);
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(Learned::default());
        }
        let some = &chunk[..read];
        let wide = *wide.get_or_insert_with(|| some.starts_with(b"\xff\xfe") || some.starts_with(b"\xfe\xff"));
        if some.iter().any(|byte| is_control(*byte, wide)) {
            return Err(BINARY);
        }
    }
}

/// What no text has: control characters but for tab, line ends, page ends and the escape of coloured logs. Every other byte of UTF-16
/// may be anything.
fn is_control(byte: u8, wide: bool) -> bool {
    !wide && byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b) || !wide && byte == 0x7f
}
