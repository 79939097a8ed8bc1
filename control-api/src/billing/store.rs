//! The tables `invoices`, `invoice_lines` and `invoice_numbers`; those of credits, and who owes something, come apart.

mod credits;
mod owing;

use chrono::{DateTime, NaiveDate, Utc};
pub use credits::{balance, by_reference, count_entries, entries, hold_account, hold_credits, insert_entry, newest_entries, set_currency};
pub use owing::{first_owed, owing};
use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Invoice, InvoiceState, Line, LineKind, Sums};

/// Every read of an invoice uses this one select list; its lines come apart.
macro_rules! select_invoice {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select i.id, i.tenant_id, t.slug as tenant, i.period, i.state as "state: InvoiceState", i.number, i.organisation, i.currency, i.subtotal,
                i.tax_rate, i.tax, i.total, i.credits, i.due, i.payment, i.refusal, i.issued_at, i.paid_at, i.voided_at
            from invoices i
            join tenants t on t.id = i.tenant_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

struct Row {
    id: Uuid,
    tenant_id: Uuid,
    tenant: String,
    period: NaiveDate,
    state: InvoiceState,
    number: Option<String>,
    organisation: Option<String>,
    currency: String,
    subtotal: i64,
    tax_rate: i32,
    tax: i64,
    total: i64,
    credits: i64,
    due: i64,
    payment: Option<String>,
    refusal: Option<String>,
    issued_at: Option<DateTime<Utc>>,
    paid_at: Option<DateTime<Utc>>,
    voided_at: Option<DateTime<Utc>>,
}

impl Row {
    fn with(self, lines: Vec<Line>) -> Invoice {
        let Self { id, tenant_id, tenant, period, state, number, organisation, currency, subtotal, tax_rate, tax, total, .. } = self;
        let Self { credits, due, payment, refusal, issued_at, paid_at, voided_at, .. } = self;
        Invoice {
            id,
            tenant_id,
            tenant,
            period,
            state,
            number,
            organisation,
            currency,
            subtotal,
            tax_rate,
            tax,
            total,
            credits,
            due,
            payment,
            refusal,
            issued_at,
            paid_at,
            voided_at,
            lines,
        }
    }
}

/// Begins an invoice; false when there is one for the month already.
pub async fn insert_draft(
    db: &mut PgConnection,
    (id, tenant): (Uuid, Uuid),
    period: NaiveDate,
    currency: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let inserted = sqlx::query!(
        "insert into invoices (id, tenant_id, period, currency, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        id,
        tenant,
        period,
        currency,
        now,
    );
    Ok(inserted.execute(db).await?.rows_affected() == 1)
}

pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<Invoice>> {
    let row = select_invoice!("where i.id = $1", id).fetch_optional(&mut *db).await?;
    with_lines(db, row).await
}

/// Locks it: what becomes of it is decided once.
pub async fn lock(db: &mut PgConnection, id: Uuid) -> Result<Option<Invoice>> {
    let row = select_invoice!("where i.id = $1 for update of i", id).fetch_optional(&mut *db).await?;
    with_lines(db, row).await
}

async fn with_lines(db: &mut PgConnection, row: Option<Row>) -> Result<Option<Invoice>> {
    let Some(row) = row else { return Ok(None) };
    let lines = sqlx::query_as!(
        Line,
        r#"select kind as "kind: LineKind", plan, starts, ends, quantity, unit, amount
        from invoice_lines
        where invoice_id = $1
        order by position
        limit 1000"#,
        row.id,
    );
    let lines = lines.fetch_all(db).await?;
    Ok(Some(row.with(lines)))
}

/// Invoices without their lines, those of one tenant or in one state if asked for.
pub async fn list(
    db: &mut PgConnection,
    (tenant, state): (Option<&str>, Option<InvoiceState>),
    part: &Part<'_, Uuid>,
) -> Result<Vec<Invoice>> {
    let rows = select_part!(
        part,
        db,
        select_invoice!(
            "where ($3::text is null or t.slug = $3) and ($4::text is null or i.state = $4)",
            "i.id",
            tenant,
            state as Option<InvoiceState>,
        )
    )?;
    Ok(rows.into_iter().map(|row| row.with(Vec::new())).collect())
}

pub async fn count(db: &mut PgConnection, (tenant, state): (Option<&str>, Option<InvoiceState>)) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from invoices i
        join tenants t on t.id = i.tenant_id
        where ($1::text is null or t.slug = $1) and ($2::text is null or i.state = $2)"#,
        tenant,
        state as Option<InvoiceState>,
    );
    Ok(count.fetch_one(db).await?)
}

