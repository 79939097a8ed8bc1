//! The tables `plans`, `tenant_plans` and `plan_changes`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Result, month::Month};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Had, Plan, PutPlan};

/// Every read of a plan uses this one select list.
macro_rules! select_plan {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Plan,
            "select p.code, p.name, p.agents, p.tickets_a_month, p.storage_bytes, p.requests_a_minute, p.connections, p.audit_months,
                p.price, p.extra_ticket, p.currency, p.is_default, p.version
            from plans p " + $rest
            $(, $arg)*
        )
    };
}

/// All of them: there are few, a hundred are shown.
pub async fn all(db: &mut PgConnection) -> Result<Vec<Plan>> {
    Ok(select_plan!("order by p.code limit 100").fetch_all(db).await?)
}

pub async fn by_code(db: &mut PgConnection, code: &str) -> Result<Option<Plan>> {
    Ok(select_plan!("where p.code = $1", code).fetch_optional(db).await?)
}

/// Locks the row: two changes of one plan follow each other.
pub async fn lock(db: &mut PgConnection, code: &str) -> Result<Option<Plan>> {
    Ok(select_plan!("where p.code = $1 for update of p", code).fetch_optional(db).await?)
}

pub async fn default(db: &mut PgConnection) -> Result<String> {
    Ok(sqlx::query_scalar!("select code from plans where is_default").fetch_one(db).await?)
}

pub async fn put(db: &mut PgConnection, code: &str, to: &PutPlan, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into plans as p
            (code, name, agents, tickets_a_month, storage_bytes, requests_a_minute, connections, audit_months, price, extra_ticket,
             currency, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
         on conflict (code) do update
         set name = excluded.name,
             agents = excluded.agents,
             tickets_a_month = excluded.tickets_a_month,
             storage_bytes = excluded.storage_bytes,
             requests_a_minute = excluded.requests_a_minute,
             connections = excluded.connections,
             audit_months = excluded.audit_months,
             price = excluded.price,
             extra_ticket = excluded.extra_ticket,
             currency = excluded.currency,
             version = p.version + 1,
             updated_at = excluded.updated_at",
        code,
        to.name,
        to.agents,
        to.tickets_a_month,
        to.storage_bytes,
        to.requests_a_minute,
        to.connections,
        to.audit_months,
        to.price,
        to.extra_ticket,
        to.currency,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes this the plan for newcomers, instead of the one that is.
pub async fn make_default(db: &mut PgConnection, code: &str) -> Result<()> {
    sqlx::query!("update plans set is_default = false where is_default and code <> $1", code).execute(&mut *db).await?;
    sqlx::query!("update plans set is_default = true where code = $1", code).execute(db).await?;
    Ok(())
}

/// Whether any tenant has, or has had it.
pub async fn was_given(db: &mut PgConnection, code: &str) -> Result<bool> {
    let given = sqlx::query_scalar!(r#"select exists (select from plan_changes where plan = $1) as "given!""#, code);
    Ok(given.fetch_one(db).await?)
}

/// A tenant's plan and since when it has it; none: the one without limits.
pub async fn held(db: &mut PgConnection, tenant: Uuid) -> Result<Option<(Plan, DateTime<Utc>)>> {
    let since = sqlx::query!("select plan, since from tenant_plans where tenant_id = $1", tenant).fetch_optional(&mut *db).await?;
    let Some(row) = since else { return Ok(None) };
    Ok(by_code(db, &row.plan).await?.map(|plan| (plan, row.since)))
}

pub async fn give(db: &mut PgConnection, tenant: Uuid, code: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into tenant_plans (tenant_id, plan, since)
         values ($1, $2, $3)
         on conflict (tenant_id) do update set plan = excluded.plan, since = excluded.since",
        tenant,
        code,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn note_change(db: &mut PgConnection, tenant: Uuid, code: &str, asked_by: &Value, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("insert into plan_changes (tenant_id, plan, since, asked_by) values ($1, $2, $3, $4)", tenant, code, now, asked_by)
        .execute(db)
        .await?;
    Ok(())
}

/// The oldest first. An operator changes a tenant's plan now and then: a thousand are more than there are.
pub async fn history(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Had>> {
    let had = sqlx::query_as!(
        Had,
        "select c.plan, c.since, p.price, p.extra_ticket, p.tickets_a_month, p.currency
         from plan_changes c
         join plans p on p.code = c.plan
         where c.tenant_id = $1
         order by c.id
         limit 1000",
        tenant,
    );
    Ok(had.fetch_all(db).await?)
}

pub async fn least_audit_months(db: &mut PgConnection, tenant: Uuid) -> Result<Option<i32>> {
    let least = sqlx::query_scalar!(
        "select min(p.audit_months) from plan_changes c join plans p on p.code = c.plan where c.tenant_id = $1",
        tenant
    );
    Ok(least.fetch_one(db).await?)
}

/// Whether the tenant has had to pay in another currency, or has credits in one.
pub async fn pays_otherwise(db: &mut PgConnection, tenant: Uuid, currency: &str) -> Result<bool> {
    let other = sqlx::query_scalar!(
        r#"select exists (
            select from plan_changes c
            join plans p on p.code = c.plan
            where c.tenant_id = $1 and p.currency <> $2 and (p.price > 0 or p.extra_ticket > 0)
        ) or exists (select from credit_accounts where tenant_id = $1 and currency <> $2) as "other!""#,
        tenant,
        currency,
    );
    Ok(other.fetch_one(db).await?)
}

/// Lets the tenant's own database learn what has changed.
pub async fn carry(db: &mut PgConnection, tenant: Uuid) -> Result<()> {
    sqlx::query!("update tenants set version = version + 1 where id = $1", tenant).execute(db).await?;
    Ok(())
}

/// The same for all that have the plan.
pub async fn carry_all(db: &mut PgConnection, code: &str) -> Result<()> {
    sqlx::query!("update tenants set version = version + 1 where id in (select tenant_id from tenant_plans where plan = $1)", code)
        .execute(db)
        .await?;
    Ok(())
}

/// How many of the staff the tenant may have, if there is a limit. Locks its row: whoever takes a seat, and whoever
/// gives it another plan, follow each other.
pub async fn hold_seats(db: &mut PgConnection, tenant: Uuid) -> Result<Option<i32>> {
    let limit = sqlx::query_scalar!(
        "select p.agents
         from tenant_plans t
         join plans p on p.code = t.plan
         where t.tenant_id = $1
         for update of t",
        tenant,
    );
    Ok(limit.fetch_optional(db).await?.flatten())
}

/// How many of the staff belong to the tenant, and how many more are asked in.
pub async fn staff(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select
            (select count(*) from memberships where tenant_id = $1 and status = 'active' and role <> 'customer') as "agents!",
            (select count(*) from invitations
             where tenant_id = $1 and role <> 'customer' and accepted_at is null and revoked_at is null and expires_at > $2) as "invited!""#,
        tenant,
        now,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.agents, row.invited))
}

/// How many tickets were opened in the month: asked in the tenant's own database, whose schema the macros of this crate
/// do not see.
pub async fn opened_in(inside: &mut PgConnection, month: Month) -> Result<i64> {
    let count = sqlx::query_scalar("select count(*) from support_tickets where created_at >= $1 and created_at < $2");
    Ok(count.bind(month.starts()).bind(month.ends()).fetch_one(inside).await?)
}
