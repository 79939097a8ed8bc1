//! Names of what a server archives, as PostgreSQL makes them. No IO.

/// What a file of the archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A segment of the log: timeline and number.
    Segment,
    /// One that a server has left half full when another took over.
    Partial,
    /// Where a timeline came from.
    History,
    /// That a base backup ended there.
    Label,
}

/// What a name says; none for one that PostgreSQL would not give, as one that leads out of a folder.
pub fn kind(name: &str) -> Option<Kind> {
    let is_hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    match name.split('.').collect::<Vec<_>>()[..] {
        [segment] if is_hex(segment, 24) => Some(Kind::Segment),
        [segment, "partial"] if is_hex(segment, 24) => Some(Kind::Partial),
        [timeline, "history"] if is_hex(timeline, 8) => Some(Kind::History),
        [segment, offset, "backup"] if is_hex(segment, 24) && is_hex(offset, 8) => Some(Kind::Label),
        _ => None,
    }
}

/// Whether nobody needs it any more who begins at the segment `oldest`. The timeline does not matter: a newer
/// one goes on behind the older one's numbers. A timeline's history is always needed, and short.
pub fn is_over(name: &str, oldest: &str) -> bool {
    match kind(name) {
        Some(Kind::Segment | Kind::Partial | Kind::Label) => name[8..24] < oldest[8..24],
        Some(Kind::History) | None => false,
    }
}

/// The identifier of the server that wrote a segment, as its first page says it (PostgreSQL's
/// `XLogLongPageHeaderData`). None where the page does not begin as such.
pub fn system_of(segment: &[u8]) -> Option<u64> {
    const LONG_HEADER: u16 = 2;
    let info = u16::from_le_bytes(segment.get(2..4)?.try_into().ok()?);
    let id = u64::from_le_bytes(segment.get(24..32)?.try_into().ok()?);
    (info & LONG_HEADER != 0).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLDEST: &str = "000000020000000A000000F0";

    #[test]
    fn only_what_postgresql_names_so_is_taken() {
        for (name, expected) in [
            ("000000010000000000000001", Some(Kind::Segment)),
            ("0000000100000000000000FF.partial", Some(Kind::Partial)),
            ("00000002.history", Some(Kind::History)),
            ("000000010000000000000003.00000028.backup", Some(Kind::Label)),
            ("00000001000000000000000g", None),
            ("0000000100000000000000ff", None),
            ("00000001000000000000000", None),
            ("../00000002.history", None),
            ("00000002.history.backup", None),
            ("", None),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }

    #[test]
    fn nothing_goes_that_the_oldest_base_backup_still_needs() {
        for (name, over) in [
            ("000000020000000A000000EF", true),
            ("000000020000000A000000F0", false),
            ("000000020000000B00000000", false),
            ("000000010000000A000000EF", true),
            ("000000010000000A000000F0", false),
            ("000000030000000900000000", true),
            ("000000020000000A000000EF.partial", true),
            ("000000020000000A000000EF.00000028.backup", true),
            ("000000020000000A000000F0.00000028.backup", false),
            ("00000001.history", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_over(name, OLDEST), over, "{name}");
        }
    }

    #[test]
    fn a_segment_says_which_server_wrote_it() {
        let mut page = vec![0; 64];
        page[2] = 2;
        page[24..32].copy_from_slice(&7_301_222_333_444_555_666_u64.to_le_bytes());
        assert_eq!(system_of(&page), Some(7_301_222_333_444_555_666));
        page[2] = 0;
        assert_eq!(system_of(&page), None);
        assert_eq!(system_of(&page[..30]), None);
        assert_eq!(system_of(&[]), None);
    }
}
