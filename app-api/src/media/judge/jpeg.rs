//! What a JPEG says of itself before its first dots (ITU T.81, B.2). Its parts are passed over, not kept.

use std::io::{BufReader, Read, Seek};

use super::{CUT, Refusal};

/// Parts before the first dots. Colours and what a camera writes take some hundred at most, of 64 KiB each.
const MOST_PARTS: usize = 4096;
const FRAME: std::ops::RangeInclusive<u8> = 0xc0..=0xcf;
/// These have numbers of frames, but are tables.
const TABLES: [u8; 3] = [0xc4, 0xc8, 0xcc];
const PROGRESSIVE: [u8; 4] = [0xc2, 0xc6, 0xca, 0xce];

/// How large a picture is, and what its colours are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Width and height.
    pub size: (u32, u32),
    /// Bytes that are kept beside the dots of the picture until its last part has come; none where dots come line by line.
    pub beside: u64,
}

/// Reads the frame of a picture, from its first byte on.
pub fn frame(file: &mut (impl Read + Seek)) -> Result<Frame, Refusal> {
    let (mut file, mut found) = (BufReader::new(file), None);
    if bytes(&mut file)? != [0xff, 0xd8] {
        return Err(CUT);
    }
    for _ in 0..MOST_PARTS {
        let marker = marker(&mut file)?;
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        let Some(length) = u16::from_be_bytes(bytes(&mut file)?).checked_sub(2) else { return Err(CUT) };
        match marker {
            // Of two frames nobody knows which one counts.
            _ if is_frame(marker) && found.is_some() => return Err(CUT),
            _ if is_frame(marker) => found = Some((marker, Colours::read(&mut file, length)?)),
            // The dots begin.
            0xda => {
                let [in_scan] = bytes(&mut file)?;
                return found.ok_or(CUT).map(|(marker, colours)| colours.frame(PROGRESSIVE.contains(&marker) || in_scan != colours.count));
            }
            0xd9 => return Err(CUT),
            _ => file.seek_relative(length.into())?,
        }
    }
    Err(Refusal::TooMuch)
}

fn is_frame(marker: u8) -> bool {
    FRAME.contains(&marker) && !TABLES.contains(&marker)
}

/// The next marker; what does not belong before it is passed over, as all who show pictures do.
fn marker(file: &mut impl Read) -> Result<u8, Refusal> {
    loop {
        let [mut byte] = bytes(file)?;
        if byte == 0xff {
            while byte == 0xff {
                [byte] = bytes(file)?;
            }
            if byte != 0 {
                return Ok(byte);
            }
        }
    }
}

struct Colours {
    size: (u32, u32),
    count: u8,
    /// Of how many places each colour has a value, added up, and of how many the finest one has.
    places: (u64, u64),
}

impl Colours {
    fn read(file: &mut impl Read, length: u16) -> Result<Self, Refusal> {
        let [_, h1, h2, w1, w2, count] = bytes(file)?;
        if !(1..=4).contains(&count) || length != 6 + 3 * u16::from(count) {
            return Err(CUT);
        }
        let (mut sum, mut widest, mut highest) = (0, 0, 0);
        for _ in 0..count {
            let [_, fine, _] = bytes(file)?;
            let (across, down) = (u64::from(fine >> 4), u64::from(fine & 15));
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
                return Err(CUT);
            }
            (sum, widest, highest) = (sum + across * down, widest.max(across), highest.max(down));
        }
        let size = (u16::from_be_bytes([w1, w2]).into(), u16::from_be_bytes([h1, h2]).into());
        Ok(Self { size, count, places: (sum, widest * highest) })
    }

    fn frame(&self, comes_in_parts: bool) -> Frame {
        let dots = u64::from(self.size.0) * u64::from(self.size.1);
        // Two bytes for each value.
        Frame { size: self.size, beside: if comes_in_parts { dots * 2 * self.places.0 / self.places.1 } else { 0 } }
    }
}

fn bytes<const N: usize>(file: &mut impl Read) -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn part(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).expect("short").to_be_bytes();
        [&[0xff, marker][..], &length, content].concat()
    }

    /// The frame of a picture of 64 by 32 dots in three colours, two of them half as fine.
    fn coloured(marker: u8) -> Vec<u8> {
        part(marker, &[8, 0, 32, 0, 64, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])
    }

    fn read(parts: &[Vec<u8>]) -> Option<Frame> {
        frame(&mut Cursor::new([&[0xff, 0xd8][..], &parts.concat()].concat())).ok()
    }

    #[test]
    fn the_frame_says_how_large_a_picture_is_and_what_is_kept_until_its_last_part_has_come() {
        let (whole, one) = (part(0xda, &[3]), part(0xda, &[1]));
        for (frame, scan, beside) in [(0xc0, &whole, 0), (0xc1, &whole, 0), (0xc2, &whole, 64 * 32 * 3), (0xc0, &one, 64 * 32 * 3)] {
            let parts = [part(0xe1, &[0xff; 60_000]), part(0xc4, &[1, 2]), coloured(frame), scan.clone()];
            assert_eq!(read(&parts), Some(Frame { size: (64, 32), beside }), "{frame:x}");
        }
    }

    #[test]
    fn what_has_no_frame_or_two_of_them_is_no_picture() {
        let scan = part(0xda, &[3]);
        for parts in [
            vec![],
            vec![scan.clone()],
            vec![coloured(0xc0)],
            vec![coloured(0xc0), coloured(0xc2), scan.clone()],
            vec![part(0xc0, &[8, 0, 32, 0, 64, 9]), scan.clone()],
            vec![part(0xc0, &[8, 0, 32, 0, 64, 1, 1, 0x00, 0]), scan.clone()],
            vec![vec![0xff, 0xe1, 0, 1], coloured(0xc0), scan.clone()],
            [vec![part(0xe2, &[]); 5000], vec![coloured(0xc0), scan]].concat(),
        ] {
            assert_eq!(read(&parts), None, "{} parts", parts.len());
        }
    }
}
