//! What a server says of itself.

use shared::Result;
use sqlx::PgConnection;

use super::Measured;

/// A database that is dropped while sizes are asked makes that an error.
const UNDEFINED_DATABASE: &str = "3D000";

/// Sizes of databases that the administrator may not enter are not told to it.
pub async fn look(server: &mut PgConnection) -> Result<Measured> {
    let mut tries = 0;
    let (bytes, connections, max_connections) = loop {
        let found = sqlx::query_as::<_, (i64, i64, i32)>(
            "select
                (select coalesce(sum(pg_database_size(oid)), 0)::bigint from pg_database where has_database_privilege(oid, 'connect')),
                (select count(*) from pg_stat_activity where backend_type = 'client backend'),
                current_setting('max_connections')::int",
        );
        match found.fetch_one(&mut *server).await {
            Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some(UNDEFINED_DATABASE) && tries < 5 => tries += 1,
            other => break other?,
        }
    };
    Ok(Measured { bytes, connections: i32::try_from(connections).unwrap_or(i32::MAX), max_connections })
}
