//! What somebody has of files, copied beside the database for an hour. The database alone decides what is taken: a copy may be
//! an hour old, where it was made while somebody brought a file, and nobody is refused by one.

use std::time::Duration;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::{Result, cache::Cache, tenancy::Tenant};

use super::{
    quota::Amount,
    store::usage::{self, ALL},
};
use crate::people::PersonId;

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

/// What somebody has, as a copy says; else as the database does, of which a copy is made.
pub async fn had(cache: &Cache, tenant: &Tenant, whose: PersonId, today: NaiveDate) -> Result<Amount> {
    let key = key(tenant, whose);
    if let Some(had) = cache.get(&key).await.and_then(|text| Copy::read(&text, today)) {
        return Ok(had);
    }
    let had = usage::of(&mut *tenant.db.read().await?, whose, today).await?;
    cache.put(&key, &serde_json::to_string(&Copy { had, day: today })?, LASTS).await;
    Ok(had)
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
