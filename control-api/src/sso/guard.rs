//! Which addresses we ask on an organisation's word (page 11, I24): an admin types them, and behind our
//! network stands more than the internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Whether we run for real, where nothing but the open internet is asked, or on somebody's machine,
/// where a provider may stand beside us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// https at its own port, at public addresses.
    Internet,
    /// Also http, on this machine.
    Trial,
}

impl Reach {
    /// Whether a URL may be asked at all; where its name leads is looked at when it is asked.
    pub fn allows(self, url: &Url) -> bool {
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let fits = match (url.scheme(), self) {
            ("https", Self::Internet) => url.port().is_none(),
            ("https", Self::Trial) => true,
            ("http", Self::Trial) => is_this_machine(url),
            _ => false,
        };
        let at = match url.host() {
            Some(Host::Ipv4(ip)) => self.reaches(ip.into()),
            Some(Host::Ipv6(ip)) => self.reaches(ip.into()),
            Some(Host::Domain(name)) => !name.is_empty(),
            None => false,
        };
        plain && fits && at
    }

    /// Whether an address that a name stands for may be connected to.
    pub fn reaches(self, ip: IpAddr) -> bool {
        self == Self::Trial || is_public(ip)
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether an address is one of the open internet. What carries another address inside it, as NAT64
/// and 6to4 do, is none: it leads where the inner one does.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or_else(|| is_public_v6(ip), is_public_v4),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let global = (0x2000..=0x3fff).contains(&a);
    // 2001::/23 is for protocols (Teredo among them), 2001:db8::/32 and 3fff::/20 for books, 2002::/16 is 6to4.
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_asked_for_real() {
        for (url, internet, trial) in [
            ("https://id.example.com", true, true),
            ("https://id.example.com/realms/acme", true, true),
            ("https://8.8.8.8/", true, true),
            ("https://[2606:4700::1111]/", true, true),
            ("https://id.example.com:8443", false, true),
            ("http://id.example.com", false, false),
            ("http://127.0.0.1:9400", false, true),
            ("http://localhost:9400", false, true),
            ("http://[::1]:9400", false, true),
            ("http://10.0.0.1", false, false),
            ("https://127.0.0.1", false, true),
            ("https://0177.0.0.1", false, true),
            ("https://2130706433", false, true),
            ("https://0x7f.1", false, true),
            ("https://[::ffff:127.0.0.1]", false, true),
            ("https://[64:ff9b::7f00:1]", false, true),
            ("https://169.254.169.254/latest", false, true),
            ("https://user@id.example.com", false, false),
            ("https://user:secret@id.example.com", false, false),
            ("https://id.example.com/#x", false, false),
            ("ftp://id.example.com", false, false),
            ("gopher://id.example.com", false, false),
            ("file:///etc/passwd", false, false),
            ("data:text/plain,x", false, false),
        ] {
            let url = Url::parse(url).expect(url);
            assert_eq!((Reach::Internet.allows(&url), Reach::Trial.allows(&url)), (internet, trial), "{url}");
        }
    }

    #[test]
    fn which_addresses_are_public() {
        for (ip, public) in [
            ("8.8.8.8", true),
            ("1.1.1.1", true),
            ("100.63.0.1", true),
            ("100.128.0.1", true),
            ("172.15.0.1", true),
            ("172.32.0.1", true),
            ("223.255.255.1", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("127.255.0.1", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.1", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("192.88.99.1", false),
            ("192.168.0.1", false),
            ("198.18.0.1", false),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700::1111", true),
            ("2a00:1450::1", true),
            ("::", false),
            ("::1", false),
            ("::7f00:1", false),
            ("::ffff:8.8.8.8", true),
            ("::ffff:10.0.0.1", false),
            ("64:ff9b::808:808", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("3fff::1", false),
            ("fc00::1", false),
            ("fd12::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(ip.parse().expect(ip)), public, "{ip}");
        }
    }
}
