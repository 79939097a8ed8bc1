//! How fast a file is read, and when that is too slow. Pure.

use std::time::Duration;

/// So long a receiver may be as slow as they like; then they take so many bytes a second, over the whole file.
const AT_LEISURE: Duration = Duration::from_secs(60);
const LEAST: u64 = 32 << 10;

/// The same where others wait for a turn.
const IN_A_HURRY: Duration = Duration::from_secs(10);
const MORE: u64 = 256 << 10;

/// How a receiver has read so far: whoever is slow for long gives their turn to others. The time that it takes us to write is not
/// theirs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    /// What they took.
    pub bytes: u64,
    /// How long they let us wait.
    pub waited: Duration,
}

impl Pace {
    /// Whether nobody writes on for them.
    pub fn is_too_slow(self) -> bool {
        self.is_below((AT_LEISURE, LEAST))
    }

    /// Whether nobody else is to wait for them.
    pub fn holds_others_up(self) -> bool {
        self.is_below((IN_A_HURRY, MORE))
    }

    fn is_below(self, (leisure, least): (Duration, u64)) -> bool {
        self.waited > leisure && self.bytes < least * self.waited.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_slow_as_they_like_for_a_minute_and_then_by_a_rate_over_the_whole_file() {
        for (bytes, seconds, is_too_slow, holds_others_up) in [
            (0, 0, false, false),
            (0, 10, false, false),
            (MORE * 11 - 1, 11, false, true),
            (MORE * 11, 11, false, false),
            (0, 60, false, true),
            (1 << 20, 61, true, true),
            (LEAST * 61 - 1, 61, true, true),
            (LEAST * 61, 61, false, true),
            (MORE * 61, 61, false, false),
            (LEAST * 600 - 1, 600, true, true),
            (LEAST * 600, 600, false, true),
        ] {
            let pace = Pace { bytes, waited: Duration::from_secs(seconds) };
            assert_eq!((pace.is_too_slow(), pace.holds_others_up()), (is_too_slow, holds_others_up), "{bytes} in {seconds} s");
        }
    }
}
