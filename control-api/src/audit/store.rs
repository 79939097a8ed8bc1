//! The table `audit_logs` of both planes, as it is searched, and `audit_anchors`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use shared::{Result, audit::Newest, page::Order};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Filter, Row};

const LIST: &str = "select id, at, actor, action, resource, changes, ip, user_agent, request_id, outcome, status, code, duration_us";
/// Of a tenant's database that the fleet's migration has not reached yet.
const OLD_LIST: &str = "select id, at, actor, action, resource, changes, ip, user_agent, request_id, outcome,
    null::smallint as status, null::text as code, null::bigint as duration_us";

/// Whose rows of which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Everybody's, in the control database.
    Platform,
    /// A tenant's, in the control database.
    Tenant(Uuid),
    /// A tenant's own database has nobody else's.
    Own,
    /// The same, before the months.
    OwnOld,
}

/// A page behind a time and id.
pub async fn page(
    db: &mut PgConnection,
    of: Of,
    filter: &Filter,
    (order, after): (Order, Option<(DateTime<Utc>, i64)>),
    limit: i64,
) -> Result<Vec<Row>> {
    let mut sql: QueryBuilder<Postgres> = QueryBuilder::new(if of == Of::OwnOld { OLD_LIST } else { LIST });
    let (compare, direction) = match order {
        Order::Oldest => (">", "at, id"),
        Order::Newest => ("<", "at desc, id desc"),
    };
    narrow(&mut sql, of, filter);
    if let Some((at, id)) = after {
        sql.push(format!(" and (at, id) {compare} (")).push_bind(at).push(", ").push_bind(id).push(")");
    }
    sql.push(format!(" order by {direction} limit ")).push_bind(limit);
    Ok(sql.build_query_as().fetch_all(db).await?)
}

/// How many rows there are, as far as to `most`: a trail has millions.
pub async fn count(db: &mut PgConnection, of: Of, filter: &Filter, most: i64) -> Result<i64> {
    let mut sql: QueryBuilder<Postgres> = QueryBuilder::new("select count(*) from (select");
    narrow(&mut sql, of, filter);
    sql.push(" limit ").push_bind(most).push(") as counted");
    Ok(sql.build_query_scalar().fetch_one(db).await?)
}

fn narrow(sql: &mut QueryBuilder<Postgres>, of: Of, filter: &Filter) {
    sql.push(" from audit_logs where true");
    if let Of::Tenant(id) = of {
        sql.push(" and tenant_id = ").push_bind(id);
    }
    if let Some(user) = filter.user {
        sql.push(" and actor ->> 'id' = ").push_bind(user.to_string()).push(" and actor ->> 'kind' = 'person'");
    }
    if let Some(action) = &filter.action {
        sql.push(" and action = ").push_bind(action.clone());
    }
    if let Some(resource) = &filter.resource {
        sql.push(" and ");
        named(sql, resource);
    }
    if let Some(from) = filter.from {
        sql.push(" and at >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and at < ").push_bind(to);
    }
    if let Some(outcome) = filter.outcome {
        // A word from a closed list, spelled out: only so does the index over errors serve.
        sql.push(format!(" and outcome = '{}'", outcome.as_str()));
    }
}

/// A thing by its whole name, or all of a kind. The operators compare bytes, whatever the database's order
/// of letters: `;` comes right after `:`.
fn named(sql: &mut QueryBuilder<Postgres>, resource: &str) {
    if resource.contains(':') {
        sql.push("resource = ").push_bind(resource.to_owned());
    } else {
        sql.push("(resource = ").push_bind(resource.to_owned());
        sql.push(" or resource ~>=~ ").push_bind(format!("{resource}:"));
        sql.push(" and resource ~<~ ").push_bind(format!("{resource};")).push(")");
    }
}

/// Names of people who belong to the tenant, or did.
pub async fn names(db: &mut PgConnection, tenant: Uuid, people: &[i64]) -> Result<HashMap<i64, String>> {
    let names = sqlx::query!(
        r#"select u.id, u.firstname || ' ' || u.lastname as "name!"
         from users u
         join memberships m on m.user_id = u.id
         where m.tenant_id = $1 and u.id = any($2)"#,
        tenant,
        people,
    );
    Ok(names.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The seal that was kept of a tenant's trail, and whether the trail still has it.
pub struct Anchor {
    pub newest: Newest,
    pub is_broken: bool,
}

pub async fn anchor(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Anchor>> {
    let row = sqlx::query!("select seq, hash, broken_at from audit_anchors where tenant_id = $1", tenant).fetch_optional(db).await?;
    Ok(row.map(|row| Anchor { newest: Newest { seq: row.seq, hash: row.hash }, is_broken: row.broken_at.is_some() }))
}

/// Keeps a newer seal. Of two that come at once, the later seal stays.
pub async fn keep(db: &mut PgConnection, tenant: Uuid, newest: &Newest, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into audit_anchors as a (tenant_id, seq, hash, anchored_at)
         values ($1, $2, $3, $4)
         on conflict (tenant_id) do update
         set seq = excluded.seq, hash = excluded.hash, anchored_at = excluded.anchored_at
         where a.seq < excluded.seq and a.broken_at is null",
        tenant,
        newest.seq,
        newest.hash,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that a trail does not contain its kept seal any more.
pub async fn note_broken(db: &mut PgConnection, tenant: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update audit_anchors set broken_at = coalesce(broken_at, $2) where tenant_id = $1", tenant, now).execute(db).await?;
    Ok(())
}

/// Takes the trail as it is from now on.
pub async fn replace(db: &mut PgConnection, tenant: Uuid, newest: Option<&Newest>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from audit_anchors where tenant_id = $1", tenant).execute(&mut *db).await?;
    match newest {
        Some(newest) => keep(db, tenant, newest, now).await,
        None => Ok(()),
    }
}

pub async fn broken(db: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from audit_anchors where broken_at is not null"#);
    Ok(count.fetch_one(db).await?)
}

/// Tenants that have a database, by slug.
pub async fn stored(db: &mut PgConnection) -> Result<Vec<(Uuid, String)>> {
    let tenants = sqlx::query!("select id, slug from tenants where status in ('active', 'suspended') order by slug");
    Ok(tenants.fetch_all(db).await?.into_iter().map(|row| (row.id, row.slug)).collect())
}
