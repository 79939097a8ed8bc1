//! Addresses at which a file or its preview is to be had for a quarter of an hour, without a token: what a browser opens by itself.
//! They say which file, for whom and until when, and are signed for one organisation and for one of both: what opens a preview opens
//! no file.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use shared::sign::Signer;
use uuid::Uuid;

use crate::people::PersonId;

/// How long an address lasts.
const LASTS: i64 = 15 * 60;

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    File,
    Preview,
}

/// For whom an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Somebody who is signed in and sees the file.
    Person(PersonId),
    /// Whoever a file was shared with: as long as that share stands.
    Share(i64),
}

impl For {
    /// A share has a mark that no number has.
    fn said(self) -> String {
        match self {
            Self::Person(id) => in_36(id),
            Self::Share(id) => format!("~{}", in_36(id)),
        }
    }

    fn read(said: &str) -> Option<Self> {
        let number = |digits| i64::from_str_radix(digits, 36).ok();
        match said.strip_prefix('~') {
            Some(share) => number(share).map(Self::Share),
            None => number(said).map(Self::Person),
        }
    }
}

/// What an address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Which file.
    pub file: i64,
    /// For whom.
    pub whose: For,
    /// Until when, in seconds since 1970.
    pub until: i64,
}

/// Signs addresses.
#[derive(Clone)]
pub struct Links(Signer);

impl Links {
    /// With a key that is made of a secret.
    pub fn new(secret: &SecretString) -> Self {
        Self(Signer::derived("links to files", "1", secret))
    }

    /// A link for somebody, from now on.
    pub fn issue(&self, tenant: Uuid, file: i64, whose: For, now: DateTime<Utc>) -> (String, DateTime<Utc>) {
        self.issue_until(tenant, Link { file, whose, until: now.timestamp() + LASTS })
    }

    /// The same, which lasts no longer than something that ends.
    pub fn issue_within(&self, tenant: Uuid, file: i64, whose: For, (now, end): (DateTime<Utc>, DateTime<Utc>)) -> (String, DateTime<Utc>) {
        let until = (now.timestamp() + LASTS).min(end.timestamp());
        self.issue_until(tenant, Link { file, whose, until })
    }

    /// A link to a preview for somebody, which lasts until the next whole quarter of an hour that is no less than one away: it stays
    /// the same meanwhile, so that browsers know the picture again.
    pub fn issue_preview(&self, tenant: Uuid, file: i64, whose: For, now: DateTime<Utc>) -> String {
        let until = (now.timestamp() + 2 * LASTS - 1).div_euclid(LASTS) * LASTS;
        self.link(tenant, What::Preview, Link { file, whose, until })
    }

    fn issue_until(&self, tenant: Uuid, link: Link) -> (String, DateTime<Utc>) {
        (self.link(tenant, What::File, link), DateTime::from_timestamp(link.until, 0).unwrap_or(DateTime::UNIX_EPOCH))
    }

    fn link(&self, tenant: Uuid, what: What, link: Link) -> String {
        let said = said(link);
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(signed(tenant, what, &said).as_bytes()));
        format!("{said}.{signature}")
    }

    /// What a link says; none for one that is not ours, of this organisation and in time.
    pub fn read(&self, tenant: Uuid, link: &str, now: DateTime<Utc>) -> Option<Link> {
        self.read_for(What::File, tenant, link, now)
    }

    /// The same of a link to a preview.
    pub fn read_preview(&self, tenant: Uuid, link: &str, now: DateTime<Utc>) -> Option<Link> {
        self.read_for(What::Preview, tenant, link, now)
    }

    fn read_for(&self, what: What, tenant: Uuid, link: &str, now: DateTime<Utc>) -> Option<Link> {
        let (said_, signature) = link.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let mut parts = said_.split('.');
        let (Some(file), Some(whose), Some(until), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return None };
        let number = |digits| i64::from_str_radix(digits, 36).ok();
        let link = Link { file: number(file)?, whose: For::read(whose)?, until: number(until)? };
        // One way to write each link: what was signed is what was read.
        let sound = said(link) == said_ && self.0.verifies(signed(tenant, what, said_).as_bytes(), &signature);
        (sound && now.timestamp() < link.until).then_some(link)
    }
}

