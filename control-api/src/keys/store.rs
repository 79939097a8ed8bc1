//! The tables `data_keys`, `field_keys` and `record_keys`.

pub mod values;

use chrono::{DateTime, Utc};
use shared::{Result, seal::Wrapped};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Sealed,
    model::{Left, Scope},
    show::Listed,
};

/// One asks after the other, until the transaction ends: of each kind of job there is one.
pub async fn one_asks(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('exchange of keys'))").execute(db).await?;
    Ok(())
}

pub async fn current(db: &mut PgConnection, tenant: Option<Uuid>) -> Result<Option<Wrapped>> {
    let current = sqlx::query_as!(
        Wrapped,
        "select version, wrapped as bytes from data_keys where tenant_id is not distinct from $1 and retired_at is null",
        tenant,
    );
    Ok(current.fetch_optional(db).await?)
}

pub async fn find(db: &mut PgConnection, tenant: Option<Uuid>, version: i32) -> Result<Option<Wrapped>> {
    let found = sqlx::query_as!(
        Wrapped,
        "select version, wrapped as bytes from data_keys where tenant_id is not distinct from $1 and version = $2",
        tenant,
        version,
    );
    Ok(found.fetch_optional(db).await?)
}

/// A first key, unless there is one by now or only the tenant's name is left.
pub async fn insert_first(db: &mut PgConnection, tenant: Option<Uuid>, key: &Wrapped, master: &str) -> Result<()> {
    sqlx::query!(
        "insert into data_keys (tenant_id, version, master_key_id, wrapped)
         select $1, $2, $3, $4
         where not exists (select from tenants where id = $1 and status = 'deleted')
         on conflict do nothing",
        tenant,
        key.version,
        master,
        key.bytes,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn insert(
    db: &mut PgConnection,
    (tenant, job): (Option<Uuid>, Uuid),
    key: &Wrapped,
    master: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into data_keys (tenant_id, version, master_key_id, wrapped, made_by, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant,
        key.version,
        master,
        key.bytes,
        job,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends the time of an owner's key, unless this job has made it; says its version.
pub async fn retire(db: &mut PgConnection, tenant: Option<Uuid>, job: Uuid, now: DateTime<Utc>) -> Result<Option<i32>> {
    let retired = sqlx::query_scalar!(
        "update data_keys
         set retired_at = $3
         where tenant_id is not distinct from $1 and retired_at is null and made_by is distinct from $2
         returning version",
        tenant,
        job,
        now,
    );
    Ok(retired.fetch_optional(db).await?)
}

/// Whose keys this job has not made yet, some of them.
pub async fn not_renewed(db: &mut PgConnection, scope: Scope, job: Uuid, limit: i64) -> Result<Vec<Option<Uuid>>> {
    let owners = sqlx::query_scalar!(
        "select tenant_id
         from data_keys
         where retired_at is null and made_by is distinct from $1 and ($2 or tenant_id is not distinct from $3)
         order by id
         limit $4",
        job,
        scope == Scope::All,
        scope.tenant(),
        limit,
    );
    Ok(owners.fetch_all(db).await?)
}

/// A key that seals no more.
#[derive(Debug)]
pub struct Retired {
    pub id: i64,
    pub tenant_id: Option<Uuid>,
    pub version: i32,
    pub retired_at: DateTime<Utc>,
}

pub async fn retired(db: &mut PgConnection, scope: Scope, (after, limit): (i64, i64)) -> Result<Vec<Retired>> {
    let retired = sqlx::query_as!(
        Retired,
        r#"select id, tenant_id, version, retired_at as "retired_at!"
        from data_keys
        where retired_at is not null and ($1 or tenant_id is not distinct from $2) and id > $3
        order by id
        limit $4"#,
        scope == Scope::All,
        scope.tenant(),
        after,
        limit,
    );
    Ok(retired.fetch_all(db).await?)
}

/// Whether a job from before its time was over may still bring a value under a key.
pub async fn may_come(db: &mut PgConnection, key: &Retired) -> Result<bool> {
    let open = sqlx::query_scalar!(
        r#"select exists (
            select from jobs
            where tenant_id is not distinct from $1 and finished_at is null and created_at <= $2
                and kind in ('backup', 'base_backup', 'restore', 'export')
        ) as "open!""#,
        key.tenant_id,
        key.retired_at,
    );
    Ok(open.fetch_one(db).await?)
}

pub async fn remove(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query!("delete from data_keys where id = $1 and retired_at is not null", id).execute(db).await?;
    Ok(())
}

/// Keys that a master key of that name wraps, some at a time.
pub async fn under(db: &mut PgConnection, master: &str, (after, limit): (i64, i64)) -> Result<Vec<(i64, Option<Uuid>, Wrapped)>> {
    let some = sqlx::query!(
        "select id, tenant_id, version, wrapped from data_keys where master_key_id = $1 and id > $2 order by id limit $3",
        master,
        after,
        limit,
    );
    let some = some.fetch_all(db).await?;
    Ok(some.into_iter().map(|row| (row.id, row.tenant_id, Wrapped { version: row.version, bytes: row.wrapped })).collect())
}

/// Keys that another master key wraps, some at a time.
pub async fn under_others(db: &mut PgConnection, master: &str, (after, limit): (i64, i64)) -> Result<Vec<(i64, Option<Uuid>, Wrapped)>> {
    let some = sqlx::query!(
        "select id, tenant_id, version, wrapped from data_keys where master_key_id <> $1 and id > $2 order by id limit $3",
        master,
        after,
        limit,
    );
    let some = some.fetch_all(db).await?;
    Ok(some.into_iter().map(|row| (row.id, row.tenant_id, Wrapped { version: row.version, bytes: row.wrapped })).collect())
}

/// Wraps a key anew that is still wrapped as it was.
pub async fn put_wrapped(db: &mut PgConnection, (id, former): (i64, &Wrapped), anew: &Sealed) -> Result<()> {
    sqlx::query!(
        "update data_keys set wrapped = $3, master_key_id = $4 where id = $1 and wrapped = $2",
        id,
        former.bytes,
        anew.bytes,
        anew.key_id,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A tenant's password that stands here, and its role.
#[derive(Debug)]
pub struct Password {
    pub tenant: Uuid,
    pub role: String,
    pub sealed: Vec<u8>,
}

/// Passwords that stand here, of tenants after `after`. One that moves comes later: it has one password by two roles
/// until then.
pub async fn passwords(db: &mut PgConnection, after: Uuid, limit: i64) -> Result<Vec<Password>> {
    let some = sqlx::query_as!(
        Password,
        r#"select id as tenant, role_name as "role!", sealed_password as "sealed!"
        from tenants t
        where id > $1 and sealed_password <> '' and role_name is not null and status <> 'deleted'
            and not exists (select from jobs where tenant_id = t.id and kind = 'move' and finished_at is null)
        order by id
        limit $2"#,
        after,
        limit,
    );
    Ok(some.fetch_all(db).await?)
}

/// Says that Vault keeps a password that is still the one that was handed over, by a role that is still its tenant's
/// and stays so: a move that has begun goes on with what stands here. Whoever plans one holds the tenant, and is waited
/// for first.
pub async fn hand_over(db: &mut PgConnection, password: &Password, key_id: &str) -> Result<()> {
    sqlx::query!("select id from tenants where id = $1 for update", password.tenant).fetch_optional(&mut *db).await?;
    sqlx::query!(
        "update tenants t
         set sealed_password = '', key_id = $3
         where id = $1 and sealed_password = $2 and role_name = $4
            and not exists (select from jobs where tenant_id = t.id and kind = 'move' and finished_at is null)",
        password.tenant,
        password.sealed,
        key_id,
        password.role,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Tenants among these of which only the name is left, or not even that.
pub async fn gone(db: &mut PgConnection, tenants: &[Uuid]) -> Result<Vec<Uuid>> {
    let gone = sqlx::query_scalar!(
        r#"select held.id as "id!"
        from unnest($1::uuid[]) as held (id)
        where not exists (select from tenants t where t.id = held.id and t.status <> 'deleted')"#,
        tenants,
    );
    Ok(gone.fetch_all(db).await?)
}

/// What is not under that master key. Jobs count that are older than `before`.
pub async fn left(db: &mut PgConnection, master: &str, before: Option<DateTime<Utc>>) -> Result<Left> {
    let row = sqlx::query!(
        r#"select
            (select count(*) from data_keys where master_key_id <> $1) as "data_keys!",
            (select count(*) from backups where tenant_id is null and key_id <> $1) as "backups!",
            (select count(*) from tenants where starts_with($1, 'vault:v') and sealed_password <> '' and status <> 'deleted')
                as "passwords!",
            (select count(*) from jobs where finished_at is null and created_at < $2 and kind in ('backup', 'base_backup', 'restore', 'export')) as "jobs!""#,
        master,
        before,
    );
    let row = row.fetch_one(&mut *db).await?;
    Ok(Left {
        data_keys: row.data_keys,
        values: values::count_under_masters(db).await?,
        passwords: row.passwords,
        backups: row.backups,
        jobs: row.jobs,
    })
}

pub async fn wraps(db: &mut PgConnection) -> Result<Vec<(String, i64)>> {
    let rows =
        sqlx::query!(r#"select master_key_id, count(*) as "keys!" from data_keys group by master_key_id order by master_key_id limit 100"#);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.master_key_id, row.keys)).collect())
}

pub async fn list(db: &mut PgConnection, slug: Option<&str>) -> Result<Vec<Listed>> {
    let listed = sqlx::query_as!(
        Listed,
        r#"select d.tenant_id, t.slug as "tenant?", d.version, d.master_key_id, d.created_at, d.retired_at
        from data_keys d
        left join tenants t on t.id = d.tenant_id
        where $1::text is null or t.slug = $1
        order by d.id desc
        limit 1000"#,
        slug,
    );
    Ok(listed.fetch_all(db).await?)
}

/// A key of sensitive fields, unless there is one by now or only the tenant's name is left.
pub async fn insert_field_key(db: &mut PgConnection, tenant: Uuid, sealed: &Sealed) -> Result<()> {
    sqlx::query!(
        "insert into field_keys (tenant_id, sealed_key, key_id)
         select id, $2, $3
         from tenants
         where id = $1 and status <> 'deleted'
         on conflict do nothing",
        tenant,
        sealed.bytes,
        sealed.key_id,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// At most `limit` tenants that have databases and no key of sensitive fields.
pub async fn without_field_key(db: &mut PgConnection, limit: i64) -> Result<Vec<Uuid>> {
    let lacking = sqlx::query_scalar!(
        "select t.id
         from tenants t
         left join field_keys f on f.tenant_id = t.id
         where t.status in ('active', 'suspended') and f.tenant_id is null
         order by t.id
         limit $1",
        limit,
    );
    Ok(lacking.fetch_all(db).await?)
}

pub async fn record_key(db: &mut PgConnection, key_id: &str) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar!("select sealed_key from record_keys where key_id = $1", key_id).fetch_optional(db).await?)
}

/// Keeps a key that has signed; twice is once.
pub async fn keep_record_key(db: &mut PgConnection, key_id: &str, sealed: &Sealed) -> Result<()> {
    sqlx::query!(
        "insert into record_keys (key_id, sealed_key, sealed_by) values ($1, $2, $3) on conflict do nothing",
        key_id,
        sealed.bytes,
        sealed.key_id,
    )
    .execute(db)
    .await?;
    Ok(())
}
