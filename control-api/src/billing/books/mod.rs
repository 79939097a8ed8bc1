//! The books are added up: whether each balance is the sum of its entries, and each invoice that of its lines.

mod store;

use serde::Serialize;
use shared::Result;
use sqlx::PgConnection;

/// Something that does not add up.
#[derive(Debug, Clone, Serialize)]
pub struct Trouble {
    /// Whose, by the subdomain; or the year.
    pub of: String,
    /// What, in a sentence.
    pub what: String,
}

/// Everything that does not add up, as of one moment: balances, running balances, numbers without gaps, invoices,
/// what credits have paid of them, and what was paid for nothing owed.
pub async fn check(db: &mut PgConnection) -> Result<Vec<Trouble>> {
    let mut found = store::wrong_accounts(db).await?;
    found.extend(store::wrong_entries(db).await?);
    found.extend(store::wrong_invoices(db).await?);
    found.extend(store::wrong_numbers(db).await?);
    found.extend(store::unexpected(db).await?);
    Ok(found)
}