fn said(link: Link) -> String {
    [in_36(link.file), link.whose.said(), in_36(link.until)].join(".")
}

fn signed(tenant: Uuid, what: What, said: &str) -> String {
    match what {
        What::File => format!("{tenant}/{said}"),
        What::Preview => format!("{tenant}/preview/{said}"),
    }
}

/// A number in digits and small letters.
fn in_36(number: i64) -> String {
    let (mut left, mut digits) = (number.unsigned_abs(), Vec::new());
    loop {
        digits.push(char::from_digit((left % 36) as u32, 36).unwrap_or('0'));
        left /= 36;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push('-');
    }
    digits.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_link_is_for_one_file_one_person_one_organisation_and_a_quarter_of_an_hour() {
        let (links, acme, globex) = (Links::new(&"secret".into()), Uuid::from_u128(1), Uuid::from_u128(2));
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let (link, until) = links.issue(acme, 42, For::Person(7), now);
        assert_eq!(until, now + TimeDelta::minutes(15));
        assert_eq!(links.read(acme, &link, now).map(|l| (l.file, l.whose)), Some((42, For::Person(7))));
        assert!(links.read(acme, &link, until - TimeDelta::seconds(1)).is_some());
        assert_eq!(links.read(acme, &link, until), None);
        assert_eq!(links.read(globex, &link, now), None);
        assert_eq!(Links::new(&"other".into()).read(acme, &link, now), None);
        for index in 0..link.len() {
            let mut changed = link.clone().into_bytes();
            changed[index] = if changed[index] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(changed).expect("letters");
            assert_eq!(links.read(acme, &changed, now), None, "{changed}");
        }
        for wrong in ["", ".", "a.b.c", "a.b.c.d", &format!("0{link}"), &link.to_uppercase(), &format!("{link}=")] {
            assert_eq!(links.read(acme, wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn a_link_to_a_preview_opens_no_file_and_stays_the_same_for_a_quarter_of_an_hour() {
        let (links, acme) = (Links::new(&"secret".into()), Uuid::from_u128(1));
        let at = |seconds| DateTime::from_timestamp(900 * 2_000_000_i64 + seconds, 0).expect("a time");
        let first = links.issue_preview(acme, 42, For::Person(7), at(1));
        assert_eq!(links.read_preview(acme, &first, at(1)).map(|l| (l.file, l.whose)), Some((42, For::Person(7))));
        assert_eq!(links.read(acme, &first, at(1)), None);
        assert_eq!(links.read_preview(acme, &links.issue(acme, 42, For::Person(7), at(1)).0, at(1)), None);
        for (seconds, is_same) in [(0, false), (2, true), (900, true), (901, false)] {
            assert_eq!(links.issue_preview(acme, 42, For::Person(7), at(seconds)) == first, is_same, "{seconds}");
        }
        // Whoever gets it last has it for a whole quarter of an hour.
        for (seconds, opens) in [(900 + 899, true), (1800, false)] {
            assert_eq!(links.read_preview(acme, &first, at(seconds)).is_some(), opens, "{seconds}");
        }
    }

    #[test]
    fn a_link_of_a_share_is_no_persons_and_ends_with_it() {
        let (links, acme) = (Links::new(&"secret".into()), Uuid::from_u128(1));
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let (link, until) = links.issue_within(acme, 42, For::Share(7), (now, now + TimeDelta::minutes(5)));
        assert_eq!(until, now + TimeDelta::minutes(5));
        assert_eq!(links.read(acme, &link, now).map(|l| l.whose), Some(For::Share(7)));
        assert_eq!(links.read(acme, &link, until), None);
        assert_eq!(links.read(acme, &link.replace('~', ""), now), None);
        assert_eq!(links.issue_within(acme, 42, For::Share(7), (now, now + TimeDelta::days(1))).1, now + TimeDelta::minutes(15));
        for id in [7, -7, i64::MAX, i64::MIN] {
            for whose in [For::Person(id), For::Share(id)] {
                assert_eq!(For::read(&whose.said()), Some(whose));
            }
        }
    }
}
