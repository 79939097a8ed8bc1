//! What stands inside a tenant's database: whose it is, and what its role may do.

use std::time::Duration;

use shared::{Error, Result, db::Db};
use sqlx::{Connection, postgres::PgConnectOptions};

use super::model::{Finding, Known, What};
use crate::{clusters, provisioning, tenants};

/// So long may a look into one database take.
const LIMIT: Duration = Duration::from_secs(10);

/// What is wrong in there. A database that cannot be entered is a finding, too.
pub async fn look(db: &Db, options: &PgConnectOptions, cluster: &str, known: &Known) -> Result<Vec<Finding>> {
    let tenant = tenants::by_slug(&mut *db.read().await?, &known.slug).await?;
    let looking = async {
        let mut inside = clusters::connect(&options.clone().database(&known.database)).await?;
        let marker = provisioning::marker(&mut inside).await?;
        let wrong = provisioning::wrong_rights(&mut inside, &known.role).await?;
        inside.close().await?;
        Ok::<_, Error>((marker, wrong))
    };
    let finding = |what, detail: String, can_be_fixed| Finding {
        cluster: cluster.to_owned(),
        what,
        name: known.database.clone(),
        tenant: Some(known.slug.clone()),
        detail: Some(detail),
        can_be_fixed,
        fixed: false,
    };
    let (marker, wrong) = match tokio::time::timeout(LIMIT, looking).await.unwrap_or(Err(Error::Unavailable("cluster"))) {
        Ok(looked) => looked,
        Err(error) => return Ok(vec![finding(What::DatabaseMissing, format!("it cannot be entered: {error}"), false)]),
    };
    let mut findings = Vec::new();
    if marker != tenant.map(|tenant| tenant.id) {
        let whose = marker.map_or_else(|| "nobody's".to_owned(), |id| format!("of tenant {id}"));
        findings.push(finding(What::AnothersDatabase, format!("it says that it is {whose}"), false));
    }
    if !wrong.is_empty() {
        // Whoever's it is: their role's rights are not given to another one.
        findings.push(finding(What::WrongRights, wrong.join(", "), findings.is_empty()));
    }
    Ok(findings)
}
