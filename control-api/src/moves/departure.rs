//! Statements in the database that a tenant leaves, as its administrator. Each may be run twice. Names are made of a-z, 0-9
//! and _ (see [`crate::provisioning::another_name`]).

use shared::{Error, Result};
use sqlx::{AssertSqlSafe, PgConnection};

/// Any number: the gate's.
const GATE: i64 = 7_219_004_512;
/// For so long those who write may be kept waiting for each other and for us.
const SHORT: &str = "300ms";
/// How often a table is asked for such a moment.
const ASKED: u32 = 20;
/// After so long the server opens the gate by itself: whoever closed it is held up or gone. Longer than a switch takes.
const DEAD: &str = "4s";
/// Whoever would publish asks for it first: it has a gate too.
const LEASE: &str = "public.relay_lease";
/// Not followed: each database has its own migrations and partitions, and whoever publishes takes its lease anew.
const OWN: [&str; 3] = ["public._sqlx_migrations", LEASE, "audit.partitions"];

/// A table that goes over, with its columns and its primary key, all quoted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    pub key: Vec<String>,
}

async fn run(db: &mut PgConnection, sql: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// Every table that goes over. Columns that number transactions stay behind: each server counts its own, and rows get the
/// number of the transaction that brings them, in the order in which they were committed.
pub async fn tables(db: &mut PgConnection) -> Result<Vec<Table>> {
    let tables: Vec<Table> = sqlx::query_as(
        "select format('%I.%I', n.nspname, c.relname) as name,
            array(
                select quote_ident(a.attname) from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.atttypid <> 'xid8'::regtype
                order by a.attnum
            ) as columns,
            array(
                select quote_ident(a.attname)
                from pg_index i
                cross join unnest(i.indkey::int2[]) with ordinality as part (attnum, place)
                join pg_attribute a on a.attrelid = c.oid and a.attnum = part.attnum
                where i.indrelid = c.oid and i.indisprimary
                order by part.place
            ) as key
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'audit')
            and format('%I.%I', n.nspname, c.relname) <> all ($1)
         order by c.oid",
    )
    .bind(OWN)
    .fetch_all(db)
    .await?;
    match tables.iter().find(|table| table.key.is_empty()) {
        Some(table) => Err(anyhow::anyhow!("{} has no primary key: its changes could not be followed", table.name).into()),
        None => Ok(tables),
    }
}

/// The gate at which writers will wait, the beat by which both sides know how far the other is, the publication of all
/// tables, and the slot that keeps what has not gone over yet.
pub async fn publish(db: &mut PgConnection, name: &str, tables: &[Table]) -> Result<()> {
    let all: Vec<String> = tables.iter().map(|table| format!("{} ({})", table.name, table.columns.join(", "))).collect();
    run(
        db,
        format!(
            "create schema passage;
             create table passage.beat (only_row boolean primary key default true check (only_row), n bigint not null);
             create table passage.gate (only_row boolean primary key default true check (only_row), gone boolean not null);
             insert into passage.beat (n) values (0);
             insert into passage.gate (gone) values (false);
             create function passage.pass() returns trigger
             language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
             begin
                 perform pg_advisory_xact_lock_shared({GATE});
                 if (select gone from passage.gate) then
                     raise exception 'the tenant has moved' using errcode = '{}';
                 end if;
                 return null;
             end
             $$;
             create publication {name} for table passage.beat, {} with (publish_via_partition_root = true)",
            shared::MOVED,
            all.join(", ")
        ),
    )
    .await?;
    sqlx::query("select pg_create_logical_replication_slot($1, 'pgoutput')").bind(name).execute(db).await?;
    Ok(())
}

/// Puts the gate before every table, one after the other: nobody waits for more than a moment, and nobody for two tables.
pub async fn arm(db: &mut PgConnection, tables: &[Table]) -> Result<()> {
    for table in tables.iter().map(|table| table.name.as_str()).chain([LEASE]) {
        let gate = format!(
            "create or replace trigger passage before insert or update or delete on {table}
             for each statement execute function passage.pass()"
        );
        briefly(db, gate).await?;
    }
    Ok(())
}

/// Runs a statement that stops a table's writers, when it may at once.
async fn briefly(db: &mut PgConnection, sql: String) -> Result<()> {
    run(db, format!("set lock_timeout = '{SHORT}'")).await?;
    for _ in 0..ASKED {
        match run(db, sql.clone()).await {
            Err(Error::Unavailable(_) | Error::Contended) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            done => return done,
        }
    }
    Err(Error::Unavailable("a moment without long transactions"))
}

