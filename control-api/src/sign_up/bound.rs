//! How many organisations may come of somebody who has proved no address. Each makes a database, so
//! a stranger must not make them at will; whoever proves the address is not counted any more.

use std::{net::IpAddr, time::Duration};

use chrono::TimeDelta;
use shared::{Error, Result, http::rate_limit::network};

/// Who counts together: those of the last day.
pub const WINDOW: TimeDelta = TimeDelta::days(1);
/// By one e-mail address within the window.
const PER_EMAIL: i64 = 5;
/// From one network within the window: an office or a school stands behind one address.
const PER_SOURCE: i64 = 30;
/// What a refused one is told to wait.
const PAUSE: Duration = Duration::from_secs(3600);

/// What has come within the window, with no address proved since.
#[derive(Debug, Clone, Copy)]
pub struct Recent {
    /// By the same e-mail address.
    pub by_email: i64,
    /// From the same network.
    pub from_source: i64,
}

impl Recent {
    /// Lets one more come, or says `429 rate_limited`.
    pub fn check(self) -> Result<()> {
        if self.by_email >= PER_EMAIL || self.from_source >= PER_SOURCE {
            return Err(Error::TooMany { retry_after: PAUSE });
        }
        Ok(())
    }
}

/// The network that an address belongs to. Who sits at the machine itself is not bounded at all.
pub fn source(ip: IpAddr) -> Option<String> {
    (!ip.to_canonical().is_loopback()).then(|| network(ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_bound_refuses() {
        for (by_email, from_source, allowed) in [(0, 0, true), (4, 29, true), (5, 0, false), (0, 30, false), (9, 99, false)] {
            assert_eq!(Recent { by_email, from_source }.check().is_ok(), allowed, "{by_email} {from_source}");
        }
    }

    #[test]
    fn a_network_is_one_source() {
        for (ip, network) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("::ffff:203.0.113.7", Some("203.0.113.7")),
            ("2001:db8:1:2::1", Some("2001:db8:1:2::/64")),
            ("2001:db8:1:2:ffff::9", Some("2001:db8:1:2::/64")),
            ("127.0.0.1", None),
            ("::ffff:127.0.0.1", None),
            ("::1", None),
        ] {
            assert_eq!(source(ip.parse().expect("an address")).as_deref(), network, "{ip}");
        }
    }
}
