//! Where a page ended, in words that only we can read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Result, seal::Sealer};

/// Cursors have lengths in steps of so many bytes.
const STEP: usize = 32;

/// Seals and reads cursors. A cursor is valid for the list and viewer that it was made for, and says
/// nothing to whoever holds it.
#[derive(Clone)]
pub struct Cursors {
    sealer: Sealer,
}

impl Cursors {
    /// Seals with a key derived from `secret`, for this purpose alone.
    pub fn new(secret: &SecretString) -> Self {
        Self { sealer: Sealer::derived("cursor", secret) }
    }

    /// The cursor for `key` in `list` (name the tenant, the viewer and the filters there).
    pub fn seal(&self, list: &str, key: &impl Serialize) -> Result<String> {
        let mut body = serde_json::to_vec(key)?;
        // Not even the number of digits shows. JSON may end in spaces.
        body.resize(body.len().next_multiple_of(STEP), b' ');
        Ok(URL_SAFE_NO_PAD.encode(self.sealer.seal(&body, list)?))
    }

    /// What a cursor says; `422` for one that is not ours or of another list.
    pub fn open<K: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<K> {
        self.try_open(list, cursor).ok_or_else(|| Error::field("cursor", "invalid", "this is no cursor of this list"))
    }

    fn try_open<K: DeserializeOwned>(&self, list: &str, cursor: &str) -> Option<K> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        serde_json::from_slice(&self.sealer.open(&sealed, list).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a list's key may be: a number, or a time with a number.
    type Key = (i64, Option<String>);

    proptest! {
        #[test]
        fn every_key_comes_back_in_its_own_list_and_in_no_other(list in ".{0,80}", other in ".{0,80}", key in any::<Key>()) {
            let cursors = Cursors::new(&"secret".into());
            let cursor = cursors.seal(&list, &key).expect("sealed");
            prop_assert_eq!(cursors.open::<Key>(&list, &cursor).ok(), Some(key));
            prop_assert_eq!(cursors.open::<Key>(&other, &cursor).is_ok(), other == list);
        }

        #[test]
        fn no_cursor_opens_in_which_a_single_bit_was_turned(key in any::<Key>(), place in any::<prop::sample::Index>(), bit in 0..8) {
            let cursors = Cursors::new(&"secret".into());
            let mut bytes = URL_SAFE_NO_PAD.decode(cursors.seal("tickets:a", &key).expect("sealed")).expect("base64");
            let place = place.index(bytes.len());
            bytes[place] ^= 1_u8 << bit;
            prop_assert!(cursors.open::<Key>("tickets:a", &URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }

        #[test]
        fn no_text_is_a_cursor_that_is_none(text in "[A-Za-z0-9_-]{0,200}|.{0,60}") {
            prop_assert!(Cursors::new(&"secret".into()).open::<Key>("tickets:a", &text).is_err());
        }
    }

    #[test]
    fn a_cursor_opens_only_in_its_own_list_and_untouched() {
        let cursors = Cursors::new(&"secret".into());
        let cursor = cursors.seal("tickets:a", &(1, 2)).expect("sealed");
        assert_eq!(cursors.open::<(i64, i64)>("tickets:a", &cursor).expect("opened"), (1, 2));
        let touched = cursor.replacen(&cursor[5..6], if &cursor[5..6] == "A" { "B" } else { "A" }, 1);
        for (list, cursor) in [("tickets:b", cursor.as_str()), ("tickets:a", &touched), ("tickets:a", ""), ("tickets:a", "%%%")] {
            assert!(cursors.open::<(i64, i64)>(list, cursor).is_err(), "{list} {cursor}");
        }
        let other = Cursors::new(&"another secret".into());
        assert!(other.open::<(i64, i64)>("tickets:a", &cursor).is_err());
    }

    #[test]
    fn a_cursor_shows_nothing_of_what_it_says() {
        let cursors = Cursors::new(&"secret".into());
        let seal = |n: u64| cursors.seal("live:a", &n).expect("sealed");
        let bytes = URL_SAFE_NO_PAD.decode(seal(4_242_424_242)).expect("base64");
        assert!(!bytes.windows(4).any(|w| w == b"4242"));
        assert_ne!(seal(7), seal(7));
        assert_eq!(seal(7).len(), seal(u64::MAX).len());
    }
}
