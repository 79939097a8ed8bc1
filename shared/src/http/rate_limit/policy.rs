//! Who may come how often: the rules, without anything that counts.

use std::net::IpAddr;

use uuid::Uuid;

/// So many times within so many seconds, wherever these begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    /// How many times.
    pub times: u32,
    /// Within how many seconds.
    pub seconds: u32,
}

impl Rate {
    /// So many times a minute.
    pub const fn a_minute(times: u32) -> Self {
        Self { times, seconds: 60 }
    }
}

/// Requests of nobody we know, from one network.
pub const ANONYMOUS: Rate = Rate::a_minute(100);
/// Requests of one customer.
pub const CUSTOMER: Rate = Rate::a_minute(60);
/// Requests of one member of the staff, or with one API key.
pub const STAFF: Rate = Rate::a_minute(1000);
/// Requests with API keys from one network, before it is known which are sound.
pub const KEYS: Rate = Rate::a_minute(1000);
/// Requests of a whole tenant, unless it has a measure of its own.
pub const TENANT: Rate = Rate::a_minute(6000);

/// What is true of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Not counted: it tells whether we live.
    Free,
    /// Counted by who asks.
    Usual,
    /// A way in: counted by where it comes from, whoever asks, and under this name more tightly.
    Door(&'static str, Rate),
    /// Dear: counted by who asks, and under this name more tightly.
    Dear(&'static str, Rate),
}

/// One line of a plane's table: method, path as in the OpenAPI document, policy.
pub type Row = (&'static str, &'static str, Policy);

/// Who asks, as far as can be said without a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Nobody we know.
    Nobody,
    /// The holder of an API key that may be sound.
    Key,
    /// The holder of an access token.
    Person {
        /// Their tenant.
        tenant: Uuid,
        /// Their id.
        user: i64,
        /// Whether they work there.
        staff: bool,
    },
}

/// One thing that is counted: its key in Redis, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Key in Redis. Those of one request have one hash tag, so that a cluster keeps them together.
    pub key: String,
    /// How often.
    pub rate: Rate,
}

/// What a request is counted under, the narrowest first; `whole` is the measure of the asker's tenant.
pub fn buckets(policy: Policy, asker: Asker, network: &str, whole: Rate) -> Vec<Bucket> {
    let of = |what: &str, rate| match asker {
        Asker::Person { tenant, user, .. } if !matches!(policy, Policy::Door(..)) => {
            Bucket { key: format!("t:{{{tenant}}}:rate:{user}:{what}"), rate }
        }
        _ => Bucket { key: format!("rate:{{{network}}}:{what}"), rate },
    };
    let wide = || match asker {
        Asker::Nobody => vec![of("all", ANONYMOUS)],
        Asker::Key => vec![of("keys", KEYS)],
        Asker::Person { tenant, staff, .. } => {
            vec![of("all", if staff { STAFF } else { CUSTOMER }), Bucket { key: format!("t:{{{tenant}}}:rate:all"), rate: whole }]
        }
    };
    match policy {
        Policy::Free => Vec::new(),
        Policy::Usual => wide(),
        // Of a key the narrow one is its own: see `buckets_of_key`.
        Policy::Dear(..) if asker == Asker::Key => wide(),
        Policy::Dear(name, rate) => [vec![of(name, rate)], wide()].concat(),
        Policy::Door(name, rate) => vec![of(name, rate), of("all", ANONYMOUS)],
    }
}

/// What a request with an API key is counted under besides, once the key was found sound, the narrowest first.
pub fn buckets_of_key(policy: Policy, (tenant, key): (Uuid, i64), whole: Rate) -> Vec<Bucket> {
    let tag = format!("t:{{{tenant}}}:rate");
    let narrow = match policy {
        Policy::Dear(name, rate) => Some(Bucket { key: format!("{tag}:key-{key}:{name}"), rate }),
        Policy::Free | Policy::Usual | Policy::Door(..) => None,
    };
    let wide = [Bucket { key: format!("{tag}:key-{key}:all"), rate: STAFF }, Bucket { key: format!("{tag}:all"), rate: whole }];
    narrow.into_iter().chain(wide).collect()
}