/// A tenant's invoices that it may see: not those that are being made.
pub async fn list_issued(db: &mut PgConnection, tenant: Uuid, part: &Part<'_, Uuid>) -> Result<Vec<Invoice>> {
    let rows = select_part!(part, db, select_invoice!("where i.tenant_id = $3 and i.state <> 'draft'", "i.id", tenant))?;
    Ok(rows.into_iter().map(|row| row.with(Vec::new())).collect())
}

pub async fn count_issued(db: &mut PgConnection, tenant: Uuid) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from invoices where tenant_id = $1 and state <> 'draft'"#, tenant);
    Ok(count.fetch_one(db).await?)
}

pub async fn newest_invoices(db: &mut PgConnection, tenant: Option<&str>) -> Result<Vec<Invoice>> {
    let rows = select_invoice!("where $1::text is null or t.slug = $1 order by i.id desc limit 1000", tenant).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| row.with(Vec::new())).collect())
}

pub async fn insert_line(db: &mut PgConnection, invoice: Uuid, (position, line): (i32, &Line)) -> Result<()> {
    sqlx::query!(
        "insert into invoice_lines (invoice_id, position, kind, plan, starts, ends, quantity, unit, amount)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        invoice,
        position,
        line.kind as LineKind,
        line.plan,
        line.starts,
        line.ends,
        line.quantity,
        line.unit,
        line.amount,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The next number of the year. Whoever draws one holds the row until the act ends: if that fails, nobody misses it.
pub async fn draw_number(db: &mut PgConnection, year: i32) -> Result<i64> {
    let last = sqlx::query_scalar!(
        "insert into invoice_numbers (year, last)
         values ($1, 1)
         on conflict (year) do update set last = invoice_numbers.last + 1
         returning last",
        year,
    );
    Ok(last.fetch_one(db).await?)
}

/// Issues a draft. One that leaves nothing to pay is paid.
pub async fn issue(
    db: &mut PgConnection,
    id: Uuid,
    (number, organisation): (&str, &str),
    (s, tax_rate): (Sums, i32),
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update invoices
         set state = case when $9 = 0::bigint then 'paid' else 'issued' end,
             number = $2,
             organisation = $3,
             subtotal = $4,
             tax_rate = $5,
             tax = $6,
             total = $7,
             credits = $8,
             due = $9,
             issued_at = $10,
             paid_at = case when $9 = 0::bigint then $10::timestamptz end
         where id = $1",
        id,
        number,
        organisation,
        s.subtotal,
        tax_rate,
        s.tax,
        s.total,
        s.credits,
        s.due,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn paid(db: &mut PgConnection, id: Uuid, payment: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update invoices set state = 'paid', payment = $2, refusal = null, paid_at = $3 where id = $1", id, payment, now)
        .execute(db)
        .await?;
    Ok(())
}

pub async fn refused(db: &mut PgConnection, id: Uuid, why: &str) -> Result<()> {
    sqlx::query!("update invoices set refusal = $2 where id = $1", id, why).execute(db).await?;
    Ok(())
}

pub async fn voided(db: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update invoices set state = 'void', voided_at = $2 where id = $1", id, now).execute(db).await?;
    Ok(())
}

/// Whether an invoice of the tenant is being made.
pub async fn is_making(db: &mut PgConnection, tenant: Uuid) -> Result<bool> {
    let making =
        sqlx::query_scalar!(r#"select exists (select from invoices where tenant_id = $1 and state = 'draft') as "making!""#, tenant);
    Ok(making.fetch_one(db).await?)
}
