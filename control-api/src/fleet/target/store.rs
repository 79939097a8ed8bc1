//! Statements in a tenant's database, as the cluster's administrator.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection, migrate::Migration};
use uuid::Uuid;

use super::guard::Table;

/// Any number, the same for all who migrate: one at a time in each database.
const LOCK: i64 = 7_219_004_513;

/// Not ours to look at.
macro_rules! own {
    ($namespace:literal) => {
        concat!($namespace, " !~ '^pg_' and ", $namespace, " <> 'information_schema'")
    };
}

/// How this session behaves: a server notices within seconds that its client has died, and a client that stands
/// still in the middle loses its locks.
const SESSION: &str = "set client_connection_check_interval = '2s'; set idle_in_transaction_session_timeout = '10s'; set timezone = 'UTC'";

pub async fn run(db: &mut PgConnection, sql: impl Into<String>) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(db).await.map(drop)
}

pub async fn settle_in(inside: &mut PgConnection) -> sqlx::Result<()> {
    run(inside, SESSION).await
}

/// The number of this session on its server.
pub async fn number(inside: &mut PgConnection) -> sqlx::Result<i32> {
    sqlx::query_scalar("select pg_backend_pid()").fetch_one(inside).await
}

/// Breaks off what that session does.
pub async fn cancel(server: &mut PgConnection, number: i32) -> sqlx::Result<()> {
    sqlx::query("select pg_cancel_backend($1)").bind(number).execute(server).await.map(drop)
}

/// Takes the database for this connection; false while somebody else migrates it, or a server still works for
/// somebody who has died.
pub async fn lock(inside: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK).fetch_one(inside).await
}

pub async fn marker(inside: &mut PgConnection) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar("select id from tenant_marker").fetch_optional(inside).await
}

/// The migrations that were applied, and whether each came to its end.
pub async fn applied(inside: &mut PgConnection) -> sqlx::Result<BTreeMap<i64, (Vec<u8>, bool)>> {
    let rows: Vec<(i64, Vec<u8>, bool)> =
        sqlx::query_as("select version, checksum, success from _sqlx_migrations order by version").fetch_all(inside).await?;
    Ok(rows.into_iter().map(|(version, checksum, success)| (version, (checksum, success))).collect())
}

/// Notes it as sqlx does.
pub async fn note(inside: &mut PgConnection, migration: &Migration, took_ns: i64) -> sqlx::Result<()> {
    let noted =
        sqlx::query("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values ($1, $2, true, $3, $4)");
    noted.bind(migration.version).bind(&*migration.description).bind(&*migration.checksum).bind(took_ns).execute(inside).await.map(drop)
}

/// Every table that holds rows, with what this transaction has added to it.
pub async fn tables(inside: &mut PgConnection) -> sqlx::Result<Vec<Table>> {
    let rows: Vec<(i64, String, i64, bool, i64)> = sqlx::query_as(concat!(
        "select c.oid::int8, n.nspname || '.' || c.relname, c.relfilenode::int8, c.relispartition,
            pg_stat_get_xact_tuples_inserted(c.oid) - pg_stat_get_xact_tuples_deleted(c.oid)
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and c.relpersistence = 'p' and ",
        own!("n.nspname"),
        " order by c.oid"
    ))
    .fetch_all(inside)
    .await?;
    Ok(rows.into_iter().map(|(oid, name, file, is_partition, added)| Table { oid, name, file, is_partition, added }).collect())
}

/// The rows of these tables.
pub async fn count(inside: &mut PgConnection, tables: &[Table]) -> sqlx::Result<BTreeMap<i64, i64>> {
    let oids: Vec<i64> = tables.iter().map(|table| table.oid).collect();
    let text: Option<String> = sqlx::query_scalar(
        "select string_agg(format('select %s::int8, count(*) from only %I.%I', c.oid, n.nspname, c.relname), ' union all ')
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where c.oid::int8 = any($1)",
    )
    .bind(&oids)
    .fetch_one(&mut *inside)
    .await?;
    let Some(text) = text else { return Ok(BTreeMap::new()) };
    let rows: Vec<(i64, i64)> = sqlx::query_as(AssertSqlSafe(text)).fetch_all(inside).await?;
    Ok(rows.into_iter().collect())
}

/// How many rows were ever deleted from each table, by anybody.
pub async fn deleted(inside: &mut PgConnection) -> sqlx::Result<BTreeMap<i64, i64>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as("select relid::int8, n_tup_del from pg_stat_user_tables").fetch_all(inside).await?;
    Ok(rows.into_iter().collect())
}

/// Indexes that a build left unfinished: nobody reads them, and every write keeps them up.
pub async fn unfinished(inside: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let names = sqlx::query_scalar(concat!(
        "select format('%I.%I', n.nspname, c.relname)
         from pg_index i
         join pg_class c on c.oid = i.indexrelid
         join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'i' and not (i.indisvalid and i.indisready) and ",
        own!("n.nspname")
    ));
    names.fetch_all(inside).await
}

/// A digest of what the schema consists of: columns, indexes, constraints, functions, triggers. The audit trail's
/// months are left out, for they are as many as the database is old.
pub async fn shape(inside: &mut PgConnection) -> sqlx::Result<String> {
    sqlx::query_scalar(concat!(
        "with own as (
            select c.oid, n.nspname || '.' || c.relname as name, c.relkind
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where not c.relispartition and ",
        own!("n.nspname"),
        "), things (said) as (
            select concat_ws(' ', 'column', o.name, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
            from own o
            join pg_attribute a on a.attrelid = o.oid
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where o.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
            union all
            select concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), i.indisvalid) from own o join pg_index i on i.indrelid = o.oid
            union all
            select concat_ws(' ', 'constraint', o.name, k.conname, pg_get_constraintdef(k.oid), k.convalidated)
            from own o
            join pg_constraint k on k.conrelid = o.oid
            union all
            select concat_ws(' ', 'trigger', o.name, pg_get_triggerdef(t.oid), t.tgenabled)
            from own o
            join pg_trigger t on t.tgrelid = o.oid
            where not t.tgisinternal
            union all
            select concat_ws(' ', 'function', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), p.prosecdef, p.proconfig, p.prosrc)
            from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace
            where ",
        own!("n.nspname"),
        ")
         select md5(string_agg(said, E'\\n' order by said collate \"C\")) from things"
    ))
    .fetch_one(inside)
    .await
}
