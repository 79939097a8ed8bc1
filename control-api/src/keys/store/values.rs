//! Where sealed values stand: the one list of them. The statements are alike but for names, which come from that list
//! alone; a test holds it against the catalogue.

use shared::{Result, seal::header};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

/// A column with sealed values.
#[derive(Debug)]
pub struct Values {
    /// The table.
    pub table: &'static str,
    /// What names a row.
    key: &'static str,
    /// The sealed value.
    pub column: &'static str,
    /// Where the id of its key stands, if anywhere.
    key_id: Option<&'static str>,
    /// What it is sealed for.
    owner: &'static str,
    /// The tenant whose data key seals it; none: the platform's.
    tenant: Option<&'static str>,
}

/// All of them, but for the keys of backups of the control database, which a master key seals.
pub const SEALED: [Values; 13] = [
    platform("clusters", "id", "sealed_admin_url", "key_id", "'cluster:' || name || ':admin'"),
    platform("totp_secrets", "user_id", "sealed_secret", "key_id", "'user:' || user_id || ':totp'"),
    platform("totp_setups", "user_id", "sealed_secret", "key_id", "'user:' || user_id || ':totp'"),
    platform("operators", "id", "sealed_secret", "key_id", "'operator:' || id || ':totp'"),
    platform("record_keys", "key_id", "sealed_key", "sealed_by", "'records:' || key_id"),
    platform("archives", "id", "sealed_key", "key_id", "'archive:' || id"),
    platform("base_backups", "id", "sealed_key", "key_id", "'base:' || id"),
    tenants("tenants", "id", "sealed_password", Some("key_id"), ("'tenant:' || id || ':db'", "id")),
    tenants("identity_providers", "tenant_id", "sealed_secret", Some("key_id"), ("'tenant:' || tenant_id || ':oidc'", "tenant_id")),
    tenants("sso_attempts", "state_hash", "sealed_verifier", None, ("'tenant:' || tenant_id || ':oidc'", "tenant_id")),
    tenants("backups", "id", "sealed_key", Some("key_id"), ("'tenant:' || tenant_id || ':backup'", "tenant_id")),
    tenants("field_keys", "tenant_id", "sealed_key", Some("key_id"), ("'tenant:' || tenant_id || ':fields'", "tenant_id")),
    tenants("exports", "id", "sealed_key", Some("key_id"), ("'tenant:' || tenant_id || ':backup'", "tenant_id")),
];

const fn platform(table: &'static str, key: &'static str, column: &'static str, key_id: &'static str, owner: &'static str) -> Values {
    Values { table, key, column, key_id: Some(key_id), owner, tenant: None }
}

const fn tenants(
    table: &'static str,
    key: &'static str,
    column: &'static str,
    key_id: Option<&'static str>,
    (owner, tenant): (&'static str, &'static str),
) -> Values {
    Values { table, key, column, key_id, owner, tenant: Some(tenant) }
}

/// A value as it stands.
#[derive(Debug, sqlx::FromRow)]
pub struct Value {
    /// What names its row.
    pub key: String,
    /// What it is sealed for.
    pub owner: String,
    /// The value.
    pub sealed: Vec<u8>,
}

/// Columns in which a tenant's values stand, or the platform's.
pub fn of(owner: Option<Uuid>) -> impl Iterator<Item = &'static Values> {
    SEALED.iter().filter(move |values| values.tenant.is_some() == owner.is_some())
}

// A password that is empty is in Vault.

/// Whose a row is: a tenant's, or with nobody told the platform's.
fn whose(values: &Values) -> String {
    values.tenant.map_or_else(|| "$1::uuid is null".to_owned(), |tenant| format!("{tenant} = $1"))
}

/// Some values of an owner that are not under that version of its key, locked, but for those of rows that are told.
pub async fn not_under(
    db: &mut PgConnection,
    values: &Values,
    (tenant, version): (Option<Uuid>, i32),
    (but, limit): (&[String], i64),
) -> Result<Vec<Value>> {
    let Values { table, key, column, owner, .. } = values;
    let sql = format!(
        "select {key}::text as key, {owner} as owner, {column} as sealed
         from {table}
         where {column} <> '' and {} and substring({column} from 1 for 8) <> $2 and {key}::text <> all($4)
         order by {key}
         limit $3
         for update",
        whose(values),
    );
    let some = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(header(version).to_vec()).bind(limit).bind(but);
    Ok(some.fetch_all(db).await?)
}

