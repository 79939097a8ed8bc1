//! Files that were made to break whoever opens them (I21): each is refused or taken in a moment, and with little memory.

use std::time::Duration;

use super::judge;
use crate::media::bombs::{OTHERS, PICTURES, cost};

/// MiB that the process may grow by.
const MOST: u64 = 64;

#[test]
fn whatever_was_made_to_break_us_is_judged_in_a_moment_and_with_little_memory() {
    let mut all = 0;
    for (what, kind, made) in PICTURES.into_iter().chain(OTHERS) {
        let mut file = made().expect(what);
        let (_, grown, took) = cost(|| judge(kind, &mut file));
        all += grown;
        assert!(all < MOST && took < Duration::from_secs(5), "{what}: {all} MiB, {took:?}");
    }
}
