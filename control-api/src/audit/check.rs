//! `control-api audit verify`: whether trails are what was sealed and kept.

use chrono::Months;
use serde::Serialize;
use shared::{
    Error, Result,
    audit::{Report, verify},
};

use super::{store, trails::Trails};
use crate::{plans, tenants};

/// Whose trails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The control database's.
    Control,
    /// One tenant's, by its slug.
    Tenant(String),
    /// The control database's and every tenant's.
    All,
}

/// What became of checking one trail, as the command prints it.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// `control`, or the tenant's slug.
    pub trail: String,
    /// True: nothing is wrong. False: see the findings. Absent: it could not be read.
    pub sound: Option<bool>,
    /// What was found.
    #[serde(flatten)]
    pub report: Option<Report>,
    /// Why it could not be read.
    pub error: Option<String>,
}

impl Checked {
    fn of(trail: &str, report: Result<Report>) -> Self {
        let trail = trail.to_owned();
        match report {
            Ok(report) => Self { trail, sound: Some(report.is_sound()), report: Some(report), error: None },
            Err(error) => Self { trail, sound: None, report: None, error: Some(error.to_string()) },
        }
    }
}

/// Checks one trail after the other and tells each when it is done: 0 when all are sound, 1 when
/// something is wrong with one, 2 when one could not be read and nothing is wrong with the others. Rows
/// older than `months` may be gone.
pub async fn check(trails: &Trails, scope: &Scope, months: Months, mut tell: impl FnMut(&Checked)) -> Result<u8> {
    let mut code = 0;
    let mut note = |checked: Checked| {
        code = match (checked.sound, code) {
            (Some(false), _) | (_, 1) => 1,
            (None, _) => 2,
            (Some(true), code) => code,
        };
        tell(&checked);
    };
    if !matches!(scope, Scope::Tenant(_)) {
        note(Checked::of("control", verify(&trails.db, None, months, trails.clock.now()).await));
    }
    let all = match scope {
        Scope::Control => Vec::new(),
        Scope::All => store::stored(&mut *trails.db.read().await?).await?,
        Scope::Tenant(slug) => {
            let tenant = tenants::by_slug(&mut *trails.db.read().await?, slug).await?.ok_or(Error::NotFound("tenant_not_found"))?;
            vec![(tenant.id, tenant.slug)]
        }
    };
    for (id, slug) in all {
        note(Checked::of(&slug, own(trails, id, months).await));
    }
    Ok(code)
}

/// The kept seal is read first: the trail only grows behind it.
async fn own(trails: &Trails, id: uuid::Uuid, months: Months) -> Result<Report> {
    let kept = store::anchor(&mut *trails.db.read().await?, id).await?.map(|kept| kept.newest);
    let tenant = trails.tenants.stored(id).await?.ok_or(Error::Unavailable("tenant database"))?;
    drop(tenant.db.read().await?);
    if tenant.db.lacks_months() {
        return Err(Error::Unavailable("its migration is due; the audit trail"));
    }
    // A plan may keep less; the control plane says so, for a trail that said it itself would excuse whoever cut it.
    let least = plans::least_audit_months(&mut *trails.db.read().await?, id).await?.and_then(|n| u32::try_from(n).ok());
    let months = least.map_or(months, |least| months.min(Months::new(least)));
    verify(&tenant.db, kept.as_ref(), months, trails.clock.now()).await
}
