//! Which preview is made first: what is small and looked at at once.

use crate::media::kind::Kind;

/// An image of so many bytes is drawn in a moment.
const SMALL: i64 = 2 << 20;

/// How soon a preview is made. The lower one goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum Rank {
    /// Images that are drawn in a moment.
    High = 0,
    /// Other images.
    Medium = 1,
    /// Documents, which another program draws.
    Low = 2,
}

impl Rank {
    /// The rank of a file of so many bytes.
    pub fn of(kind: Kind, bytes: i64) -> Self {
        match kind {
            Kind::Pdf => Self::Low,
            _ if bytes <= SMALL => Self::High,
            _ => Self::Medium,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_images_go_first_and_documents_last() {
        for (kind, bytes, rank) in [
            (Kind::Jpeg, 1, Rank::High),
            (Kind::Webp, SMALL, Rank::High),
            (Kind::Png, SMALL + 1, Rank::Medium),
            (Kind::Gif, 100 << 20, Rank::Medium),
            (Kind::Pdf, 1, Rank::Low),
            (Kind::Pdf, 100 << 20, Rank::Low),
        ] {
            assert_eq!(Rank::of(kind, bytes), rank, "{kind:?} {bytes}");
        }
    }
}
