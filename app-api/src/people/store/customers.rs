//! Customers by a part of what they are called.

use shared::{Result, error::too_broad};
use sqlx::PgConnection;

use super::super::customers::Customer;

/// Active customers with this text in name or address, as the index `users_words` has them. Whoever turned out to be somebody else
/// is found as that person alone.
pub(in crate::people) async fn customers(db: &mut PgConnection, part: &str, most: i64) -> Result<Vec<Customer>> {
    let rows = sqlx::query_as!(
        Customer,
        "select u.id, u.firstname, u.lastname, u.email
         from users u
         where u.firstname || ' ' || u.lastname || ' ' || u.email ilike $1
            and u.role = 'customer' and u.active
            and not exists (select from contacts c where c.id = u.id and c.claimed_by is not null)
         order by u.id desc
         limit $2",
        format!("%{}%", literal(part)),
        most,
    );
    rows.fetch_all(db).await.map_err(too_broad("q"))
}

/// A text as `like` finds it, whatever it holds.
pub fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
