//! The table `tenants`, as far as it says who a tenant is.

use chrono::{DateTime, Utc};
use shared::{Error, OnConstraint, Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Change, Listed, NewTenant, Status, Tenant, Wanted, slug::lookalike};
use crate::identities::Locale;

/// Every read of a tenant uses this one select list.
macro_rules! select_tenant {
    ($rest:literal $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Tenant,
            r#"select id, slug, organisation, locale as "locale: Locale", status as "status: Status", waiting_close_days, resolved_close_hours,
                customer_magic_link, version,
                (select p.requests_a_minute from tenant_plans tp join plans p on p.code = tp.plan where tp.tenant_id = tenants.id)
                    as requests_a_minute
            from tenants "# + $rest
            $(, $arg)*
        )
    };
}

pub async fn by_slug(db: &mut PgConnection, slug: &str) -> Result<Option<Tenant>> {
    Ok(select_tenant!("where slug = $1", slug).fetch_optional(db).await?)
}

pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<Tenant>> {
    Ok(select_tenant!("where id = $1", id).fetch_optional(db).await?)
}

/// Locks the row: two changes of one tenant follow each other.
pub async fn lock(db: &mut PgConnection, id: Uuid) -> Result<Option<Tenant>> {
    Ok(select_tenant!("where id = $1 for update", id).fetch_optional(db).await?)
}

/// The same by its subdomain.
pub async fn lock_by_slug(db: &mut PgConnection, slug: &str) -> Result<Option<Tenant>> {
    Ok(select_tenant!("where slug = $1 for update", slug).fetch_optional(db).await?)
}

/// Every look into the books uses this one select list.
macro_rules! select_listed {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Listed,
            r#"select t.id, t.slug, t.organisation, t.status as "status: Status", t.created_at, c.name as "cluster?",
                d.delete_after as "delete_after?",
                (select count(*) from memberships m where m.tenant_id = t.id and m.status = 'active') as "members!",
                (select p.last_error from provisionings p where p.tenant_id = t.id and p.finished_at is null) as "trouble?"
            from tenants t
            left join clusters c on c.id = t.cluster_id
            left join deletions d on d.tenant_id = t.id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

pub async fn list(db: &mut PgConnection, wanted: &Wanted, part: &Part<'_, Uuid>) -> Result<Vec<Listed>> {
    Ok(select_part!(
        part,
        db,
        select_listed!(
            "where ($3::text is null or t.status = $3) and ($4::text is null or c.name = $4)
            and ($5::text is null or starts_with(t.slug, lower($5)) or starts_with(lower(t.organisation), lower($5)))",
            "t.id",
            wanted.status as Option<Status>,
            wanted.cluster,
            wanted.q,
        )
    )?)
}

pub async fn count(db: &mut PgConnection, wanted: &Wanted) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from tenants t
        left join clusters c on c.id = t.cluster_id
        where ($1::text is null or t.status = $1) and ($2::text is null or c.name = $2)
            and ($3::text is null or starts_with(t.slug, lower($3)) or starts_with(lower(t.organisation), lower($3)))"#,
        wanted.status as Option<Status>,
        wanted.cluster,
        wanted.q,
    );
    Ok(count.fetch_one(db).await?)
}

pub async fn listed(db: &mut PgConnection, slug: &str) -> Result<Option<Listed>> {
    Ok(select_listed!("where t.slug = $1", slug).fetch_optional(db).await?)
}

pub async fn taken(db: &mut PgConnection, slug: &str) -> Result<bool> {
    let taken =
        sqlx::query_scalar!(r#"select exists (select from tenants where slug = $1 or lookalike = $2) as "taken!""#, slug, lookalike(slug),);
    Ok(taken.fetch_one(db).await?)
}

pub async fn insert(db: &mut PgConnection, new: &NewTenant, now: DateTime<Utc>) -> Result<Tenant> {
    let slug = new.slug.as_str();
    let inserted = sqlx::query!(
        "insert into tenants (id, slug, lookalike, organisation, locale, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        new.id,
        slug,
        lookalike(slug),
        new.organisation.as_str(),
        new.locale.as_str(),
        now,
    )
    .execute(&mut *db)
    .await;
    let taken = || Error::conflict("slug_taken", "This address is taken.");
    match inserted {
        Err(sqlx::Error::Database(e)) if e.constraint() == Some("tenants_lookalike_key") => return Err(taken()),
        other => other.on_constraint("tenants_slug_key", taken)?,
    };
    by_id(db, new.id).await?.ok_or(Error::NotFound("tenant_not_found"))
}

pub async fn change(db: &mut PgConnection, id: Uuid, change: &Change, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update tenants
         set organisation = coalesce($2, organisation),
             locale = coalesce($3, locale),
             waiting_close_days = coalesce($4, waiting_close_days),
             resolved_close_hours = coalesce($5, resolved_close_hours),
             customer_magic_link = coalesce($7, customer_magic_link),
             version = version + 1,
             updated_at = $6
         where id = $1",
        id,
        change.organisation.as_ref().map(|o| o.as_str()),
        change.locale.map(Locale::as_str),
        change.waiting_close_days.map(|d| d.0),
        change.resolved_close_hours.map(|h| h.0),
        now,
        change.customer_magic_link,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn set_status(db: &mut PgConnection, id: Uuid, status: Status, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update tenants set status = $2, updated_at = $3 where id = $1", id, status as Status, now).execute(db).await?;
    Ok(())
}

/// Its cluster has nothing of it any more.
pub async fn empty(db: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update tenants
         set status = 'deleted',
             organisation = '',
             cluster_id = null,
             database_name = null,
             role_name = null,
             sealed_password = null,
             key_id = null,
             version = version + 1,
             updated_at = $2
         where id = $1",
        id,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

// The table is sqlx's own, made by its first migration: unknown to the macros.
pub async fn schema_version(db: &mut PgConnection) -> Result<i64> {
    let version = sqlx::query_scalar::<_, Option<i64>>("select max(version) from _sqlx_migrations where success");
    Ok(version.fetch_one(db).await?.unwrap_or_default())
}
