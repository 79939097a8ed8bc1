//! The parts of a tar archive (POSIX ustar) whose entries' lengths are known. No IO.

/// Entries begin at multiples of this.
const BLOCK: u64 = 512;
/// What eleven octal digits say.
const LARGEST: u64 = 0o777_7777_7777;

/// The head of an entry; none for a name or a length that the format does not take.
pub fn head(name: &str, size: u64, at: i64) -> Option<[u8; BLOCK as usize]> {
    let (prefix, name) = parted(name)?;
    let mut head = [0; BLOCK as usize];
    let mut put = |at: usize, text: &[u8]| head[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", Some(size).filter(|size| *size <= LARGEST)?).as_bytes());
    put(136, format!("{:011o}\0", at.max(0)).as_bytes());
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(345, prefix.as_bytes());
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Some(head)
}

/// A name of up to 100 bytes, with up to 155 before a slash.
fn parted(name: &str) -> Option<(&str, &str)> {
    if name.len() <= 100 {
        return Some(("", name));
    }
    name.match_indices('/').map(|(at, _)| (&name[..at], &name[at + 1..])).find(|(prefix, name)| prefix.len() <= 155 && name.len() <= 100)
}

/// What fills up the last block of an entry.
pub fn padding(size: u64) -> &'static [u8] {
    static ZEROS: [u8; BLOCK as usize] = [0; BLOCK as usize];
    &ZEROS[..((BLOCK - size % BLOCK) % BLOCK) as usize]
}

/// What an archive ends with.
pub const END: [u8; 2 * BLOCK as usize] = [0; 2 * BLOCK as usize];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_name_length_and_its_own_sum() {
        let head = head("README.txt", 1000, 1_800_000_000).expect("a head");
        assert_eq!(&head[..11], b"README.txt\0");
        assert_eq!(&head[124..136], b"00000001750\0");
        assert_eq!(&head[257..265], b"ustar\x0000");
        let mut blank = head;
        blank[148..156].fill(b' ');
        let sum: u32 = blank.iter().map(|byte| u32::from(*byte)).sum();
        assert_eq!(&head[148..156], format!("{sum:06o}\0 ").as_bytes());
    }

    #[test]
    fn long_names_are_parted_and_what_does_not_fit_is_refused() {
        let (folder, file) = ("a".repeat(150), "b".repeat(90));
        let long = head(&format!("{folder}/{file}"), 1, 0).expect("a head");
        assert_eq!((&long[..90], &long[345..495]), (file.as_bytes(), folder.as_bytes()));
        for (name, size) in [("x".repeat(101), 1), (format!("{}/{}", "a".repeat(156), file), 1), ("x".into(), LARGEST + 1)] {
            assert_eq!(head(&name, size, 0), None, "{name} {size}");
        }
        for (size, zeros) in [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511)] {
            assert_eq!(padding(size).len(), zeros, "{size}");
        }
    }
}