/// Closes the gate until the connection's transaction ends: whoever has written something goes on to their commit, whoever
/// comes waits. False when those inside do not leave soon.
pub async fn close_gate(db: &mut PgConnection) -> Result<bool> {
    let close = format!(
        "begin; set local lock_timeout = '{SHORT}'; set local idle_in_transaction_session_timeout = '{DEAD}';
         select pg_advisory_xact_lock({GATE})"
    );
    let closed = run(db, close).await;
    match closed {
        Ok(()) => Ok(true),
        Err(Error::Unavailable(_) | Error::Contended) => open_gate(db).await.map(|()| false),
        Err(other) => Err(other),
    }
}

/// Lets everybody go on.
pub async fn open_gate(db: &mut PgConnection) -> Result<()> {
    run(db, "rollback".into()).await
}

/// Writes the next beat, behind everything that was committed before.
pub async fn beat(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("update passage.beat set n = n + 1 returning n").fetch_one(db).await?)
}

/// From now on the database refuses every change, also of those who wait at the gate.
pub async fn refuse_changes(db: &mut PgConnection) -> Result<()> {
    run(db, "update passage.gate set gone = true".into()).await
}

/// Which last word was said that the database refuses every change; none while it takes them.
pub async fn last_word(db: &mut PgConnection) -> Result<Option<String>> {
    // Whoever says it once more writes the row anew.
    Ok(sqlx::query_scalar("select xmin::text from passage.gate where gone").fetch_optional(db).await?)
}

/// Takes that very word back; false when it is not the last one any more.
pub async fn take_changes(db: &mut PgConnection, word: &str) -> Result<bool> {
    let taken = sqlx::query("update passage.gate set gone = false where gone and xmin::text = $1").bind(word).execute(db).await?;
    Ok(taken.rows_affected() == 1)
}

/// The sequences with what they have given last, by schema and name.
pub async fn sequences(db: &mut PgConnection) -> Result<Vec<(String, String, i64)>> {
    let used = sqlx::query_as(
        "select schemaname::text, sequencename::text, last_value
         from pg_sequences
         where schemaname in ('public', 'audit') and last_value is not null",
    );
    Ok(used.fetch_all(db).await?)
}

/// The partitions of the audit trail, as text. A database of the release before has none.
pub async fn months(db: &mut PgConnection) -> Result<Option<Vec<(String, String, String)>>> {
    let has_months: bool = sqlx::query_scalar("select to_regclass('audit.partitions') is not null").fetch_one(&mut *db).await?;
    if !has_months {
        return Ok(None);
    }
    let months = sqlx::query_as("select name, starts::text, ends::text from audit.partitions order by starts");
    Ok(Some(months.fetch_all(db).await?))
}

/// The migrations that the database has had.
pub async fn migrations(db: &mut PgConnection) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar("select version from _sqlx_migrations where success order by version").fetch_all(db).await?)
}

/// How large the database is, in bytes.
pub async fn size(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("select pg_database_size(current_database())").fetch_one(db).await?)
}

/// Takes the slots of this database away, and the publication: a slot that nobody reads would keep the log for ever. A
/// reader that is under way is ended first; tables that were being copied have slots of their own.
pub async fn forget_slots(db: &mut PgConnection, name: &str) -> Result<()> {
    for _ in 0..ASKED {
        let slots: Vec<(String, Option<i32>)> = sqlx::query_as(
            "select slot_name::text, active_pid from pg_replication_slots where database = current_database() and slot_type = 'logical'",
        )
        .fetch_all(&mut *db)
        .await?;
        if slots.is_empty() {
            return run(db, format!("drop publication if exists {name}")).await;
        }
        for (slot, reader) in slots {
            match reader {
                Some(pid) => sqlx::query("select pg_terminate_backend($1)").bind(pid).execute(&mut *db).await?,
                None => sqlx::query("select pg_drop_replication_slot($1)").bind(slot).execute(&mut *db).await?,
            };
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err(Error::Unavailable("slot"))
}

/// Takes the gate away: the tenant stays.
pub async fn disarm(db: &mut PgConnection) -> Result<()> {
    let armed: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname)
         from pg_trigger t
         join pg_class c on c.oid = t.tgrelid
         join pg_namespace n on n.oid = c.relnamespace
         where t.tgname = 'passage' and not t.tgisinternal",
    )
    .fetch_all(&mut *db)
    .await?;
    for table in armed {
        briefly(db, format!("drop trigger if exists passage on {table}")).await?;
    }
    run(db, "drop schema if exists passage cascade".into()).await
}

/// Closes the database to everybody and ends whoever is still inside. To be asked of the server, not of the database.
pub async fn close(server: &mut PgConnection, database: &str, role: &str) -> Result<()> {
    // To end a role's connections one must be a member of it.
    run(server, format!("alter database {database} allow_connections false; grant {role} to current_user")).await?;
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and backend_type = 'client backend'")
        .bind(database)
        .execute(server)
        .await?;
    Ok(())
}
