//! Statements on a tenant's cluster and in its database, as the cluster's administrator. Each may be
//! run twice. Names are made of a-z, 0-9 and _ (see [`super::Place`]).

use std::collections::{BTreeMap, HashMap};

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

/// Makes a role that nobody can come in by, unless it is there.
pub async fn ensure_closed_role(server: &mut PgConnection, role: &str) -> Result<()> {
    if knows_role(server, role).await? {
        return Ok(());
    }
    run(server, format!("create role {role} nosuperuser nocreatedb nocreaterole noinherit nologin")).await
}

async fn knows_role(server: &mut PgConnection, role: &str) -> Result<bool> {
    Ok(sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)").bind(role).fetch_one(server).await?)
}

/// Gives a spare its tenant's name and password, unless that has been done, or there is none. The database comes last:
/// who finds it under its new name finds everything done.
pub async fn adopt(server: &mut PgConnection, spare: &str, place: &Place, password: &str) -> Result<()> {
    let known = sqlx::query_scalar::<_, bool>("select exists (select from pg_database where datname = $1)");
    if !known.bind(spare).fetch_one(&mut *server).await? {
        return Ok(());
    }
    if knows_role(server, spare).await? {
        run(server, format!("alter role {spare} rename to {}", place.role)).await?;
    }
    ensure_role(server, &place.role, password).await?;
    run(server, format!("alter database {spare} rename to {}", place.database)).await
}

/// Makes the role, or gives it this password if it is there already. The server learns the verifier
/// alone: statements end up in logs.
pub async fn ensure_role(server: &mut PgConnection, role: &str, password: &str) -> Result<()> {
    let known = knows_role(server, role).await?;
    // An administrator who is no superuser may not even repeat that the role is none.
    let verb =
        if known { format!("alter role {role}") } else { format!("create role {role} nosuperuser nocreatedb nocreaterole noinherit") };
    run(server, format!("{verb} login password '{}'", scram::verifier(password))).await?;
    let limits: Vec<String> = LIMITS.iter().map(|limit| format!("alter role {role} set {limit}")).collect();
    run(server, limits.join("; ")).await
}

/// Who may do what in the tenant's database: its role reads and writes rows and makes nothing; the
/// audit trail is only appended to; the marker and the migrations are only read; nobody else enters. A database of a
/// release before may have a trail of one table, without seals.
pub async fn grant(inside: &mut PgConnection, (database, role): (&str, &str)) -> Result<()> {
    let has_seals: bool = sqlx::query_scalar("select to_regclass('public.audit_seals') is not null").fetch_one(&mut *inside).await?;
    let trail = if has_seals {
        format!("revoke update, delete on audit_logs, audit_seals from {role}; revoke update on sequence audit_logs_ids from {role}")
    } else {
        format!("revoke update, delete on audit_logs from {role}")
    };
    run(
        inside,
        format!(
            "revoke all on database {database} from public;
             grant connect on database {database} to {role};
             revoke all on schema public from public;
             revoke all on schema public from {role};
             revoke all on all tables in schema public from {role};
             grant usage on schema public to {role};
             grant select, insert, update, delete on all tables in schema public to {role};
             grant usage, select on all sequences in schema public to {role};
             alter default privileges in schema public grant select, insert, update, delete on tables to {role};
             alter default privileges in schema public grant usage, select on sequences to {role};
             {trail};
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

/// Lets one carrier of settings follow another, until its connection ends.
pub async fn lock_settings(inside: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_lock(hashtext('settings'))").execute(inside).await?;
    Ok(())
}

/// Writes the settings as the control plane has them, and for how many months the trail is kept, if that is told. A
/// database without such months ([`shared::db::Db::lacks_months`]) gets them with its migration.
pub async fn write_settings(inside: &mut PgConnection, tenant: &Tenant, audit_months: Option<i32>) -> Result<()> {
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
    .execute(&mut *inside)
    .await?;
    let Some(months) = audit_months else { return Ok(()) };
    let has_months: bool = sqlx::query_scalar("select to_regclass('audit.retention') is not null").fetch_one(&mut *inside).await?;
    if has_months {
        sqlx::query("update audit.retention set months = $1").bind(months).execute(inside).await?;
    }
    Ok(())
}

/// Writes people down, but for those who are known as they are now.
pub async fn write_people(inside: &mut PgConnection, people: &[Member]) -> Result<()> {
    let words = |word: fn(&Member) -> &str| people.iter().map(word).collect::<Vec<_>>();
    sqlx::query(
        "insert into users (id, email, firstname, lastname, locale, role, active, version, vip)
         select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::bigint[], $9::boolean[])
         on conflict (id) do update
         set email = excluded.email, firstname = excluded.firstname, lastname = excluded.lastname, locale = excluded.locale,
             role = excluded.role, active = excluded.active, version = excluded.version, vip = excluded.vip, updated_at = now()
         where users.version < excluded.version",
    )
    .bind(people.iter().map(|member| member.user_id).collect::<Vec<_>>())
    .bind(words(|member| &member.email))
    .bind(words(|member| &member.firstname))
    .bind(words(|member| &member.lastname))
    .bind(words(|member| member.locale.as_str()))
    .bind(words(|member| &member.role))
    .bind(people.iter().map(Member::is_active).collect::<Vec<_>>())
    .bind(people.iter().map(|member| member.version).collect::<Vec<_>>())
    .bind(people.iter().map(|member| member.vip).collect::<Vec<_>>())
    .execute(inside)
    .await?;
    Ok(())
}

/// Whom a tenant's database knows, and of which version each is.
pub async fn known_people(inside: &mut PgConnection) -> Result<HashMap<i64, i64>> {
    let known: Vec<(i64, i64)> = sqlx::query_as("select id, version from users").fetch_all(inside).await?;
    Ok(known.into_iter().collect())
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

/// The size of a database that is there and may be entered, in bytes.
pub async fn size(server: &mut PgConnection, database: &str) -> Result<Option<i64>> {
    let size = sqlx::query_scalar("select pg_database_size(oid) from pg_database where datname = $1 and datallowconn");
    Ok(size.bind(database).fetch_optional(server).await?)
}

/// Refuses when the database is another tenant's. One that was never marked is nobody's yet.
pub async fn expect_owner(inside: &mut PgConnection, tenant: Uuid) -> Result<()> {
    let other: Option<Uuid> = sqlx::query_scalar("select id from tenant_marker where id <> $1").bind(tenant).fetch_optional(inside).await?;
    match other {
        Some(other) => Err(anyhow::anyhow!("the database belongs to tenant {other}, not to {tenant}").into()),
        None => Ok(()),
    }
}

/// How many rows each table of the database has. Counting takes as long as there are rows.
pub async fn count_rows(inside: &mut PgConnection) -> Result<BTreeMap<String, i64>> {
    run(inside, "set statement_timeout = '10min'".to_owned()).await?;
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select relname::text, quote_ident(relname)
         from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
         order by relname",
    )
    .fetch_all(&mut *inside)
    .await?;
    let mut rows = BTreeMap::new();
    for (name, quoted) in tables {
        let count = sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!("select count(*) from public.{quoted}")));
        rows.insert(name, count.fetch_one(&mut *inside).await?);
    }
    Ok(rows)
}

