//! The rows of other features that go with a tenant: by lists of tables, which `model` keeps. Their statements
//! are alike but for the table, whose name comes from those lists alone.

use serde_json::Value;
use shared::Result;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::deletion::model::{OF_ACCOUNT, OF_MEMBER, OF_TENANT, add};

/// Takes away what is the tenant's and no person's in it.
pub async fn tenant_rows(db: &mut PgConnection, tenant: Uuid, removed: &mut Value) -> Result<()> {
    for table in OF_TENANT {
        let gone = sqlx::query(AssertSqlSafe(format!("delete from {table} where tenant_id = $1"))).bind(tenant);
        add(removed, table, gone.execute(&mut *db).await?.rows_affected());
    }
    let keys = sqlx::query!("delete from idempotency_keys where starts_with(owner, $1 || ':')", tenant.to_string());
    add(removed, "idempotency_keys", keys.execute(&mut *db).await?.rows_affected());
    // What was said of it was told long ago; the last word on its end has yet to be.
    let told = sqlx::query!("delete from events where subject = $1 and published_at is not null", format!("tenant:{tenant}"));
    add(removed, "events", told.execute(&mut *db).await?.rows_affected());
    let mails = sqlx::query!("delete from mails where headers ->> 'X-Helpdeskly-Tenant' = $1", tenant.to_string());
    add(removed, "mails", mails.execute(db).await?.rows_affected());
    Ok(())
}

/// Whether anybody belongs to the tenant, or did.
pub async fn any_member(db: &mut PgConnection, tenant: Uuid) -> Result<bool> {
    let any = sqlx::query_scalar!(r#"select exists (select from memberships where tenant_id = $1) as "any!""#, tenant);
    Ok(any.fetch_one(db).await?)
}

/// Takes some of the tenant's people away from it, at most `limit`, with the accounts of those who belong
/// nowhere else.
pub async fn erase_people(db: &mut PgConnection, tenant: Uuid, limit: i64, removed: &mut Value) -> Result<()> {
    // Locked: a sign-in holds its membership until the session stands, which is seen then.
    let people =
        sqlx::query_scalar!("select user_id from memberships where tenant_id = $1 order by user_id limit $2 for update", tenant, limit);
    let people = people.fetch_all(&mut *db).await?;
    // Of two tenants that go at once, the second to come here sees that somebody has left the first: else each would leave
    // their account to the other. Whoever joins a tenant meanwhile does not wait.
    sqlx::query!("select id from users where id = any($1) order by id for no key update", &people).fetch_all(&mut *db).await?;
    for table in OF_MEMBER {
        let sql = format!("delete from {table} where tenant_id = $1 and user_id = any($2)");
        let gone = sqlx::query(AssertSqlSafe(sql)).bind(tenant).bind(&people);
        add(removed, table, gone.execute(&mut *db).await?.rows_affected());
    }
    // One that came after the rest of the tenant's rows would keep whoever asked for it.
    let exports = sqlx::query!("delete from exports where tenant_id = $1", tenant);
    add(removed, "exports", exports.execute(&mut *db).await?.rows_affected());
    let told = sqlx::query!(
        "delete from events
         where subject = any(select 'user:' || id from unnest($2::bigint[]) as person (id))
             and data ->> 'tenant_id' = $1 and published_at is not null",
        tenant.to_string(),
        &people,
    );
    add(removed, "events", told.execute(&mut *db).await?.rows_affected());
    account_rows(db, &people, removed).await
}

/// Takes away the accounts among these that belong nowhere any more and have made nothing that somebody else
/// has. Whoever joins another tenant just now keeps theirs: the one of both that comes later fails, and is
/// done anew.
async fn account_rows(db: &mut PgConnection, people: &[i64], removed: &mut Value) -> Result<()> {
    let alone = sqlx::query!(
        "select id, email
         from users u
         where id = any($1)
             and not exists (select from memberships m where m.user_id = u.id)
             and not exists (select from invitations i where i.invited_by = u.id)
             and not exists (select from support_grants g where g.granted_by = u.id)
             and not exists (select from sign_ups s where s.user_id = u.id)
             and not exists (select from passkey_holders h where h.user_id = u.id)
             and not exists (select from identity_links l where l.user_id = u.id)
             and not exists (select from api_keys k where k.user_id = u.id)
             and not exists (select from exports e where e.asked_by = u.id)
         order by id
         for update",
        people,
    );
    let (ids, emails): (Vec<i64>, Vec<String>) = alone.fetch_all(&mut *db).await?.into_iter().map(|row| (row.id, row.email)).unzip();
    for table in OF_ACCOUNT {
        let gone = sqlx::query(AssertSqlSafe(format!("delete from {table} where user_id = any($1)"))).bind(&ids);
        add(removed, table, gone.execute(&mut *db).await?.rows_affected());
    }
    let mails = sqlx::query!("delete from mails where to_address = any($1)", &emails);
    add(removed, "mails", mails.execute(&mut *db).await?.rows_affected());
    let gone = sqlx::query!("delete from users where id = any($1)", &ids);
    add(removed, "users", gone.execute(db).await?.rows_affected());
    Ok(())
}
