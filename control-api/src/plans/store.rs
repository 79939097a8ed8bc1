//! The tables `plans`, `tenant_plans` and `plan_changes`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Had, Held, Plan, PutPlan};

/// Every read of a plan uses this one select list.
macro_rules! select_plan {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Plan,
            "select p.code, p.name, p.agents, p.tickets_a_month, p.storage_bytes, p.storage_files, p.uploads_a_day, p.requests_a_minute,
                p.connections, p.audit_months, p.price, p.extra_ticket, p.currency, p.is_default, p.version
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

/// The plan, which nobody changes until the act ends.
pub async fn hold(db: &mut PgConnection, code: &str) -> Result<Option<Plan>> {
    Ok(select_plan!("where p.code = $1 for share of p", code).fetch_optional(db).await?)
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
             currency, created_at, updated_at, storage_files, uploads_a_day)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14)
         on conflict (code) do update
         set name = excluded.name,
             agents = excluded.agents,
             tickets_a_month = excluded.tickets_a_month,
             storage_bytes = excluded.storage_bytes,
             storage_files = excluded.storage_files,
             uploads_a_day = excluded.uploads_a_day,
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
        to.storage_files,
        to.uploads_a_day,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The plan for newcomers, locked.
pub async fn lock_default(db: &mut PgConnection) -> Result<Option<Plan>> {
    Ok(select_plan!("where p.is_default for update of p").fetch_optional(db).await?)
}

/// Makes this the plan for newcomers, instead of the one that is.
pub async fn make_default(db: &mut PgConnection, code: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update plans set is_default = false, version = version + 1, updated_at = $2 where is_default and code <> $1", code, now)
        .execute(&mut *db)
        .await?;
    sqlx::query!("update plans set is_default = true where code = $1", code).execute(db).await?;
    Ok(())
}

pub async fn count(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from plans"#).fetch_one(db).await?)
}

/// Whether any tenant has, or has had it.
pub async fn was_given(db: &mut PgConnection, code: &str) -> Result<bool> {
    let given = sqlx::query_scalar!(r#"select exists (select from plan_changes where plan = $1) as "given!""#, code);
    Ok(given.fetch_one(db).await?)
}

/// A tenant's plan and since when it has it; none: the one without limits.
pub async fn held(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Held>> {
    let row = sqlx::query!("select plan, since, longer_months, longer_until from tenant_plans where tenant_id = $1", tenant);
    let Some(row) = row.fetch_optional(&mut *db).await? else { return Ok(None) };
    let longer = row.longer_months.zip(row.longer_until);
    Ok(by_code(db, &row.plan).await?.map(|plan| Held { plan, since: row.since, longer }))
}

/// Gives a tenant a plan, and keeps its trail for so many months until that moment, if that is longer.
pub async fn give(
    db: &mut PgConnection,
    (tenant, code): (Uuid, &str),
    longer: Option<(i32, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into tenant_plans (tenant_id, plan, since, longer_months, longer_until)
         values ($1, $2, $3, $4, $5)
         on conflict (tenant_id) do update
         set plan = excluded.plan,
             since = excluded.since,
             longer_months = excluded.longer_months,
             longer_until = excluded.longer_until",
        tenant,
        code,
        now,
        longer.map(|(months, _)| months),
        longer.map(|(_, until)| until),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The plan keeps the trail for less than so many months: whoever has it keeps it for these, or for what they have now
/// if that is more, until then.
pub async fn keep_longer(db: &mut PgConnection, code: &str, months: i32, (now, until): (DateTime<Utc>, DateTime<Utc>)) -> Result<()> {
    sqlx::query!(
        "update tenant_plans
         set longer_months = greatest($2, case when longer_until > $3 then longer_months end), longer_until = $4
         where plan = $1",
        code,
        months,
        now,
        until,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets that a tenant's trail was kept for longer, if that is over.
pub async fn end_longer(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update tenant_plans set longer_months = null, longer_until = null where tenant_id = $1 and longer_until <= $2",
        tenant,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes who has which plan from now on, with what it costs.
pub async fn note_change(db: &mut PgConnection, tenant: Uuid, plan: &Plan, asked_by: &Value, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into plan_changes (tenant_id, plan, since, asked_by, price, extra_ticket, tickets_a_month, currency)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        plan.code,
        now,
        asked_by,
        plan.price,
        plan.extra_ticket,
        plan.tickets_a_month,
        plan.currency,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The oldest first, none before the tenant was first served: until its provisioning is done nothing is paid. An operator
/// changes a tenant's plan now and then: a thousand are more than there are.
pub async fn history(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Had>> {
    let had = sqlx::query_as!(
        Had,
        r#"select c.plan, greatest(c.since, s.finished_at) as "since!", coalesce(c.price, p.price) as "price!",
            case when c.price is null then p.extra_ticket else c.extra_ticket end as extra_ticket,
            case when c.price is null then p.tickets_a_month else c.tickets_a_month end as tickets_a_month,
            coalesce(c.currency, p.currency) as "currency!"
        from plan_changes c
        join plans p on p.code = c.plan
        left join provisionings s on s.tenant_id = c.tenant_id
        where c.tenant_id = $1 and coalesce(s.step = 'done', true)
        order by c.id
        limit 1000"#,
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
        ) or exists (select from credit_accounts where tenant_id = $1 and currency <> $2 and balance > 0) as "other!""#,
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
/// gives it another plan, follow each other. The limit is asked for once the row is held: whoever has waited for
/// another plan finds that plan's.
pub async fn hold_seats(db: &mut PgConnection, tenant: Uuid) -> Result<Option<i32>> {
    let plan = sqlx::query_scalar!("select plan from tenant_plans where tenant_id = $1 for update", tenant);
    let Some(plan) = plan.fetch_optional(&mut *db).await? else { return Ok(None) };
    let limit = sqlx::query_scalar!("select agents from plans where code = $1", plan);
    Ok(limit.fetch_optional(db).await?.flatten())
}

/// How many of the staff belong to the tenant, and how many more are asked in, but for that person.
pub async fn staff(db: &mut PgConnection, tenant: Uuid, but: Option<i64>, now: DateTime<Utc>) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select
            (select count(*) from memberships where tenant_id = $1 and status = 'active' and role <> 'customer') as "agents!",
            (select count(*) from invitations
             where tenant_id = $1 and role <> 'customer' and accepted_at is null and revoked_at is null and expires_at > $2
                 and email is distinct from (select email from users where id = $3)) as "invited!""#,
        tenant,
        now,
        but,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.agents, row.invited))
}

/// How many tickets were opened from the one moment to the other: asked in the tenant's own database, whose schema the
/// macros of this crate do not see.
pub async fn opened_in(inside: &mut PgConnection, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> Result<i64> {
    let count = sqlx::query_scalar("select count(*) from support_tickets where created_at >= $1 and created_at < $2");
    Ok(count.bind(from).bind(to).fetch_one(inside).await?)
}
