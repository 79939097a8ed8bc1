//! What the books say of a server, in the control database.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;

use super::model::{Books, Kind, Known};

/// Everything in the books that names something on the server.
pub async fn books(db: &mut PgConnection, cluster: i64) -> Result<Books> {
    let tenants = sqlx::query_as!(
        Known,
        r#"select slug, database_name as "database!", role_name as "role!", status in ('active', 'suspended') as "is_served!"
        from tenants
        where cluster_id = $1 and database_name is not null
        order by slug"#,
        cluster,
    )
    .fetch_all(&mut *db)
    .await?;
    let spares = sqlx::query!(r#"select name, ready_at is not null as "is_ready!" from spares where cluster_id = $1"#, cluster)
        .fetch_all(&mut *db)
        .await?;
    let jobs = sqlx::query_scalar!(r#"select state::text as "state!" from jobs where finished_at is null"#).fetch_all(&mut *db).await?;
    let strays = sqlx::query!("select kind, name, seen_at from strays where cluster_id = $1", cluster).fetch_all(db).await?;
    let kind = |word: &str| if word == Kind::Role.as_str() { Kind::Role } else { Kind::Database };
    Ok(Books {
        tenants,
        spares: spares.into_iter().map(|spare| (spare.name, spare.is_ready)).collect(),
        jobs,
        strays: strays.into_iter().map(|stray| ((kind(&stray.kind), stray.name), stray.seen_at)).collect(),
    })
}

/// Keeps since when each is known, and forgets those that are gone.
pub async fn note(db: &mut PgConnection, cluster: i64, strays: &BTreeSet<(Kind, String)>, now: DateTime<Utc>) -> Result<()> {
    let (kinds, names): (Vec<String>, Vec<String>) = strays.iter().map(|(kind, name)| (kind.as_str().to_owned(), name.clone())).unzip();
    sqlx::query!(
        "delete from strays
         where cluster_id = $1 and (kind, name) not in (select * from unnest($2::text[], $3::text[]))",
        cluster,
        &kinds,
        &names,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into strays (cluster_id, kind, name, seen_at)
         select $1, s.kind, s.name, $4
         from unnest($2::text[], $3::text[]) s (kind, name)
         on conflict do nothing",
        cluster,
        &kinds,
        &names,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A spare that is not there is nobody's.
pub async fn forget_spare(db: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::query!("delete from spares where name = $1 and holder is null", name).execute(db).await?;
    Ok(())
}
