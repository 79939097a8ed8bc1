//! Somebody comes in with a device, or from a network, that they have not used for a while: their
//! address is told (I-7). Not of the very first time, which they know of.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use shared::{Result, act::Act};

use super::{device::Device, store};
use crate::{
    app::App,
    mails::{self, Addressee, NewDevice, Text},
    members::Member,
    tenants::Tenant,
};

/// A device that was not used for so long counts as new.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

/// Notes what a member has come in with, and writes to them if it is new.
pub async fn tell_of_new_device(act: &mut Act, app: &App, tenant: &Tenant, member: &Member) -> Result<()> {
    let (now, author) = (act.now(), act.author().clone());
    let device = Device::of(author.user_agent.as_deref().unwrap_or_default()).name();
    let network = author.ip.map(network).unwrap_or_default();
    let (seen_at, any) = store::see_device(act.db(), member.user_id, (&device, &network), now).await?;
    if !is_new(seen_at, any, now) {
        return Ok(());
    }
    let (at, ip) = (now.format("%Y-%m-%d %H:%M UTC").to_string(), author.ip.map(|ip| ip.to_string()).unwrap_or_default());
    let link = format!("{}/login", app.site.url(&tenant.slug));
    let text = Text::NewDevice(NewDevice { organisation: &tenant.organisation, device: &device, ip: &ip, at: &at, link: &link });
    let to = Addressee { email: &member.email, firstname: &member.firstname, locale: member.locale };
    mails::send(act, app, to, &text).await
}

fn is_new(seen_at: Option<DateTime<Utc>>, any: bool, now: DateTime<Utc>) -> bool {
    any && seen_at.is_none_or(|seen_at| now - seen_at > REMEMBERED)
}

/// The provider's part of an address: somebody on the move has another one every hour.
fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, _, _] = ip.octets();
            format!("{a}.{b}")
        }
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            format!("{a:x}:{b:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_new_when_it_is_not_the_first_and_was_not_seen_for_ninety_days() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        for (days, any, new) in
            [(None, false, false), (None, true, true), (Some(0), true, false), (Some(90), true, false), (Some(91), true, true)]
        {
            assert_eq!(is_new(days.map(|d| now - TimeDelta::days(d)), any, now), new, "{days:?} {any}");
        }
    }

    #[test]
    fn a_network_is_the_providers_part_of_an_address() {
        for (ip, expected) in [
            ("203.0.113.7", "203.0"),
            ("203.0.200.9", "203.0"),
            ("::ffff:203.0.113.7", "203.0"),
            ("2001:db8:1::1", "2001:db8"),
            ("2001:db9::1", "2001:db9"),
            ("::1", "0:0"),
        ] {
            assert_eq!(network(ip.parse().expect("an address")), expected, "{ip}");
        }
    }
}
