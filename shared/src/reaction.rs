//! A reaction to an event happens once: the mark that it did lies in the same act as its effect.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// Marks that `consumer` acts on `event`; false when it already has.
pub async fn first_time(db: &mut PgConnection, consumer: &str, event: Uuid) -> Result<bool> {
    let marked = sqlx::query!(
        "insert into reactions (consumer, event_id)
         values ($1, $2)
         on conflict do nothing",
        consumer,
        event,
    );
    Ok(marked.execute(db).await?.rows_affected() == 1)
}
