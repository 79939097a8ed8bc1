//! What a WebP says of itself (RFC 9649): each of its parts must lie in the file, and each picture in it fit the whole. Whoever unpacks
//! one believes both.

use std::io::{Read, Seek};

use super::{CUT, Refusal, part};

/// Parts of a picture, and pictures of one that moves.
const MOST_PARTS: usize = 4096;
/// Bytes before a part's content: what it is, and how long.
const HEADER: u64 = 8;
/// Bytes before the parts of a picture of one that moves: where it is shown, and for how long.
const PLACE: u64 = 16;

type Size = (u32, u32);

/// Width and height of a picture of so many bytes.
pub fn size(file: &mut (impl Read + Seek), length: u64) -> Result<Size, Refusal> {
    let riff = part(file, 0, 12)?;
    let end = HEADER + u64::from(u32::from_le_bytes(four(&riff, 4)?));
    if four(&riff, 0)? != *b"RIFF" || four(&riff, 8)? != *b"WEBP" || end > length {
        return Err(CUT);
    }
    let mut parts = Parts { at: 12, end, left: MOST_PARTS };
    let (name, at, _) = parts.next(file)?.ok_or(CUT)?;
    let head = part(file, at, 10)?;
    if name != *b"VP8X" {
        return of_picture(&name, &head)?.ok_or(CUT);
    }
    let whole = (1 + three(&head, 4)?, 1 + three(&head, 7)?);
    while let Some((name, at, size)) = parts.next(file)? {
        let head = part(file, at, PLACE as usize)?;
        match &name {
            b"ANMF" if size < PLACE => return Err(CUT),
            b"ANMF" => {
                let shown = (1 + three(&head, 6)?, 1 + three(&head, 9)?);
                let mut inner = Parts { at: at + PLACE, end: at + size, left: parts.left };
                while let Some((name, at, _)) = inner.next(file)? {
                    must_fit(&name, &part(file, at, 10)?, shown, whole)?;
                }
                parts.left = inner.left;
            }
            _ => must_fit(&name, &head, whole, whole)?,
        }
    }
    Ok(whole)
}

/// A picture is as large as is said of it, and no larger than the whole.
fn must_fit(name: &[u8; 4], head: &[u8], said: Size, whole: Size) -> Result<(), Refusal> {
    let fits = said.0 <= whole.0 && said.1 <= whole.1 && of_picture(name, head)?.is_none_or(|size| size == said);
    if fits { Ok(()) } else { Err(CUT) }
}

/// Width and height of what is a picture.
fn of_picture(name: &[u8; 4], head: &[u8]) -> Result<Option<Size>, Refusal> {
    match name {
        b"VP8 " if head.get(3..6) == Some(&[0x9d, 0x01, 0x2a]) => {
            let both = u32::from_le_bytes(four(head, 6)?);
            Ok(Some((both & 0x3fff, both >> 16 & 0x3fff)))
        }
        b"VP8L" if head.first() == Some(&0x2f) => {
            let both = u32::from_le_bytes(four(head, 1)?);
            Ok(Some((1 + (both & 0x3fff), 1 + (both >> 14 & 0x3fff))))
        }
        b"VP8 " | b"VP8L" => Err(CUT),
        _ => Ok(None),
    }
}

struct Parts {
    at: u64,
    end: u64,
    left: usize,
}

impl Parts {
    /// The next part: its name, where its content begins, and how long that is.
    fn next(&mut self, file: &mut (impl Read + Seek)) -> Result<Option<([u8; 4], u64, u64)>, Refusal> {
        // One that is odd has a byte more.
        if self.at >= self.end {
            return Ok(None);
        }
        self.left = self.left.checked_sub(1).ok_or(Refusal::TooMuch)?;
        let head = part(file, self.at, HEADER as usize)?;
        let (name, size, at) = (four(&head, 0)?, u64::from(u32::from_le_bytes(four(&head, 4)?)), self.at + HEADER);
        if at + size > self.end {
            return Err(CUT);
        }
        self.at = at + size + size % 2;
        Ok(Some((name, at, size)))
    }
}

fn four(bytes: &[u8], at: usize) -> Result<[u8; 4], Refusal> {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).ok_or(CUT)
}

fn three(bytes: &[u8], at: usize) -> Result<u32, Refusal> {
    let three = bytes.get(at..at + 3).ok_or(CUT)?;
    Ok(u32::from_le_bytes([three[0], three[1], three[2], 0]))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).expect("short").to_le_bytes();
        [&name[..], &length, content, &vec![0; content.len() % 2]].concat()
    }

    fn riff(parts: &[Vec<u8>]) -> Vec<u8> {
        chunk(b"RIFF", &[&b"WEBP"[..], &parts.concat()].concat())
    }

    /// A head that says so much of a picture.
    fn lossy(width: u16, height: u16) -> Vec<u8> {
        let said = [&[0, 0, 0, 0x9d, 1, 0x2a][..], &width.to_le_bytes(), &height.to_le_bytes()].concat();
        chunk(b"VP8 ", &said)
    }

    fn canvas(width: u8, height: u8) -> Vec<u8> {
        chunk(b"VP8X", &[2, 0, 0, 0, width - 1, 0, 0, height - 1, 0, 0])
    }

    fn moving(width: u8, height: u8, picture: &[u8]) -> Vec<u8> {
        chunk(b"ANMF", &[&[0, 0, 0, 0, 0, 0, width - 1, 0, 0, height - 1, 0, 0, 0, 0, 0, 0][..], picture].concat())
    }

    fn read(bytes: &[u8]) -> Option<Size> {
        size(&mut Cursor::new(bytes), bytes.len() as u64).ok()
    }

    #[test]
    fn the_head_says_how_large_a_picture_is() {
        for (bytes, expected) in [
            (riff(&[lossy(300, 200)]), (300, 200)),
            (riff(&[chunk(b"VP8L", &[0x2f, 0x2b, 0xc1, 0x31, 0, 0, 0, 0, 0, 0])]), (300, 200)),
            (riff(&[canvas(90, 60), chunk(b"ICCP", &[0; 3]), lossy(90, 60), chunk(b"EXIF", b"II")]), (90, 60)),
            (riff(&[canvas(90, 60), moving(40, 30, &lossy(40, 30)), moving(90, 60, &lossy(90, 60))]), (90, 60)),
        ] {
            assert_eq!(read(&bytes), Some(expected));
        }
    }

    #[test]
    fn what_says_one_thing_and_holds_another_is_no_picture() {
        let mut long = riff(&[canvas(90, 60), chunk(b"ICCP", &[0; 4]), lossy(90, 60)]);
        let at = long.windows(4).position(|four| four == b"ICCP").expect("there");
        long[at + 4..at + 8].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
        for bytes in [
            long,
            riff(&[lossy(300, 200)])[..20].to_vec(),
            riff(&[canvas(90, 60), lossy(16_000, 16_000)]),
            riff(&[canvas(90, 60), moving(90, 60, &lossy(16_000, 16_000))]),
            riff(&[canvas(90, 60), moving(91, 60, &lossy(91, 60))]),
            riff(&[canvas(90, 60), chunk(b"ANMF", &[0; 4])]),
            riff(&[vec![canvas(90, 60)], vec![chunk(b"ABCD", &[]); 5000]].concat()),
            riff(&[]),
        ] {
            assert_eq!(read(&bytes), None, "{:?}", &bytes[..bytes.len().min(24)]);
        }
    }
}
