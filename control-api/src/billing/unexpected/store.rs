//! The table `unexpected_payments`.

use chrono::{DateTime, Utc};
use shared::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{super::InvoiceState, Unexpected};

/// Writes down what came for an invoice that is not owed, once.
pub async fn insert(db: &mut PgConnection, came: &Unexpected, state: InvoiceState, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into unexpected_payments (invoice_id, payment, amount, currency, invoice_state, came_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        came.invoice_id,
        came.payment,
        came.amount,
        came.currency,
        state as InvoiceState,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that it was given back; none when it was not there, or was given back before.
pub async fn returned(
    db: &mut PgConnection,
    (invoice, payment): (Uuid, &str),
    note: &str,
    now: DateTime<Utc>,
) -> Result<Option<Unexpected>> {
    let returned = sqlx::query_as!(
        Unexpected,
        "update unexpected_payments u
         set returned_at = $4, note = $3
         from invoices i
         where u.invoice_id = $1 and u.payment = $2 and u.returned_at is null and i.id = u.invoice_id
         returning i.tenant_id, u.invoice_id, i.number, u.payment, u.amount, u.currency",
        invoice,
        payment,
        note,
        now,
    );
    Ok(returned.fetch_optional(db).await?)
}
