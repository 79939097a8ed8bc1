//! How much is mailed: nobody's mailbox is ours to fill, and no organisation mails without end from the platform's domain, to
//! addresses that nobody has proved least of all (page 11, E4).

use chrono::TimeDelta;
use shared::{Result, act::Act, mail};

use super::text::UNPROVED;

/// Mails within a time, to one address and of the whole organisation.
type Most = (TimeDelta, i64, i64);

/// Of all kinds together.
const OF_ALL: [Most; 2] = [(TimeDelta::hours(1), 60, 2_000), (TimeDelta::days(1), 300, 10_000)];
/// To addresses that nobody has proved.
const OF_UNPROVED: [Most; 1] = [(TimeDelta::days(1), 1, 200)];

/// Whether one more mail of that kind may be written to an address. Two that are written to it at once wait for each other, so what
/// was counted still holds; those of an organisation may be a few more. `is_counted` is false for load tests: then only
/// addresses that nobody has proved are spared.
pub(super) async fn may_write(act: &mut Act, to_address: &str, template: &str, is_counted: bool) -> Result<bool> {
    let now = act.now();
    mail::lock(act.db(), to_address, "ticket").await?;
    let of_all = OF_ALL.into_iter().filter(|_| is_counted).map(|most| (None, most));
    let of_unproved = OF_UNPROVED.into_iter().filter(|_| template == UNPROVED).map(|most| (Some(UNPROVED), most));
    let bounds: Vec<(Option<&str>, Most)> = of_all.chain(of_unproved).collect();
    for (kind, (span, of_address, of_all)) in bounds {
        let recent = mail::volume(act.db(), to_address, kind, now - span, of_all).await?;
        if recent.to_address >= of_address || recent.all >= of_all {
            return Ok(false);
        }
    }
    Ok(true)
}
