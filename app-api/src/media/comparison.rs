//! The store compared with what is known of it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use shared::storage::Listed;

/// So young an object may be known in a moment.
const GRACE: TimeDelta = TimeDelta::hours(1);

/// A stretch of keys as the store has it, and as it is known.
pub(super) struct Stretch<'a> {
    /// What the store has.
    pub objects: &'a [Listed],
    /// What should be there: keys of stored objects.
    pub stored: &'a [String],
    /// What is known of, in whatever state: keys of `objects`.
    pub known: &'a [String],
}

/// What does not fit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// Objects that nobody knows, with their bytes.
    pub nobodys: Vec<(String, i64)>,
    /// Keys without an object.
    pub missing: Vec<String>,
}

impl Stretch<'_> {
    /// What does not fit as of then.
    pub(super) fn difference(&self, now: DateTime<Utc>) -> Difference {
        let there: BTreeSet<&str> = self.objects.iter().map(|object| object.key.as_str()).collect();
        let known: BTreeSet<&str> = self.known.iter().map(String::as_str).collect();
        let is_nobodys = |object: &&Listed| !known.contains(object.key.as_str()) && object.modified < now - GRACE;
        Difference {
            nobodys: self.objects.iter().filter(is_nobodys).map(|object| (object.key.clone(), object.size)).collect(),
            missing: self.stored.iter().filter(|key| !there.contains(key.as_str())).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_and_what_is_missing_is_told_apart() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let object =
            |key: &str, minutes| Listed { key: key.into(), size: 1, etag: String::new(), modified: now - TimeDelta::minutes(minutes) };
        let objects = [object("a", 90), object("b", 90), object("c", 61), object("d", 59)];
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        // `b` is about to go or to come: known, and no loss if it were not there.
        let (stored, known) = (keys(&["a", "aa"]), keys(&["a", "b"]));
        let found = Stretch { objects: &objects, stored: &stored, known: &known }.difference(now);
        assert_eq!(found, Difference { nobodys: vec![("c".into(), 1)], missing: keys(&["aa"]) });
        let nothing = Stretch { objects: &[], stored: &[], known: &[] }.difference(now);
        assert_eq!(nothing, Difference::default());
    }
}
