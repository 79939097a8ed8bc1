//! Room for files, and what somebody has of them, copied beside the database for an hour. The database alone decides what is
//! taken: a copy may be an hour old, where it was made while somebody brought a file, and nobody is refused by one.

use std::time::Duration;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::{Result, act::Act, cache::Cache, tenancy::Tenant};

pub use super::store::usage::{ALL, allowed};
use super::{
    model::Attachment,
    quota::{Allowed, Amount, Whose, must_fit},
    store::usage,
};
use crate::people::PersonId;

/// Takes room for so much more of somebody's, until the act ends or for good: `413 quota_exceeded` where they would have more than they
/// may, or all together more than the plan allows.
pub(super) async fn take(act: &mut Act, whose: PersonId, plan: Allowed, more: Amount) -> Result<()> {
    let mine = hold(act, whose).await?;
    must_fit(Whose::Person, mine, allowed(act.db()).await?, more)?;
    let (all, besides) = hold_all(act).await?;
    must_fit(Whose::Organisation, all.and_bytes(besides), plan, more)?;
    usage::add(act.db(), whose, more).await
}

/// What somebody has. Nobody brings more of theirs until the act ends; whoever holds all, too, holds that next.
pub async fn hold(act: &mut Act, whose: PersonId) -> Result<Amount> {
    let today = act.now().date_naive();
    usage::lock(act.db(), whose, today).await
}

/// What all together have, and bytes of the organisation that are no files of tickets. Nobody brings either until the act ends.
pub async fn hold_all(act: &mut Act) -> Result<(Amount, i64)> {
    let all = hold(act, ALL).await?;
    // Asked when that is held: whoever has waited finds what was brought meanwhile.
    Ok((all, usage::besides(act.db()).await?))
}

/// Gives back what a file has taken that goes; what came today has come.
pub async fn give_back(act: &mut Act, file: &Attachment) -> Result<()> {
    usage::give_back(act.db(), file.uploaded_by, file.file_size).await
}

/// How long a copy lasts.
const LASTS: Duration = Duration::from_secs(3600);

/// What somebody had, of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Copy {
    #[serde(flatten)]
    had: Amount,
    day: NaiveDate,
}

impl Copy {
    /// The text of a copy as it counts today.
    fn read(text: &str, today: NaiveDate) -> Option<Amount> {
        let Self { had, day } = serde_json::from_str(text).ok()?;
        Some(if day < today { Amount { today: 0, ..had } } else { had })
    }
}

fn key(tenant: &Tenant, whose: PersonId) -> String {
    format!("t:{{{}}}:files:{whose}", tenant.id)
}

/// What somebody has, and for all together what else the organisation keeps, as of now.
pub async fn has(tenant: &Tenant, whose: PersonId, today: NaiveDate) -> Result<Amount> {
    let mut db = tenant.db.read().await?;
    let has = usage::of(&mut db, whose, today).await?;
    if whose == ALL { Ok(has.and_bytes(usage::besides(&mut db).await?)) } else { Ok(has) }
}

/// The same, of files, as a copy says; else as the database does, of which a copy is made.
pub async fn had(cache: &Cache, tenant: &Tenant, whose: PersonId, today: NaiveDate) -> Result<Amount> {
    let key = key(tenant, whose);
    let had = match cache.get(&key).await.and_then(|text| Copy::read(&text, today)) {
        Some(had) => had,
        None => {
            let had = usage::of(&mut *tenant.db.read().await?, whose, today).await?;
            cache.put(&key, &serde_json::to_string(&Copy { had, day: today })?, LASTS).await;
            had
        }
    };
    // Nobody says when imports change: what they have is not copied.
    if whose == ALL { Ok(had.and_bytes(usage::besides(&mut *tenant.db.read().await?).await?)) } else { Ok(had) }
}

/// Forgets the copies of what somebody and all together have: it has changed.
pub async fn changed(cache: &Cache, tenant: &Tenant, whose: PersonId) {
    for whose in [whose, ALL] {
        cache.forget(&key(tenant, whose)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_yesterday_did_not_come_today() {
        let day = |n| NaiveDate::from_ymd_opt(2026, 3, n).expect("a day");
        let had = Amount { bytes: 9, files: 3, today: 2 };
        let text = serde_json::to_string(&Copy { had, day: day(2) }).expect("a text");
        for (text, today, expected) in [
            (text.as_str(), day(2), Some(had)),
            (text.as_str(), day(3), Some(Amount { today: 0, ..had })),
            ("", day(2), None),
            ("{}", day(2), None),
        ] {
            assert_eq!(Copy::read(text, today), expected, "{text} {today}");
        }
    }
}
