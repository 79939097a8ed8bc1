//! Statements in a database that is copied, or that is a copy. Names come from the catalogue, quoted by it.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::{backups::manifest::Table, provisioning::target};

async fn run(db: &mut PgConnection, sql: impl Into<String>) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(db).await?;
    Ok(())
}

/// A moment of a database that others can look at, too, while the transaction is open.
#[derive(sqlx::FromRow)]
pub struct Snapshot {
    /// What others name it by.
    pub name: String,
    /// How large the database is, in bytes.
    pub size: i64,
}

/// Begins a transaction that sees one moment.
pub async fn begin(inside: &mut PgConnection) -> Result<Snapshot> {
    run(inside, "begin isolation level repeatable read read only").await?;
    let snapshot = sqlx::query_as("select pg_export_snapshot() as name, pg_database_size(current_database()) as size");
    Ok(snapshot.fetch_one(inside).await?)
}

/// The last migration.
pub async fn schema(inside: &mut PgConnection) -> Result<i64> {
    let version = sqlx::query_scalar::<_, Option<i64>>("select max(version) from _sqlx_migrations where success");
    Ok(version.fetch_one(inside).await?.unwrap_or_default())
}

/// Tables that hold rows themselves, by name.
pub async fn tables(inside: &mut PgConnection) -> Result<Vec<String>> {
    let names = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname)
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
         order by 1",
    );
    Ok(names.fetch_all(inside).await?)
}

/// How many rows a table has, and two sums of their hashes, which do not depend on the rows' order.
pub async fn count(inside: &mut PgConnection, name: String) -> Result<Table> {
    let sql = format!(
        "select count(*),
            concat_ws(':', coalesce(sum(hashtextextended(one_row::text, 0)::numeric), 0), coalesce(sum(hashtextextended(one_row::text, 1)::numeric), 0))
         from {name} one_row"
    );
    let (rows, hash) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(inside).await?;
    Ok(Table { name, rows, hash })
}

/// Whose database it is; none where there is no marker.
pub async fn marker(inside: &mut PgConnection) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar("select id from tenant_marker").fetch_optional(inside).await?)
}

/// Sequences with the number that each handed out last, if any.
pub async fn sequences(inside: &mut PgConnection) -> Result<Vec<(String, Option<i64>)>> {
    let drawn = sqlx::query_as(
        "select format('%I.%I', schemaname, sequencename), last_value
         from pg_sequences
         where schemaname !~ '^pg_'
         order by 1",
    );
    Ok(drawn.fetch_all(inside).await?)
}

/// Lets a sequence go on behind a number.
pub async fn set_sequence(inside: &mut PgConnection, name: &str, drawn: i64) -> Result<()> {
    sqlx::query("select setval($1::regclass, $2, true)").bind(name).bind(drawn).execute(inside).await?;
    Ok(())
}

/// Readers stop below the oldest running transaction: what a copy says of transactions that this server has
/// not had yet would hide its events until it has. They count as old.
pub async fn age_events(copy: &mut PgConnection) -> Result<()> {
    run(copy, "update events set xid = '3' where xid >= pg_snapshot_xmin(pg_current_snapshot())").await?;
    run(copy, "delete from relay_lease").await
}

/// Events that wait to be published.
pub async fn waiting_events(db: &mut PgConnection) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar("select id from events where published_at is null").fetch_all(db).await?)
}

/// Mails that wait to be sent.
pub async fn waiting_mails(db: &mut PgConnection) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar("select id from mails where status = 'pending'").fetch_all(db).await?)
}

/// Marks events and mails as not to be sent again, but for those that nobody has sent.
pub async fn hold_back(copy: &mut PgConnection, (events, mails): (&[Uuid], &[Uuid]), now: DateTime<Utc>) -> Result<()> {
    sqlx::query("update events set published_at = $2 where published_at is null and id <> all($1)")
        .bind(events)
        .bind(now)
        .execute(&mut *copy)
        .await?;
    sqlx::query(
        "update mails
         set status = 'failed', last_error = 'not sent again after a restore', leased_until = null
         where status = 'pending' and id <> all($1)",
    )
    .bind(mails)
    .execute(copy)
    .await?;
    Ok(())
}

/// Whether there is such a database.
pub async fn exists(server: &mut PgConnection, database: &str) -> Result<bool> {
    let exists = sqlx::query_scalar("select exists (select from pg_database where datname = $1)");
    Ok(exists.bind(database).fetch_one(server).await?)
}

/// Takes a database away, whoever is inside.
pub async fn drop(server: &mut PgConnection, database: &str) -> Result<()> {
    target::store::drop_database(server, database).await
}

/// Lets nobody in any more by this role, and ends whoever is inside. Refused so, the app plane waits a moment
/// and asks again: no request fails for it that finds the new way in time.
pub async fn close(server: &mut PgConnection, role: &str) -> Result<()> {
    // Whoever may end a role's connections is a member of it; the role goes with its database later on.
    run(server, format!("alter role {role} connection limit 0; grant {role} to current_user")).await?;
    sqlx::query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = $1").bind(role).execute(server).await?;
    Ok(())
}

/// Lets them in again, if the role is there.
pub async fn reopen(server: &mut PgConnection, role: &str) -> Result<()> {
    let known: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)").bind(role).fetch_one(&mut *server).await?;
    if known { run(server, format!("alter role {role} connection limit -1")).await } else { Ok(()) }
}

/// A moment that is soon over, by the server's own clock.
pub async fn soon(server: &mut PgConnection) -> Result<String> {
    Ok(sqlx::query_scalar("select (clock_timestamp() + interval '3 seconds')::text").fetch_one(server).await?)
}

/// Lets them in again until that moment; however late this comes to the server, it is not done later.
pub async fn reopen_until(server: &mut PgConnection, role: &str, until: &str) -> Result<()> {
    let reopen = format!(
        "set statement_timeout = '2s';
         do $$ begin
             if clock_timestamp() < '{until}' and exists (select from pg_roles where rolname = '{role}') then
                 alter role {role} connection limit -1;
             end if;
         end $$"
    );
    run(server, reopen).await
}
