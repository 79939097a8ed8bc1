//! Statements about the template and its copies, on a cluster's server. Names are ours, made of a-z, 0-9 and _.

use shared::Result;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::provisioning::target;

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

/// Makes a database which nobody but its owner may enter, unless it is there. PostgreSQL lets everybody
/// into a new database: it is born closed, and opened in the same breath in which that right goes.
pub async fn ensure(server: &mut PgConnection, name: &str, template: &str) -> Result<()> {
    let known = sqlx::query_scalar::<_, bool>("select exists (select from pg_database where datname = $1)");
    let mut statements = vec![];
    if !known.bind(name).fetch_one(&mut *server).await? {
        statements.push(format!("create database {name} template {template} allow_connections false"));
    }
    statements.push(format!("revoke all on database {name} from public; alter database {name} allow_connections true"));
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *server).await?;
    }
    Ok(())
}

/// Databases that every role may enter.
pub async fn open_to_everybody(server: &mut PgConnection) -> Result<Vec<String>> {
    let open = sqlx::query_scalar(
        "select datname
         from pg_database
         where datallowconn and has_database_privilege('public', oid, 'connect')
         order by datname",
    );
    Ok(open.fetch_all(server).await?)
}

/// Takes a database away, whoever is in it.
pub async fn drop(server: &mut PgConnection, name: &str) -> Result<()> {
    let is_template = sqlx::query_scalar::<_, bool>("select datistemplate from pg_database where datname = $1");
    if is_template.bind(name).fetch_optional(&mut *server).await? == Some(true) {
        sqlx::raw_sql(AssertSqlSafe(format!("alter database {name} is_template false"))).execute(&mut *server).await?;
    }
    target::store::drop_database(server, name).await
}

/// Gives the finished draft its name and closes it to everybody.
pub async fn finish(server: &mut PgConnection, draft: &str, name: &str, digest: &str) -> Result<()> {
    for statement in [
        format!("alter database {draft} rename to {name}"),
        format!("comment on database {name} is '{digest}'"),
        format!("alter database {name} allow_connections false"),
        format!("alter database {name} is_template true"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *server).await?;
    }
    Ok(())
}