/// Puts new values in the place of old ones.
pub async fn put(db: &mut PgConnection, values: &Values, (old, new): (&[Value], &[Vec<u8>]), key_id: &str) -> Result<()> {
    if old.is_empty() {
        return Ok(());
    }
    let Values { table, key, column, .. } = values;
    let also = values.key_id.map_or_else(|| "".to_owned(), |name| format!(", {name} = $3"));
    let sql = format!(
        "update {table} v
         set {column} = n.sealed{also}
         from unnest($1::text[], $2::bytea[]) as n (key, sealed)
         where v.{key}::text = n.key and $3::text is not null",
    );
    let keys: Vec<&str> = old.iter().map(|value| value.key.as_str()).collect();
    sqlx::query(AssertSqlSafe(sql)).bind(keys).bind(new).bind(key_id).execute(db).await?;
    Ok(())
}

/// Whether anything is under that version.
pub async fn any_under(db: &mut PgConnection, (tenant, version): (Option<Uuid>, i32)) -> Result<bool> {
    for values in of(tenant) {
        let Values { table, column, .. } = values;
        let sql = format!("select exists (select from {table} where {} and substring({column} from 1 for 8) = $2)", whose(values));
        let any = sqlx::query_scalar(AssertSqlSafe(sql)).bind(tenant).bind(header(version).to_vec());
        if any.fetch_one(&mut *db).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whose values are not all under their newest data key.
pub async fn behind(db: &mut PgConnection) -> Result<Vec<Option<Uuid>>> {
    owners(db, |column| format!("substring(v.{column} from 1 for 8) is distinct from '\\x48444b31'::bytea || int4send(d.version)")).await
}

/// Who has values that a master key has sealed.
pub async fn under_masters(db: &mut PgConnection) -> Result<Vec<Option<Uuid>>> {
    owners(db, under_master).await
}

fn under_master(column: &str) -> String {
    format!("substring(v.{column} from 1 for 4) <> '\\x48444b31'::bytea")
}

/// What is left of a tenant whose keys are gone, or go just now, cannot be opened, and is not looked at.
fn lives(tenant: &str) -> String {
    format!(
        " and exists (
            select from tenants t
            left join deletions d on d.tenant_id = t.id
            where t.id = v.{tenant} and t.status <> 'deleted' and d.begun_at is null
        )"
    )
}

async fn owners(db: &mut PgConnection, which: impl Fn(&str) -> String) -> Result<Vec<Option<Uuid>>> {
    let mut owners: Vec<Option<Uuid>> = Vec::new();
    for Values { table, column, tenant, .. } in &SEALED {
        let lives = tenant.map(lives).unwrap_or_default();
        let tenant = tenant.map_or_else(|| "null::uuid".to_owned(), |tenant| format!("v.{tenant}"));
        let sql = format!(
            "select distinct {tenant}
             from {table} v
             left join data_keys d on d.tenant_id is not distinct from {tenant} and d.retired_at is null
             where v.{column} <> ''{lives} and {}
             limit 100000",
            which(column),
        );
        owners.extend(sqlx::query_scalar::<_, Option<Uuid>>(AssertSqlSafe(sql)).fetch_all(&mut *db).await?);
    }
    owners.sort_unstable();
    owners.dedup();
    Ok(owners)
}

/// How many values a master key has sealed.
pub async fn count_under_masters(db: &mut PgConnection) -> Result<i64> {
    let mut count = 0;
    for Values { table, column, tenant, .. } in &SEALED {
        let lives = tenant.map(lives).unwrap_or_default();
        let sql = format!("select count(*) from {table} v where v.{column} <> '' and {}{lives}", under_master(column));
        count += sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).fetch_one(&mut *db).await?;
    }
    Ok(count)
}