/// Lets nobody enter a database any more; its role is put out, whoever is more than the administrator is not.
pub async fn close(server: &mut PgConnection, (database, role): (&str, &str)) -> Result<()> {
    let known: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(database).fetch_one(&mut *server).await?;
    if known {
        run(server, format!("alter database {database} allow_connections false")).await?;
    }
    // Only who has a role's rights ends its connections, and whoever made it does not have them unasked.
    let lacks: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = $1 and not pg_has_role(current_user, oid, 'usage'))")
            .bind(role)
            .fetch_one(&mut *server)
            .await?;
    if lacks {
        run(server, format!("grant {role} to current_user")).await?;
    }
    sqlx::query(
        "select pg_terminate_backend(pid)
         from pg_stat_activity
         where datname = $1 and pg_has_role(current_user, usesysid, 'usage')",
    )
    .bind(database)
    .execute(server)
    .await?;
    Ok(())
}

/// Takes database and role away. The database first: a role with rights anywhere cannot go.
pub async fn remove(server: &mut PgConnection, (database, role): (&str, &str)) -> Result<()> {
    drop_database(server, database).await?;
    drop_role(server, role).await
}

/// Takes a database away, whoever is inside. By force nobody may end autovacuum but a superuser; without force the server
/// itself sends it away, and waits 5 s for it.
pub async fn drop_database(server: &mut PgConnection, database: &str) -> Result<()> {
    const FORBIDDEN: &str = "42501";
    let forced = sqlx::raw_sql(AssertSqlSafe(format!("drop database if exists {database} with (force)"))).execute(&mut *server).await;
    match forced {
        Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some(FORBIDDEN) => {
            run(server, format!("drop database if exists {database}")).await
        }
        forced => Ok(forced.map(drop)?),
    }
}

/// Takes a role away that has no rights anywhere.
pub async fn drop_role(server: &mut PgConnection, role: &str) -> Result<()> {
    run(server, format!("drop role if exists {role}")).await
}

/// Where the role's rights in this database are others than [`grant`] gives, each as `table PRIVILEGE`.
pub async fn wrong_rights(inside: &mut PgConnection, role: &str) -> Result<Vec<String>> {
    // `case` says in which order is asked: what is no sequence has no rights of one.
    let wrong = sqlx::query_scalar(
        "select c.relname || ' ' || p.privilege
         from pg_class c
         cross join (values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) p (privilege)
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
             and has_table_privilege($1, c.oid, p.privilege) <> case
                 when c.relname in ('tenant_marker', '_sqlx_migrations') then p.privilege = 'SELECT'
                 when c.relname in ('audit_logs', 'audit_seals') then p.privilege in ('SELECT', 'INSERT')
                 else p.privilege <> 'TRUNCATE'
             end
         union all
         select c.relname || ' USAGE'
         from pg_class c
         where c.relnamespace = 'public'::regnamespace
             and case when c.relkind = 'S' then not has_sequence_privilege($1, c.oid, 'USAGE') else false end
         union all
         select 'schema ' || p.privilege
         from (values ('USAGE', true), ('CREATE', false)) p (privilege, has)
         where has_schema_privilege($1, 'public', p.privilege) <> p.has
         union all
         select 'database CONNECT'
         where not has_database_privilege($1, current_database(), 'CONNECT')
         order by 1",
    );
    Ok(wrong.bind(role).fetch_all(inside).await?)
}

/// Whose database this is; none when it was never said.
pub async fn marker(inside: &mut PgConnection) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar("select id from tenant_marker").fetch_optional(inside).await?)
}
