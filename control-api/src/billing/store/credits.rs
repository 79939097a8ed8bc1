//! The tables `credit_accounts` and `credit_entries`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::billing::{Balance, CreditKind, EnterCredit, Entry};

/// Every read of an entry uses this one select list.
macro_rules! select_entry {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Entry,
            r#"select e.id, e.tenant_id, e.number, e.kind as "kind: CreditKind", e.amount, e.balance,
                coalesce(e.currency, a.first_currency, a.currency) as "currency!", e.reference, e.note, e.made_at
            from credit_entries e
            join credit_accounts a on a.tenant_id = e.tenant_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A tenant's account, locked.
pub struct Account {
    pub currency: String,
    pub balance: i64,
    pub entries: i64,
}

/// Locks the tenant's account, which is made if there is none: of two who spend, the second sees what the first has left.
pub async fn hold_account(db: &mut PgConnection, tenant: Uuid, currency: &str) -> Result<Account> {
    sqlx::query!("insert into credit_accounts (tenant_id, currency) values ($1, $2) on conflict do nothing", tenant, currency)
        .execute(&mut *db)
        .await?;
    let account =
        sqlx::query_as!(Account, "select currency, balance, entries from credit_accounts where tenant_id = $1 for update", tenant);
    Ok(account.fetch_one(db).await?)
}

/// Locks the tenant's account, if it has one.
pub async fn hold_credits(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Balance>> {
    let held = sqlx::query_as!(Balance, "select currency, balance from credit_accounts where tenant_id = $1 for update", tenant);
    Ok(held.fetch_optional(db).await?)
}

pub async fn balance(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Balance>> {
    let balance = sqlx::query_as!(Balance, "select currency, balance from credit_accounts where tenant_id = $1", tenant);
    Ok(balance.fetch_optional(db).await?)
}

pub async fn by_reference(db: &mut PgConnection, tenant: Uuid, reference: &str) -> Result<Option<Entry>> {
    Ok(select_entry!("where e.tenant_id = $1 and e.reference = $2", tenant, reference).fetch_optional(db).await?)
}

pub async fn insert_entry(
    db: &mut PgConnection,
    (tenant, number, balance): (Uuid, i64, i64),
    new: &EnterCredit,
    (made_by, now): (&Value, DateTime<Utc>),
) -> Result<()> {
    sqlx::query!(
        "insert into credit_entries (tenant_id, number, kind, amount, balance, reference, note, made_by, made_at, currency)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        number,
        new.kind as CreditKind,
        new.amount,
        balance,
        new.reference,
        new.note,
        made_by,
        now,
        new.currency,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("update credit_accounts set balance = $2, entries = $3 where tenant_id = $1", tenant, balance, number).execute(db).await?;
    Ok(())
}

/// Lets an account without credits go on in another currency.
pub async fn set_currency(db: &mut PgConnection, tenant: Uuid, currency: &str) -> Result<()> {
    sqlx::query!(
        "update credit_accounts
         set currency = $2, first_currency = coalesce(first_currency, currency)
         where tenant_id = $1 and balance = 0",
        tenant,
        currency,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn entries(db: &mut PgConnection, tenant: Uuid, part: &Part<'_, i64>) -> Result<Vec<Entry>> {
    Ok(select_part!(part, db, select_entry!("where e.tenant_id = $3", "e.number", tenant))?)
}

pub async fn count_entries(db: &mut PgConnection, tenant: Uuid) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from credit_entries where tenant_id = $1"#, tenant);
    Ok(count.fetch_one(db).await?)
}

pub async fn newest_entries(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Entry>> {
    Ok(select_entry!("where e.tenant_id = $1 order by e.number desc limit 1000", tenant).fetch_all(db).await?)
}
