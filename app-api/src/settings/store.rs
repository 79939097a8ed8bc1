//! The table `settings`, as far as this plane owns it.

use chrono_tz::Tz;
use shared::{Error, Result};
use sqlx::PgConnection;

use crate::people::Reach;

/// What is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set {
    pub agents_see: Reach,
    pub time_zone: Tz,
}

impl Set {
    fn of(agents_see: &str, time_zone: &str) -> Result<Self> {
        Ok(Self { agents_see: Reach::of(Some(agents_see)), time_zone: known(time_zone)? })
    }
}

fn known(zone: &str) -> Result<Tz> {
    zone.parse().map_err(|_| Error::internal(anyhow::anyhow!("the settings hold a time zone that is none: {zone}")))
}

/// By which clock the organisation's days begin.
pub async fn zone(db: &mut PgConnection) -> Result<Tz> {
    let name = sqlx::query_scalar!("select time_zone from settings").fetch_one(db).await?;
    known(&name)
}

/// What is set.
pub(super) async fn read(db: &mut PgConnection) -> Result<Set> {
    let row = sqlx::query!("select agents_see, time_zone from settings").fetch_one(db).await?;
    Set::of(&row.agents_see, &row.time_zone)
}

/// The same, and nobody else changes it before the act ends.
pub(super) async fn hold(db: &mut PgConnection) -> Result<Set> {
    let row = sqlx::query!("select agents_see, time_zone from settings for update").fetch_one(db).await?;
    Set::of(&row.agents_see, &row.time_zone)
}

/// Sets it.
pub(super) async fn write(db: &mut PgConnection, to: Set) -> Result<()> {
    sqlx::query!("update settings set agents_see = $1, time_zone = $2", to.agents_see.as_str(), to.time_zone.name()).execute(db).await?;
    Ok(())
}
