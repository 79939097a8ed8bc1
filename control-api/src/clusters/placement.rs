//! Which cluster the next tenant goes to. No IO.

use std::fmt;

use shared::{Error, Result};

/// What is asked of a cluster before a tenant is placed there.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// New tenants may come.
    pub accepting: bool,
    /// It answered when it was last looked at, or nobody has looked yet.
    pub answers: bool,
    /// How many tenants it holds, with those on their way there.
    pub tenants: i64,
    /// How many it may hold.
    pub max_tenants: Option<i32>,
    /// The size of its databases, once measured.
    pub bytes: Option<i64>,
    /// How large they may be together.
    pub max_bytes: Option<i64>,
}

/// No cluster may take a tenant, each with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoom(Vec<(String, Reason)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Closed,
    Away,
    Tenants { there: i64, at_most: i32 },
    Bytes { there: i64, at_most: i64 },
}

/// Of those that accept, answer and are below their limits, the one of which the least is used; of equals the one
/// with the fewest tenants. What has no limit counts as unused.
pub fn choose(loads: &[Load]) -> std::result::Result<i64, NoRoom> {
    let open = loads.iter().filter(|load| load.refuses().is_none());
    let least = open.min_by(|a, b| a.used().total_cmp(&b.used()).then(a.tenants.cmp(&b.tenants)).then(a.id.cmp(&b.id)));
    least.map(|load| load.id).ok_or_else(|| NoRoom(loads.iter().filter_map(|load| Some((load.name.clone(), load.refuses()?))).collect()))
}

impl Load {
    /// Whether a tenant may be placed here.
    pub fn has_room(&self) -> bool {
        self.refuses().is_none()
    }

    /// `409` unless a tenant may be placed here.
    pub fn expect_room(&self) -> Result<()> {
        let Some(reason) = self.refuses() else { return Ok(()) };
        let code = match reason {
            Reason::Closed => "cluster_closed",
            Reason::Away => "cluster_away",
            Reason::Tenants { .. } | Reason::Bytes { .. } => "cluster_full",
        };
        Err(Error::conflict(code, format!("That server {reason}.")))
    }

    fn refuses(&self) -> Option<Reason> {
        if !self.accepting {
            return Some(Reason::Closed);
        }
        if !self.answers {
            return Some(Reason::Away);
        }
        let tenants = self.max_tenants.filter(|at_most| self.tenants >= (*at_most).into());
        let bytes = self.max_bytes.zip(self.bytes).filter(|(at_most, there)| there >= at_most);
        tenants
            .map(|at_most| Reason::Tenants { there: self.tenants, at_most })
            .or(bytes.map(|(at_most, there)| Reason::Bytes { there, at_most }))
    }

    /// The larger of the shares of its limits that are used, from 0 to 1.
    fn used(&self) -> f64 {
        let tenants = self.max_tenants.map_or(0.0, |at_most| self.tenants as f64 / f64::from(at_most));
        let bytes = self.max_bytes.zip(self.bytes).map_or(0.0, |(at_most, there)| there as f64 / at_most as f64);
        tenants.max(bytes)
    }
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no cluster has room for a tenant")?;
        for (n, (name, reason)) in self.0.iter().enumerate() {
            write!(f, "{}{name} {reason}", if n == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for NoRoom {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("is closed"),
            Self::Away => f.write_str("does not answer"),
            Self::Tenants { there, at_most } => write!(f, "is full ({there} of {at_most} tenants)"),
            Self::Bytes { there, at_most } => write!(f, "is full ({there} of {at_most} bytes)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `-` is closed, `?` does not answer; tenants/limit, bytes/limit.
    fn load(id: i64, words: &str) -> Load {
        let (state, rest) = words.split_at(1);
        let mut pairs = rest.split(' ').filter(|w| !w.is_empty()).map(|w| w.split_once('/').expect("a pair"));
        let (tenants, max_tenants) = pairs.next().expect("tenants");
        let (bytes, max_bytes) = pairs.next().expect("bytes");
        Load {
            id,
            name: format!("c{id}"),
            accepting: state != "-",
            answers: state != "?",
            tenants: tenants.parse().expect("a number"),
            max_tenants: max_tenants.parse().ok(),
            bytes: bytes.parse().ok(),
            max_bytes: max_bytes.parse().ok(),
        }
    }

    #[test]
    fn one_that_is_named_is_refused_with_its_reason() {
        for (words, refused) in [
            ("+ 1/2 8/9", None),
            ("- 2/2 -/-", Some("cluster_closed That server is closed.")),
            ("? 0/- -/-", Some("cluster_away That server does not answer.")),
            ("+ 2/2 -/-", Some("cluster_full That server is full (2 of 2 tenants).")),
            ("+ 0/- 9/9", Some("cluster_full That server is full (9 of 9 bytes).")),
        ] {
            let told = load(1, words).expect_room().err().map(|error| match error {
                Error::Conflict { code, detail } => format!("{code} {detail}"),
                other => panic!("{other:?}"),
            });
            assert_eq!(told.as_deref(), refused, "{words}");
        }
    }

    #[test]
    fn the_least_used_of_those_with_room_is_chosen() {
        for (clusters, chosen) in [
            (&["+ 0/- -/-"][..], Ok(1)),
            (&["+ 3/- -/-", "+ 2/- -/-"], Ok(2)),
            (&["+ 2/- -/-", "+ 2/- -/-"], Ok(1)),
            (&["- 0/- -/-", "+ 9/- -/-"], Ok(2)),
            (&["? 0/- -/-", "+ 9/- -/-"], Ok(2)),
            (&["+ 1/2 -/-", "+ 40/100 -/-"], Ok(2)),
            (&["+ 0/0 -/-", "+ 99/100 -/-"], Ok(2)),
            (&["+ 1/100 90/100", "+ 50/100 -/-"], Ok(2)),
            (&["+ 1/100 -/100", "+ 50/100 -/-"], Ok(1)),
            (&["+ 1/- 100/100", "+ 9/- 99/100"], Ok(2)),
            (&["+ 9/- 5/-", "+ 1/2 -/-"], Ok(1)),
            (&[], Err("no cluster has room for a tenant")),
            (
                &["- 0/- -/-", "? 0/- -/-", "+ 2/2 -/-", "+ 3/2 9/9", "+ 0/- 10/9"],
                Err("no cluster has room for a tenant: c1 is closed, c2 does not answer, c3 is full (2 of 2 tenants), \
                     c4 is full (3 of 2 tenants), c5 is full (10 of 9 bytes)"),
            ),
        ] {
            let loads: Vec<Load> = (1..).zip(clusters).map(|(id, words)| load(id, words)).collect();
            assert_eq!(choose(&loads).map_err(|e| e.to_string()), chosen.map_err(str::to_owned), "{clusters:?}");
        }
    }
}
