//! Statements in the database that a tenant comes to, as its administrator. Each may be run twice.

use std::time::Duration;

use shared::Result;
use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator, postgres::PgConnectOptions};
use url::Url;

use super::departure::Table;
use crate::clusters::{self, MIGRATIONS};

/// The template whose copies may follow another database (`scripts/moving.sql`).
const TEMPLATE: &str = "hd_moving";
/// How often it is looked whether a beat has come.
const GLANCE: Duration = Duration::from_millis(4);

async fn run(db: &mut PgConnection, sql: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// How far the tables have come: how many there are, how many follow, and how often the server has failed at it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Followed {
    pub tables: i64,
    pub ready: i64,
    pub errors: i64,
    pub size: i64,
}

/// An empty database with the schema that the tenant has, which may lack the newest migrations.
pub async fn make(server: &mut PgConnection, options: &PgConnectOptions, name: &str, migrations: &[i64]) -> Result<()> {
    if migrations.iter().any(|version| !MIGRATIONS.version_exists(*version)) {
        return Err(anyhow::anyhow!("the tenant's database has migrations that this release does not know: {migrations:?}").into());
    }
    if !sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(TEMPLATE).fetch_one(&mut *server).await? {
        return Err(anyhow::anyhow!("the server has no template {TEMPLATE}: no tenant can come to it (docs/operations.md)").into());
    }
    clusters::ensure_copy(server, TEMPLATE, name).await?;
    let mut inside = clusters::connect(&options.clone().database(name)).await?;
    let same = MIGRATIONS.iter().filter(|migration| migrations.contains(&migration.version)).cloned().collect();
    let migrated = Migrator::with_migrations(same).run_direct(None, &mut inside, false).await;
    inside.close().await?;
    migrated.map_err(|error| anyhow::anyhow!("migrating the tenant's new database: {error}").into())
}

/// The same partitions of the audit trail as at the other side, and no row that a migration has written: rows come from
/// there.
pub async fn clear(inside: &mut PgConnection, months: &[(String, String, String)]) -> Result<()> {
    let mut tx = inside.begin().await?;
    sqlx::raw_sql(
        "do $$
         declare
             old record;
             written text;
         begin
             select string_agg(format('public.%I', tablename), ', ') into written
             from pg_tables
             where schemaname = 'public' and tablename not in ('_sqlx_migrations', 'audit_logs', 'audit_seals');
             execute 'truncate ' || written;
             if to_regclass('audit.partitions') is null then
                 return;
             end if;
             for old in select name from audit.partitions loop
                 execute format('alter table audit_logs detach partition audit.%1$I', old.name);
                 execute format('drop table audit.%1$I', old.name);
             end loop;
             delete from audit.partitions;
             delete from audit.retention;
         end
         $$",
    )
    .execute(&mut *tx)
    .await?;
    for (name, starts, ends) in months {
        let add = sqlx::query("select audit.add($1, $2::timestamptz, $3::timestamptz)");
        add.bind(name).bind(starts).bind(ends).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether the database follows another one.
pub async fn is_following(inside: &mut PgConnection) -> Result<bool> {
    let following = sqlx::query_scalar(
        "select exists (
            select from pg_subscription
            where subdbid = (select oid from pg_database where datname = current_database())
         )",
    );
    Ok(following.fetch_one(inside).await?)
}

/// Follows the publication and slot of that name at `address`, a `postgres://` URL.
pub async fn follow(inside: &mut PgConnection, name: &str, address: &Url) -> Result<()> {
    let beat = "create schema if not exists passage;
         create table if not exists passage.beat (only_row boolean primary key default true check (only_row), n bigint not null)";
    run(inside, beat.into()).await?;
    sqlx::query("select moving.follow($1, $2)").bind(name).bind(address.as_str()).execute(inside).await?;
    Ok(())
}

pub async fn followed(inside: &mut PgConnection) -> Result<Followed> {
    let followed = sqlx::query_as(
        "select count(*) as tables,
            count(*) filter (where r.srsubstate = 'r') as ready,
            coalesce(max(t.apply_error_count + t.sync_error_count), 0) as errors,
            pg_database_size(current_database()) as size
         from pg_subscription s
         join pg_subscription_rel r on r.srsubid = s.oid
         left join pg_stat_subscription_stats t on t.subid = s.oid
         where s.subdbid = (select oid from pg_database where datname = current_database())",
    );
    Ok(followed.fetch_one(inside).await?)
}

/// Waits for a beat: then everything has come that was committed before it.
pub async fn hear(inside: &mut PgConnection, beat: i64) -> Result<()> {
    loop {
        let heard: Option<i64> = sqlx::query_scalar("select n from passage.beat").fetch_optional(&mut *inside).await?;
        if heard >= Some(beat) {
            return Ok(());
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// Lets the sequences go on where the others stand. The last statement is a commit that waits for the disk, and with it for
/// everything that has come: whoever follows does not wait by itself.
pub async fn set_sequences(inside: &mut PgConnection, used: &[(String, String, i64)]) -> Result<()> {
    let schemas: Vec<&str> = used.iter().map(|(schema, ..)| schema.as_str()).collect();
    let names: Vec<&str> = used.iter().map(|(_, name, _)| name.as_str()).collect();
    let values: Vec<i64> = used.iter().map(|(.., value)| *value).collect();
    sqlx::query(
        "select setval(format('%I.%I', s.schema, s.name)::regclass, s.value)
         from unnest($1::text[], $2::text[], $3::int8[]) as s (schema, name, value)",
    )
    .bind(schemas)
    .bind(names)
    .bind(values)
    .execute(&mut *inside)
    .await?;
    run(inside, "set synchronous_commit = on; update passage.beat set n = n".into()).await
}

/// Plans need to know how much there is.
pub async fn analyze(inside: &mut PgConnection, tables: &[Table]) -> Result<()> {
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    run(inside, format!("analyze {}", names.join(", "))).await
}

/// Follows no more.
pub async fn leave(inside: &mut PgConnection) -> Result<()> {
    run(inside, "do $$ begin if to_regnamespace('moving') is not null then perform moving.leave(); end if; end $$".into()).await
}

/// Follows no more, and leaves nothing of the move behind.
pub async fn arrive(inside: &mut PgConnection) -> Result<()> {
    let arrive = "do $$ begin if to_regnamespace('moving') is not null then perform moving.arrive(); end if; end $$;
         drop schema if exists passage cascade";
    run(inside, arrive.into()).await
}