/// What a request is counted under besides that showed a key which opened nothing: whoever makes keys up
/// comes no more often than whoever shows none.
pub fn bucket_of_unsound_keys(network: &str) -> Bucket {
    Bucket { key: format!("rate:{{{network}}}:no-keys"), rate: ANONYMOUS }
}

/// The network that an address belongs to: in IPv6 everybody has a /64 to choose addresses from.
pub fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_is_counted_under() {
        let person = |staff| Asker::Person { tenant: Uuid::nil(), user: 7, staff };
        let (login, export) = (Policy::Door("login", Rate::a_minute(30)), Policy::Dear("export", Rate::a_minute(10)));
        let door = "ip:login 30, ip:all 100";
        for (policy, asker, counted) in [
            (Policy::Free, Asker::Nobody, ""),
            (Policy::Free, person(true), ""),
            (Policy::Usual, Asker::Nobody, "ip:all 100"),
            (Policy::Usual, Asker::Key, "ip:keys 1000"),
            (Policy::Usual, person(false), "me:all 60, tenant 6000"),
            (Policy::Usual, person(true), "me:all 1000, tenant 6000"),
            (login, Asker::Nobody, door),
            (login, Asker::Key, door),
            (login, person(false), door),
            (login, person(true), door),
            (export, Asker::Nobody, "ip:export 10, ip:all 100"),
            (export, Asker::Key, "ip:keys 1000"),
            (export, person(false), "me:export 10, me:all 60, tenant 6000"),
            (export, person(true), "me:export 10, me:all 1000, tenant 6000"),
        ] {
            let of = |b: &Bucket| format!("{} {}", b.key, b.rate.times);
            let found = buckets(policy, asker, "203.0.113.7", TENANT).iter().map(of).collect::<Vec<_>>().join(", ");
            let tenant = format!("t:{{{}}}:rate:", Uuid::nil());
            let found =
                found.replace(&format!("{tenant}all"), "tenant").replace(&format!("{tenant}7"), "me").replace("rate:{203.0.113.7}", "ip");
            assert_eq!(found, counted, "{policy:?} {asker:?}");
        }
    }

    #[test]
    fn a_tenant_may_have_a_measure_of_its_own_and_nobody_else_is_counted_by_it() {
        let (tenant, own) = (Uuid::nil(), Rate::a_minute(600));
        let whole = |buckets: &[Bucket]| buckets.iter().map(|b| b.rate.times).collect::<Vec<_>>();
        assert_eq!(whole(&buckets(Policy::Usual, Asker::Person { tenant, user: 7, staff: true }, "ip", own)), [1000, 600]);
        assert_eq!(whole(&buckets_of_key(Policy::Usual, (tenant, 1), own)), [1000, 600]);
        assert_eq!(whole(&buckets(Policy::Usual, Asker::Nobody, "ip", own)), [100]);
    }

    #[test]
    fn what_is_dear_is_counted_by_the_key_itself() {
        let (tenant, export) = (Uuid::nil(), Policy::Dear("export", Rate::a_minute(10)));
        let counted = buckets_of_key(export, (tenant, 7), TENANT).into_iter().map(|b| (b.key, b.rate.times));
        let key = |what: &str| format!("t:{{{tenant}}}:rate:{what}");
        assert_eq!(counted.collect::<Vec<_>>(), [(key("key-7:export"), 10), (key("key-7:all"), 1000), (key("all"), 6000)]);
    }

    #[test]
    fn a_network_is_one_source() {
        for (ip, is) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
            ("::1", "0:0:0:0::/64"),
        ] {
            assert_eq!(network(ip.parse().expect("an address")), is, "{ip}");
        }
    }
}
