//! The tables `credit_accounts`, `credit_entries`, `invoices`, `invoice_lines` and `invoice_numbers`.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Balance, CreditKind, EnterCredit, Entry, Invoice, InvoiceState, Line, LineKind, Sums};

/// Every read of an entry uses this one select list.
macro_rules! select_entry {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Entry,
            r#"select e.id, e.tenant_id, e.number, e.kind as "kind: CreditKind", e.amount, e.balance,
                coalesce(e.currency, a.first_currency, a.currency) as "currency!", e.reference, e.note, e.made_at
            from credit_entries e
            join credit_accounts a on a.tenant_id = e.tenant_id "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

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

/// A tenant's account, locked.
pub struct Account {
    pub currency: String,
    pub balance: i64,
    pub entries: i64,
}

/// Locks the tenant's account, which is made if there is none: of two who spend, the second sees what the first has left.
pub async fn hold_account(db: &mut PgConnection, tenant: Uuid, currency: &str) -> Result<Account> {
    sqlx::query!("insert into credit_accounts (tenant_id, currency) values ($1, $2) on conflict do nothing", tenant, currency)
        .execute(&mut *db)
        .await?;
    let account =
        sqlx::query_as!(Account, "select currency, balance, entries from credit_accounts where tenant_id = $1 for update", tenant);
    Ok(account.fetch_one(db).await?)
}

/// Locks the tenant's account, if it has one.
pub async fn hold_credits(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Balance>> {
    let held = sqlx::query_as!(Balance, "select currency, balance from credit_accounts where tenant_id = $1 for update", tenant);
    Ok(held.fetch_optional(db).await?)
}

pub async fn balance(db: &mut PgConnection, tenant: Uuid) -> Result<Option<Balance>> {
    let balance = sqlx::query_as!(Balance, "select currency, balance from credit_accounts where tenant_id = $1", tenant);
    Ok(balance.fetch_optional(db).await?)
}

pub async fn by_reference(db: &mut PgConnection, tenant: Uuid, reference: &str) -> Result<Option<Entry>> {
    Ok(select_entry!("where e.tenant_id = $1 and e.reference = $2", tenant, reference).fetch_optional(db).await?)
}

pub async fn insert_entry(
    db: &mut PgConnection,
    (tenant, number, balance): (Uuid, i64, i64),
    new: &EnterCredit,
    (made_by, now): (&Value, DateTime<Utc>),
) -> Result<()> {
    sqlx::query!(
        "insert into credit_entries (tenant_id, number, kind, amount, balance, reference, note, made_by, made_at, currency)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        number,
        new.kind as CreditKind,
        new.amount,
        balance,
        new.reference,
        new.note,
        made_by,
        now,
        new.currency,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("update credit_accounts set balance = $2, entries = $3 where tenant_id = $1", tenant, balance, number).execute(db).await?;
    Ok(())
}

/// Lets an account without credits go on in another currency.
pub async fn set_currency(db: &mut PgConnection, tenant: Uuid, currency: &str) -> Result<()> {
    sqlx::query!(
        "update credit_accounts
         set currency = $2, first_currency = coalesce(first_currency, currency)
         where tenant_id = $1 and balance = 0",
        tenant,
        currency,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn entries(db: &mut PgConnection, tenant: Uuid, part: &Part<'_, i64>) -> Result<Vec<Entry>> {
    Ok(select_part!(part, db, select_entry!("where e.tenant_id = $3", "e.number", tenant))?)
}

pub async fn count_entries(db: &mut PgConnection, tenant: Uuid) -> Result<i64> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from credit_entries where tenant_id = $1"#, tenant);
    Ok(count.fetch_one(db).await?)
}

pub async fn newest_entries(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Entry>> {
    Ok(select_entry!("where e.tenant_id = $1 order by e.number desc limit 1000", tenant).fetch_all(db).await?)
}

/// Since when anybody has had a plan that costs something, or one tenant has.
pub async fn first_owed(db: &mut PgConnection, only: Option<Uuid>) -> Result<Option<DateTime<Utc>>> {
    let first = sqlx::query_scalar!(
        "select min(c.since) from plan_changes c join plans p on p.code = c.plan and (p.price > 0 or p.extra_ticket > 0)
         where $1::uuid is null or c.tenant_id = $1",
        only,
    );
    Ok(first.fetch_one(db).await?)
}

/// Tenants who had a plan that costs something in the month and have had no invoice for it yet, with the currency; or
/// one tenant, and if it is to be made anew, although its invoice is void.
pub async fn owing(
    db: &mut PgConnection,
    (period, starts, ends): (NaiveDate, DateTime<Utc>, DateTime<Utc>),
    (only, is_anew): (Option<Uuid>, bool),
    limit: i64,
) -> Result<Vec<(Uuid, String)>> {
    let owing = sqlx::query!(
        "select distinct on (c.tenant_id) c.tenant_id, p.currency
         from plan_changes c
         join plans p on p.code = c.plan and (p.price > 0 or p.extra_ticket > 0)
         join tenants t on t.id = c.tenant_id and t.status in ('active', 'suspended', 'deleting')
         where c.since < $3
             and not exists (select from plan_changes n where n.tenant_id = c.tenant_id and n.id > c.id and n.since <= $2)
             and ($5::uuid is null or c.tenant_id = $5)
             and not exists (
                select from invoices i
                where i.tenant_id = c.tenant_id and i.period = $1 and (i.state <> 'void' or not $6)
             )
         order by c.tenant_id, c.id
         limit $4",
        period,
        starts,
        ends,
        limit,
        only,
        is_anew,
    );
    Ok(owing.fetch_all(db).await?.into_iter().map(|row| (row.tenant_id, row.currency)).collect())
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
