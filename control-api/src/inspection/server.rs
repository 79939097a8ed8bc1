//! What is on a server, as its administrator sees it.

use shared::Result;
use sqlx::PgConnection;

use super::model::Found;
use crate::clusters;

/// Names, and what is open.
pub async fn look(server: &mut PgConnection) -> Result<Found> {
    let databases: Vec<String> = sqlx::query_scalar("select datname from pg_database").fetch_all(&mut *server).await?;
    let roles: Vec<String> = sqlx::query_scalar("select rolname from pg_roles").fetch_all(&mut *server).await?;
    let open = clusters::open_databases(server).await?;
    Ok(Found { databases: databases.into_iter().collect(), roles: roles.into_iter().collect(), open })
}
