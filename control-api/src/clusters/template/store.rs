//! Statements about the template, on a cluster's server. Names are ours, made of a-z, 0-9 and _.

use shared::Result;
use sqlx::{AssertSqlSafe, PgConnection};

/// Any number, the same for all makers of templates.
const LOCK: i64 = 7_219_004_511;

/// The digest in a template's comment; none when there is no such template.
pub async fn digest(server: &mut PgConnection, name: &str) -> Result<Option<String>> {
    let found = sqlx::query_scalar::<_, Option<String>>(
        "select shobj_description(oid, 'pg_database')
         from pg_database
         where datname = $1 and datistemplate",
    );
    Ok(found.bind(name).fetch_optional(server).await?.flatten())
}

pub async fn lock(server: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(server).await?;
    Ok(())
}

pub async fn unlock(server: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_unlock($1)").bind(LOCK).execute(server).await?;
    Ok(())
}

pub async fn create(server: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(server).await?;
    Ok(())
}

pub async fn drop(server: &mut PgConnection, name: &str) -> Result<()> {
    let is_template = sqlx::query_scalar::<_, bool>("select datistemplate from pg_database where datname = $1");
    if is_template.bind(name).fetch_optional(&mut *server).await? == Some(true) {
        sqlx::raw_sql(AssertSqlSafe(format!("alter database {name} is_template false"))).execute(&mut *server).await?;
    }
    sqlx::raw_sql(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).execute(server).await?;
    Ok(())
}

/// Gives the finished draft its name and closes it to everybody.
pub async fn finish(server: &mut PgConnection, draft: &str, name: &str, digest: &str) -> Result<()> {
    for statement in [
        format!("revoke all on database {draft} from public"),
        format!("alter database {draft} rename to {name}"),
        format!("comment on database {name} is '{digest}'"),
        format!("alter database {name} allow_connections false"),
        format!("alter database {name} is_template true"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *server).await?;
    }
    Ok(())
}
