//! Statements on a tenant's cluster and in its database, as the cluster's administrator. Each may be
//! run twice. Names are made of a-z, 0-9 and _ (see [`super::Place`]).

use shared::{Result, auth::scram};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::Place;
use crate::{members::Member, tenants::Tenant};

async fn run(db: &mut PgConnection, sql: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// The limits of a tenant's connections. The app plane asks for the same when it connects; here
/// they also hold through PgBouncer, which drops what a connection asks for.
const LIMITS: [&str; 5] = [
    "statement_timeout = '5s'",
    "lock_timeout = '2s'",
    "idle_in_transaction_session_timeout = '10s'",
    "plan_cache_mode = 'force_generic_plan'",
    "timezone = 'UTC'",
];

/// Makes the role, or gives it this password if it is there already. The server learns the verifier
/// alone: statements end up in logs.
pub async fn ensure_role(server: &mut PgConnection, role: &str, password: &str) -> Result<()> {
    let known: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)").bind(role).fetch_one(&mut *server).await?;
    // An administrator who is no superuser may not even repeat that the role is none.
    let verb =
        if known { format!("alter role {role}") } else { format!("create role {role} nosuperuser nocreatedb nocreaterole noinherit") };
    run(server, format!("{verb} login password '{}'", scram::verifier(password))).await?;
    let limits: Vec<String> = LIMITS.iter().map(|limit| format!("alter role {role} set {limit}")).collect();
    run(server, limits.join("; ")).await
}

/// Who may do what in the tenant's database: its role reads and writes rows and makes nothing; the
/// audit trail is only appended to; the marker and the migrations are only read; nobody else enters.
pub async fn grant(inside: &mut PgConnection, place: &Place) -> Result<()> {
    let Place { database, role, .. } = place;
    run(
        inside,
        format!(
            "revoke all on database {database} from public;
             grant connect on database {database} to {role};
             revoke all on schema public from public;
             grant usage on schema public to {role};
             grant select, insert, update, delete on all tables in schema public to {role};
             grant usage, select on all sequences in schema public to {role};
             alter default privileges in schema public grant select, insert, update, delete on tables to {role};
             alter default privileges in schema public grant usage, select on sequences to {role};
             revoke update, delete on audit_logs, audit_seals from {role};
             revoke update on sequence audit_logs_ids from {role};
             revoke insert, update, delete on tenant_marker from {role};
             revoke insert, update, delete on _sqlx_migrations from {role}"
        ),
    )
    .await
}

/// Marks whose database this is. A marker of another tenant stays and is an error.
pub async fn mark(inside: &mut PgConnection, tenant: &Tenant) -> Result<()> {
    sqlx::query(
        "insert into tenant_marker (id, slug)
         select $1, $2
         where not exists (select from tenant_marker)",
    )
    .bind(tenant.id)
    .bind(&tenant.slug)
    .execute(&mut *inside)
    .await?;
    let marker: Uuid = sqlx::query_scalar("select id from tenant_marker").fetch_one(inside).await?;
    if marker == tenant.id { Ok(()) } else { Err(anyhow::anyhow!("the database belongs to tenant {marker}").into()) }
}

/// Lets one carrier of settings follow another, until its transaction ends.
pub async fn lock_settings(inside: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('settings'))").execute(inside).await?;
    Ok(())
}

pub async fn write_settings(inside: &mut PgConnection, tenant: &Tenant) -> Result<()> {
    sqlx::query(
        "insert into settings (organisation, locale, waiting_close_days, resolved_close_hours)
         values ($1, $2, $3, $4)
         on conflict (only_row) do update
         set organisation = excluded.organisation,
             locale = excluded.locale,
             waiting_close_days = excluded.waiting_close_days,
             resolved_close_hours = excluded.resolved_close_hours",
    )
    .bind(&tenant.organisation)
    .bind(tenant.locale.as_str())
    .bind(tenant.waiting_close_days)
    .bind(tenant.resolved_close_hours)
    .execute(inside)
    .await?;
    Ok(())
}

pub async fn write_person(inside: &mut PgConnection, member: &Member) -> Result<()> {
    sqlx::query(
        "insert into users (id, email, firstname, lastname, locale, role, active, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (id) do nothing",
    )
    .bind(member.user_id)
    .bind(&member.email)
    .bind(&member.firstname)
    .bind(&member.lastname)
    .bind(member.locale.as_str())
    .bind(&member.role)
    .bind(member.is_active())
    .bind(member.version)
    .execute(inside)
    .await?;
    Ok(())
}

/// Whether anybody could have written into the database: it exists, and was opened.
pub async fn is_open(server: &mut PgConnection, database: &str) -> Result<bool> {
    let open = sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datallowconn)");
    Ok(open.bind(database).fetch_one(server).await?)
}

/// Refuses when the database is another tenant's, or somebody has worked in it.
pub async fn expect_unused(inside: &mut PgConnection, tenant: Uuid) -> Result<()> {
    let used: bool = sqlx::query_scalar(
        "select exists (select from tenant_marker where id <> $1)
             or exists (select from support_tickets)
             or exists (select from events)",
    )
    .bind(tenant)
    .fetch_one(inside)
    .await?;
    if used { Err(anyhow::anyhow!("the database of tenant {tenant} is in use and is not dropped").into()) } else { Ok(()) }
}

/// Takes database and role away. The database first: a role with rights anywhere cannot go.
pub async fn remove(server: &mut PgConnection, place: &Place) -> Result<()> {
    run(server, format!("drop database if exists {} with (force)", place.database)).await?;
    run(server, format!("drop role if exists {}", place.role)).await
}
