//! The table `memberships`, together with the person's names.

use chrono::{DateTime, Utc};
use shared::{Result, page::Part, select_part, session::Role};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Member, Standing};
use crate::identities::Locale;

/// Every read of a member uses this one select list.
macro_rules! select_member {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Member,
            r#"select m.tenant_id, m.user_id, u.email, u.firstname, u.lastname, u.locale as "locale: Locale", m.role,
                m.status as "standing: Standing", u.email_verified_at is not null as "verified!",
                exists (
                    select from second_factors f
                    where f.user_id = u.id and (f.tenant_id is null or f.tenant_id = m.tenant_id)
                ) as "two_factor!", m.vip, m.version, m.created_at as joined_at
            from memberships m
            join users u on u.id = m.user_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

pub async fn find(db: &mut PgConnection, tenant: Uuid, user: i64) -> Result<Option<Member>> {
    Ok(select_member!("where m.tenant_id = $1 and m.user_id = $2", tenant, user).fetch_optional(db).await?)
}

/// Locks the membership: two changes of one person follow each other.
pub async fn lock(db: &mut PgConnection, tenant: Uuid, user: i64) -> Result<Option<Member>> {
    Ok(select_member!("where m.tenant_id = $1 and m.user_id = $2 for update of m", tenant, user).fetch_optional(db).await?)
}

/// A person's active memberships of tenants whose database is there, locked.
pub async fn lock_all_of(db: &mut PgConnection, user: i64) -> Result<Vec<Member>> {
    let members = select_member!(
        "join tenants t on t.id = m.tenant_id
        where m.user_id = $1 and m.status = 'active' and t.status in ('active', 'suspended')
        order by m.tenant_id
        for update of m",
        user,
    );
    Ok(members.fetch_all(db).await?)
}

pub async fn everywhere(db: &mut PgConnection, user: i64) -> Result<Vec<Member>> {
    Ok(select_member!("where m.user_id = $1 and m.status = 'active' order by m.tenant_id", user).fetch_all(db).await?)
}

pub async fn roles(db: &mut PgConnection, user: i64) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!("select role from memberships where user_id = $1 and status = 'active'", user).fetch_all(db).await?)
}

pub async fn all_active(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Member>> {
    Ok(select_member!("where m.tenant_id = $1 and m.status = 'active' order by m.user_id", tenant).fetch_all(db).await?)
}

pub async fn all_admins(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Member>> {
    let admins = select_member!("where m.tenant_id = $1 and m.status = 'active' and m.role = 'admin' order by m.user_id", tenant);
    Ok(admins.fetch_all(db).await?)
}

/// Ids and versions of all who belong, and of those who did.
pub async fn versions(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<(i64, i64)>> {
    let versions =
        sqlx::query!("select user_id, version from memberships where tenant_id = $1 and status <> 'pending' order by user_id", tenant);
    Ok(versions.fetch_all(db).await?.into_iter().map(|row| (row.user_id, row.version)).collect())
}

pub async fn some(db: &mut PgConnection, tenant: Uuid, users: &[i64]) -> Result<Vec<Member>> {
    let some = select_member!("where m.tenant_id = $1 and m.user_id = any($2) and m.status <> 'pending' order by m.user_id", tenant, users);
    Ok(some.fetch_all(db).await?)
}

pub async fn list(db: &mut PgConnection, tenant: Uuid, roles: &[String], part: &Part<'_, i64>) -> Result<Vec<Member>> {
    let page = select_part!(
        part,
        db,
        select_member!("where m.tenant_id = $3 and m.status = 'active' and m.role = any($4)", "m.user_id", tenant, roles)
    );
    Ok(page?)
}

pub async fn count(db: &mut PgConnection, tenant: Uuid, roles: &[String]) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from memberships where tenant_id = $1 and status = 'active' and role = any($2)"#,
        tenant,
        roles,
    );
    Ok(count.fetch_one(db).await?)
}

/// Locks the tenant's admins in one order, so that two of them cannot remove each other at once.
pub async fn lock_admins(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<i64>> {
    let admins = sqlx::query_scalar!(
        "select user_id
        from memberships
        where tenant_id = $1 and role = 'admin' and status = 'active'
        order by user_id
        for update",
        tenant,
    );
    Ok(admins.fetch_all(db).await?)
}

/// Makes somebody a pending customer, unless they stand to the tenant in some way already.
pub async fn insert_pending(db: &mut PgConnection, tenant: Uuid, user: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into memberships (tenant_id, user_id, role, status, created_at, updated_at)
         values ($1, $2, 'customer', 'pending', $3, $3)
         on conflict do nothing",
        tenant,
        user,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes somebody an active member with this role.
pub async fn put(db: &mut PgConnection, tenant: Uuid, user: i64, role: Role, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into memberships as m (tenant_id, user_id, role, status, created_at, updated_at)
         values ($1, $2, $3, 'active', $4, $4)
         on conflict (tenant_id, user_id) do update
         set role = $3, status = 'active', version = m.version + 1, updated_at = $4",
        tenant,
        user,
        role.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn set(db: &mut PgConnection, tenant: Uuid, user: i64, (role, standing): (Role, Standing), now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update memberships
         set role = $3, status = $4, version = version + 1, updated_at = $5
         where tenant_id = $1 and user_id = $2",
        tenant,
        user,
        role.as_str(),
        standing as Standing,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Says whether their tickets press more.
pub async fn set_vip(db: &mut PgConnection, tenant: Uuid, user: i64, vip: bool, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update memberships set vip = $3, version = version + 1, updated_at = $4 where tenant_id = $1 and user_id = $2",
        tenant,
        user,
        vip,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Numbers a change of the person themselves in every tenant where they are known.
pub async fn touch_all_of(db: &mut PgConnection, user: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update memberships set version = version + 1, updated_at = $2 where user_id = $1", user, now).execute(db).await?;
    Ok(())
}
