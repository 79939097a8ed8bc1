//! Lists of a record that are read up to a bound: in four mebibytes there is room for a million of nothing. Pure.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

/// A list of `MOST` at most; null is an empty one. The first that is too many ends the reading.
#[derive(Debug)]
pub(super) struct Bounded<T, const MOST: usize>(pub Vec<T>);

impl<T, const MOST: usize> Default for Bounded<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Bounded<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneByOne(PhantomData))
    }
}

struct OneByOne<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for OneByOne<T, MOST> {
    type Value = Bounded<T, MOST>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "a list of {MOST} at most")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Bounded::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some(one) = from.next_element()? {
            if read.len() == MOST {
                return Err(A::Error::custom(format!("too_long: A list has {MOST} at most.")));
            }
            read.push(one);
        }
        Ok(Bounded(read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_with_the_first_that_is_too_many_whatever_stands_behind_it() {
        for (text, read) in [("[1,2]", Some(vec![1, 2])), ("[]", Some(vec![])), ("null", Some(vec![])), ("7", None)] {
            assert_eq!(serde_json::from_str::<Bounded<i64, 2>>(text).ok().map(|list| list.0), read, "{text}");
        }
        let error = serde_json::from_str::<Bounded<i64, 2>>("[1,2,3,nonsense").expect_err("three are too many").to_string();
        assert!(error.starts_with("too_long: "), "{error}");
    }
}
