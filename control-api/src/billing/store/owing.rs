//! Who owes something for a month. A tenant pays from when it was first served: when its provisioning was done, or ever
//! since where nobody has noted how it was provisioned.

use chrono::{DateTime, NaiveDate, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// Since when anybody who is served has had a plan that costs something, or one tenant has.
pub async fn first_owed(db: &mut PgConnection, only: Option<Uuid>) -> Result<Option<DateTime<Utc>>> {
    let first = sqlx::query_scalar!(
        "select min(greatest(c.since, s.finished_at))
         from plan_changes c
         join plans p on p.code = c.plan and (p.price > 0 or p.extra_ticket > 0)
         left join provisionings s on s.tenant_id = c.tenant_id
         where coalesce(s.step = 'done', true) and ($1::uuid is null or c.tenant_id = $1)",
        only,
    );
    Ok(first.fetch_one(db).await?)
}

/// Tenants who had a plan that costs something in the month, while they were served, and have had no invoice for it yet,
/// with the currency; or one tenant, and if it is to be made anew, although its invoice is void.
pub async fn owing(
    db: &mut PgConnection,
    (period, starts, ends): (NaiveDate, DateTime<Utc>, DateTime<Utc>),
    (only, is_anew): (Option<Uuid>, bool),
    limit: i64,
) -> Result<Vec<(Uuid, String)>> {
    let owing = sqlx::query!(
        "select distinct on (c.tenant_id) c.tenant_id, p.currency
         from plan_changes c
         join plans p on p.code = c.plan and (p.price > 0 or p.extra_ticket > 0)
         join tenants t on t.id = c.tenant_id and t.status in ('active', 'suspended', 'deleting')
         left join provisionings s on s.tenant_id = c.tenant_id
         where coalesce(s.step = 'done', true)
             and greatest(c.since, s.finished_at) < $3
             and not exists (
                select from plan_changes n
                where n.tenant_id = c.tenant_id and n.id > c.id and n.since <= greatest($2, s.finished_at)
             )
             and ($5::uuid is null or c.tenant_id = $5)
             and not exists (
                select from invoices i
                where i.tenant_id = c.tenant_id and i.period = $1 and (i.state <> 'void' or not $6)
             )
         order by c.tenant_id, c.id
         limit $4",
        period,
        starts,
        ends,
        limit,
        only,
        is_anew,
    );
    Ok(owing.fetch_all(db).await?.into_iter().map(|row| (row.tenant_id, row.currency)).collect())
}
