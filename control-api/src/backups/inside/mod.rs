//! What is asked and changed inside a database that is copied, as its owner.

pub mod store;

use shared::Result;
use sqlx::PgConnection;

use super::manifest::Table;

/// All tables of a database, with what they hold. In a transaction of its own snapshot that is one moment.
pub async fn count(inside: &mut PgConnection) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for name in store::tables(inside).await? {
        tables.push(store::count(inside, name).await?);
    }
    Ok(tables)
}

/// Puts a copy's sequences beyond whatever the live database has handed out; where that is gone, by so many
/// as nobody has drawn meanwhile.
pub async fn bump_sequences(copy: &mut PgConnection, live: Option<&mut PgConnection>) -> Result<()> {
    const BEYOND: i64 = 100_000;
    let known = match live {
        Some(live) => Some(store::sequences(live).await?),
        None => None,
    };
    for (name, own) in store::sequences(copy).await? {
        let drawn = match &known {
            Some(known) => known.iter().find(|(other, _)| *other == name).and_then(|(_, drawn)| *drawn),
            None => Some(own.unwrap_or_default() + BEYOND),
        };
        if let Some(drawn) = drawn.filter(|drawn| own.is_none_or(|own| own < *drawn)) {
            store::set_sequence(copy, &name, drawn).await?;
        }
    }
    Ok(())
}
